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

    /// The tax that comes on top of an amount without it.
    pub fn added_to(self, net: Money) -> Result<Money, MoneyError> {
        let tax = round_ratio(i128::from(net.minor()) * i128::from(self.basis_points), 10_000, 1)?;
        Money::new(tax, net.currency())
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

/// One row of the tax table: what was sold at a rate. `net + tax = gross`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxLine {
    pub rate: VatRate,
    pub net: Money,
    pub tax: Money,
    pub gross: Money,
}

impl TaxLine {
    /// The row of goods sold for `gross`, tax included.
    pub fn within(rate: VatRate, gross: Money) -> Result<TaxLine, MoneyError> {
        let tax = rate.included_in(gross)?;
        Ok(TaxLine { rate, net: gross.minus(tax)?, tax, gross })
    }

    /// The row of goods sold for `net`, tax to be added.
    pub fn on_top(rate: VatRate, net: Money) -> Result<TaxLine, MoneyError> {
        let tax = rate.added_to(net)?;
        Ok(TaxLine { rate, net, tax, gross: net.plus(tax)? })
    }
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
    fn tax_on_top_of_an_amount_is_what_an_accountant_gets() {
        let check = |rate: &str, net, tax| {
            let net = Money::new(net, Currency::Kzt).unwrap();
            assert_eq!(VatRate::parse_percent(rate).unwrap().added_to(net).unwrap().minor(), tax);
        };
        check("16", 487_000, 77_920);
        check("5.5", 1_999, 110);
        check("0", 5_000, 0);
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
