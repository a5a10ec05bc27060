//! Amounts, numbers and times as the screen writes them.

use super::{AmountText, TenderCode};
use checkout::layout::Words;
use checkout::money::Money;
use checkout::tender::TenderKind;
use till::words::Catalogue;

/// A space that does not break an amount over two lines.
pub(super) const GROUP: char = '\u{a0}';

pub(super) fn amount(money: Money) -> AmountText {
    AmountText { figures: money.figures(GROUP), sign: money.currency().facts().symbol.to_owned() }
}

pub(super) fn tender_code(kind: TenderKind) -> TenderCode {
    match kind {
        TenderKind::Cash => TenderCode::Cash,
        TenderKind::Kaspi => TenderCode::Kaspi,
    }
}

pub(super) fn tender_name(kind: TenderKind, words: &Catalogue) -> String {
    match kind {
        TenderKind::Cash => words.word("receipt_cash").to_owned(),
        TenderKind::Kaspi => words.word("receipt_kaspi").to_owned(),
    }
}

pub(super) fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(GROUP);
        }
        text.push(digit);
    }
    text
}

/// `14:05:02` out of a stored moment.
pub(super) fn time_of_day(stamp: &str) -> String {
    stamp.get(11..19).unwrap_or_default().to_owned()
}
