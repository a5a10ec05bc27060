//! A sale: its lines, its totals, and what is still due.

use crate::money::{Currency, Money, MoneyError, round_ratio};
use crate::payment::{Attempt, AttemptState, SaleId};
use crate::quantity::{Quantity, QuantityError, Unit};
use crate::tax::{TaxLine, VatRate};
use crate::tender::{Tender, TenderKind};

/// A good as it is sold: copied onto the line, so that a later change of the catalogue changes no sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Good {
    pub item: i64,
    pub code: String,
    pub name: String,
    /// The language of `name`, as a tag: `kk`.
    pub language: String,
    pub unit: Unit,
    pub price: Money,
    pub vat: Option<VatRate>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Unique within the sale; stays when other lines go.
    pub id: u32,
    pub good: Good,
    pub quantity: Quantity,
}

impl Line {
    /// Price × quantity, rounded once to the currency's line step.
    pub fn amount(&self) -> Result<Money, MoneyError> {
        let currency = self.good.price.currency();
        let product = i128::from(self.good.price.minor()) * i128::from(self.quantity.milli());
        Money::new(round_ratio(product, 1000, currency.facts().line_step_minor)?, currency)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    pub id: SaleId,
    /// The number an open sale is known by at the till.
    pub ticket: i64,
    pub currency: Currency,
    pub lines: Vec<Line>,
    pub tenders: Vec<Tender>,
    next_line: u32,
    removed: Option<(usize, Line)>,
}

/// Why the rules refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SaleError {
    #[error("the cart is empty")]
    Empty,
    #[error("the cart is locked: a payment has been taken or is under way")]
    Locked,
    #[error("there is no line {0}")]
    NoLine(u32),
    #[error("there is nothing to put back")]
    NothingRemoved,
    #[error("nothing is due")]
    NothingDue,
    #[error("no cash has been taken for this sale")]
    NothingTaken,
    #[error("the amount must be above zero")]
    NotPositive,
    #[error("{asked} is more than the {due} due")]
    TooMuch { asked: Money, due: Money },
    #[error("the amount is finer than the smallest coin, {step}")]
    TooFine { step: Money },
    #[error("a payment of this sale is in doubt; no other payment is taken until its outcome is known")]
    InDoubt,
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

impl Sale {
    pub fn new(id: SaleId, ticket: i64, currency: Currency) -> Sale {
        Sale { id, ticket, currency, lines: Vec::new(), tenders: Vec::new(), next_line: 1, removed: None }
    }

    /// A sale as it was stored.
    pub fn restore_stored(id: SaleId, ticket: i64, currency: Currency, lines: Vec<Line>, tenders: Vec<Tender>) -> Sale {
        let next_line = lines.iter().map(|line| line.id + 1).max().unwrap_or(1);
        Sale { id, ticket, currency, lines, tenders, next_line, removed: None }
    }

    /// Adds a good. Pieces of a good already in the cart are counted on its line; weighed goods get a line each.
    /// Answers the line.
    pub fn add(&mut self, good: Good, quantity: Quantity) -> Result<u32, SaleError> {
        self.unlocked()?;
        if good.price.currency() != self.currency {
            return Err(MoneyError::MixedCurrencies(self.currency.facts().code, good.price.currency().facts().code).into());
        }
        let same = self.lines.iter().position(|line| line.good == good && good.unit == Unit::Piece);
        let id = match same {
            Some(index) => {
                let mut line = self.lines[index].clone();
                line.quantity = line.quantity.plus(quantity, good.unit)?;
                self.put(index, line)?
            }
            None => {
                let line = Line { id: self.next_line, good, quantity };
                let mut lines = self.lines.clone();
                lines.push(line);
                total_of(self.currency, &lines)?;
                self.lines = lines;
                self.next_line += 1;
                self.next_line - 1
            }
        };
        self.removed = None;
        Ok(id)
    }

    pub fn set_quantity(&mut self, line: u32, quantity: Quantity) -> Result<(), SaleError> {
        self.unlocked()?;
        let index = self.index_of(line)?;
        let mut changed = self.lines[index].clone();
        changed.quantity = Quantity::from_milli(quantity.milli(), changed.good.unit)?;
        self.put(index, changed)?;
        Ok(())
    }

