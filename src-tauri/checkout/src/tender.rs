//! Tenders: how a sale is paid.

use crate::money::{Currency, Money, MoneyError};
use crate::payment::AttemptId;

/// A way to pay. A device tender names its device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TenderKind {
    Cash,
    Kaspi,
}

impl TenderKind {
    pub const ALL: [TenderKind; 2] = [TenderKind::Cash, TenderKind::Kaspi];

    pub const fn code(self) -> &'static str {
        match self {
            TenderKind::Cash => "cash",
            TenderKind::Kaspi => "kaspi",
        }
    }

    pub fn from_code(code: &str) -> Option<TenderKind> {
        TenderKind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Money taken towards a sale. `amount` counts towards the total; `received − change = amount`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tender {
    pub kind: TenderKind,
    pub amount: Money,
    /// What was handed over; equals `amount` for a device.
    pub received: Money,
    /// What was given back; zero for a device.
    pub change: Money,
    /// The attempt that took it, for a device.
    pub attempt: Option<AttemptId>,
}

impl Tender {
    /// Cash handed over for an amount due: what is too much comes back as change, what is too little is a part payment.
    pub fn cash(received: Money, due: Money) -> Result<Tender, MoneyError> {
        let amount = received.least(due)?;
        Ok(Tender { kind: TenderKind::Cash, amount, received, change: received.minus(amount)?, attempt: None })
    }

    pub fn device(kind: TenderKind, amount: Money, attempt: AttemptId) -> Tender {
        let change = Money::zero(amount.currency());
        Tender { kind, amount, received: amount, change, attempt: Some(attempt) }
    }
}

/// The next notes a customer is likely to hand over for what is due, smallest first: single notes above
/// the due amount, then the next multiple of the largest note where none is.
pub fn note_suggestions(due: Money) -> Vec<Money> {
    if !due.is_positive() {
        return Vec::new();
    }
    let currency: Currency = due.currency();
    let notes = currency.facts().notes_minor;
    let mut amounts: Vec<i64> = notes.iter().copied().filter(|note| *note > due.minor()).collect();
    if let (true, Some(largest)) = (amounts.is_empty(), notes.last()) {
        amounts.push((due.minor() / largest + 1) * largest);
    }
    amounts.into_iter().take(3).filter_map(|minor| Money::new(minor, currency).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kzt(major: i64) -> Money {
        Money::new(major * 100, Currency::Kzt).unwrap()
    }

    #[test]
    fn too_much_cash_comes_back_and_too_little_is_a_part() {
        let paid = Tender::cash(kzt(5000), kzt(4870)).unwrap();
        assert_eq!((paid.amount, paid.change), (kzt(4870), kzt(130)));
        let part = Tender::cash(kzt(2000), kzt(4870)).unwrap();
        assert_eq!((part.amount, part.change), (kzt(2000), kzt(0)));
    }

    #[test]
    fn notes_follow_the_amount_due() {
        let check = |due, expected: &[i64]| {
            let expected: Vec<Money> = expected.iter().map(|major| kzt(*major)).collect();
            assert_eq!(note_suggestions(kzt(due)), expected);
        };
        check(4870, &[5000, 10_000, 20_000]);
        check(5000, &[10_000, 20_000]);
        check(20_000, &[40_000]);
        check(51_200, &[60_000]);
        check(0, &[]);
    }
}
