//! Tenders: how a sale is paid.

use crate::money::{Currency, Money, MoneyError};
use crate::payment::{AttemptId, Device};

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

    /// The device that takes it; none for cash in a drawer.
    pub const fn device(self) -> Option<Device> {
        match self {
            TenderKind::Cash => None,
            TenderKind::Kaspi => Some(Device::Kaspi),
        }
    }

    /// What a device's money is on the sale.
    pub const fn of(device: Device) -> TenderKind {
        match device {
            Device::Kaspi => TenderKind::Kaspi,
        }
    }

    pub fn from_code(code: &str) -> Option<TenderKind> {
        TenderKind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Money taken towards a sale. `received − change = amount`; `amount` counts towards the total and its `rounding`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tender {
    pub kind: TenderKind,
    pub amount: Money,
    /// What was handed over; equals `amount` for a device.
    pub received: Money,
    /// What was given back; zero for a device.
    pub change: Money,
    /// What this tender could not take of the amount due, where it pays the rest: above zero where the customer pays
    /// more than was due, below where less. A column of its own, never part of a price or of VAT.
    pub rounding: Money,
    /// The attempt that took it, for a device.
    pub attempt: Option<AttemptId>,
}

impl Tender {
    /// Cash handed over for an amount due, which is rounded to `step_minor`: what is too much comes back as change, what
    /// is too little is a part payment and is not rounded.
    pub fn cash(received: Money, due: Money, step_minor: i64) -> Result<Tender, MoneyError> {
        let due_in_cash = due.rounded_to(step_minor)?;
        let amount = received.least(due_in_cash)?;
        let rounding = rounding_of(amount, due, step_minor)?;
        Ok(Tender { kind: TenderKind::Cash, amount, received, change: received.minus(amount)?, rounding, attempt: None })
    }

    /// An approved amount of a device, while `due` was open.
    pub fn device(kind: TenderKind, amount: Money, due: Money, step_minor: i64, attempt: AttemptId) -> Result<Tender, MoneyError> {
        let rounding = rounding_of(amount, due, step_minor)?;
        Ok(Tender { kind, amount, received: amount, change: Money::zero(amount.currency()), rounding, attempt: Some(attempt) })
    }
}

/// The difference to what is due where `amount` is the due amount as the tender can take it; else none.
fn rounding_of(amount: Money, due: Money, step_minor: i64) -> Result<Money, MoneyError> {
    if amount == due.rounded_to(step_minor)? { amount.minus(due) } else { Ok(Money::zero(due.currency())) }
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
        let paid = Tender::cash(kzt(5000), kzt(4870), 100).unwrap();
        assert_eq!((paid.amount, paid.change), (kzt(4870), kzt(130)));
        let part = Tender::cash(kzt(2000), kzt(4870), 100).unwrap();
        assert_eq!((part.amount, part.change), (kzt(2000), kzt(0)));
    }

    #[test]
    fn only_the_tender_that_pays_the_rest_is_rounded() {
        let due = Money::new(99_960, Currency::Kzt).unwrap();
        let all = Tender::cash(kzt(2000), due, 100).unwrap();
        assert_eq!((all.amount, all.change, all.rounding.minor()), (kzt(1000), kzt(1000), 40));
        let part = Tender::cash(kzt(999), due, 100).unwrap();
        assert_eq!((part.amount, part.rounding), (kzt(999), kzt(0)));
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
