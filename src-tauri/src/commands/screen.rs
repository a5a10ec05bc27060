//! The screen itself.

use super::shown;
use crate::Opened;
use crate::contract::{Failure, View};
use tauri::State;

#[tauri::command]
pub async fn view_show(opened: State<'_, Opened>) -> Result<View, Failure> {
    shown(opened.till()?, Ok(())).await
}

#[tauri::command]
pub async fn screen_dismiss(opened: State<'_, Opened>) -> Result<View, Failure> {
    let till = opened.till()?;
    shown(till, till.dismiss().await).await
}

#[tauri::command]
pub async fn locale_set(opened: State<'_, Opened>, locale: String) -> Result<View, Failure> {
    let till = opened.till()?;
    shown(till, till.set_language(&locale).await).await
}
