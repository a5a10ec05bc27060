//! The open cart, and the sales put aside.

use super::{id, shown};
use crate::Opened;
use crate::contract::{self, Failure, PriceChange, PricePreview, PriceReasonCode, Told};
use checkout::payment::SaleId;
use checkout::quantity::Quantity;
use tauri::State;

#[tauri::command]
pub async fn item_scan(opened: State<'_, Opened>, code: String) -> Result<Told, Failure> {
    let till = opened.till()?;
    shown(&opened, till.scan(&code).await.map(drop)).await
}

#[tauri::command]
pub async fn item_add(opened: State<'_, Opened>, item_id: i64) -> Result<Told, Failure> {
    let till = opened.till()?;
    shown(&opened, till.add(item_id, Quantity::ONE).await).await
}

#[tauri::command]
pub async fn line_set_quantity(opened: State<'_, Opened>, line_id: u32, quantity: String) -> Result<Told, Failure> {
    let till = opened.till()?;
    shown(&opened, till.set_quantity(line_id, &quantity).await).await
}

#[tauri::command]
pub async fn line_remove(opened: State<'_, Opened>, line_id: u32) -> Result<Told, Failure> {
    let till = opened.till()?;
    shown(&opened, till.remove(line_id).await).await
}

#[tauri::command]
pub async fn line_restore(opened: State<'_, Opened>) -> Result<Told, Failure> {
    let till = opened.till()?;
    shown(&opened, till.put_back().await).await
}

/// Sells by a typed price what the catalogue does not know; `code` is what was scanned of it.
#[tauri::command]
pub async fn item_sell_by_price(opened: State<'_, Opened>, price: String, code: Option<String>) -> Result<Told, Failure> {
    let till = opened.till()?;
    shown(&opened, till.sell_by_price(&price, code.as_deref()).await).await
}

#[tauri::command]
pub async fn price_change(opened: State<'_, Opened>, change: PriceChange, reason: Option<PriceReasonCode>) -> Result<Told, Failure> {
    let till = opened.till()?;
    shown(&opened, till.change_price(&change.into(), reason.map(Into::into)).await).await
}

#[tauri::command]
pub async fn price_preview(opened: State<'_, Opened>, change: PriceChange) -> Result<PricePreview, Failure> {
    let (before, after) = opened.till()?.preview_price(&change.into()).await?;
    Ok(contract::price_preview(before, after))
}

#[tauri::command]
pub async fn sale_hold(opened: State<'_, Opened>) -> Result<Told, Failure> {
    let till = opened.till()?;
    shown(&opened, till.hold().await).await
}

#[tauri::command]
pub async fn sale_recall(opened: State<'_, Opened>, sale_id: String) -> Result<Told, Failure> {
    let till = opened.till()?;
    shown(&opened, till.recall(SaleId(id(&sale_id)?)).await).await
}

#[tauri::command]
pub async fn sale_discard(opened: State<'_, Opened>, sale_id: String) -> Result<Told, Failure> {
    let till = opened.till()?;
    shown(&opened, till.discard(SaleId(id(&sale_id)?)).await).await
}
