//! Taking money.

use super::guard::Caller;
use super::id;
use crate::contract::{self, CashPreview, Failure, TenderCode, Told};
use checkout::money::Money;
use till::{Till, TillError};

#[tauri::command]
pub async fn cash_preview(caller: Caller, received: String) -> Result<CashPreview, Failure> {
    let (received, due) = caller.answer(|till| async move { till.cash_preview(&received).await }).await?;
    contract::cash_preview(received, due)
}

#[tauri::command]
pub async fn payment_cash(caller: Caller, command_id: String, received: Option<String>) -> Result<Told, Failure> {
    let command = id(&command_id)?;
    caller.told(|till| async move { till.pay_cash(command, typed(&till, received)?).await }).await
}

/// Gives back the cash taken in part.
#[tauri::command]
pub async fn cash_return(caller: Caller) -> Result<Told, Failure> {
    caller.told(|till| async move { till.give_back_cash().await }).await
}

#[tauri::command]
pub async fn payment_device(caller: Caller, command_id: String, tender: TenderCode, amount: Option<String>) -> Result<Told, Failure> {
    let command = id(&command_id)?;
    caller.told(|till| async move { till.pay_by_device(command, tender.into(), typed(&till, amount)?).await }).await
}

fn typed(till: &Till, amount: Option<String>) -> Result<Option<Money>, TillError> {
    amount.map(|text| Money::parse_major(&text, till.settings().currency)).transpose().map_err(TillError::from)
}
