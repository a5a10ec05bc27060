//! The settings pages.

use super::guard::Caller;
use crate::contract::{self, About, Failure, Saving, Settings, SettingsPage};
use till::TillError;

#[tauri::command]
pub async fn settings_show(caller: Caller) -> Result<SettingsPage, Failure> {
    caller.answer(|till| async move { Ok::<_, TillError>(contract::settings_page(till.form().await?)) }).await
}

#[tauri::command]
pub async fn settings_save(caller: Caller, settings: Settings) -> Result<Saving, Failure> {
    let save = caller.answer(|till| async move {
        match till.change_settings(&settings.into()).await {
            Ok(()) => Ok(Saving::Saved { page: Box::new(contract::settings_page(till.form().await?)) }),
            Err(TillError::Settings(error)) => Ok(Saving::refused(&error)),
            Err(error) => Err(error),
        }
    });
    save.await
}

#[tauri::command]
pub async fn about_show(caller: Caller) -> Result<About, Failure> {
    caller.answer(|till| async move { Ok::<_, TillError>(About::of(&till, till.item_count().await?)) }).await
}
