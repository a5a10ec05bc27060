//! Giving back: what of a paid sale goes back to the customer, and which way.
//!
//! A sale, what is left of it and each refund are portions of the same columns. What a refund takes is subtracted from
//! what is left, also while it is under way or in doubt, and the one that takes the rest takes all of it: a sale less
//! its refunds is zero in every column, however it was cut up.

use crate::discount::split;
use crate::money::{Money, MoneyError, round_ratio};
pub use crate::payment::RefundId;
use crate::payment::{Attempt, AttemptId, SaleId};
use crate::quantity::{Quantity, QuantityError};
use crate::sale::Sale;
use crate::tax::{TaxLine, VatRate};
use crate::tender::TenderKind;
use crate::terms::Vat;

/// What goes back of one line. All figures are zero or above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundLine {
    /// The line of the sale.
    pub line: u32,
    /// Thousandths of the unit; zero where money alone goes back.
    pub quantity_milli: i64,
    pub gross: Money,
    pub discount: Money,
    pub cart_share: Money,
    pub sold: Money,
}

/// Money that goes back, and the payment it is taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundTender {
    /// How the customer gets it: as it was paid, or in cash in its place.
    pub kind: TenderKind,
    pub amount: Money,
    /// What this way cannot give exactly: Σ amounts = total + Σ roundings.
    pub rounding: Money,
    /// The payment of a device that it gives back; none for the cash that was taken.
    pub payment: Option<AttemptId>,
    /// The attempt to give it back by the device; none before one has begun.
    pub attempt: Option<AttemptId>,
    /// The customer has it.
    pub given: bool,
}

/// A part of a sale's columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portion {
    pub lines: Vec<RefundLine>,
    /// One row a rate.
    pub taxes: Vec<TaxLine>,
    /// VAT on top of the prices; zero where they include it.
    pub tax_added: Money,
    /// Lines less discounts, with the VAT on top; before roundings.
    pub total: Money,
    /// Those of devices first, cash last.
    pub tenders: Vec<RefundTender>,
}

/// A part of a paid sale taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub id: RefundId,
    pub of: SaleId,
    pub portion: Portion,
}

/// What a customer brings back. Nothing named: everything that is left of the sale.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Lines, and thousandths of their unit; none: all that is left of the line.
    pub lines: Vec<(u32, Option<i64>)>,
    /// So much money in place of what the goods were sold for; without lines no goods come back.
    pub amount: Option<Money>,
}

/// Why the rules refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefundError {
    #[error("the sale is not paid: it can be given up, not refunded")]
    NotPaid,
    #[error("nothing is left of this sale to give back")]
    NothingLeft,
    #[error("the sale has no line {0}")]
    NoLine(u32),
    #[error("of line {line} only {left_milli} thousandths are left to give back")]
    TooMuchOfLine { line: u32, left_milli: i64 },
    #[error("{asked} is more than the {left} that can go back")]
    TooMuch { asked: Money, left: Money },
    #[error("an amount to give back is above zero and in whole steps of {step}")]
    NotAnAmount { step: Money },
    #[error("where VAT comes on top of the prices, goods are given back, not an amount")]
    VatOnTop,
    #[error("this is not what the refund waits for: look at what of it has gone back")]
    NotNext,
    #[error("some of the money has gone back already: the refund can only be finished")]
    PartlyGiven,
    #[error("what became of the refund on the device is not known yet; nothing else is given back until it is")]
    InDoubt,
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Portion {
    /// All of a sale.
    pub fn whole(sale: &Sale) -> Result<Portion, MoneyError> {
        let figures = sale.figures()?;
        let lines = sale.lines.iter().zip(&figures.lines).map(|(line, figures)| RefundLine {
            line: line.id,
            quantity_milli: line.quantity.milli(),
            gross: figures.gross,
            discount: figures.discount,
            cart_share: figures.cart_share,
            sold: figures.sold,
        });
        let (mut tenders, mut cash): (Vec<RefundTender>, Option<RefundTender>) = (Vec::new(), None);
        for tender in &sale.tenders {
            let back = RefundTender {
                kind: tender.kind,
                amount: tender.amount,
                rounding: tender.rounding,
                payment: tender.attempt,
                attempt: None,
                given: false,
            };
            match (back.payment, &mut cash) {
                (Some(_), _) => tenders.push(back),
                (None, None) => cash = Some(back),
                (None, Some(known)) => {
                    known.amount = known.amount.plus(back.amount)?;
                    known.rounding = known.rounding.plus(back.rounding)?;
                }
            }
        }
        tenders.extend(cash);
        Ok(Portion { lines: lines.collect(), taxes: figures.taxes, tax_added: figures.tax_added, total: figures.total, tenders })
    }

    /// What is left of a sale when some refunds of it have been made or are under way.
    pub fn left(sale: &Sale, refunds: &[Refund]) -> Result<Portion, MoneyError> {
        let mut left = Portion::whole(sale)?;
        for refund in refunds {
            left.take(&refund.portion)?;
        }
        Ok(left)
    }

    fn take(&mut self, taken: &Portion) -> Result<(), MoneyError> {
        for part in &taken.lines {
            for line in self.lines.iter_mut().filter(|line| line.line == part.line) {
                *line = RefundLine {
                    line: part.line,
                    quantity_milli: line.quantity_milli - part.quantity_milli,
                    gross: line.gross.minus(part.gross)?,
                    discount: line.discount.minus(part.discount)?,
                    cart_share: line.cart_share.minus(part.cart_share)?,
                    sold: line.sold.minus(part.sold)?,
                };
            }
        }
        for part in &taken.taxes {
            for row in self.taxes.iter_mut().filter(|row| row.rate == part.rate) {
                let (net, tax, gross) = (row.net.minus(part.net)?, row.tax.minus(part.tax)?, row.gross.minus(part.gross)?);
                *row = TaxLine { rate: part.rate, net, tax, gross };
            }
        }
        for part in &taken.tenders {
            for source in self.tenders.iter_mut().filter(|source| source.payment == part.payment) {
                source.amount = source.amount.minus(part.amount)?;
                source.rounding = source.rounding.minus(part.rounding)?;
            }
        }
        self.tax_added = self.tax_added.minus(taken.tax_added)?;
        self.total = self.total.minus(taken.total)?;
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.total.is_zero() && self.lines.iter().all(|line| line.quantity_milli == 0)
    }
}

