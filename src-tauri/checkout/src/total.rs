//! What a sale comes to: every figure of its columns, worked out once from lines, discounts and terms.
//!
//! Lines − discounts + VAT added = total; total + roundings = tenders − change.

use crate::discount::{split, taken_off};
use crate::money::{Money, MoneyError};
use crate::sale::Sale;
use crate::tax::{TaxLine, VatRate};
use crate::terms::Vat;

/// One line's figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineFigures {
    /// Price × quantity, rounded once.
    pub gross: Money,
    /// What the line's own discounts take off; zero or more.
    pub discount: Money,
    /// Gross less its own discounts: what the line shows.
    pub amount: Money,
    /// Its part of the cart's discount; zero or more.
    pub cart_share: Money,
    /// What the good was sold for: VAT is worked out on this.
    pub sold: Money,
}

/// A sale's figures, before any tender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    pub lines: Vec<LineFigures>,
    /// Σ line amounts.
    pub subtotal: Money,
    /// What the cart's discounts take off; zero or more.
    pub cart_discount: Money,
    /// One row a rate, highest first; goods without VAT are in no row.
    pub taxes: Vec<TaxLine>,
    /// Σ of goods without VAT.
    pub untaxed: Money,
    /// VAT on top of the prices; zero where they include it.
    pub tax_added: Money,
    pub total: Money,
}

impl Sale {
    /// All figures; an error where one is larger than Kassa can hold.
    pub fn figures(&self) -> Result<Figures, MoneyError> {
        let (currency, step) = (self.terms.currency, self.terms.line_step_minor);
        let mut amounts = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            let gross = line.gross(&self.terms)?;
            let discount = line.discount(&self.terms)?;
            amounts.push((gross, discount, gross.minus(discount)?));
        }
        let subtotal = Money::sum(currency, amounts.iter().map(|(_, _, amount)| *amount))?;
        let cart_discount = taken_off(subtotal, &self.discounts, step)?;
        let weights: Vec<i64> = amounts.iter().map(|(_, _, amount)| amount.minor()).collect();
        let shares = split(cart_discount.minor(), &weights, step)?;
        let mut lines = Vec::with_capacity(amounts.len());
        for ((gross, discount, amount), share) in amounts.into_iter().zip(shares) {
            let cart_share = Money::new(share, currency)?;
            lines.push(LineFigures { gross, discount, amount, cart_share, sold: amount.minus(cart_share)? });
        }
        let taxes = self.taxes_on(&lines)?;
        let untaxed = self.sold_at(None, &lines)?;
        let tax_added = match self.terms.vat {
            Vat::Included => Money::zero(currency),
            Vat::Added => Money::sum(currency, taxes.iter().map(|row| row.tax))?,
        };
        let total = subtotal.minus(cart_discount)?.plus(tax_added)?;
        Ok(Figures { lines, subtotal, cart_discount, taxes, untaxed, tax_added, total })
    }

    fn taxes_on(&self, lines: &[LineFigures]) -> Result<Vec<TaxLine>, MoneyError> {
        let mut rates: Vec<VatRate> = self.lines.iter().filter_map(|line| line.good.vat).collect();
        rates.sort_unstable_by(|a, b| b.cmp(a));
        rates.dedup();
        rates
            .into_iter()
            .map(|rate| {
                let sold = self.sold_at(Some(rate), lines)?;
                match self.terms.vat {
                    Vat::Included => TaxLine::within(rate, sold),
                    Vat::Added => TaxLine::on_top(rate, sold),
                }
            })
            .collect()
    }

    /// Σ of what was sold at a rate, or without VAT.
    fn sold_at(&self, rate: Option<VatRate>, lines: &[LineFigures]) -> Result<Money, MoneyError> {
        let at_rate = self.lines.iter().zip(lines).filter(|(line, _)| line.good.vat == rate).map(|(_, figures)| figures.sold);
        Money::sum(self.terms.currency, at_rate)
    }
}
