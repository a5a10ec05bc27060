//! What a receipt says: facts only. How it looks is [`crate::layout`].

use crate::discount::Discount;
use crate::money::{Currency, Money, MoneyError};
use crate::payment::Slip;
use crate::quantity::{Quantity, Unit};
use crate::refund::Refund;
use crate::sale::Sale;
use crate::tax::TaxLine;
use crate::tender::Tender;
use crate::terms::Vat;
use jiff::civil::DateTime;

/// The shop as its customers and the tax office know it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shop {
    pub name: String,
    /// Business identification number; empty where the country has none.
    pub bin: String,
    pub address: String,
    pub city: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptItem {
    pub name: String,
    /// None where money alone goes back.
    pub quantity: Option<Quantity>,
    pub unit: Unit,
    /// None on a refund: what a good goes back for has its discounts in it.
    pub unit_price: Option<Money>,
    /// Price × quantity.
    pub gross: Money,
    pub discounts: Vec<Discount>,
    /// What they take off; zero or more.
    pub discount: Money,
    /// Gross less the line's discounts.
    pub amount: Money,
}

/// The figures of a sale as paper shows them: every row of the receipt that is an amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    pub currency: Currency,
    pub items: Vec<ReceiptItem>,
    /// Σ items.
    pub subtotal: Money,
    pub discounts: Vec<Discount>,
    /// What the cart's discounts take off; zero or more.
    pub discount: Money,
    /// Whether the VAT of the tax table is in the prices or comes on top.
    pub vat: Vat,
    pub taxes: Vec<TaxLine>,
    /// Σ of goods without VAT.
    pub untaxed: Money,
    /// Subtotal − discount + VAT added.
    pub total: Money,
    /// Total + Σ their roundings = Σ received − change.
    pub tenders: Vec<Tender>,
}

impl Bill {
    pub fn of(sale: &Sale) -> Result<Bill, MoneyError> {
        let figures = sale.figures()?;
        let items = sale.lines.iter().zip(&figures.lines).map(|(line, figures)| ReceiptItem {
            name: line.good.name.clone(),
            quantity: Some(line.quantity),
            unit: line.good.unit,
            unit_price: Some(line.price()),
            gross: figures.gross,
            discounts: line.discounts.clone(),
            discount: figures.discount,
            amount: figures.amount,
        });
        Ok(Bill {
            currency: sale.currency(),
            items: items.collect(),
            subtotal: figures.subtotal,
            discounts: sale.discounts.clone(),
            discount: figures.cart_discount,
            vat: sale.terms.vat,
            taxes: figures.taxes,
            untaxed: figures.untaxed,
            total: figures.total,
            tenders: sale.tenders.clone(),
        })
    }

    /// What goes back of a sale, each good for what it was sold for. The amounts are above zero.
    pub fn of_refund(sale: &Sale, refund: &Refund) -> Result<Bill, MoneyError> {
        let (currency, portion) = (sale.currency(), &refund.portion);
        let items = portion.lines.iter().filter_map(|part| {
            let line = sale.lines.iter().find(|line| line.id == part.line)?;
            Some(ReceiptItem {
                name: line.good.name.clone(),
                quantity: Quantity::from_milli(part.quantity_milli, line.good.unit).ok(),
                unit: line.good.unit,
                unit_price: None,
                gross: part.sold,
                discounts: Vec::new(),
                discount: Money::zero(currency),
                amount: part.sold,
            })
        });
        let untaxed = portion.lines.iter().filter(|part| sale.lines.iter().any(|line| line.id == part.line && line.good.vat.is_none()));
        let tenders = portion.tenders.iter().map(|tender| Tender {
            kind: tender.kind,
            amount: tender.amount,
            received: tender.amount,
            change: Money::zero(currency),
            rounding: tender.rounding,
            attempt: tender.attempt,
        });
        Ok(Bill {
            currency,
            items: items.collect(),
            subtotal: portion.total.minus(portion.tax_added)?,
            discounts: Vec::new(),
            discount: Money::zero(currency),
            vat: sale.terms.vat,
            taxes: portion.taxes.clone(),
            untaxed: Money::sum(currency, untaxed.map(|part| part.sold))?,
            total: portion.total,
            tenders: tenders.collect(),
        })
    }
}

/// The receipt a refund gives money back of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refunded {
    pub number: i64,
    pub closed_at: DateTime,
}

/// A closed sale or refund, as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub shop: Shop,
    pub till: String,
    /// One or two languages it speaks, as tags.
    pub languages: Vec<String>,
    /// Gap-free per till, given at close.
    pub number: i64,
    /// Local time of the close.
    pub closed_at: DateTime,
    /// None for a sale.
    pub refunds: Option<Refunded>,
    pub bill: Bill,
    /// Bank slips the till must print, one a device payment.
    pub slips: Vec<Slip>,
    /// A sale of the training mode; it says so in place of the shop's thanks.
    pub training: bool,
    /// A reprint says that it is one.
    pub copy: bool,
}

impl Receipt {
    /// The total with its roundings: what was taken, less the change.
    pub fn paid(&self) -> Result<Money, MoneyError> {
        Money::sum(self.bill.currency, self.bill.tenders.iter().map(|tender| tender.amount))
    }

    /// What was given back, over all tenders.
    pub fn change_minor(&self) -> i64 {
        self.bill.tenders.iter().map(|tender| tender.change.minor()).sum()
    }
}
