//! The journal as a page shows it: codes the screen has words for, and values ready to show.

use super::fact::Fact;
use super::text::{grouped, time_of_day};
use super::{Decision, RightCode, RoleCode};
use checkout::money::Currency;
use serde::{Deserialize, Serialize};
use till::audit::JournalPage as Page;
use till::{Entry, Known, Topic, Verified};
use ts_rs::TS;

/// What a fact is about.
#[derive(Debug, Clone, Copy, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JournalTopic {
    Sales,
    Payments,
    Corrections,
    People,
    Shop,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FactCode {
    PaymentIntended,
    PaymentAccepted,
    PaymentNotStarted,
    PaymentDoubt,
    PaymentApproved,
    PaymentDeclined,
    PaymentCancelled,
    PaymentResolved,
    WrongAmount,
    ReturnOneOfThem,
    DecisionContradicted,
    SaleClosed,
    SaleVoided,
    RefundOpened,
    RefundIntended,
    RefundAccepted,
    RefundNotStarted,
    RefundDoubt,
    RefundApproved,
    RefundDeclined,
    RefundCancelled,
    RefundInCash,
    RefundClosed,
    RefundVoided,
    LineRemoved,
    LineRestored,
    CashTaken,
    CashReturned,
    LiftGiven,
    Lifted,
    SignedIn,
    SignedOut,
    WrongTries,
    PinKeyReplaced,
    PersonAdded,
    PersonChanged,
    PersonRemoved,
    PinChanged,
    BadgeChanged,
    SettingChanged,
    GoodsImported,
    GoodsImportUndone,
    TerminalTested,
    TerminalTried,
    TerminalForgotten,
    /// Of a newer Kassa.
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Actor {
    /// As they were called then.
    Person {
        name: String,
    },
    Terminal,
    Till,
}

/// What a value in a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FactName {
    Receipt,
    Ticket,
    Amount,
    Discount,
    Returned,
    Answered,
    By,
    Reason,
    Reference,
    Evidence,
    Message,
    Off,
    Good,
    Quantity,
    Name,
    NameBefore,
    Tries,
    Setting,
    Added,
    Updated,
    Serial,
    /// The number of its receipt.
    Refund,
    Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SignedBy {
    Pin,
    Badge,
    /// As the first owner of the shop.
    First,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LeftWhy {
    Locked,
    Idle,
    Switched,
    Closed,
}

/// One thing that a fact says.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum FactPart {
    Text { name: FactName, value: String },
    Role { role: RoleCode },
    RoleBefore { role: RoleCode },
    Right { right: RightCode },
    Decision { decision: Decision },
    SignedBy { by: SignedBy },
    LeftWhy { why: LeftWhy },
    Badge { given: bool },
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct JournalRow {
    #[ts(type = "number")]
    pub seq: i64,
    /// `23.11.2026`
    pub day: String,
    /// Time of day.
    pub time: String,
    pub code: FactCode,
    pub actor: Actor,
    pub parts: Vec<FactPart>,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct JournalDay {
    /// What `journal_show` takes.
    pub value: String,
    pub shown: String,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct JournalPerson {
    pub id: String,
    pub name: String,
    pub removed: bool,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct JournalPage {
    /// Newest first.
    pub rows: Vec<JournalRow>,
    /// There are older ones: what `journal_show` takes as `before`.
    #[ts(type = "number | null")]
    pub older: Option<i64>,
    pub days: Vec<JournalDay>,
    pub people: Vec<JournalPerson>,
}

/// What a walk over the chain of hashes found.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct JournalState {
    /// So many facts fit the chain.
    pub whole: String,
    /// When the last of them was written; none where there is none.
    pub until: Option<String>,
    /// The number of the first fact that does not fit.
    pub broken_at: Option<String>,
}

impl From<JournalTopic> for Topic {
    fn from(topic: JournalTopic) -> Self {
        match topic {
            JournalTopic::Sales => Topic::Sales,
            JournalTopic::Payments => Topic::Payments,
            JournalTopic::Corrections => Topic::Corrections,
            JournalTopic::People => Topic::People,
            JournalTopic::Shop => Topic::Shop,
        }
    }
}

pub fn journal_page(page: &Page, currency: Currency) -> JournalPage {
    JournalPage {
        rows: page.entries.iter().map(|entry| row(entry, &page.people, currency)).collect(),
        older: page.older,
        days: page.days.iter().map(|day| JournalDay { value: day.clone(), shown: day_of(day) }).collect(),
        people: page.people.iter().map(person).collect(),
    }
}

pub fn journal_state((verified, last): &(Verified, Option<Entry>)) -> JournalState {
    JournalState {
        whole: grouped(verified.broken_at.map_or(verified.entries, |broken| broken - 1)),
        until: last.as_ref().map(|entry| format!("{} {}", day_of(&entry.at), time_of_day(&entry.at))),
        broken_at: verified.broken_at.map(grouped),
    }
}

fn person(known: &Known) -> JournalPerson {
    JournalPerson { id: known.id.to_string(), name: known.name.clone(), removed: known.removed }
}

/// `23.11.2026` out of a stored moment or day.
fn day_of(stamp: &str) -> String {
    let parts: Vec<&str> = stamp.get(..10).unwrap_or_default().rsplit('-').collect();
    parts.join(".")
}

fn row(entry: &Entry, people: &[Known], currency: Currency) -> JournalRow {
    let fact = Fact { entry, people, currency };
    let code = fact.code();
    let actor = match &entry.who {
        Some(who) => Actor::Person { name: who.name.clone() },
        None if entry.kind == "attempt" && !matches!(code, FactCode::PaymentIntended | FactCode::PaymentResolved) => Actor::Terminal,
        None => Actor::Till,
    };
    JournalRow { seq: entry.seq, day: day_of(&entry.at), time: time_of_day(&entry.at), code, actor, parts: fact.parts(code) }
}
