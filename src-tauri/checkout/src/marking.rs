//! Marking codes: the square code that tells one unit of a marked good from all others.

/// The code of one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marking {
    /// GTIN and serial, `01…21…`: the same for every scanner and however the code ends.
    pub unit: String,
    /// As scanned, byte for byte, separators included: what the state's system asks for.
    pub raw: String,
}

impl Marking {
    pub fn new(gtin: &str, serial: &str, raw: &str) -> Marking {
        Marking { unit: format!("01{gtin}21{serial}"), raw: raw.to_owned() }
    }
}

/// Why a marked good does not go into the cart as it was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarkingError {
    #[error("“{0}” is a marked good: scan the square code on it")]
    CodeNeeded(String),
    #[error("a marked good is sold one by one: scan the square code of each")]
    OneByOne,
    #[error("this very unit is in the cart already ({0})")]
    InCart(String),
    #[error("this very unit has been sold already, or waits in a sale that is not paid yet ({0}); put it aside and take another")]
    Sold(String),
}
