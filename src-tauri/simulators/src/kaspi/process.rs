//! One payment or refund on the terminal, and when its next step is due.
//!
//! Two things are kept apart: the [`Stage`], which is what really happens
//! between customer and bank, and [`Shown`], which is what the terminal knows
//! of it. After a cancel, a restart or a lost connection they part: the
//! terminal says `unknown`, while a customer who has scanned may still pay.
//!
//! Source: protocol sheet §1.6, vendor file §4.3 and §4.16.

use super::bank::Receipt;
use super::customer::{Customer, Ending, Method};
use super::options::Scale;

/// Durations in milliseconds, not scaled yet.
const INITIALIZE_MS: u64 = 300;
const SCAN_MS: u64 = 180_000;
const CONFIRM_MS: u64 = 60_000;
const QR_LIFE_MS: u64 = 180_000;

pub(super) const CANCELLED_ON_TERMINAL: &str = "Операция жойылды";
pub(super) const NOT_CONFIRMED: &str = "Сатып алымды жою; Сатып алушы сатып алуды растаған жоқ";
pub(super) const CUSTOMER_CANCELLED: &str = "Сатып алымды жою; Сатып алушы сатып алуды жойды";
/// The vendor gives no text for these: they are ours.
pub(super) const CARD_DECLINED: &str = "Карта бойынша операция қабылданбады";
pub(super) const NO_INTERNET: &str = "Интернет байланысы жоқ";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Payment,
    Refund {
        method: Method,
        purchase: String,
        /// Whether the bank has set the sum aside.
        set_aside: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stage {
    Initialize,
    WaitUser,
    WaitForQrConfirmation,
    ProcessingCard,
    WaitForPinCode,
    ProcessRefund,
    Approved(Receipt),
    Declined(&'static str),
    Cancelled(&'static str),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shown {
    /// The terminal follows the operation and tells its stage.
    Followed,
    /// The terminal has left the operation and does not know its end.
    Unknown { message: &'static str, sub_status: &'static str },
}

/// What happens next, unless somebody acts before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    ScreenReady,
    Approaches,
    PinAsked,
    Confirms,
    Declines,
    CashierCancels,
    TimesOut,
    QrDies,
}

#[derive(Debug, Clone)]
pub(super) struct Process {
    pub(super) kind: Kind,
    pub(super) amount_tenge: i64,
    pub(super) stage: Stage,
    pub(super) shown: Shown,
    /// `/status` and `/actualize` answer 101, though the operation may go on.
    pub(super) forgotten: bool,
    /// When the QR came on the screen; none: the bank never heard of it.
    pub(super) screen_ms: Option<i64>,
    pub(super) method: Option<Method>,
    pub(super) pin_entered: bool,
    pub(super) customer: Customer,
    /// When the stage began.
    since_ms: i64,
}

impl Process {
    pub(super) fn new(kind: Kind, amount_tenge: i64, customer: Customer, now_ms: i64) -> Self {
        Self {
            kind,
            amount_tenge,
            stage: Stage::Initialize,
            shown: Shown::Followed,
            forgotten: false,
            screen_ms: None,
            method: None,
            pin_entered: false,
            customer,
            since_ms: now_ms,
        }
    }

    pub(super) fn enter(&mut self, stage: Stage, at_ms: i64) {
        self.stage = stage;
        self.since_ms = at_ms;
    }

    pub(super) fn is_final(&self) -> bool {
        match self.stage {
            Stage::Approved(_) | Stage::Declined(_) | Stage::Cancelled(_) => true,
            Stage::Initialize
            | Stage::WaitUser
            | Stage::WaitForQrConfirmation
            | Stage::ProcessingCard
            | Stage::WaitForPinCode
            | Stage::ProcessRefund => false,
        }
    }

    pub(super) fn is_followed(&self) -> bool {
        self.shown == Shown::Followed
    }

    /// Whether it occupies the terminal.
    pub(super) fn is_running(&self) -> bool {
        self.is_followed() && !self.is_final()
    }

    /// Whether the customer has begun and may still say yes or no.
    pub(super) fn awaits_answer(&self) -> bool {
        matches!(self.stage, Stage::WaitForQrConfirmation | Stage::ProcessingCard | Stage::WaitForPinCode | Stage::ProcessRefund)
    }

    /// How this process is paid, or would be if the customer came now.
    pub(super) fn likely_method(&self) -> Method {
        match (&self.kind, self.method) {
            (_, Some(method)) => method,
            (Kind::Refund { method, .. }, None) => *method,
            (Kind::Payment, None) => self.customer.method,
        }
    }

    pub(super) fn op_word(&self) -> &'static str {
        match self.kind {
            Kind::Payment => "payment",
            Kind::Refund { .. } => "refund",
        }
    }

    /// `status` and `subStatus` as the terminal tells them.
    pub(super) fn words(&self) -> (&'static str, &'static str) {
        if let Shown::Unknown { sub_status, .. } = self.shown {
            return ("unknown", sub_status);
        }
        match &self.stage {
            Stage::Initialize => ("wait", "Initialize"),
            Stage::WaitUser => ("wait", "WaitUser"),
            Stage::WaitForQrConfirmation => ("wait", "WaitForQrConfirmation"),
            Stage::ProcessingCard => ("wait", "ProcessingCard"),
            Stage::WaitForPinCode => ("wait", "WaitForPinCode"),
            Stage::ProcessRefund => ("wait", "ProcessRefund"),
            Stage::Approved(receipt) if receipt.method == Method::Card => ("success", "CardTransactionSuccess"),
            Stage::Approved(_) => ("success", "QrTransactionSuccess"),
            Stage::Declined(_) => ("fail", self.failure_word()),
            Stage::Cancelled(_) => ("fail", "ProcessCancelled"),
        }
    }

    /// `CardTransactionFailure` for cards; `QrTransactionFailure` for the rest,
    /// also when nobody has come (the vendor names no third word).
    pub(super) fn failure_word(&self) -> &'static str {
        match self.method {
            Some(Method::Card) => "CardTransactionFailure",
            Some(Method::Qr | Method::Alaqan) | None => "QrTransactionFailure",
        }
    }

    /// The next event and its time, or none when all is over or a held
    /// customer has no time-out to wait for.
    pub(super) fn due(&self, scale: Scale) -> Option<(i64, Event)> {
        let in_ms = |duration_ms: u64| self.since_ms.saturating_add(scale.of(duration_ms));
        match self.stage {
            Stage::Initialize => Some((in_ms(INITIALIZE_MS), Event::ScreenReady)),
            Stage::WaitUser if !self.is_followed() => Some((in_ms(QR_LIFE_MS), Event::QrDies)),
            Stage::WaitUser => {
                let step = self.scripted_arrival();
                let step = step.map(|event| (in_ms(self.customer.scan_after_ms), event));
                Some(sooner(step, (in_ms(SCAN_MS), Event::TimesOut)))
            }
            Stage::WaitForQrConfirmation | Stage::ProcessingCard | Stage::WaitForPinCode | Stage::ProcessRefund => {
                let step = self.scripted_answer();
                let step = step.map(|(after_ms, event)| (in_ms(after_ms), event));
                Some(sooner(step, self.end_of_patience(scale)))
            }
            Stage::Approved(_) | Stage::Declined(_) | Stage::Cancelled(_) => None,
        }
    }

    fn scripted_arrival(&self) -> Option<Event> {
        if self.customer.held {
            return None;
        }
        match self.customer.ends {
            Ending::WalksAway => None,
            Ending::CashierCancels => Some(Event::CashierCancels),
            Ending::Pays | Ending::Declines | Ending::LeavesUnconfirmed | Ending::PaysAfterCancel => Some(Event::Approaches),
        }
    }

    fn scripted_answer(&self) -> Option<(u64, Event)> {
        let customer = &self.customer;
        if customer.held {
            return None;
        }
        match customer.ends {
            Ending::LeavesUnconfirmed | Ending::WalksAway | Ending::CashierCancels => None,
            Ending::Declines => Some((customer.confirm_after_ms, Event::Declines)),
            Ending::Pays | Ending::PaysAfterCancel => Some(match self.stage {
                Stage::WaitForPinCode => (customer.pin_after_ms, Event::Confirms),
                Stage::ProcessingCard if customer.pin => (customer.confirm_after_ms, Event::PinAsked),
                _ => (customer.confirm_after_ms, Event::Confirms),
            }),
        }
    }

    /// The terminal waits 60 s for a confirmation. Once it has left the
    /// operation, a QR can be confirmed until the end of its own life.
    fn end_of_patience(&self, scale: Scale) -> (i64, Event) {
        let confirm_ms = self.since_ms.saturating_add(scale.of(CONFIRM_MS));
        if self.is_followed() {
            return (confirm_ms, Event::TimesOut);
        }
        let born_ms = self.screen_ms.unwrap_or(self.since_ms);
        let qr_ends_ms = born_ms.saturating_add(scale.of(QR_LIFE_MS));
        (confirm_ms.max(qr_ends_ms), Event::QrDies)
    }
}

/// What a customer does at the last moment still counts.
fn sooner(step: Option<(i64, Event)>, limit: (i64, Event)) -> (i64, Event) {
    match step {
        Some(step) if step.0 <= limit.0 => step,
        Some(_) | None => limit,
    }
}
