//! Money: integer minor units with a currency. No floats anywhere.

use std::fmt;

/// The largest amount, in minor units, that the screen can show exactly (2^53 − 1).
pub const MAX_MINOR: i64 = (1 << 53) - 1;

/// The currencies Kassa sells in; their facts are in [`Currency::facts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Currency {
    Kzt,
    Azn,
    Eur,
    Huf,
    Rub,
}

/// One row of the currency table. Steps are in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrencyFacts {
    /// ISO 4217 code.
    pub code: &'static str,
    /// Digits after the decimal mark in a minor unit (ISO exponent as the ledger uses it).
    pub exponent: u32,
    /// A line amount is a multiple of this.
    pub line_step_minor: i64,
    /// The smallest coin in use.
    pub cash_step_minor: i64,
    /// Countries (ISO 3166) where another step holds for cash.
    pub cash_steps_by_country: &'static [(&'static str, i64)],
    /// Digits after the decimal mark on the screen, where the rest is zero.
    pub display_digits: u32,
    pub symbol: &'static str,
    /// What is printed where a printer has no glyph for the symbol.
    pub fallback: &'static str,
    /// Notes in circulation, ascending: what a customer may hand over.
    pub notes_minor: &'static [i64],
}

impl Currency {
    pub const ALL: [Currency; 5] = [Currency::Kzt, Currency::Azn, Currency::Eur, Currency::Huf, Currency::Rub];

    pub const fn facts(self) -> &'static CurrencyFacts {
        match self {
            Currency::Kzt => &CurrencyFacts {
                code: "KZT",
                exponent: 2,
                line_step_minor: 100,
                cash_step_minor: 100,
                cash_steps_by_country: &[],
                display_digits: 0,
                symbol: "₸",
                fallback: "тг",
                notes_minor: &[20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000],
            },
            Currency::Azn => &CurrencyFacts {
                code: "AZN",
                exponent: 2,
                line_step_minor: 1,
                cash_step_minor: 1,
                cash_steps_by_country: &[],
                display_digits: 2,
                symbol: "₼",
                fallback: "AZN",
                notes_minor: &[100, 500, 1_000, 2_000, 5_000, 10_000, 20_000],
            },
            Currency::Eur => &CurrencyFacts {
                code: "EUR",
                exponent: 2,
                line_step_minor: 1,
                cash_step_minor: 1,
                cash_steps_by_country: &[("FI", 5), ("NL", 5), ("BE", 5), ("IE", 5), ("IT", 5), ("SK", 5), ("EE", 5), ("LT", 5)],
                display_digits: 2,
                symbol: "€",
                fallback: "EUR",
                notes_minor: &[500, 1_000, 2_000, 5_000, 10_000, 20_000],
            },
            Currency::Huf => &CurrencyFacts {
                code: "HUF",
                exponent: 2,
                line_step_minor: 100,
                cash_step_minor: 500,
                cash_steps_by_country: &[],
                display_digits: 0,
                symbol: "Ft",
                fallback: "Ft",
                notes_minor: &[50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000],
            },
            Currency::Rub => &CurrencyFacts {
                code: "RUB",
                exponent: 2,
                line_step_minor: 1,
                cash_step_minor: 1,
                cash_steps_by_country: &[],
                display_digits: 2,
                symbol: "₽",
                fallback: "руб",
                notes_minor: &[5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000],
            },
        }
    }

    /// The currency of an ISO 4217 code, upper case.
    pub fn from_code(code: &str) -> Option<Currency> {
        Currency::ALL.into_iter().find(|currency| currency.facts().code == code)
    }

    /// Refuses another currency.
    pub fn same_as(self, other: Currency) -> Result<(), MoneyError> {
        if self == other {
            return Ok(());
        }
        Err(MoneyError::MixedCurrencies(self.facts().code, other.facts().code))
    }

    /// Minor units in one major unit: 100 tiyn in a tenge.
    pub const fn minor_per_major(self) -> i64 {
        10_i64.pow(self.facts().exponent)
    }
}

