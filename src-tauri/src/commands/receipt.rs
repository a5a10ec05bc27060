//! Receipts of closed sales.

use super::guard::Caller;
use crate::contract::Failure;

/// Saves the PDF into the till's folder and answers where.
#[tauri::command]
pub async fn receipt_save_pdf(caller: Caller, receipt_number: String) -> Result<String, Failure> {
    let number = receipt_number.parse().map_err(|_| Failure::internal("a receipt number that is none"))?;
    let saved = caller.answer(|till| async move { till.records().save_receipt_pdf(number).await }).await?;
    Ok(saved.display().to_string())
}