    pub fn remove(&mut self, line: u32) -> Result<(), SaleError> {
        self.unlocked()?;
        let index = self.index_of(line)?;
        self.removed = Some((index, self.lines.remove(index)));
        Ok(())
    }

    /// Puts back the line removed last, where it was.
    pub fn put_back(&mut self) -> Result<(), SaleError> {
        self.unlocked()?;
        let (index, line) = self.removed.take().ok_or(SaleError::NothingRemoved)?;
        self.lines.insert(index.min(self.lines.len()), line);
        Ok(())
    }

    /// The line removed last, which can be put back.
    pub fn removed(&self) -> Option<&Line> {
        self.removed.as_ref().map(|(_, line)| line)
    }

    pub fn total(&self) -> Result<Money, MoneyError> {
        total_of(self.currency, &self.lines)
    }

    /// The tax table: one row a rate, highest first; goods without VAT are in no row.
    pub fn taxes(&self) -> Result<Vec<TaxLine>, MoneyError> {
        let mut rates: Vec<VatRate> = self.lines.iter().filter_map(|line| line.good.vat).collect();
        rates.sort_unstable_by(|a, b| b.cmp(a));
        rates.dedup();
        rates.into_iter().map(|rate| self.tax_at(rate)).collect()
    }

    fn tax_at(&self, rate: VatRate) -> Result<TaxLine, MoneyError> {
        let gross = self
            .lines
            .iter()
            .filter(|line| line.good.vat == Some(rate))
            .try_fold(Money::zero(self.currency), |sum, line| sum.plus(line.amount()?))?;
        Ok(TaxLine { rate, gross, tax: rate.included_in(gross)? })
    }

    /// The total less what has been taken.
    pub fn due(&self) -> Result<Money, MoneyError> {
        let taken = Money::sum(self.currency, self.tenders.iter().map(|tender| tender.amount))?;
        self.total()?.minus(taken)
    }

    pub fn is_paid(&self) -> Result<bool, MoneyError> {
        Ok(!self.lines.is_empty() && self.due()?.is_zero())
    }

    /// Takes cash; too much gives change, too little is a part payment. `received` none: the exact amount.
    pub fn take_cash(&mut self, received: Option<Money>, attempts: &[Attempt]) -> Result<Tender, SaleError> {
        let due = self.open_to_pay(attempts)?;
        let received = received.unwrap_or(due);
        if !received.is_positive() {
            return Err(SaleError::NotPositive);
        }
        let step = self.currency.facts().cash_step_minor;
        if received.minor() % step != 0 {
            return Err(SaleError::TooFine { step: Money::new(step, self.currency)? });
        }
        let tender = Tender::cash(received, due)?;
        self.tenders.push(tender.clone());
        Ok(tender)
    }

    /// Gives back the cash taken in part, so that the cart can change or be given up. Answers how much.
    pub fn give_back_cash(&mut self, attempts: &[Attempt]) -> Result<Money, SaleError> {
        self.open_to_pay(attempts)?;
        let cash = self.tenders.iter().filter(|tender| tender.kind == TenderKind::Cash).map(|tender| tender.amount);
        let returned = Money::sum(self.currency, cash)?;
        if !returned.is_positive() {
            return Err(SaleError::NothingTaken);
        }
        self.tenders.retain(|tender| tender.kind != TenderKind::Cash);
        Ok(returned)
    }

    /// The amount a device is asked for: `wanted`, or all that is due.
    pub fn ask_device(&self, wanted: Option<Money>, attempts: &[Attempt]) -> Result<Money, SaleError> {
        let due = self.open_to_pay(attempts)?;
        let asked = wanted.unwrap_or(due);
        if !asked.is_positive() {
            return Err(SaleError::NotPositive);
        }
        if asked.least(due)? != asked {
            return Err(SaleError::TooMuch { asked, due });
        }
        Ok(asked)
    }

    /// Counts an approved attempt towards the sale. Counting it twice is harmless.
    pub fn take_device(&mut self, kind: TenderKind, attempt: &Attempt) -> Result<(), SaleError> {
        let counted = self.tenders.iter().any(|tender| tender.attempt == Some(attempt.id));
        if attempt.state == AttemptState::Approved && !counted {
            self.tenders.push(Tender::device(kind, attempt.amount, attempt.id));
        }
        Ok(())
    }

