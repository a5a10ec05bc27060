//! VAT. Rates are data; the tax is worked out per rate on the sum of its lines, never per line.

use crate::money::{Money, MoneyError, round_ratio};
use std::fmt;

/// A VAT rate in hundredths of a percent: 16 % is 1600.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VatRate {
    basis_points: u32,
}

impl VatRate {
    /// Refused above 100 %.
    pub fn from_basis_points(basis_points: u32) -> Option<VatRate> {
        (basis_points <= 10_000).then_some(VatRate { basis_points })
    }

    /// Reads a percent with up to two decimals: `16`, `5.5`, `12,25`.
    pub fn parse_percent(text: &str) -> Option<VatRate> {
        let text = text.trim().trim_end_matches('%').trim_end();
        let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 3 || fraction.len() > 2 || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        VatRate::from_basis_points(format!("{whole}{fraction:0<2}").parse().ok()?)
    }

    pub const fn basis_points(self) -> u32 {
        self.basis_points
    }

    /// The tax contained in an amount that includes it.
    pub fn included_in(self, gross: Money) -> Result<Money, MoneyError> {
        let rate = i128::from(self.basis_points);
        let tax = round_ratio(i128::from(gross.minor()) * rate, 10_000 + rate, 1)?;
        Money::new(tax, gross.currency())
    }
}

/// `16%`, `5,5%`.
impl fmt::Display for VatRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.basis_points / 100, self.basis_points % 100);
        if fraction == 0 {
            return write!(f, "{whole}%");
        }
        write!(f, "{whole},{}%", format!("{fraction:02}").trim_end_matches('0'))
    }
}

/// One row of the tax table: the sum of the lines at a rate and the tax inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxLine {
    pub rate: VatRate,
    pub gross: Money,
    pub tax: Money,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn tax_inside_an_amount_is_what_an_accountant_gets() {
        let check = |rate: &str, gross, tax| {
            let gross = Money::new(gross, Currency::Kzt).unwrap();
            assert_eq!(VatRate::parse_percent(rate).unwrap().included_in(gross).unwrap().minor(), tax);
        };
        // 4 870 ₸ at 16 %: 4870 × 16 / 116 = 671,724…
        check("16", 487_000, 67_172);
        check("12", 112_000, 12_000);
        check("0", 5_000, 0);
        check("16", -487_000, -67_172);
    }

    #[test]
    fn percents_are_read_and_written() {
        for (text, written) in [("16", "16%"), ("5.5", "5,5%"), ("12,25 %", "12,25%"), ("0", "0%")] {
            assert_eq!(VatRate::parse_percent(text).unwrap().to_string(), written);
        }
        for wrong in ["", "-1", "101", "1.234", "x"] {
            assert!(VatRate::parse_percent(wrong).is_none(), "{wrong:?} must be refused");
        }
    }
}
