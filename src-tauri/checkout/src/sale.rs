//! A sale: its lines as they come and go, its totals, and what is still due.

use crate::discount::{Discount, DiscountError, PriceReason, check};
pub use crate::line::{Good, Line};
use crate::marking::{Marking, MarkingError};
use crate::money::{Currency, Money, MoneyError};
use crate::payment::{Attempt, AttemptState, SaleId};
use crate::quantity::{Quantity, QuantityError};
use crate::tax::TaxLine;
use crate::tender::{Tender, TenderKind};
use crate::terms::Terms;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    pub id: SaleId,
    /// The number an open sale is known by at the till.
    pub ticket: i64,
    pub terms: Terms,
    pub lines: Vec<Line>,
    /// Discounts of the whole cart, in the order given.
    pub discounts: Vec<Discount>,
    /// Why the whole cart has a discount.
    pub reason: Option<PriceReason>,
    pub tenders: Vec<Tender>,
    /// It has been put aside once: what is taken out of it from then on is told.
    pub parked: bool,
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
    #[error("the amount is finer than the smallest that can be paid, {step}")]
    TooFine { step: Money },
    #[error("a price is zero or more")]
    BelowZero,
    #[error("a payment of this sale is in doubt; no other payment is taken until its outcome is known")]
    InDoubt,
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    #[error(transparent)]
    Discount(#[from] DiscountError),
    #[error(transparent)]
    Marking(#[from] MarkingError),
}

impl Sale {
    /// An empty cart. A currency alone stands for its usual terms.
    pub fn new(id: SaleId, ticket: i64, terms: impl Into<Terms>) -> Sale {
        let terms = terms.into();
        Sale {
            id,
            ticket,
            terms,
            lines: Vec::new(),
            discounts: Vec::new(),
            reason: None,
            tenders: Vec::new(),
            parked: false,
            next_line: 1,
            removed: None,
        }
    }

    /// A sale as it was stored.
    pub fn restore_stored(id: SaleId, ticket: i64, terms: Terms, lines: Vec<Line>, discounts: Vec<Discount>, tenders: Vec<Tender>) -> Sale {
        let next_line = lines.iter().map(|line| line.id.saturating_add(1)).max().unwrap_or(1);
        Sale { id, ticket, terms, lines, discounts, reason: None, tenders, parked: false, next_line, removed: None }
    }

    pub fn currency(&self) -> Currency {
        self.terms.currency
    }

    /// Adds a good. Pieces of a good already in the cart are counted on its line; weighed goods get a line each, and so
    /// does a piece of a good whose line has a price or a discount of its own. Answers the line.
    pub fn add(&mut self, good: Good, quantity: Quantity) -> Result<u32, SaleError> {
        self.of_this_currency(good.price)?;
        let Some(known) = self.lines.iter().position(|line| line.counts(&good)) else { return self.push(Line::new(0, good, quantity)) };
        self.change(|sale| {
            let line = &mut sale.lines[known];
            line.quantity = line.quantity.plus(quantity, good.unit)?;
            sale.removed = None;
            Ok(sale.lines[known].id)
        })
    }

    /// Adds one unit of a good by its marking code, on a line of its own. The same unit twice is refused.
    pub fn add_marked(&mut self, good: Good, marking: Marking) -> Result<u32, SaleError> {
        self.of_this_currency(good.price)?;
        if self.lines.iter().any(|line| line.marking.as_ref().is_some_and(|known| known.unit == marking.unit)) {
            return Err(MarkingError::InCart(marking.unit).into());
        }
        self.push(Line { marking: Some(marking), ..Line::new(0, good, Quantity::ONE) })
    }

    /// Adds a good at a price given by hand, on a line of its own.
    pub fn add_at(&mut self, good: Good, quantity: Quantity, price: Money) -> Result<u32, SaleError> {
        self.of_this_currency(price)?;
        self.push(Line { own_price: Some(price), ..Line::new(0, good, quantity) })
    }

    fn push(&mut self, line: Line) -> Result<u32, SaleError> {
        let id = self.next_line;
        self.change(|sale| {
            sale.lines.push(Line { id, ..line });
            sale.next_line += 1;
            sale.removed = None;
            Ok(id)
        })
    }

    pub fn set_quantity(&mut self, line: u32, quantity: Quantity) -> Result<(), SaleError> {
        self.change_line(line, |line, _| {
            if line.marking.is_some() && quantity != Quantity::ONE {
                return Err(MarkingError::OneByOne.into());
            }
            line.quantity = Quantity::from_milli(quantity.milli(), line.good.unit)?;
            Ok(())
        })
    }

    /// Gives a line a price of its own, or takes it away again. Its discounts stay and follow the new price.
    pub fn set_price(&mut self, line: u32, price: Option<Money>) -> Result<(), SaleError> {
        if let Some(price) = price {
            self.of_this_currency(price)?;
            if price.minor() < 0 {
                return Err(SaleError::BelowZero);
            }
        }
        self.change_line(line, |line, _| {
            line.own_price = price;
            Ok(())
        })
    }

    /// Says why a line is not sold at its usual price.
    pub fn explain_line(&mut self, line: u32, reason: Option<PriceReason>) -> Result<(), SaleError> {
        self.change_line(line, |line, _| {
            line.reason = reason.filter(|_| line.own_price.is_some() || !line.discounts.is_empty());
            Ok(())
        })
    }

    /// Says why the cart has a discount.
    pub fn explain_cart(&mut self, reason: Option<PriceReason>) -> Result<(), SaleError> {
        self.change(|sale| {
            sale.reason = reason.filter(|_| !sale.discounts.is_empty());
            Ok(())
        })
    }

    /// Replaces a line's discounts; an empty list takes them away.
    pub fn discount_line(&mut self, line: u32, discounts: Vec<Discount>) -> Result<(), SaleError> {
        self.change_line(line, |line, terms| {
            check(line.gross(terms)?, &discounts, terms.line_step_minor)?;
            line.discounts = discounts;
            Ok(())
        })
    }

    /// Replaces the cart's discounts; an empty list takes them away.
    pub fn discount_cart(&mut self, discounts: Vec<Discount>) -> Result<(), SaleError> {
        self.change(|sale| {
            if sale.lines.is_empty() && !discounts.is_empty() {
                return Err(SaleError::Empty);
            }
            check(sale.figures()?.subtotal, &discounts, sale.terms.line_step_minor)?;
            sale.discounts = discounts;
            Ok(())
        })
    }

    pub fn remove(&mut self, line: u32) -> Result<(), SaleError> {
        self.change(|sale| {
            let index = sale.lines.iter().position(|candidate| candidate.id == line).ok_or(SaleError::NoLine(line))?;
            sale.removed = Some((index, sale.lines.remove(index)));
            Ok(())
        })
    }

    /// Puts back the line removed last, where it was.
    pub fn put_back(&mut self) -> Result<(), SaleError> {
        self.change(|sale| {
            let (index, line) = sale.removed.take().ok_or(SaleError::NothingRemoved)?;
            sale.lines.insert(index.min(sale.lines.len()), line);
            Ok(())
        })
    }

    /// The line removed last, which can be put back.
    pub fn removed(&self) -> Option<&Line> {
        self.removed.as_ref().map(|(_, line)| line)
    }

    /// Lines less discounts, with the VAT that comes on top; before any rounding of a tender.
    pub fn total(&self) -> Result<Money, MoneyError> {
        Ok(self.figures()?.total)
    }

    /// The tax table: one row a rate, highest first; goods without VAT are in no row.
    pub fn taxes(&self) -> Result<Vec<TaxLine>, MoneyError> {
        Ok(self.figures()?.taxes)
    }

    /// Σ of what the tenders could not take, over and under.
    pub fn rounding(&self) -> Result<Money, MoneyError> {
        Money::sum(self.terms.currency, self.tenders.iter().map(|tender| tender.rounding))
    }

    /// The total and its roundings, less what has been taken.
    pub fn due(&self) -> Result<Money, MoneyError> {
        self.due_of(self.total()?)
    }

    /// The same, where the total has been worked out already.
    pub fn due_of(&self, total: Money) -> Result<Money, MoneyError> {
        let taken = Money::sum(self.terms.currency, self.tenders.iter().map(|tender| tender.amount))?;
        total.plus(self.rounding()?)?.minus(taken)
    }

    /// What is due as this tender can take it: to the coin in cash, to the tenge on a Kaspi terminal.
    pub fn due_by(&self, kind: TenderKind) -> Result<Money, MoneyError> {
        self.due()?.rounded_to(self.terms.step_of(kind))
    }

    /// Nothing is due any more. A sale that comes to nothing is paid by a tender of nothing, so that it closes when the
    /// cashier says so.
    pub fn is_paid(&self) -> Result<bool, MoneyError> {
        Ok(!self.lines.is_empty() && !self.tenders.is_empty() && self.due()?.is_zero())
    }

    /// Takes cash; too much gives change, too little is a part payment. `received` none: the exact amount.
    pub fn take_cash(&mut self, received: Option<Money>, attempts: &[Attempt]) -> Result<Tender, SaleError> {
        let due = self.open_to_pay(attempts)?;
        let step = self.terms.cash_step_minor;
        let due_in_cash = due.rounded_to(step)?;
        let received = received.unwrap_or(due_in_cash);
        if received.minor() < 0 || (received.is_zero() && !due_in_cash.is_zero()) {
            return Err(SaleError::NotPositive);
        }
        self.whole_steps(received, step)?;
        let tender = Tender::cash(received, due, step)?;
        self.tenders.push(tender.clone());
        Ok(tender)
    }

    /// The cash in the drawer for this sale: received less change.
    pub fn cash_held(&self) -> Result<Money, SaleError> {
        let cash = self.tenders.iter().filter(|tender| tender.kind == TenderKind::Cash);
        Ok(cash.map(|tender| tender.received.minus(tender.change)).try_fold(Money::zero(self.currency()), |sum, held| sum.plus(held?))?)
    }

    /// Gives back the cash taken in part, so that the cart can change or be given up. Answers how much.
    pub fn give_back_cash(&mut self, attempts: &[Attempt]) -> Result<Money, SaleError> {
        self.open_to_pay(attempts)?;
        let returned = self.cash_held()?;
        if !returned.is_positive() {
            return Err(SaleError::NothingTaken);
        }
        self.tenders.retain(|tender| tender.kind != TenderKind::Cash);
        Ok(returned)
    }

    /// The amount a device is asked for: `wanted`, or all that is due, in whole steps of what the device takes.
    pub fn ask_device(&self, kind: TenderKind, wanted: Option<Money>, attempts: &[Attempt]) -> Result<Money, SaleError> {
        let step = self.terms.step_of(kind);
        let due = self.open_to_pay(attempts)?.rounded_to(step)?;
        let asked = wanted.unwrap_or(due);
        if !asked.is_positive() {
            return Err(SaleError::NotPositive);
        }
        if asked.least(due)? != asked {
            return Err(SaleError::TooMuch { asked, due });
        }
        self.whole_steps(asked, step)?;
        Ok(asked)
    }

    /// Counts an approved attempt towards the sale. Counting it twice is harmless.
    pub fn take_device(&mut self, kind: TenderKind, attempt: &Attempt) -> Result<(), SaleError> {
        let counted = self.tenders.iter().any(|tender| tender.attempt == Some(attempt.id));
        if attempt.state == AttemptState::Approved && !counted {
            let tender = Tender::device(kind, attempt.counted(), self.due()?, self.terms.step_of(kind), attempt.id)?;
            self.tenders.push(tender);
        }
        Ok(())
    }

    /// What is due, where the sale may take a payment at all.
    fn open_to_pay(&self, attempts: &[Attempt]) -> Result<Money, SaleError> {
        if self.lines.is_empty() {
            return Err(SaleError::Empty);
        }
        if attempts.iter().any(|attempt| attempt.sale == self.id && attempt.is_unsettled()) {
            return Err(SaleError::InDoubt);
        }
        let due = self.due()?;
        let free = due.is_zero() && self.tenders.is_empty();
        if !due.is_positive() && !free {
            return Err(SaleError::NothingDue);
        }
        Ok(due)
    }

    fn whole_steps(&self, amount: Money, step_minor: i64) -> Result<(), SaleError> {
        if amount.minor() % step_minor == 0 {
            return Ok(());
        }
        Err(SaleError::TooFine { step: Money::new(step_minor, self.terms.currency)? })
    }

    fn of_this_currency(&self, amount: Money) -> Result<(), MoneyError> {
        self.terms.currency.same_as(amount.currency())
    }

    fn change_line(&mut self, line: u32, change: impl FnOnce(&mut Line, &Terms) -> Result<(), SaleError>) -> Result<(), SaleError> {
        self.change(|sale| {
            let terms = sale.terms;
            change(sale.lines.iter_mut().find(|candidate| candidate.id == line).ok_or(SaleError::NoLine(line))?, &terms)
        })
    }

    /// Changes the cart where nothing has been paid and every figure still fits; else the cart stays as it was.
    fn change<T>(&mut self, change: impl FnOnce(&mut Sale) -> Result<T, SaleError>) -> Result<T, SaleError> {
        if !self.tenders.is_empty() {
            return Err(SaleError::Locked);
        }
        let mut changed = self.clone();
        let answer = change(&mut changed)?;
        changed.figures()?;
        *self = changed;
        Ok(answer)
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) mod properties;
