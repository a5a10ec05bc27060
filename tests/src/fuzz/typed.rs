//! Numbers as people type them: amounts, quantities, discounts, rates.

use checkout::discount::Discount;
use checkout::money::{Currency, MAX_MINOR, Money};
use checkout::quantity::{Quantity, Unit};
use checkout::tax::VatRate;

pub fn number(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for currency in Currency::ALL {
        if let Ok(money) = Money::parse_major(text, currency) {
            assert!(money.minor().abs() <= MAX_MINOR);
            for group in [' ', '\u{a0}', '\u{202f}'] {
                assert_eq!(Money::parse_major(&money.figures(group), currency), Ok(money), "{text:?} written again");
            }
            assert!(money.minor() >= 0 || text.trim().starts_with(['-', '−']), "{text:?} is no amount below zero");
        }
        match Discount::parse(text, currency) {
            Ok(discount) => {
                match discount {
                    Discount::Percent(hundredths) => assert!((1..=10_000).contains(&hundredths), "{text:?}"),
                    Discount::Amount(amount) => assert!(amount.is_positive(), "{text:?} takes nothing off"),
                }
                let written = discount.to_string();
                assert_eq!(Discount::parse(written.trim_start_matches('−'), currency), Ok(discount), "{text:?} written again");
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    for unit in [Unit::Piece, Unit::Kilogram, Unit::Litre, Unit::Metre] {
        if let Ok(quantity) = Quantity::parse(text, unit) {
            assert!((1..=1_000_000_000).contains(&quantity.milli()), "{text:?}");
            assert_eq!(Quantity::parse(&quantity.to_string(), unit), Ok(quantity), "{text:?} written again");
        }
    }
    if let Some(rate) = VatRate::parse_percent(text) {
        assert!(rate.basis_points() <= 10_000);
        assert_eq!(VatRate::parse_percent(&rate.to_string()), Some(rate), "{text:?} written again");
    }
}
