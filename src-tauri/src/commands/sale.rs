//! The open cart.

use super::shown;
use crate::Opened;
use crate::contract::{Failure, View};
use checkout::quantity::Quantity;
use tauri::State;

#[tauri::command]
pub async fn item_scan(opened: State<'_, Opened>, code: String) -> Result<View, Failure> {
    let till = opened.till()?;
    shown(till, till.scan(&code).await.map(drop)).await
}

#[tauri::command]
pub async fn item_add(opened: State<'_, Opened>, item_id: i64) -> Result<View, Failure> {
    let till = opened.till()?;
    shown(till, till.add(item_id, Quantity::ONE).await).await
}

#[tauri::command]
pub async fn line_set_quantity(opened: State<'_, Opened>, line_id: u32, quantity: String) -> Result<View, Failure> {
    let till = opened.till()?;
    shown(till, till.set_quantity(line_id, &quantity).await).await
}

#[tauri::command]
pub async fn line_remove(opened: State<'_, Opened>, line_id: u32) -> Result<View, Failure> {
    let till = opened.till()?;
    shown(till, till.remove(line_id).await).await
}

#[tauri::command]
pub async fn line_restore(opened: State<'_, Opened>) -> Result<View, Failure> {
    let till = opened.till()?;
    shown(till, till.put_back().await).await
}
