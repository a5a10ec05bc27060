//! Receipts of closed sales.

use super::guard::Caller;
use crate::contract::{self, Failure, ReceiptQr};

/// Saves the PDF into the till's folder and answers where.
#[tauri::command]
pub async fn receipt_save_pdf(caller: Caller, receipt_number: String) -> Result<String, Failure> {
    let number = number(&receipt_number)?;
    let saved = caller.answer(|till| async move { till.records().save_receipt_pdf(number).await }).await?;
    Ok(saved.display().to_string())
}

/// The receipt's words as a QR code; null where they are too many for one.
#[tauri::command]
pub async fn receipt_qr(caller: Caller, receipt_number: String) -> Result<Option<ReceiptQr>, Failure> {
    let number = number(&receipt_number)?;
    let receipt_of = |till: std::sync::Arc<till::Till>| async move {
        let records = till.records();
        Ok::<_, till::TillError>(records.receipt_qr(&records.receipt(number).await?))
    };
    Ok(caller.answer(receipt_of).await?.map(|qr| contract::receipt_qr(&qr)))
}

fn number(text: &str) -> Result<i64, Failure> {
    text.parse().map_err(|_| Failure::internal("a receipt number that is none"))
}
