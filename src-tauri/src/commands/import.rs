//! Goods from a file. The page sends the file's bytes: it never names a path, and no command reads one.

use super::guard::Caller;
use crate::contract::{Failure, Goods, Told};
use tauri::ipc::{InvokeBody, Request};
use till::TillError;

#[tauri::command]
pub async fn goods_show(caller: Caller) -> Result<Goods, Failure> {
    caller.answer(|till| async move { Ok::<_, TillError>(Goods::of(till.item_count().await?, till.can_undo_import().await?)) }).await
}

#[tauri::command]
pub async fn import_read(caller: Caller, request: Request<'_>) -> Result<Told, Failure> {
    let InvokeBody::Raw(bytes) = request.body() else { return Err(Failure::internal("a goods file that is not bytes")) };
    let bytes = bytes.clone();
    caller.told(|till| async move { till.read_import(bytes) }).await
}

#[tauri::command]
pub async fn import_take(caller: Caller) -> Result<Told, Failure> {
    caller.told(|till| async move { till.take_import() }).await
}

#[tauri::command]
pub async fn import_stop(caller: Caller) -> Result<Told, Failure> {
    caller
        .told(|till| async move {
            till.stop_import();
            Ok::<_, TillError>(())
        })
        .await
}

#[tauri::command]
pub async fn import_leave(caller: Caller) -> Result<Told, Failure> {
    caller.told(|till| async move { till.leave_import() }).await
}

#[tauri::command]
pub async fn import_undo(caller: Caller) -> Result<Told, Failure> {
    caller.told(|till| async move { till.take_back_import().await }).await
}