    /// What is due, where the sale may take a payment at all.
    fn open_to_pay(&self, attempts: &[Attempt]) -> Result<Money, SaleError> {
        if self.lines.is_empty() {
            return Err(SaleError::Empty);
        }
        if attempts.iter().any(|attempt| attempt.sale == self.id && attempt.state.is_open()) {
            return Err(SaleError::InDoubt);
        }
        let due = self.due()?;
        if !due.is_positive() {
            return Err(SaleError::NothingDue);
        }
        Ok(due)
    }

    fn unlocked(&self) -> Result<(), SaleError> {
        if self.tenders.is_empty() { Ok(()) } else { Err(SaleError::Locked) }
    }

    fn index_of(&self, line: u32) -> Result<usize, SaleError> {
        self.lines.iter().position(|candidate| candidate.id == line).ok_or(SaleError::NoLine(line))
    }

    /// Replaces a line where the new total still fits.
    fn put(&mut self, index: usize, line: Line) -> Result<u32, SaleError> {
        let mut lines = self.lines.clone();
        let id = line.id;
        lines[index] = line;
        total_of(self.currency, &lines)?;
        self.lines = lines;
        Ok(id)
    }
}

fn total_of(currency: Currency, lines: &[Line]) -> Result<Money, MoneyError> {
    lines.iter().try_fold(Money::zero(currency), |sum, line| sum.plus(line.amount()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::{AttemptId, Device};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn good(item: i64, price_minor: i64, unit: Unit) -> Good {
        Good {
            item,
            code: item.to_string(),
            name: format!("good {item}"),
            language: "en".to_owned(),
            unit,
            price: Money::new(price_minor, Currency::Kzt).unwrap(),
            vat: VatRate::parse_percent("16"),
        }
    }

    fn sale() -> Sale {
        Sale::new(SaleId(Uuid::nil()), 1042, Currency::Kzt)
    }

    fn kzt(major: i64) -> Money {
        Money::new(major * 100, Currency::Kzt).unwrap()
    }

    fn with_one(price_major: i64) -> Sale {
        let mut sale = sale();
        sale.add(good(1, price_major * 100, Unit::Piece), Quantity::ONE).unwrap();
        sale
    }

    #[test]
    fn pieces_are_counted_on_one_line_and_weights_are_not() {
        let mut sale = sale();
        let first = sale.add(good(1, 61_000, Unit::Piece), Quantity::ONE).unwrap();
        let again = sale.add(good(1, 61_000, Unit::Piece), Quantity::ONE).unwrap();
        assert_eq!(first, again);
        let weight = |milli| Quantity::from_milli(milli, Unit::Kilogram).unwrap();
        sale.add(good(2, 89_000, Unit::Kilogram), weight(746)).unwrap();
        sale.add(good(2, 89_000, Unit::Kilogram), weight(500)).unwrap();
        let amounts: Vec<i64> = sale.lines.iter().map(|line| line.amount().unwrap().minor()).collect();
        // 0,746 × 890 = 663,94 → 664 ₸
        assert_eq!(amounts, [122_000, 66_400, 44_500]);
    }

    #[test]
    fn a_removed_line_comes_back_where_it_was() {
        let mut sale = sale();
        for item in 1..=3 {
            sale.add(good(item, 100, Unit::Piece), Quantity::ONE).unwrap();
        }
        let before = sale.lines.clone();
        sale.remove(2).unwrap();
        assert_eq!(sale.removed().unwrap().id, 2);
        sale.put_back().unwrap();
        assert_eq!(sale.lines, before);
        assert_eq!(sale.put_back(), Err(SaleError::NothingRemoved));
    }

    #[test]
    fn cash_more_than_due_closes_and_less_is_a_part() {
        let mut sale = with_one(4870);
        let part = sale.take_cash(Some(kzt(2000)), &[]).unwrap();
        assert_eq!((part.change, sale.due().unwrap()), (kzt(0), kzt(2870)));
        assert_eq!(sale.remove(1), Err(SaleError::Locked), "a paid-for cart does not change");
        let rest = sale.take_cash(Some(kzt(5000)), &[]).unwrap();
        assert_eq!(rest.change, kzt(2130));
        assert!(sale.is_paid().unwrap());
        assert_eq!(sale.take_cash(None, &[]), Err(SaleError::NothingDue));
    }

    #[test]
    fn part_cash_can_be_given_back() {
        let mut sale = with_one(4870);
        assert_eq!(sale.give_back_cash(&[]), Err(SaleError::NothingTaken));
        sale.take_cash(Some(kzt(2000)), &[]).unwrap();
        assert_eq!(sale.give_back_cash(&[]), Ok(kzt(2000)));
        assert_eq!(sale.due().unwrap(), kzt(4870));
        sale.remove(1).expect("the cart is open again");
    }

    #[test]
    fn coins_that_do_not_exist_are_not_taken() {
        let mut sale = with_one(100);
        let odd = Money::new(10_050, Currency::Kzt).unwrap();
        assert!(matches!(sale.take_cash(Some(odd), &[]), Err(SaleError::TooFine { .. })));
        assert_eq!(sale.take_cash(Some(kzt(0)), &[]), Err(SaleError::NotPositive));
    }

    #[test]
    fn no_other_tender_while_an_attempt_is_open() {
        let mut sale = with_one(4870);
        let attempt = Attempt::intend(AttemptId(Uuid::nil()), sale.id, 1, Device::Kaspi, kzt(4870));
        assert_eq!(sale.take_cash(None, std::slice::from_ref(&attempt)), Err(SaleError::InDoubt));
        assert_eq!(sale.ask_device(None, std::slice::from_ref(&attempt)), Err(SaleError::InDoubt));
        let ended = Attempt { state: AttemptState::Declined, ..attempt };
        assert_eq!(sale.ask_device(None, &[ended]), Ok(kzt(4870)));
    }

    #[test]
    fn a_device_is_never_asked_for_more_than_is_due() {
        let sale = with_one(4870);
        assert!(matches!(sale.ask_device(Some(kzt(4871)), &[]), Err(SaleError::TooMuch { .. })));
        assert_eq!(sale.ask_device(Some(kzt(1000)), &[]), Ok(kzt(1000)));
    }

    #[test]
    fn a_line_too_large_to_hold_is_refused_and_the_cart_stays() {
        let mut sale = with_one(100);
        let before = sale.clone();
        let dear = good(2, crate::money::MAX_MINOR, Unit::Piece);
        assert!(sale.add(dear, Quantity::from_milli(2000, Unit::Piece).unwrap()).is_err());
        assert_eq!(sale, before);
    }

    proptest! {
        #[test]
        fn tenders_less_change_equal_the_total(prices in prop::collection::vec((1_i64..5_000_000, 1_i64..50_000), 1..20), parts in prop::collection::vec(1_i64..3_000_000, 0..6)) {
            let mut sale = sale();
            for (item, (price, milli)) in prices.iter().enumerate() {
                sale.add(good(item as i64, *price, Unit::Kilogram), Quantity::from_milli(*milli, Unit::Kilogram).unwrap()).unwrap();
            }
            prop_assume!(sale.total().unwrap().is_positive());
            for part in parts {
                if sale.due().unwrap().is_positive() {
                    sale.take_cash(Some(kzt(part)), &[]).unwrap();
                }
            }
            if sale.due().unwrap().is_positive() {
                sale.take_cash(None, &[]).unwrap();
            }
            let net: i64 = sale.tenders.iter().map(|tender| tender.received.minor() - tender.change.minor()).sum();
            prop_assert_eq!(net, sale.total().unwrap().minor());
            prop_assert!(sale.tenders.iter().all(|tender| tender.change.minor() >= 0));
        }

        #[test]
        fn the_tax_table_covers_the_sale(prices in prop::collection::vec(1_i64..5_000_000, 1..20)) {
            let mut sale = sale();
            for (item, price) in prices.iter().enumerate() {
                sale.add(good(item as i64, *price, Unit::Piece), Quantity::ONE).unwrap();
            }
            let table = sale.taxes().unwrap();
            let gross: i64 = table.iter().map(|row| row.gross.minor()).sum();
            prop_assert_eq!(gross, sale.total().unwrap().minor());
            for row in table {
                // tax / gross = 16 / 116, to half a minor unit
                prop_assert!((row.tax.minor() * 116 - row.gross.minor() * 16).abs() <= 58);
            }
        }
    }
}
