//! The screen itself.

use super::{shown, shown_whole};
use crate::Opened;
use crate::contract::{Failure, Told};
use tauri::State;

#[tauri::command]
pub async fn view_show(opened: State<'_, Opened>) -> Result<Told, Failure> {
    shown_whole(&opened).await
}

#[tauri::command]
pub async fn screen_dismiss(opened: State<'_, Opened>) -> Result<Told, Failure> {
    let till = opened.till()?;
    shown(&opened, till.dismiss().await).await
}

#[tauri::command]
pub async fn locale_set(opened: State<'_, Opened>, locale: String) -> Result<Told, Failure> {
    let till = opened.till()?;
    shown(&opened, till.set_language(&locale).await).await
}
