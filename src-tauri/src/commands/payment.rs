//! Taking money.

use super::{id, shown};
use crate::Opened;
use crate::contract::{self, CashPreview, Failure, TenderCode, Told};
use checkout::money::Money;
use tauri::State;
use till::TillError;

#[tauri::command]
pub async fn cash_preview(opened: State<'_, Opened>, received: String) -> Result<CashPreview, Failure> {
    let (received, due) = opened.till()?.cash_preview(&received).await?;
    contract::cash_preview(received, due)
}

#[tauri::command]
pub async fn payment_cash(opened: State<'_, Opened>, command_id: String, received: Option<String>) -> Result<Told, Failure> {
    let till = opened.till()?;
    let received = received.map(|text| Money::parse_major(&text, till.settings().currency)).transpose().map_err(TillError::from)?;
    shown(&opened, till.pay_cash(id(&command_id)?, received).await).await
}

/// Gives back the cash taken in part.
#[tauri::command]
pub async fn cash_return(opened: State<'_, Opened>) -> Result<Told, Failure> {
    let till = opened.till()?;
    shown(&opened, till.give_back_cash().await).await
}

#[tauri::command]
pub async fn payment_device(
    opened: State<'_, Opened>,
    command_id: String,
    tender: TenderCode,
    amount: Option<String>,
) -> Result<Told, Failure> {
    let till = opened.till()?;
    let amount = amount.map(|text| Money::parse_major(&text, till.settings().currency)).transpose().map_err(TillError::from)?;
    shown(&opened, till.pay_by_device(id(&command_id)?, tender.into(), amount).await.map(|_| ())).await
}
