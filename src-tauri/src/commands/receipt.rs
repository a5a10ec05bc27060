//! Receipts of closed sales.

use crate::Opened;
use crate::contract::Failure;
use tauri::State;

/// Saves the PDF into the till's folder and answers where.
#[tauri::command]
pub async fn receipt_save_pdf(opened: State<'_, Opened>, receipt_number: String) -> Result<String, Failure> {
    let number = receipt_number.parse().map_err(|_| Failure::internal("a receipt number that is none"))?;
    Ok(opened.till()?.records().save_receipt_pdf(number).await?.display().to_string())
}