/// An amount. Arithmetic is checked: an overflow or a mix of currencies is an error, never a wrong sum.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("the amount is larger than Kassa can hold")]
    TooLarge,
    #[error("amounts of different currencies were mixed: {0} and {1}")]
    MixedCurrencies(&'static str, &'static str),
    #[error("“{0}” is not an amount")]
    NotAnAmount(String),
}

impl Money {
    pub const fn zero(currency: Currency) -> Money {
        Money { minor: 0, currency }
    }

    /// An amount in minor units; refused beyond ±(2^53 − 1).
    pub fn new(minor: i64, currency: Currency) -> Result<Money, MoneyError> {
        if minor.unsigned_abs() > MAX_MINOR.unsigned_abs() {
            return Err(MoneyError::TooLarge);
        }
        Ok(Money { minor, currency })
    }

    pub const fn minor(self) -> i64 {
        self.minor
    }

    pub const fn currency(self) -> Currency {
        self.currency
    }

    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    pub fn plus(self, other: Money) -> Result<Money, MoneyError> {
        self.currency.same_as(other.currency)?;
        let sum = self.minor.checked_add(other.minor).ok_or(MoneyError::TooLarge)?;
        Money::new(sum, self.currency)
    }

    pub fn minus(self, other: Money) -> Result<Money, MoneyError> {
        self.plus(other.negated())
    }

    pub const fn negated(self) -> Money {
        Money { minor: -self.minor, currency: self.currency }
    }

    /// The smaller of two amounts of one currency.
    pub fn least(self, other: Money) -> Result<Money, MoneyError> {
        self.currency.same_as(other.currency)?;
        Ok(if other.minor < self.minor { other } else { self })
    }

    /// The nearest multiple of `step_minor` (above zero), halves away from zero.
    pub fn rounded_to(self, step_minor: i64) -> Result<Money, MoneyError> {
        Money::new(round_ratio(self.minor.into(), 1, step_minor)?, self.currency)
    }

    /// Adds up amounts of one currency; zero of `currency` for none.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Money>) -> Result<Money, MoneyError> {
        amounts.into_iter().try_fold(Money::zero(currency), Money::plus)
    }

    /// Reads an amount typed in major units: `5000`, `12.50`, `12,5`. Spaces group thousands.
    /// More decimals than the currency has are refused, not rounded: nobody pays what he did not type.
    pub fn parse_major(text: &str, currency: Currency) -> Result<Money, MoneyError> {
        let wrong = || MoneyError::NotAnAmount(text.trim().to_owned());
        let compact: String = text.trim().chars().filter(|c| !is_group_space(*c)).collect();
        let (sign, digits) = match compact.strip_prefix(['-', '−']) {
            Some(rest) => (-1, rest),
            None => (1, compact.as_str()),
        };
        let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
        let exponent = currency.facts().exponent as usize;
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || fraction.len() > exponent {
            return Err(wrong());
        }
        let padded = format!("{whole}{fraction:0<exponent$}");
        let minor: i64 = padded.parse().map_err(|_| MoneyError::TooLarge)?;
        Money::new(sign * minor, currency)
    }

    /// The figures alone, grouped by `group`: `4 870`, `671,72`, `-1 500`. The decimal part is shown
    /// when the currency shows it, or when it is not zero.
    pub fn figures(self, group: char) -> String {
        let facts = self.currency.facts();
        let per_major = self.currency.minor_per_major().unsigned_abs();
        let (whole, fraction) = (self.minor.unsigned_abs() / per_major, self.minor.unsigned_abs() % per_major);
        let digits = whole.to_string();
        let mut text = String::new();
        if self.minor < 0 {
            text.push('−');
        }
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(group);
            }
            text.push(digit);
        }
        if facts.display_digits > 0 || fraction != 0 {
            text.push_str(&format!(",{fraction:0width$}", width = facts.exponent as usize));
        }
        text
    }
}

/// The figures with the symbol, plain spaces: for messages and logs.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.figures(' '), self.currency.facts().symbol)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.minor, self.currency.facts().code)
    }
}

fn is_group_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}')
}

