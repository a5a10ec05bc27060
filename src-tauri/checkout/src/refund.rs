//! The reversal of a sale: the same facts with the opposite sign, so that sale and reversal together are zero in
//! every column, line by line and rate by rate.

use crate::money::{Money, MoneyError};
use crate::payment::{AttemptId, SaleId};
use crate::sale::{Good, Sale, SaleError};
use crate::tax::{TaxLine, VatRate};
use crate::tender::TenderKind;

/// What goes back of one line. All figures are zero or below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReversalLine {
    /// The line of the sale.
    pub line: u32,
    pub good: Good,
    /// Thousandths of the unit, below zero.
    pub quantity_milli: i64,
    pub price: Money,
    pub gross: Money,
    pub discount: Money,
    pub cart_share: Money,
    pub sold: Money,
}

/// Money that goes back the way it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReversalTender {
    pub kind: TenderKind,
    /// Zero or below: what the customer gets.
    pub amount: Money,
    /// The opposite of the sale's rounding.
    pub rounding: Money,
    /// The payment a device gives back.
    pub attempt: Option<AttemptId>,
}

/// A whole sale taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversal {
    pub of: SaleId,
    pub lines: Vec<ReversalLine>,
    pub cart_discount: Money,
    pub taxes: Vec<TaxLine>,
    pub tax_added: Money,
    pub total: Money,
    pub tenders: Vec<ReversalTender>,
}

/// Takes a paid sale back in full. Refused while something of it is due: an unpaid sale is given up, not reversed.
pub fn reversal(sale: &Sale) -> Result<Reversal, SaleError> {
    if !sale.is_paid()? {
        return Err(SaleError::NotPaid);
    }
    let figures = sale.figures()?;
    let lines = sale.lines.iter().zip(&figures.lines).map(|(line, figures)| ReversalLine {
        line: line.id,
        good: line.good.clone(),
        quantity_milli: -line.quantity.milli(),
        price: line.price(),
        gross: figures.gross.negated(),
        discount: figures.discount.negated(),
        cart_share: figures.cart_share.negated(),
        sold: figures.sold.negated(),
    });
    let taxes = figures.taxes.iter().map(|row| TaxLine {
        rate: row.rate,
        net: row.net.negated(),
        tax: row.tax.negated(),
        gross: row.gross.negated(),
    });
    let tenders = sale.tenders.iter().map(|tender| ReversalTender {
        kind: tender.kind,
        amount: tender.amount.negated(),
        rounding: tender.rounding.negated(),
        attempt: tender.attempt,
    });
    Ok(Reversal {
        of: sale.id,
        lines: lines.collect(),
        cart_discount: figures.cart_discount.negated(),
        taxes: taxes.collect(),
        tax_added: figures.tax_added.negated(),
        total: figures.total.negated(),
        tenders: tenders.collect(),
    })
}

/// The columns of a report over one sale or one reversal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Σ quantities in thousandths, goods in the order of their lines.
    pub quantities_milli: Vec<(i64, i64)>,
    pub gross: Money,
    pub line_discounts: Money,
    pub cart_discount: Money,
    pub tax_added: Money,
    pub total: Money,
    pub taxes: Vec<(VatRate, Money, Money)>,
    /// Per kind of tender: what was kept of it, and its rounding.
    pub tenders: Vec<(TenderKind, Money, Money)>,
}

impl Sale {
    pub fn columns(&self) -> Result<Columns, MoneyError> {
        let currency = self.terms.currency;
        let figures = self.figures()?;
        Ok(Columns {
            quantities_milli: self.lines.iter().map(|line| (line.good.item, line.quantity.milli())).collect(),
            gross: Money::sum(currency, figures.lines.iter().map(|line| line.gross))?,
            line_discounts: Money::sum(currency, figures.lines.iter().map(|line| line.discount))?,
            cart_discount: figures.cart_discount,
            tax_added: figures.tax_added,
            total: figures.total,
            taxes: figures.taxes.iter().map(|row| (row.rate, row.net, row.tax)).collect(),
            tenders: by_kind(self.tenders.iter().map(|tender| (tender.kind, tender.amount, tender.rounding)))?,
        })
    }
}

impl Reversal {
    pub fn columns(&self) -> Result<Columns, MoneyError> {
        let currency = self.total.currency();
        Ok(Columns {
            quantities_milli: self.lines.iter().map(|line| (line.good.item, line.quantity_milli)).collect(),
            gross: Money::sum(currency, self.lines.iter().map(|line| line.gross))?,
            line_discounts: Money::sum(currency, self.lines.iter().map(|line| line.discount))?,
            cart_discount: Money::sum(currency, self.lines.iter().map(|line| line.cart_share))?,
            tax_added: self.tax_added,
            total: self.total,
            taxes: self.taxes.iter().map(|row| (row.rate, row.net, row.tax)).collect(),
            tenders: by_kind(self.tenders.iter().map(|tender| (tender.kind, tender.amount, tender.rounding)))?,
        })
    }
}

fn by_kind(tenders: impl Iterator<Item = (TenderKind, Money, Money)>) -> Result<Vec<(TenderKind, Money, Money)>, MoneyError> {
    let mut columns: Vec<(TenderKind, Money, Money)> = Vec::new();
    for (kind, amount, rounding) in tenders {
        match columns.iter_mut().find(|(known, _, _)| *known == kind) {
            Some(column) => *column = (kind, column.1.plus(amount)?, column.2.plus(rounding)?),
            None => columns.push((kind, amount, rounding)),
        }
    }
    Ok(columns)
}