impl RefundLine {
    /// What goes back with so much of what is left of the line; with all of it, all of the money.
    fn part(&self, quantity_milli: i64, step_minor: i64) -> Result<RefundLine, MoneyError> {
        if quantity_milli == self.quantity_milli {
            return Ok(*self);
        }
        let share = |of: Money| {
            let product = i128::from(of.minor()) * i128::from(quantity_milli);
            Money::new(round_ratio(product, self.quantity_milli.into(), step_minor)?, of.currency())
        };
        let (discount, cart_share, sold) = (share(self.discount)?, share(self.cart_share)?, share(self.sold)?);
        let gross = sold.plus(discount)?.plus(cart_share)?;
        Ok(RefundLine { line: self.line, quantity_milli, gross, discount, cart_share, sold })
    }

    /// So much of this goes back for that money alone.
    fn for_money(&self, sold: Money, quantity_milli: i64) -> RefundLine {
        let none = Money::zero(sold.currency());
        RefundLine { line: self.line, quantity_milli, gross: sold, discount: none, cart_share: none, sold }
    }
}

impl Refund {
    /// Plans a refund of what is left of a paid sale. `refunds` are all that were not given up.
    pub fn plan(id: RefundId, sale: &Sale, refunds: &[Refund], wanted: &Wanted) -> Result<Refund, RefundError> {
        if !sale.is_paid()? {
            return Err(RefundError::NotPaid);
        }
        let left = Portion::left(sale, refunds)?;
        if left.is_empty() {
            return Err(RefundError::NothingLeft);
        }
        let lines = match (wanted.lines.is_empty(), wanted.amount) {
            (true, None) => left.lines.clone(),
            (false, None) => chosen(sale, &left, &wanted.lines)?,
            (true, Some(amount)) => for_amount(sale, &left.lines, amount, false)?,
            (false, Some(amount)) => for_amount(sale, &chosen(sale, &left, &wanted.lines)?, amount, true)?,
        };
        let lines: Vec<RefundLine> = lines.into_iter().filter(|line| line.quantity_milli > 0 || line.sold.is_positive()).collect();
        if lines.is_empty() {
            return Err(RefundError::NothingLeft);
        }
        let taxes = taxes(sale, &left, &lines)?;
        let none = Money::zero(sale.currency());
        let tax_added = match sale.terms.vat {
            Vat::Included => none,
            Vat::Added => Money::sum(sale.currency(), taxes.iter().map(|row| row.tax))?,
        };
        let total = Money::sum(sale.currency(), lines.iter().map(|line| line.sold))?.plus(tax_added)?;
        let tenders = ways_back(sale, &left, total)?;
        Ok(Refund { id, of: sale.id, portion: Portion { lines, taxes, tax_added, total, tenders } })
    }

