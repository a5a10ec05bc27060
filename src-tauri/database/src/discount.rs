//! Discounts on the disk: a list of `{"percent_hundredths": 1000}` and `{"amount_minor": 5000}`, in the order given.

use crate::DatabaseError;
use crate::text::{coded, damaged, money};
use checkout::discount::{Discount, PriceReason};
use checkout::money::Currency;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StoredDiscount {
    PercentHundredths(u32),
    AmountMinor(i64),
}

pub(crate) fn stored(discounts: &[Discount]) -> Vec<StoredDiscount> {
    let one = |discount: &Discount| match discount {
        Discount::Percent(hundredths) => StoredDiscount::PercentHundredths(*hundredths),
        Discount::Amount(amount) => StoredDiscount::AmountMinor(amount.minor()),
    };
    discounts.iter().map(one).collect()
}

pub(crate) fn restored(discounts: &[StoredDiscount], currency: Currency) -> Result<Vec<Discount>, DatabaseError> {
    let one = |discount: &StoredDiscount| match discount {
        StoredDiscount::PercentHundredths(hundredths) => Discount::percent(*hundredths).ok_or_else(|| damaged("a discount")),
        StoredDiscount::AmountMinor(minor) => Ok(Discount::Amount(money(*minor, currency)?)),
    };
    discounts.iter().map(one).collect()
}

/// Why a price was changed, by its code.
pub(crate) fn reason(code: Option<String>) -> Result<Option<PriceReason>, DatabaseError> {
    code.map(|code| coded(&code, PriceReason::from_code)).transpose()
}

pub(crate) fn written(discounts: &[Discount]) -> Result<String, DatabaseError> {
    serde_json::to_string(&stored(discounts)).map_err(|error| damaged(error.to_string()))
}

pub(crate) fn read(text: &str, currency: Currency) -> Result<Vec<Discount>, DatabaseError> {
    let list: Vec<StoredDiscount> = serde_json::from_str(text).map_err(|_| damaged("a discount"))?;
    restored(&list, currency)
}
