//! What the screen sees: plain values, texts ready to show, and codes it has words for. The rules' types
//! are turned into these here and nowhere else; the TypeScript twin is generated from this file.
//!
//! Every amount is text formatted here, so that screen, paper and PDF agree and no screen computes money.

mod asked;
mod attempt;
mod fact;
mod failure;
mod journal;
mod kaspi;
mod people;
mod receipt;
mod settings;
mod text;
mod told;
mod view;

pub use attempt::{Asking, Attempt, AttemptState, Decision, Reason, Stage, StageCode, StageState};
pub use journal::{JournalPage, JournalState, JournalTopic, journal_page, journal_state};
pub use kaspi::{KaspiAnswer, KaspiFound, KaspiSearch};
pub use people::{
    Approval, Grant, PeoplePage, PersonRow, PersonTile, PinWait, Proof, Reach, RightCode, RoleCode, RoleRow, Session, people_page,
};
pub use receipt::{Done, ReceiptLine, ReceiptQr, ReceiptSpan, receipt_qr};
pub use settings::{About, Goods, Import, Saving, Settings, SettingsPage, settings_page};
pub use told::Telling;
pub use view::{cash_preview, price_preview, quick_pages, search_hit, view};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Text ready to show: figures grouped by thousands, the currency sign apart so that it can be drawn lighter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct AmountText {
    pub figures: String,
    pub sign: String,
}

#[derive(Debug, Clone, Copy, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DeviceCode {
    Kaspi,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TenderCode {
    Cash,
    Kaspi,
}

#[derive(Debug, Clone, Copy, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LightState {
    Ready,
    Busy,
    Attention,
    Down,
}

#[derive(Debug, Clone, Copy, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LightReason {
    InDoubt,
    NoLink,
    NotLetIn,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct Light {
    pub device: DeviceCode,
    pub name: String,
    pub state: LightState,
    pub reason: Option<LightReason>,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct Header {
    pub shop: String,
    pub till: String,
    pub training: bool,
    pub lights: Vec<Light>,
}

/// Why a payment stands in the strip.
#[derive(Debug, Clone, Copy, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TaskCode {
    /// Nobody knows yet whether it was paid.
    Doubt,
    /// A parked sale whose payment came to nothing.
    Unpaid,
    /// The device holds money that is not on the sale: it is counted or goes back.
    Return,
    /// The device's yes came when the sale had been paid otherwise: one of the two goes back.
    PaidTwice,
    /// It was decided that it is paid, and the device says otherwise.
    Contradiction,
    /// Nobody knows yet whether the money went back.
    RefundDoubt,
    /// The device gave money back that is in no books.
    RefundReturn,
    RefundContradiction,
}

/// A payment that a person must not forget.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    pub kind: TaskCode,
    pub attempt_id: String,
    pub tender: TenderCode,
    pub tender_name: String,
    pub amount: AmountText,
    /// Time of day the attempt began.
    pub time: String,
    pub sale_id: String,
    pub sale_ticket: String,
    /// Cash taken in part: it goes back when the sale is given up.
    pub cash_taken: Option<AmountText>,
}

/// A payment without a final answer.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OpenPayment {
    pub attempt_id: String,
    pub tender_name: String,
    pub amount: AmountText,
    /// Time of day it began.
    pub time: String,
    /// From its beginning to the moment this view was made, by the wall clock.
    #[ts(type = "number")]
    pub age_ms: i64,
}

/// Why a price was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PriceReasonCode {
    Damaged,
    BestBefore,
    ShelfPrice,
    RegularCustomer,
    Goodwill,
}

