//! Goods from a file. The page sends the file's bytes: it never names a path, and no command reads one.

use super::{settings_till, shown};
use crate::Opened;
use crate::contract::{Failure, Goods, Told};
use tauri::State;
use tauri::ipc::{InvokeBody, Request};

#[tauri::command]
pub async fn goods_show(opened: State<'_, Opened>) -> Result<Goods, Failure> {
    let till = settings_till(&opened)?;
    Ok(Goods::of(till.item_count().await?, till.can_undo_import().await?))
}

#[tauri::command]
pub async fn import_read(opened: State<'_, Opened>, request: Request<'_>) -> Result<Told, Failure> {
    let InvokeBody::Raw(bytes) = request.body() else { return Err(Failure::internal("a goods file that is not bytes")) };
    let till = settings_till(&opened)?;
    shown(&opened, till.read_import(bytes.clone())).await
}

#[tauri::command]
pub async fn import_take(opened: State<'_, Opened>) -> Result<Told, Failure> {
    let till = settings_till(&opened)?;
    shown(&opened, till.take_import()).await
}

#[tauri::command]
pub async fn import_stop(opened: State<'_, Opened>) -> Result<Told, Failure> {
    let till = settings_till(&opened)?;
    till.stop_import();
    shown(&opened, Ok(())).await
}

#[tauri::command]
pub async fn import_leave(opened: State<'_, Opened>) -> Result<Told, Failure> {
    let till = settings_till(&opened)?;
    shown(&opened, till.leave_import()).await
}

#[tauri::command]
pub async fn import_undo(opened: State<'_, Opened>) -> Result<Told, Failure> {
    let till = settings_till(&opened)?;
    shown(&opened, till.take_back_import().await).await
}