    /// The way the money goes back next; none where the customer has all of it. The drawer waits for the devices.
    pub fn next(&self) -> Option<&RefundTender> {
        self.next_place().map(|place| &self.portion.tenders[place])
    }

    fn next_place(&self) -> Option<usize> {
        let ways = &self.portion.tenders;
        let by_device = ways.iter().position(|way| !way.given && way.kind.device().is_some());
        by_device.or_else(|| ways.iter().position(|way| !way.given))
    }

    pub fn is_given(&self) -> bool {
        self.next().is_none()
    }

    /// Some of the money is with the customer.
    pub fn is_partly_given(&self) -> bool {
        self.portion.tenders.iter().any(|tender| tender.given)
    }

    /// Notes that a device has been asked to give the next part back.
    pub fn begin(&mut self, attempt: &Attempt) -> Result<(), RefundError> {
        let place = self.next_place().ok_or(RefundError::NotNext)?;
        let next = &mut self.portion.tenders[place];
        if next.kind.device() != Some(attempt.device) || next.amount != attempt.amount {
            return Err(RefundError::NotNext);
        }
        next.attempt = Some(attempt.id);
        Ok(())
    }

    /// Counts what a device gave back. Counting it twice is harmless. What it gave short of what was asked is left to give.
    pub fn take_device(&mut self, attempt: &Attempt) -> Result<(), RefundError> {
        let ways = &mut self.portion.tenders;
        if ways.iter().any(|tender| tender.given && tender.attempt == Some(attempt.id)) {
            return Ok(());
        }
        let place = ways.iter().position(|tender| !tender.given && tender.attempt == Some(attempt.id)).ok_or(RefundError::NotNext)?;
        let given = attempt.counted();
        let short = ways[place].amount.minus(given)?;
        ways[place].given = true;
        if short.is_positive() {
            let rest =
                RefundTender { amount: short, rounding: Money::zero(short.currency()), attempt: None, given: false, ..ways[place].clone() };
            ways[place].amount = given;
            ways.insert(place + 1, rest);
        }
        Ok(())
    }

    /// What a device was to give back next goes back in cash: the card is no longer there, or the device refuses.
    pub fn give_in_cash(&mut self) -> Result<(), RefundError> {
        let place = self.next_place().ok_or(RefundError::NotNext)?;
        let next = &mut self.portion.tenders[place];
        next.kind.device().ok_or(RefundError::NotNext)?;
        (next.kind, next.attempt) = (TenderKind::Cash, None);
        Ok(())
    }

    /// The drawer gives what is left to give; the devices must have given theirs.
    pub fn give_cash(&mut self) -> Result<Money, RefundError> {
        let waits = self.portion.tenders.iter().any(|tender| !tender.given && tender.kind.device().is_some());
        if waits {
            return Err(RefundError::NotNext);
        }
        let mut given = Money::zero(self.portion.total.currency());
        for tender in self.portion.tenders.iter_mut().filter(|tender| !tender.given) {
            tender.given = true;
            given = given.plus(tender.amount)?;
        }
        Ok(given)
    }
}

/// What was named, at what it was sold for.
fn chosen(sale: &Sale, left: &Portion, wanted: &[(u32, Option<i64>)]) -> Result<Vec<RefundLine>, RefundError> {
    let mut chosen: Vec<(u32, i64)> = Vec::new();
    for (line, quantity_milli) in wanted {
        let there = left.lines.iter().find(|known| known.line == *line).ok_or(RefundError::NoLine(*line))?;
        let quantity_milli = quantity_milli.unwrap_or(there.quantity_milli);
        match chosen.iter_mut().find(|(known, _)| known == line) {
            Some((_, sum)) => *sum = sum.saturating_add(quantity_milli),
            None => chosen.push((*line, quantity_milli)),
        }
    }
    let mut parts = Vec::new();
    for there in &left.lines {
        let Some((line, quantity_milli)) = chosen.iter().find(|(line, _)| *line == there.line) else { continue };
        if *quantity_milli > there.quantity_milli || there.quantity_milli == 0 {
            return Err(RefundError::TooMuchOfLine { line: *line, left_milli: there.quantity_milli });
        }
        let unit = sale.lines.iter().find(|known| known.id == *line).ok_or(RefundError::NoLine(*line))?.good.unit;
        Quantity::from_milli(*quantity_milli, unit)?;
        parts.push(there.part(*quantity_milli, sale.terms.line_step_minor)?);
    }
    Ok(parts)
}