/// A discount as it was given, `−10%`, and what it takes off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct GivenDiscount {
    pub given: String,
    pub amount: AmountText,
    pub reason: Option<PriceReasonCode>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CartLine {
    pub id: u32,
    pub name: String,
    /// The language of the name, as a tag; empty where it is not known.
    pub lang: String,
    /// With its unit where it is weighed or measured.
    pub quantity: String,
    pub unit_price: AmountText,
    pub amount: AmountText,
    /// The good's own price, where the line has another.
    pub usual_price: Option<AmountText>,
    pub discount: Option<GivenDiscount>,
    /// The line needs a second row: its quantity is not one piece, or its price is not the usual one.
    pub detailed: bool,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct TaxRow {
    pub rate: String,
    pub amount: AmountText,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct TenderRow {
    pub tender: TenderCode,
    pub name: String,
    pub amount: AmountText,
}

/// A note the customer may hand over. `received_text` is what `payment_cash` takes.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    pub received_text: String,
    pub received: AmountText,
    pub change: AmountText,
}

#[derive(Debug, Clone, Copy, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PayBlock {
    EmptyCart,
    InDoubt,
    DeviceBusy,
    NothingDue,
}

/// One pay key; a key that cannot be pressed says why.
#[derive(Debug, Clone, Serialize, TS)]
pub struct PayKey {
    /// The function key it answers to.
    pub slot: String,
    pub tender: TenderCode,
    pub name: String,
    /// What it takes, where that is not to the tiyn what is due: a coin, a whole tenge.
    pub takes: Option<AmountText>,
    pub blocked: Option<PayBlock>,
}

#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Cart {
    pub ticket: String,
    pub lines: Vec<CartLine>,
    pub line_count: u32,
    /// Pieces counted, each weighed line as one.
    #[ts(type = "number")]
    pub item_count: i64,
    pub total: AmountText,
    pub due: AmountText,
    /// What all discounts together take off.
    pub saved: Option<AmountText>,
    /// The discount of the whole cart.
    pub discount: Option<GivenDiscount>,
    pub taxes: Vec<TaxRow>,
    /// The VAT comes on top of the prices; else it is in them.
    pub vat_added: bool,
    pub tenders: Vec<TenderRow>,
    pub notes: Vec<Note>,
    pub pay_keys: Vec<PayKey>,
    pub locked: bool,
    /// The line removed last, which can be put back.
    pub removed: Option<String>,
    pub empty: bool,
}

/// What the left zone shows.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Screen {
    /// The shop has nobody yet: its owner is asked for, and nothing else works.
    FirstOwner,
    /// Nobody is signed in. Who may; `last` was signed in before.
    SignIn {
        people: Vec<PersonTile>,
        last: Option<String>,
    },
    Sale,
    Paying {
        attempt: Box<Attempt>,
    },
    Doubt {
        attempt: Box<Attempt>,
    },
    Refused {
        attempt: Box<Attempt>,
    },
    Done {
        done: Box<Done>,
    },
}

/// Everything the checkout window shows, whole, each time something changes. Of two views the one with the
/// larger revision is newer.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct View {
    #[ts(type = "number")]
    pub revision: u64,
    pub locale: String,
    pub pay_ready: bool,
    pub header: Header,
    /// Null while nobody is signed in: then the cart, the tasks and the sales put aside are told as empty.
    pub session: Option<Session>,
    pub tasks: Vec<Task>,
    /// What is told before the window closes: all payments without a final answer, and how many they are. While nobody is
    /// signed in only their number is told.
    pub open_payments: Vec<OpenPayment>,
    pub open_count: u32,
    /// The disk has not taken what a device said. It is kept and written again.
    pub unwritten: bool,
    /// The ledger is damaged: no money is taken.
    pub damaged: bool,
    /// Sales put aside, oldest first.
    pub held: Vec<HeldSale>,
    pub cart: Cart,
    pub screen: Screen,
    /// Goods coming in from a file.
    pub import: Option<Import>,
    /// Changes when other goods are in use than before.
    #[ts(type = "number")]
    pub catalogue: u64,
}

