//! What a receipt says: facts only. How it looks is [`crate::layout`].

use crate::money::{Currency, Money};
use crate::payment::Slip;
use crate::quantity::{Quantity, Unit};
use crate::tax::TaxLine;
use crate::tender::Tender;
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
    pub quantity: Quantity,
    pub unit: Unit,
    pub unit_price: Money,
    pub amount: Money,
}

/// A closed sale, as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub shop: Shop,
    pub till: String,
    /// Gap-free per till, given at close.
    pub number: i64,
    /// Local time of the close.
    pub closed_at: DateTime,
    pub currency: Currency,
    pub items: Vec<ReceiptItem>,
    pub total: Money,
    pub taxes: Vec<TaxLine>,
    pub tenders: Vec<Tender>,
    /// Bank slips the till must print, one a device payment.
    pub slips: Vec<Slip>,
    /// A sale of the training mode; it says so in place of the shop's thanks.
    pub training: bool,
    /// A reprint says that it is one.
    pub copy: bool,
}

impl Receipt {
    /// What was given back, over all tenders.
    pub fn change_minor(&self) -> i64 {
        self.tenders.iter().map(|tender| tender.change.minor()).sum()
    }
}
