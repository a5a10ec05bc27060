//! Receipts: the facts from the ledger, laid out once, shown as text, PDF or preview.

use crate::qr::{self, Qr};
use crate::records::Records;
use crate::shop::Header;
use crate::words::Catalogue;
use crate::{StoredSale, TillError};
use checkout::layout::{Row, Words, lay_out, text};
use checkout::payment::AttemptState;
use checkout::receipt::{Bill, Receipt};
use jiff::civil::DateTime;
use std::path::PathBuf;

/// The width of an 80 mm printer in its usual font.
pub const COLUMNS: usize = 48;

/// Wide enough that few rows are broken, where no paper sets the width.
const UNBROKEN: usize = 64;

impl Records {
    /// The receipt with a number.
    pub async fn receipt(&self, number: i64) -> Result<Receipt, TillError> {
        self.ledger.check_sale(number).await?;
        let stored = self.ledger.sale_by_number(number).await?.ok_or_else(|| TillError::NotFound(format!("receipt {number}")))?;
        self.receipt_of(stored).await
    }

    pub(crate) async fn receipt_of(&self, stored: StoredSale) -> Result<Receipt, TillError> {
        let closed = stored.closed.ok_or_else(|| TillError::Receipt("the sale is not closed".to_owned()))?;
        let closed_at: DateTime = closed.closed_at.parse().map_err(|_| TillError::Receipt("its time cannot be read".to_owned()))?;
        let sale = stored.sale;
        // Later settings do not change a receipt that was given out.
        let header = match &closed.header {
            Some(header) => Header::read(header)?,
            None => Header::of(&self.settings()),
        };
        let attempts = self.attempts_of(sale.id).await?;
        let slips = attempts
            .into_iter()
            .map(|stored| stored.attempt)
            .filter(|attempt| header.own_receipt && attempt.state == AttemptState::Approved && !attempt.slip.fields.is_empty())
            .map(|attempt| attempt.slip)
            .collect();
        Ok(Receipt {
            shop: header.shop(),
            till: header.till,
            languages: header.languages,
            number: closed.number,
            closed_at,
            bill: Bill::of(&sale)?,
            slips,
            training: self.training(),
            copy: false,
        })
    }

    /// The receipt's rows, as paper, PDF and screen show them.
    pub fn rows(&self, receipt: &Receipt, columns: usize) -> Vec<Row> {
        let catalogues: Vec<Catalogue> = receipt.languages.iter().map(|language| Catalogue::of(language)).collect();
        let words: Vec<&dyn Words> = catalogues.iter().map(|catalogue| catalogue as &dyn Words).collect();
        lay_out(receipt, &words, columns)
    }

    pub fn receipt_text(&self, receipt: &Receipt) -> String {
        text(&self.rows(receipt, COLUMNS))
    }

    /// The receipt's words as a QR code; none where they are too many for one.
    pub fn receipt_qr(&self, receipt: &Receipt) -> Option<Qr> {
        Qr::of(&qr::words(&self.rows(receipt, UNBROKEN)))
    }

    /// The receipt as a PDF page of paper width. The same receipt always gives the same bytes.
    pub fn receipt_pdf(&self, receipt: &Receipt) -> Result<Vec<u8>, TillError> {
        let title = format!("{} {}", receipt.shop.name, receipt.number);
        drivers::pdf::render(&self.rows(receipt, COLUMNS), COLUMNS, &title).map_err(|error| TillError::Receipt(error.to_string()))
    }

    /// Saves the PDF into the till's folder and answers where.
    pub async fn save_receipt_pdf(&self, number: i64) -> Result<PathBuf, TillError> {
        let receipt = self.receipt(number).await?;
        let folder = self.directory().join("receipts");
        let file = folder.join(format!("{}-{number}.pdf", receipt.till));
        let bytes = self.receipt_pdf(&receipt)?;
        let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, bytes));
        written.map_err(|error| TillError::Receipt(error.to_string()))?;
        Ok(file)
    }
}
