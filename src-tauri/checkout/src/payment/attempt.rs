//! An attempt to move money: what was asked, what is known of it, and what can happen to it.

use crate::money::Money;
use std::collections::BTreeMap;
use std::fmt;
use uuid::Uuid;

/// An attempt's own id, made by the till before anything is sent (UUIDv7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttemptId(pub Uuid);

/// A sale's id (UUIDv7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SaleId(pub Uuid);

/// A refund's id (UUIDv7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RefundId(pub Uuid);

impl fmt::Display for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for SaleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for RefundId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A device that moves money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Device {
    Kaspi,
}

impl Device {
    pub const ALL: [Device; 1] = [Device::Kaspi];

    pub const fn code(self) -> &'static str {
        match self {
            Device::Kaspi => "kaspi",
        }
    }

    pub fn from_code(code: &str) -> Option<Device> {
        Device::ALL.into_iter().find(|device| device.code() == code)
    }
}

/// What an attempt tries to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttemptKind {
    Payment,
    /// Money goes back to the customer.
    Refund,
}

impl AttemptKind {
    pub const ALL: [AttemptKind; 2] = [AttemptKind::Payment, AttemptKind::Refund];

    pub const fn code(self) -> &'static str {
        match self {
            AttemptKind::Payment => "payment",
            AttemptKind::Refund => "refund",
        }
    }

    pub fn from_code(code: &str) -> Option<AttemptKind> {
        AttemptKind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttemptState {
    /// Written down; a byte may or may not have left.
    Intended,
    /// The device answered with its own id and works on it.
    Pending,
    Approved,
    Declined,
    Cancelled,
    /// Nothing reached the device, or it refused to begin: safe to try again.
    NotStarted,
    /// Money may have moved. Only the device or a person with evidence can tell.
    Unknown,
}

impl AttemptState {
    pub const ALL: [AttemptState; 7] = [
        AttemptState::Intended,
        AttemptState::Pending,
        AttemptState::Approved,
        AttemptState::Declined,
        AttemptState::Cancelled,
        AttemptState::NotStarted,
        AttemptState::Unknown,
    ];

    pub const fn code(self) -> &'static str {
        match self {
            AttemptState::Intended => "intended",
            AttemptState::Pending => "pending",
            AttemptState::Approved => "approved",
            AttemptState::Declined => "declined",
            AttemptState::Cancelled => "cancelled",
            AttemptState::NotStarted => "not_started",
            AttemptState::Unknown => "unknown",
        }
    }

    pub fn from_code(code: &str) -> Option<AttemptState> {
        AttemptState::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Open attempts hold their device and their sale.
    pub const fn is_open(self) -> bool {
        match self {
            AttemptState::Intended | AttemptState::Pending | AttemptState::Unknown => true,
            AttemptState::Approved | AttemptState::Declined | AttemptState::Cancelled | AttemptState::NotStarted => false,
        }
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// Why an attempt is where it is: a closed list, each a sentence to the cashier.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Reason { $($(#[$doc])* $name,)* }

        impl Reason {
            pub const ALL: &'static [Reason] = &[$(Reason::$name,)*];

            pub const fn code(self) -> &'static str {
                match self { $(Reason::$name => $code,)* }
            }

            pub fn from_code(code: &str) -> Option<Reason> {
                Reason::ALL.iter().copied().find(|reason| reason.code() == code)
            }
        }
    };
}