/// `numerator / denominator` rounded half away from zero to a multiple of `step`.
/// The only rounding in Kassa: lines, VAT and cash all pass through it.
///
/// `denominator` and `step` are positive.
pub fn round_ratio(numerator: i128, denominator: i128, step: i64) -> Result<i64, MoneyError> {
    let unit = denominator.checked_mul(i128::from(step)).ok_or(MoneyError::TooLarge)?;
    let magnitude = numerator.checked_abs().ok_or(MoneyError::TooLarge)?;
    let steps = magnitude.checked_mul(2).and_then(|twice| twice.checked_add(unit)).ok_or(MoneyError::TooLarge)?
        / unit.checked_mul(2).ok_or(MoneyError::TooLarge)?;
    let rounded = steps.checked_mul(i128::from(step)).ok_or(MoneyError::TooLarge)? * numerator.signum();
    i64::try_from(rounded).map_err(|_| MoneyError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kzt(minor: i64) -> Money {
        Money::new(minor, Currency::Kzt).unwrap()
    }

    #[test]
    fn amounts_are_written_as_a_cashier_reads_them() {
        let check = |minor, currency, expected: &str| {
            assert_eq!(Money::new(minor, currency).unwrap().figures(' '), expected);
        };
        check(487_000, Currency::Kzt, "4 870");
        check(67_172, Currency::Kzt, "671,72");
        check(-8_900, Currency::Kzt, "−89");
        check(12_345_678_900, Currency::Kzt, "123 456 789");
        check(5, Currency::Eur, "0,05");
        check(100_000, Currency::Eur, "1 000,00");
        check(0, Currency::Kzt, "0");
    }

    #[test]
    fn typed_amounts_are_read_or_refused_whole() {
        let read = |text: &str| Money::parse_major(text, Currency::Kzt).map(Money::minor).ok();
        assert_eq!(read("5000"), Some(500_000));
        assert_eq!(read(" 12.5 "), Some(1_250));
        assert_eq!(read("12,50"), Some(1_250));
        assert_eq!(read("1 000\u{a0}000"), Some(100_000_000));
        for wrong in ["", "-", ".5", "1.234", "12a", "1.2.3", "1e3", "٣", "0x10"] {
            assert_eq!(read(wrong), None, "{wrong:?} must be refused");
        }
        assert_eq!(read("99999999999999999999"), None);
        assert_eq!(read("90071992547410"), None, "more than the screen can show exactly");
    }

    #[test]
    fn currencies_do_not_mix_and_do_not_overflow() {
        assert!(kzt(1).plus(Money::zero(Currency::Eur)).is_err());
        assert_eq!(kzt(MAX_MINOR).plus(kzt(1)), Err(MoneyError::TooLarge));
        assert_eq!(Money::new(i64::MIN, Currency::Kzt), Err(MoneyError::TooLarge));
    }

    #[test]
    fn halves_go_away_from_zero() {
        let check = |numerator, denominator, step, expected| {
            assert_eq!(round_ratio(numerator, denominator, step).unwrap(), expected);
        };
        check(5, 2, 1, 3);
        check(-5, 2, 1, -3);
        check(249, 1, 500, 0);
        check(250, 1, 500, 500);
        check(663_940, 10, 100, 66_400);
    }

    proptest! {
        #[test]
        fn rounding_lands_on_the_nearest_step(numerator in -1_000_000_000_i64..1_000_000_000, denominator in 1_i64..10_000, step in 1_i64..1_000) {
            let rounded = round_ratio(numerator.into(), denominator.into(), step).unwrap();
            prop_assert_eq!(rounded % step, 0);
            let distance = (i128::from(rounded) * i128::from(denominator) - i128::from(numerator)).abs();
            prop_assert!(2 * distance <= i128::from(denominator) * i128::from(step));
        }

        #[test]
        fn what_is_written_can_be_read_again(minor in -MAX_MINOR..=MAX_MINOR, group in prop::sample::select(vec![' ', '\u{a0}', '\u{202f}'])) {
            for currency in Currency::ALL {
                let money = Money::new(minor, currency).unwrap();
                prop_assert_eq!(Money::parse_major(&money.figures(group), currency).unwrap(), money);
            }
        }
    }
}
