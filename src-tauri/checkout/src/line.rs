//! A line of a sale: a good, how much of it, and at what price.

use crate::discount::{Discount, PriceReason, taken_off};
use crate::marking::Marking;
use crate::money::{Money, MoneyError, round_ratio};
use crate::quantity::{Quantity, Unit};
use crate::tax::VatRate;
use crate::terms::Terms;

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
    /// A price given by hand for this line, zero or more; none: the good's own.
    pub own_price: Option<Money>,
    /// Discounts of this line, in the order given.
    pub discounts: Vec<Discount>,
    /// The code of the one unit that this line sells.
    pub marking: Option<Marking>,
    /// Why its price or its discounts are not the usual ones.
    pub reason: Option<PriceReason>,
}

impl Line {
    pub fn new(id: u32, good: Good, quantity: Quantity) -> Line {
        Line { id, good, quantity, own_price: None, discounts: Vec::new(), reason: None, marking: None }
    }

    /// The price it is sold at, before discounts.
    pub fn price(&self) -> Money {
        self.own_price.unwrap_or(self.good.price)
    }

    /// Price × quantity, rounded once to the line step.
    pub fn gross(&self, terms: &Terms) -> Result<Money, MoneyError> {
        let product = i128::from(self.price().minor()) * i128::from(self.quantity.milli());
        Money::new(round_ratio(product, 1000, terms.line_step_minor)?, self.price().currency())
    }

    /// What its own discounts take off: zero or more, at most the gross.
    pub fn discount(&self, terms: &Terms) -> Result<Money, MoneyError> {
        taken_off(self.gross(terms)?, &self.discounts, terms.line_step_minor)
    }

    /// Gross less its own discounts; the cart's discount is not in it.
    pub fn amount(&self, terms: &Terms) -> Result<Money, MoneyError> {
        self.gross(terms)?.minus(self.discount(terms)?)
    }

    /// Sold as the catalogue has it, by the piece: another piece may be counted on it.
    pub(crate) fn counts(&self, good: &Good) -> bool {
        self.good == *good && good.unit == Unit::Piece && self.own_price.is_none() && self.discounts.is_empty() && self.marking.is_none()
    }
}