reasons! {
    /// No connection could be made: no byte left.
    Unreachable = "unreachable",
    /// The device's certificate is out of its time, or the machine's clock is wrong: no byte left.
    CertificateOutOfTime = "certificate_out_of_time",
    /// The device's certificate is for another name: no byte left.
    CertificateName = "certificate_name",
    /// Nobody whom the machine trusts has signed the device's certificate: no byte left.
    CertificateUnknown = "certificate_unknown",
    /// The device shows another key than the one that was compared: no byte left.
    CertificateChanged = "certificate_changed",
    /// The device does not speak TLS, though it should: no byte left.
    NoTls = "no_tls",
    /// Another unit answers at the device's address than the one the till was set up with: nothing was asked of it.
    WrongUnit = "wrong_unit",
    /// The device is busy with another operation and did not begin.
    RefusedBusy = "refused_busy",
    /// The device accepts no payments from the till.
    RefusedBlocked = "refused_blocked",
    /// The device does not know this till.
    RefusedAuthorisation = "refused_authorisation",
    /// The device called the request malformed.
    RefusedRequest = "refused_request",
    /// The till holds no number by which the device finds the payment that goes back.
    NoReference = "no_reference",
    /// The driver does not send such an amount.
    RefusedAmount = "refused_amount",
    /// The till could not write the payment down, so it was not begun.
    NotWritten = "not_written",
    /// The request went out and no answer came.
    NoReply = "no_reply",
    /// The answer broke off.
    Cut = "cut",
    /// An answer came that cannot be read.
    Unreadable = "unreadable",
    /// The device reported an inner fault while beginning.
    DeviceError = "device_error",
    /// The device took the payment on and has since fallen silent.
    NotAnswering = "not_answering",
    /// The device still says "wait" after its own time is over.
    TimedOut = "timed_out",
    /// The device itself does not know the outcome yet.
    DeviceUnsure = "device_unsure",
    /// The device no longer holds the operation.
    ResultLost = "result_lost",
    /// The device has no way to ask its bank about this operation.
    CannotAsk = "cannot_ask",
    /// The device answered another amount than was asked.
    WrongAmount = "wrong_amount",
    /// The till stopped while the payment was being started.
    ProcessLost = "process_lost",
    /// The driver stopped by a fault of its own.
    DriverStopped = "driver_stopped",
    DeclinedByBank = "declined_by_bank",
    CancelledOnDevice = "cancelled_on_device",
    /// A person decided.
    ByHand = "by_hand",
}

/// What a device says of money it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The amount the device names.
    pub amount: Money,
    /// Names and values for refunds and reconciliation: method, order number, RRN, transaction id.
    pub references: BTreeMap<String, String>,
    /// The bank slip as it came, every field.
    pub slip: Slip,
}

/// The fields of a bank slip, verbatim: name and text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slip {
    pub fields: Vec<(String, String)>,
}

impl Slip {
    /// The text of a field, trimmed; none where it is missing or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, text) = self.fields.iter().find(|(field, _)| field == name)?;
        let text = text.trim();
        (!text.is_empty()).then_some(text)
    }
}

/// What a person may decide of an attempt in doubt, or of money that came after its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The money was taken, and counts.
    Approved,
    Declined,
    /// Money that does not belong to the sale went back to the customer.
    Returned,
}

impl Decision {
    pub const fn code(self) -> &'static str {
        match self {
            Decision::Approved => "approved",
            Decision::Declined => "declined",
            Decision::Returned => "returned",
        }
    }

    pub fn from_code(code: &str) -> Option<Decision> {
        [Decision::Approved, Decision::Declined, Decision::Returned].into_iter().find(|decision| decision.code() == code)
    }
}

/// A person's decision, with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    pub decision: Decision,
    pub by: String,
    pub reason: String,
    /// The device's own number for the operation; `-` where it shows none.
    pub reference: String,
    /// What was seen, in words.
    pub evidence: String,
}

/// Something that happened to an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// No byte left, or the device clearly refused to begin.
    NotStarted {
        reason: Reason,
        message: Option<String>,
    },
    /// The device began and named the operation.
    Accepted {
        operation_id: String,
    },
    /// After the first byte something was not clear.
    Doubt {
        reason: Reason,
        message: Option<String>,
    },
    Approved {
        answer: Answer,
    },
    Declined {
        reason: Reason,
        message: Option<String>,
    },
    Cancelled {
        reason: Reason,
        message: Option<String>,
    },
    Resolved {
        resolution: Resolution,
    },
}

