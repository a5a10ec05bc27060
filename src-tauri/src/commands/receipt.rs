//! Receipts of closed sales.

use crate::Opened;
use crate::contract::{self, Failure, ReceiptQr};
use tauri::State;

/// Saves the PDF into the till's folder and answers where.
#[tauri::command]
pub async fn receipt_save_pdf(opened: State<'_, Opened>, receipt_number: String) -> Result<String, Failure> {
    Ok(opened.till()?.records().save_receipt_pdf(number(&receipt_number)?).await?.display().to_string())
}

/// The receipt's words as a QR code; null where they are too many for one.
#[tauri::command]
pub async fn receipt_qr(opened: State<'_, Opened>, receipt_number: String) -> Result<Option<ReceiptQr>, Failure> {
    let records = opened.till()?.records();
    let receipt = records.receipt(number(&receipt_number)?).await?;
    Ok(records.receipt_qr(&receipt).map(|qr| contract::receipt_qr(&qr)))
}

fn number(text: &str) -> Result<i64, Failure> {
    text.parse().map_err(|_| Failure::internal("a receipt number that is none"))
}
