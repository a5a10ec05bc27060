//! The person in front of the terminal.

/// How a customer pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Kaspi QR, scanned with the phone.
    Qr,
    /// A bank card.
    Card,
    /// The palm. Behaves like QR (protocol sheet §1.8).
    Alaqan,
}

impl Method {
    /// The word in `chequeInfo.method` and in `/refund?method=`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Qr => "qr",
            Self::Card => "card",
            Self::Alaqan => "alaqan",
        }
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        match word {
            "qr" => Some(Self::Qr),
            "card" => Some(Self::Card),
            "alaqan" => Some(Self::Alaqan),
            _ => None,
        }
    }
}

/// What a customer comes to in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Scans and pays.
    Pays,
    /// Scans, then says no; a card is turned down.
    Declines,
    /// Never scans: the terminal gives up after 180 s.
    WalksAway,
    /// Scans and does nothing more: the terminal gives up after 60 s.
    LeavesUnconfirmed,
    /// Has not scanned yet when the cashier cancels on the terminal's screen.
    CashierCancels,
    /// Has scanned when the cashier cancels, and pays all the same.
    PaysAfterCancel,
}

/// A scripted customer, the same for each payment and refund until another
/// one takes the place.
///
/// Times are milliseconds from the step before; the time scale divides them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// How this customer pays. A refund goes back the way the payment came.
    pub method: Method,
    /// Whether a card asks for its PIN.
    pub pin: bool,
    /// From the QR on the screen to the scan, the card or the palm.
    pub scan_after_ms: u64,
    /// From the request for the PIN to its last digit.
    pub pin_after_ms: u64,
    /// From the scan to the yes or no; with a PIN, from the card to its request.
    pub confirm_after_ms: u64,
    /// What this customer comes to.
    pub ends: Ending,
    /// Nothing happens by itself: each step waits for the test to take it.
    /// The terminal's own time-outs still pass.
    pub held: bool,
}

impl Default for Customer {
    /// Pays by QR: scans after 1.5 s, confirms 1 s later.
    fn default() -> Self {
        Self {
            method: Method::Qr,
            pin: false,
            scan_after_ms: 1_500,
            pin_after_ms: 2_000,
            confirm_after_ms: 1_000,
            ends: Ending::Pays,
            held: false,
        }
    }
}

impl Customer {
    /// A customer who does nothing until told to.
    pub fn held() -> Self {
        Self { held: true, ..Self::default() }
    }

    /// A customer who pays this way.
    pub fn paying_by(method: Method) -> Self {
        Self { method, ..Self::default() }
    }

    /// A customer who comes to this end.
    pub fn who(ends: Ending) -> Self {
        Self { ends, ..Self::default() }
    }

    /// The same customer, doing nothing until told to.
    pub fn but_held(self) -> Self {
        Self { held: true, ..self }
    }
}