impl Event {
    pub const fn code(&self) -> &'static str {
        match self {
            Event::NotStarted { .. } => "not_started",
            Event::Accepted { .. } => "accepted",
            Event::Doubt { .. } => "doubt",
            Event::Approved { .. } => "approved",
            Event::Declined { .. } => "declined",
            Event::Cancelled { .. } => "cancelled",
            Event::Resolved { .. } => "resolved",
        }
    }
}

/// An attempt to move money: what was asked, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub id: AttemptId,
    pub sale: SaleId,
    /// Counts the attempts of a sale from 1.
    pub ordinal: u32,
    pub device: Device,
    pub kind: AttemptKind,
    /// The refund it is part of, where money goes back.
    pub refund: Option<RefundId>,
    /// Above zero, whichever way the money goes.
    pub amount: Money,
    pub state: AttemptState,
    pub reason: Option<Reason>,
    pub by_hand: bool,
    /// The device's name for the operation; needed to ask about it.
    pub operation_id: Option<String>,
    /// The device's own words, as they came.
    pub message: Option<String>,
    /// The amount the device named, where it was not the amount asked.
    pub answered: Option<Money>,
    pub references: BTreeMap<String, String>,
    pub slip: Slip,
    /// The device holds money that is not on the sale: it said yes after the attempt had ended otherwise, or took more
    /// than was asked. A person counts it or gives it back.
    pub late_success: bool,
}

impl Attempt {
    pub fn intend(id: AttemptId, sale: SaleId, ordinal: u32, device: Device, amount: Money) -> Attempt {
        Attempt {
            id,
            sale,
            ordinal,
            device,
            kind: AttemptKind::Payment,
            refund: None,
            amount,
            state: AttemptState::Intended,
            reason: None,
            by_hand: false,
            operation_id: None,
            message: None,
            answered: None,
            references: BTreeMap::new(),
            slip: Slip::default(),
            late_success: false,
        }
    }

    /// The same for money that goes back.
    pub fn intend_refund(id: AttemptId, sale: SaleId, refund: RefundId, ordinal: u32, device: Device, amount: Money) -> Attempt {
        Attempt { kind: AttemptKind::Refund, refund: Some(refund), ..Attempt::intend(id, sale, ordinal, device, amount) }
    }

    /// What the attempt puts on the sale once it is approved: what the device says it took, and never more than was asked.
    pub fn counted(&self) -> Money {
        match self.answered {
            Some(answered) if answered.is_positive() && answered.minor() < self.amount.minor() => answered,
            _ => self.amount,
        }
    }

    /// No other payment is taken for the sale: it may have been paid, or the device holds money for it that is not counted.
    pub fn is_unsettled(&self) -> bool {
        self.state.is_open() || (self.late_success && self.state != AttemptState::Approved)
    }

    /// It cannot be left out of sight: open, or waiting for a person.
    pub fn is_for_a_person(&self) -> bool {
        self.state.is_open() || self.late_success || self.is_contradicted()
    }

    /// Money that came too late was given back by hand; the device may go on telling of it.
    pub fn was_returned(&self) -> bool {
        self.references.contains_key(RETURNED)
    }

    /// A person said "paid" and the device says otherwise.
    pub fn is_contradicted(&self) -> bool {
        self.state == AttemptState::Approved && self.by_hand && self.reason != Some(Reason::ByHand)
    }
}

/// The reference under which a return by hand is kept.
pub(super) const RETURNED: &str = "returned";

/// Proof that an intent is committed and synced. A driver's start takes only this, so that no byte can
/// leave before the row is on the disk. Made by the journal after its commit and by nobody else.
#[derive(Debug, Clone)]
pub struct CommittedIntent {
    attempt: Attempt,
}

impl CommittedIntent {
    /// For the journal alone, after the commit that stored `attempt` as intended.
    pub fn attest(attempt: Attempt) -> CommittedIntent {
        CommittedIntent { attempt }
    }

    pub fn attempt(&self) -> &Attempt {
        &self.attempt
    }
}
