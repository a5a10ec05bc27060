//! The terms a sale is rung up on: its currency, its steps, and whether prices include VAT. They stay with the
//! sale, so that a later change of the settings changes no sale.

use crate::money::Currency;
use crate::tender::TenderKind;

/// How VAT stands to the prices on the shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vat {
    /// Prices include it.
    Included,
    /// It is added to them, per rate on the sum.
    Added,
}

impl Vat {
    pub const fn code(self) -> &'static str {
        match self {
            Vat::Included => "included",
            Vat::Added => "added",
        }
    }

    pub fn from_code(code: &str) -> Option<Vat> {
        [Vat::Included, Vat::Added].into_iter().find(|vat| vat.code() == code)
    }
}

/// Steps are in minor units and above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    pub currency: Currency,
    /// Line amounts and discounts are multiples of this.
    pub line_step_minor: i64,
    /// What is due in cash is rounded to this.
    pub cash_step_minor: i64,
    pub vat: Vat,
}

impl Terms {
    /// The currency's own steps in a country (ISO 3166, two letters, any case; empty where unknown), prices with VAT.
    pub fn of(currency: Currency, country: &str) -> Terms {
        let facts = currency.facts();
        let by_country = facts.cash_steps_by_country.iter().find(|(code, _)| code.eq_ignore_ascii_case(country.trim()));
        Terms {
            currency,
            line_step_minor: facts.line_step_minor,
            cash_step_minor: by_country.map_or(facts.cash_step_minor, |(_, step_minor)| *step_minor),
            vat: Vat::Included,
        }
    }

    /// The smallest amount a tender can take. A Kaspi terminal takes whole tenge only.
    pub const fn step_of(&self, kind: TenderKind) -> i64 {
        match kind {
            TenderKind::Cash => self.cash_step_minor,
            TenderKind::Kaspi => self.currency.minor_per_major(),
        }
    }
}

impl From<Currency> for Terms {
    fn from(currency: Currency) -> Terms {
        Terms::of(currency, "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_coin_of_the_euro_depends_on_the_country() {
        for country in ["FI", "NL", "BE", "IE", "IT", "SK", "EE", "LT", "ee", " fi "] {
            assert_eq!(Terms::of(Currency::Eur, country).cash_step_minor, 5, "{country}");
        }
        for country in ["DE", "FR", "AT", "LV", ""] {
            assert_eq!(Terms::of(Currency::Eur, country).cash_step_minor, 1, "{country}");
        }
    }

    #[test]
    fn steps_follow_the_contract() {
        let steps = |currency| {
            let terms = Terms::from(currency);
            (terms.line_step_minor, terms.cash_step_minor)
        };
        assert_eq!(steps(Currency::Kzt), (100, 100));
        assert_eq!(steps(Currency::Azn), (1, 1));
        assert_eq!(steps(Currency::Huf), (100, 500));
        assert_eq!(steps(Currency::Rub), (1, 1));
        assert_eq!(Terms::of(Currency::Huf, "FI").cash_step_minor, 500, "another country's coins say nothing about the forint");
    }
}
