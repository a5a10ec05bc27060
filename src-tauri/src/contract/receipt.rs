//! A closed sale as the screen shows it: what to give back, the paper, and the code for the customer's phone.

use super::text::{amount, grouped};
use super::view::tender_row;
use super::{AmountText, TenderRow};
use checkout::layout::Style;
use checkout::money::Money;
use checkout::receipt::Receipt;
use checkout::tender::TenderKind;
use serde::Serialize;
use till::Till;
use till::qr::Qr;
use till::receipt::COLUMNS;
use till::words::Catalogue;
use ts_rs::TS;

#[derive(Debug, Clone, Serialize, TS)]
pub struct ReceiptSpan {
    pub text: String,
    pub bold: bool,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct ReceiptLine {
    pub spans: Vec<ReceiptSpan>,
}

#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Done {
    pub ticket: String,
    pub receipt_number: String,
    /// Time of day.
    pub closed_at: String,
    /// The total as it was paid: rounded as its tenders are.
    pub total: AmountText,
    /// Cash handed over; none where no cash was taken.
    pub received: Option<AmountText>,
    /// None where there is none to give.
    pub change: Option<AmountText>,
    pub tenders: Vec<TenderRow>,
    pub receipt: Vec<ReceiptLine>,
}

/// A QR code as a drawing: `path` fills the dark squares of `size` by `size`, with the quiet zone left to the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ReceiptQr {
    pub size: u32,
    pub path: String,
}

pub fn receipt_qr(qr: &Qr) -> ReceiptQr {
    let mut path = String::new();
    for (y, row) in qr.dark.chunks(qr.size).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, next| one == next) {
            if run[0] {
                path.push_str(&format!("M{x} {y}h{}v1h-{}z", run.len(), run.len()));
            }
            x += run.len();
        }
    }
    ReceiptQr { size: qr.size as u32, path }
}

pub(super) fn done(receipt: &Receipt, ticket: i64, till: &Till, words: &Catalogue) -> Done {
    let cash: Vec<Money> =
        receipt.bill.tenders.iter().filter(|tender| tender.kind == TenderKind::Cash).map(|tender| tender.received).collect();
    let change = Money::new(receipt.change_minor(), receipt.bill.currency).ok().filter(|change| change.is_positive());
    let rows = till.records().rows(receipt, COLUMNS);
    Done {
        ticket: grouped(ticket),
        receipt_number: receipt.number.to_string(),
        closed_at: receipt.closed_at.strftime("%H:%M:%S").to_string(),
        // The tenders of a stored sale add up: they were checked when it closed.
        total: amount(receipt.paid().unwrap_or(receipt.bill.total)),
        received: Money::sum(receipt.bill.currency, cash).ok().filter(|received| received.is_positive()).map(amount),
        change: change.map(amount),
        tenders: receipt.bill.tenders.iter().map(|tender| tender_row(tender, words)).collect(),
        receipt: rows
            .into_iter()
            .map(|row| ReceiptLine {
                spans: row.cells.into_iter().map(|cell| ReceiptSpan { bold: cell.style == Style::Bold, text: cell.text }).collect(),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dark_squares_of_a_row_are_drawn_in_runs() {
        let qr = Qr { size: 3, dark: vec![true, true, false, false, false, false, true, false, true] };
        assert_eq!(receipt_qr(&qr).path, "M0 0h2v1h-2zM0 2h1v1h-1zM2 2h1v1h-1z");
    }
}