/// A view on its way to the screen. A cart may have a thousand lines, and a scan changes one: `view.cart.lines` holds
/// only the lines that stand between the first and the last ones the screen has already.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    pub view: View,
    #[ts(type = "number")]
    pub serial: u64,
    /// The telling whose lines these are a change of; none: all lines are here.
    #[ts(type = "number | null")]
    pub base: Option<u64>,
    pub first_kept: u32,
    pub last_kept: u32,
}

/// A sale put aside, as a list shows it.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HeldSale {
    pub id: String,
    pub ticket: String,
    /// Time of day it was put aside.
    pub time: String,
    /// The names of its first goods, and how many lines there are besides.
    pub names: String,
    pub more: u32,
    pub total: AmountText,
}

/// What a cashier types about a price; null takes it away again. A discount is `10%` or an amount.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "snake_case", rename_all_fields = "camelCase", tag = "kind")]
pub enum PriceChange {
    Line { line_id: u32, price: Option<String> },
    LineDiscount { line_id: u32, discount: Option<String> },
    CartDiscount { discount: Option<String> },
}

/// What a line, or the whole cart, costs before and after a change.
#[derive(Debug, Clone, Serialize, TS)]
pub struct PricePreview {
    pub before: AmountText,
    pub after: AmountText,
}

#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QuickKey {
    #[ts(type = "number")]
    pub item_id: i64,
    pub name: String,
    pub lang: String,
    pub price: AmountText,
}

/// A page of quick keys: the favourites, which have no name here, or a group of goods.
#[derive(Debug, Clone, Serialize, TS)]
pub struct QuickPage {
    pub name: Option<String>,
    pub keys: Vec<QuickKey>,
}

#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SearchHit {
    #[ts(type = "number")]
    pub item_id: i64,
    pub name: String,
    pub lang: String,
    pub code: String,
    pub price: AmountText,
    pub unit: String,
}

/// What a typed amount would do as cash received.
#[derive(Debug, Clone, Serialize, TS)]
pub struct CashPreview {
    pub received: AmountText,
    pub change: Option<AmountText>,
    pub short: Option<AmountText>,
}

#[derive(Debug, Clone, Copy, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FailureCode {
    UnknownCode,
    /// The code was misread, or the label is damaged.
    CheckDigit,
    CustomerCard,
    /// A label of the shop's scale whose item no good has.
    UnknownLabel,
    /// A label without weight or price.
    EmptyLabel,
    MarkingIncomplete,
    MarkingNeeded,
    MarkingInCart,
    MarkingSold,
    MarkingOneByOne,
    BadQuantity,
    BadAmount,
    BadDiscount,
    CartLocked,
    CartEmpty,
    SaleInDoubt,
    DeviceBusy,
    DeviceMissing,
    NothingDue,
    NotFound,
    ImportUnderWay,
    FileUnreadable,
    EvidenceMissing,
    /// What was taken late is more than the sale still needs.
    MoreThanDue,
    /// The terminal or another person was faster.
    DecidedAlready,
    AnotherInstance,
    NoShop,
    SignInNeeded,
    /// Not with this role, and nobody can allow it here.
    NotAllowed,
    /// Another person may allow it: `approval` says what and who.
    NeedsApproval,
    /// The words for the prompt are gone: too late, or the sale has changed.
    ApprovalGone,
    /// `pin` says what is left.
    WrongPin,
    UnknownBadge,
    /// A barcode of goods was scanned for a badge.
    NotABadge,
    /// Too short for the role, or not digits.
    BadPin,
    BadName,
    /// Too short, or another person has it.
    BadBadge,
    ReasonMissing,
    LastOwner,
    /// The key that PINs are kept with is not on this machine.
    KeyLost,
    Storage,
    /// The ledger is not what was written.
    Damaged,
    Internal,
}

/// Why a command did not happen. `message` is the detail for support; the words on the screen follow from `code`.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Failure {
    pub code: FailureCode,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub approval: Option<Box<Approval>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub pin: Option<PinWait>,
}

#[cfg(test)]
mod tests;
