//! The screen itself.

use super::guard::Caller;
use crate::contract::{Failure, Told};

#[tauri::command]
pub async fn view_show(caller: Caller) -> Result<Told, Failure> {
    caller.told_whole().await
}

#[tauri::command]
pub async fn screen_dismiss(caller: Caller) -> Result<Told, Failure> {
    caller.told(|till| async move { till.dismiss().await }).await
}

#[tauri::command]
pub async fn locale_set(caller: Caller, locale: String) -> Result<Told, Failure> {
    caller.told(|till| async move { till.set_language(&locale).await }).await
}

/// After the warning: payments that are open stay so, and their devices are asked at the next start.
#[tauri::command]
pub async fn window_close(caller: Caller) {
    caller.leave();
}
