//! Quantities: thousandths of a unit, so that 0,746 kg is exact.

use std::fmt;

/// What a good is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    Piece,
    Kilogram,
    Litre,
    Metre,
}

impl Unit {
    /// The code of the goods file.
    pub const fn code(self) -> &'static str {
        match self {
            Unit::Piece => "pcs",
            Unit::Kilogram => "kg",
            Unit::Litre => "l",
            Unit::Metre => "m",
        }
    }

    pub fn from_code(code: &str) -> Option<Unit> {
        [Unit::Piece, Unit::Kilogram, Unit::Litre, Unit::Metre].into_iter().find(|unit| unit.code() == code)
    }

    /// Digits after the decimal mark this unit is sold in.
    pub const fn scale(self) -> u32 {
        match self {
            Unit::Piece => 0,
            Unit::Kilogram | Unit::Litre => 3,
            Unit::Metre => 2,
        }
    }
}

/// A quantity in thousandths: 1 piece is 1000. Always above zero and at most a million units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity {
    milli: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    #[error("“{0}” is not a quantity")]
    NotAQuantity(String),
    #[error("the quantity must be above zero and at most 1 000 000")]
    OutOfRange,
    #[error("{0} is sold in whole steps of its unit")]
    TooFine(&'static str),
}

impl Quantity {
    pub const ONE: Quantity = Quantity { milli: 1000 };
    const MAX_MILLI: i64 = 1_000_000_000;

    pub fn from_milli(milli: i64, unit: Unit) -> Result<Quantity, QuantityError> {
        if !(1..=Quantity::MAX_MILLI).contains(&milli) {
            return Err(QuantityError::OutOfRange);
        }
        if milli % 10_i64.pow(3 - unit.scale()) != 0 {
            return Err(QuantityError::TooFine(unit.code()));
        }
        Ok(Quantity { milli })
    }

    pub const fn milli(self) -> i64 {
        self.milli
    }

    pub fn plus(self, other: Quantity, unit: Unit) -> Result<Quantity, QuantityError> {
        Quantity::from_milli(self.milli + other.milli, unit)
    }

    /// Reads a typed quantity: `3`, `0,746`, `0.746`.
    pub fn parse(text: &str, unit: Unit) -> Result<Quantity, QuantityError> {
        let wrong = || QuantityError::NotAQuantity(text.trim().to_owned());
        let (whole, fraction) = text.trim().split_once(['.', ',']).unwrap_or((text.trim(), ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 9 || fraction.len() > 3 || !all_digits(whole) || !all_digits(fraction) {
            return Err(wrong());
        }
        let milli: i64 = format!("{whole}{fraction:0<3}").parse().map_err(|_| wrong())?;
        Quantity::from_milli(milli, unit)
    }
}

/// Without needless zeros: `2`, `0,746`, `1,5`.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.milli / 1000, self.milli % 1000);
        if fraction == 0 {
            return write!(f, "{whole}");
        }
        write!(f, "{whole},{}", format!("{fraction:03}").trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_by_their_unit() {
        let read = |text: &str, unit| Quantity::parse(text, unit).map(Quantity::milli).ok();
        assert_eq!(read("3", Unit::Piece), Some(3000));
        assert_eq!(read("0,746", Unit::Kilogram), Some(746));
        assert_eq!(read("0.5", Unit::Litre), Some(500));
        assert_eq!(read("1,25", Unit::Metre), Some(1250));
        assert_eq!(read("1,5", Unit::Piece), None, "half a piece is refused");
        assert_eq!(read("0,0005", Unit::Kilogram), None);
        for wrong in ["", "0", "-1", "1e9", "abc", "1000001"] {
            assert_eq!(read(wrong, Unit::Piece), None, "{wrong:?} must be refused");
        }
    }

    #[test]
    fn quantities_are_written_without_needless_zeros() {
        let write = |milli| Quantity { milli }.to_string();
        assert_eq!([write(2000), write(746), write(1500), write(1_050)], ["2", "0,746", "1,5", "1,05"]);
    }
}
