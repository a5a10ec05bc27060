//! The settings pages.

use super::settings_till;
use crate::Opened;
use crate::contract::{self, About, Failure, Saving, Settings, SettingsPage};
use tauri::State;
use till::TillError;

#[tauri::command]
pub async fn settings_show(opened: State<'_, Opened>) -> Result<SettingsPage, Failure> {
    Ok(contract::settings_page(settings_till(&opened)?.form().await?))
}

#[tauri::command]
pub async fn settings_save(opened: State<'_, Opened>, settings: Settings) -> Result<Saving, Failure> {
    let till = settings_till(&opened)?;
    match till.change_settings(&settings.into()).await {
        Ok(()) => Ok(Saving::Saved { page: Box::new(contract::settings_page(till.form().await?)) }),
        Err(TillError::Settings(error)) => Ok(Saving::refused(&error)),
        Err(error) => Err(error.into()),
    }
}

#[tauri::command]
pub async fn about_show(opened: State<'_, Opened>) -> Result<About, Failure> {
    let till = opened.till()?;
    Ok(About::of(till, till.item_count().await?))
}