/// The same lines for less money, split over them by what they are worth.
fn for_amount(sale: &Sale, lines: &[RefundLine], amount: Money, with_goods: bool) -> Result<Vec<RefundLine>, RefundError> {
    let (currency, step_minor) = (sale.currency(), sale.terms.line_step_minor);
    if sale.terms.vat == Vat::Added {
        return Err(RefundError::VatOnTop);
    }
    currency.same_as(amount.currency())?;
    if !amount.is_positive() || amount.minor() % step_minor != 0 {
        return Err(RefundError::NotAnAmount { step: Money::new(step_minor, currency)? });
    }
    let worth = Money::sum(currency, lines.iter().map(|line| line.sold))?;
    if amount.least(worth)? != amount {
        return Err(RefundError::TooMuch { asked: amount, left: worth });
    }
    if with_goods && amount == worth {
        return Ok(lines.to_vec());
    }
    let weights: Vec<i64> = lines.iter().map(|line| line.sold.minor()).collect();
    let parts = split(amount.minor(), &weights, step_minor)?;
    let lines = lines.iter().zip(parts).map(|(line, part)| {
        let quantity_milli = if with_goods { line.quantity_milli } else { 0 };
        Ok(line.for_money(Money::new(part, currency)?, quantity_milli))
    });
    lines.collect()
}

/// The tax in what goes back: of each rate its share of the tax that is left, and with the last of a rate all of it.
fn taxes(sale: &Sale, left: &Portion, lines: &[RefundLine]) -> Result<Vec<TaxLine>, MoneyError> {
    let rate_of = |line: u32| -> Option<VatRate> { sale.lines.iter().find(|known| known.id == line)?.good.vat };
    let mut rows = Vec::new();
    for row in &left.taxes {
        let base = Money::sum(sale.currency(), lines.iter().filter(|line| rate_of(line.line) == Some(row.rate)).map(|line| line.sold))?;
        let whole = match sale.terms.vat {
            Vat::Included => row.gross,
            Vat::Added => row.net,
        };
        let tax = if base == whole {
            row.tax
        } else {
            Money::new(round_ratio(i128::from(row.tax.minor()) * i128::from(base.minor()), whole.minor().into(), 1)?, sale.currency())?
        };
        let row = match sale.terms.vat {
            Vat::Included => TaxLine { rate: row.rate, net: base.minus(tax)?, tax, gross: base },
            Vat::Added => TaxLine { rate: row.rate, net: base, tax, gross: base.plus(tax)? },
        };
        if !row.gross.is_zero() {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// Which way `total` goes back: by the devices that took it, each no more than is left of what it took, and the rest in cash.
fn ways_back(sale: &Sale, left: &Portion, total: Money) -> Result<Vec<RefundTender>, MoneyError> {
    if total == left.total {
        let whole = left.tenders.iter().filter(|source| !source.amount.is_zero() || !source.rounding.is_zero());
        return Ok(whole.cloned().collect());
    }
    let floor = |amount: Money, step: i64| Money::new(amount.minor() - amount.minor() % step, amount.currency());
    let none = Money::zero(sale.currency());
    let (mut ways, mut rest): (Vec<RefundTender>, Money) = (Vec::new(), total);
    for source in left.tenders.iter().filter(|source| source.payment.is_some()) {
        let amount = floor(rest.least(source.amount)?, sale.terms.step_of(source.kind))?;
        if amount.is_positive() {
            rest = rest.minus(amount)?;
            ways.push(RefundTender { amount, rounding: none, ..source.clone() });
        }
    }
    let cash = left.tenders.iter().find(|source| source.payment.is_none() && source.amount.is_positive());
    if let (Some(source), true) = (cash, rest.is_positive()) {
        let amount = rest.rounded_to(sale.terms.cash_step_minor)?.least(source.amount)?;
        ways.push(RefundTender { amount, rounding: none, ..source.clone() });
    }
    let ways_amount = Money::sum(sale.currency(), ways.iter().map(|way| way.amount))?;
    let short = ways_amount.minus(total)?;
    match ways.last_mut() {
        Some(last) => last.rounding = short,
        // Finer than any way can give.
        None if !short.is_zero() => {
            let source = left.tenders.last().cloned();
            ways.extend(source.map(|source| RefundTender { amount: none, rounding: short, ..source }));
        }
        None => {}
    }
    Ok(ways)
}

#[cfg(test)]
mod tests;
