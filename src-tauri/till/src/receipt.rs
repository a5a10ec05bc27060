//! Receipts: the facts from the ledger, laid out once, shown as text, PDF or preview.

use crate::qr::{self, Qr};
use crate::records::Records;
use crate::shop::Header;
use crate::words::Catalogue;
use crate::{Closed, StoredRefund, StoredSale, TillError};
use checkout::layout::{Row, Words, lay_out, text};
use checkout::payment::{Attempt, AttemptKind, AttemptState, SaleId};
use checkout::receipt::{Bill, Receipt, Refunded};
use jiff::civil::DateTime;
use std::path::PathBuf;

fn moment(closed: &Closed) -> Result<DateTime, TillError> {
    closed.closed_at.parse().map_err(|_| TillError::Receipt("its time cannot be read".to_owned()))
}

/// The width of an 80 mm printer in its usual font.
pub const COLUMNS: usize = 48;

/// Wide enough that few rows are broken, where no paper sets the width.
const UNBROKEN: usize = 64;

impl Records {
    /// The receipt with a number.
    pub async fn receipt(&self, number: i64) -> Result<Receipt, TillError> {
        self.ledger.check_receipt(number).await?;
        if let Some(stored) = self.ledger.sale_by_number(number).await? {
            return self.receipt_of(stored).await;
        }
        let stored = self.ledger.refund_by_number(number).await?.ok_or_else(|| TillError::NotFound(format!("receipt {number}")))?;
        self.receipt_of_refund(stored).await
    }

    pub(crate) async fn receipt_of(&self, stored: StoredSale) -> Result<Receipt, TillError> {
        let closed = stored.closed.ok_or_else(|| TillError::Receipt("the sale is not closed".to_owned()))?;
        let sale = stored.sale;
        self.printed(closed, None, Bill::of(&sale)?, sale.id, |attempt| attempt.kind == AttemptKind::Payment).await
    }

    pub(crate) async fn receipt_of_refund(&self, stored: StoredRefund) -> Result<Receipt, TillError> {
        let StoredRefund { refund, closed, .. } = stored;
        let closed = closed.ok_or_else(|| TillError::Receipt("the refund is not closed".to_owned()))?;
        let sold = self.sale(refund.of).await?.ok_or_else(|| TillError::NotFound(format!("sale {}", refund.of)))?;
        let sold_as = sold.closed.ok_or_else(|| TillError::Receipt("the sale is not closed".to_owned()))?;
        let refunds = Some(Refunded { number: sold_as.number, closed_at: moment(&sold_as)? });
        let bill = Bill::of_refund(&sold.sale, &refund)?;
        self.printed(closed, refunds, bill, refund.of, |attempt| attempt.refund == Some(refund.id)).await
    }

    async fn printed(
        &self,
        closed: Closed,
        refunds: Option<Refunded>,
        bill: Bill,
        sale: SaleId,
        is_of_it: impl Fn(&Attempt) -> bool,
    ) -> Result<Receipt, TillError> {
        // Later settings do not change a receipt that was given out.
        let header = match &closed.header {
            Some(header) => Header::read(header)?,
            None => Header::of(&self.settings()),
        };
        let attempts = self.attempts_of(sale).await?.into_iter().map(|stored| stored.attempt).filter(|attempt| is_of_it(attempt));
        let slips = attempts
            .filter(|attempt| header.own_receipt && attempt.state == AttemptState::Approved && !attempt.slip.fields.is_empty())
            .map(|attempt| attempt.slip)
            .collect();
        Ok(Receipt {
            shop: header.shop(),
            closed_at: moment(&closed)?,
            till: header.till,
            languages: header.languages,
            number: closed.number,
            refunds,
            bill,
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
