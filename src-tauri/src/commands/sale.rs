//! The open cart, and the sales put aside.

use super::guard::Caller;
use super::id;
use crate::contract::{self, Failure, PriceChange, PricePreview, PriceReasonCode, Told};
use checkout::payment::SaleId;
use checkout::quantity::Quantity;

#[tauri::command]
pub async fn item_scan(caller: Caller, code: String) -> Result<Told, Failure> {
    caller.told(|till| async move { till.scan(&code).await }).await
}

#[tauri::command]
pub async fn item_add(caller: Caller, item_id: i64) -> Result<Told, Failure> {
    caller.told(|till| async move { till.add(item_id, Quantity::ONE).await }).await
}

#[tauri::command]
pub async fn line_set_quantity(caller: Caller, line_id: u32, quantity: String) -> Result<Told, Failure> {
    caller.told(|till| async move { till.set_quantity(line_id, &quantity).await }).await
}

#[tauri::command]
pub async fn line_remove(caller: Caller, line_id: u32) -> Result<Told, Failure> {
    caller.told(|till| async move { till.remove(line_id).await }).await
}

#[tauri::command]
pub async fn line_restore(caller: Caller) -> Result<Told, Failure> {
    caller.told(|till| async move { till.put_back().await }).await
}

/// Sells by a typed price what the catalogue does not know; `code` is what was scanned of it.
#[tauri::command]
pub async fn item_sell_by_price(caller: Caller, price: String, code: Option<String>) -> Result<Told, Failure> {
    caller.told(|till| async move { till.sell_by_price(&price, code.as_deref()).await }).await
}

#[tauri::command]
pub async fn price_change(caller: Caller, change: PriceChange, reason: Option<PriceReasonCode>) -> Result<Told, Failure> {
    caller.told(|till| async move { till.change_price(&change.into(), reason.map(Into::into)).await }).await
}

#[tauri::command]
pub async fn price_preview(caller: Caller, change: PriceChange) -> Result<PricePreview, Failure> {
    let (before, after) = caller.answer(|till| async move { till.preview_price(&change.into()).await }).await?;
    Ok(contract::price_preview(before, after))
}

#[tauri::command]
pub async fn sale_hold(caller: Caller) -> Result<Told, Failure> {
    caller.told(|till| async move { till.hold().await }).await
}

#[tauri::command]
pub async fn sale_recall(caller: Caller, sale_id: String) -> Result<Told, Failure> {
    let sale = SaleId(id(&sale_id)?);
    caller.told(|till| async move { till.recall(sale).await }).await
}

#[tauri::command]
pub async fn sale_discard(caller: Caller, sale_id: String) -> Result<Told, Failure> {
    let sale = SaleId(id(&sale_id)?);
    caller.told(|till| async move { till.discard(sale).await }).await
}
