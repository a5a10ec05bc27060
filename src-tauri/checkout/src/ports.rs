//! Questions the rules ask of the world outside. Traits of std futures: no runtime is named here.

use crate::payment::{Attempt, CommittedIntent, Device, Event};
use std::future::Future;
use std::pin::Pin;

pub type Answering<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A step of a payment as the device reports it: for the screen, never for a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The device took the request on.
    Sent,
    /// It waits for the customer to scan or present a card.
    Customer,
    /// The customer confirms in his own application.
    Confirm,
    /// The customer types a PIN.
    Pin,
    /// The bank works.
    Bank,
}

impl Stage {
    pub const fn code(self) -> &'static str {
        match self {
            Stage::Sent => "sent",
            Stage::Customer => "customer",
            Stage::Confirm => "confirm",
            Stage::Pin => "pin",
            Stage::Bank => "bank",
        }
    }
}

/// Which one of its kind a device is: its operations and its secrets are known to no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The maker's number, on the device itself.
    pub serial: String,
    /// The bank's number for it.
    pub terminal: String,
}

/// What a device can do, as data: the screen draws itself from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// The till can ask what became of an operation.
    pub query: bool,
    /// The till can cancel an operation; where it cannot, a person does it on the device.
    pub cancel: bool,
    /// The smallest amount the device takes, and the step of amounts, in minor units.
    pub amount_step_minor: i64,
    /// The largest amount it takes, in minor units.
    pub amount_max_minor: i64,
    /// How long a customer may take on the device, in milliseconds.
    pub customer_limit_ms: i64,
}

/// The conversation's event could not be made durable. The driver stops where it is: nothing more is sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the journal refused: {0}")]
pub struct JournalRefused(pub String);

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    Time,
    /// A person asked to check now.
    AskNow,
}

/// The till's side of a conversation between a driver and a device about one attempt.
pub trait Conversation: Send {
    /// Milliseconds of a monotonic clock.
    fn now_ms(&self) -> i64;

    /// Stores an event; returns once it is durable. A driver takes its next step only then.
    fn record(&mut self, event: Event) -> Answering<'_, Result<(), JournalRefused>>;

    /// Notes that the device is about to be asked a question it allows only now and then.
    fn asking(&mut self) -> Answering<'_, Result<(), JournalRefused>>;

    /// The device says which unit it is. Answers whether it is the one this till was set up with; the first one is kept.
    fn identify<'a>(&'a mut self, unit: &'a Unit) -> Answering<'a, Result<bool, JournalRefused>>;

    /// Shows a stage. Not stored.
    fn show(&mut self, stage: Stage);

    /// Tells when the device will be asked next, on the clock of [`Conversation::now_ms`]; none: only on a person's wish.
    fn next_question(&mut self, at_ms: Option<i64>);

    /// Waits until a moment of the clock of [`Conversation::now_ms`].
    fn wait_until(&mut self, at_ms: i64) -> Answering<'_, Woken>;
}

/// A device that takes a payment under the customer's hand, and gives it back.
pub trait CardTerminal: Send + Sync {
    fn device(&self) -> Device;

    fn abilities(&self) -> Abilities;

    /// Where the device is, for messages: `192.168.1.40:8080`.
    fn address(&self) -> String;

    /// Takes a payment. The first byte leaves only here, and only with a committed intent.
    fn pay<'a>(&'a self, intent: CommittedIntent, talk: &'a mut dyn Conversation) -> Answering<'a, Result<(), JournalRefused>>;

    /// Gives a payment back, whole or in part, the way it was made. As with `pay`, the intent is committed.
    fn refund<'a>(
        &'a self,
        intent: CommittedIntent,
        payment: Attempt,
        talk: &'a mut dyn Conversation,
    ) -> Answering<'a, Result<(), JournalRefused>>;

    /// What became of this attempt? For an open attempt after a restart or on a person's wish.
    /// `last_question_ms` is when the device was last asked its rationed question, on the conversation's clock.
    fn ask<'a>(
        &'a self,
        attempt: Attempt,
        last_question_ms: Option<i64>,
        talk: &'a mut dyn Conversation,
    ) -> Answering<'a, Result<(), JournalRefused>>;
}
