//! Who is at the till and what they may do, as the screen sees it. The screen hides by it; Rust alone refuses by it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RoleCode {
    Cashier,
    Senior,
    Supervisor,
    Owner,
}

/// What a person may or may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RightCode {
    /// The cart, cash, the terminal, receipts.
    Sell,
    /// Limited by the percent it takes off.
    Discount,
    /// A price by hand; limited by the percent it takes off the usual one.
    PriceChange,
    /// Limited by the amount.
    Refund,
    /// Giving up a sale put aside.
    Void,
    /// Opening the drawer without a sale.
    Drawer,
    /// Cash into the drawer and out of it without a sale.
    CashMove,
    /// Deciding a payment in doubt.
    Doubt,
    /// The settings and the goods.
    Settings,
    People,
}

/// Who may sign in, as a tile shows it: nothing else of a person leaves before the sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct PersonTile {
    pub id: String,
    pub name: String,
    pub role: RoleCode,
}

/// How far a right goes without anyone else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    No,
    UpTo,
    Free,
}

/// One right of a person or a role. Where `reach` is `no` and it cannot be lifted, the screen does not show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Grant {
    pub right: RightCode,
    pub reach: Reach,
    /// With `up_to`: `10 %`, `5 000 ₸`.
    pub limit: Option<String>,
    /// Beyond its reach another person's PIN or badge can allow one action.
    pub liftable: bool,
}

/// Who is signed in. `person` is null in a training shop without people, where everything is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Session {
    pub person: Option<PersonTile>,
    /// Every right, in one order.
    pub rights: Vec<Grant>,
}

/// What a person beyond whose right a command lies may have allowed by another: the words for the one prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// For `lift_give`; good for a minute, for the same command with the same arguments on the same sale.
    pub refusal_id: String,
    pub right: RightCode,
    /// How far the person signed in may go alone; null: not at all.
    pub limit: Option<String>,
    /// What was asked for, where it can be measured: `25 %`.
    pub asked: Option<String>,
    /// Those who may allow it.
    pub people: Vec<PersonTile>,
}

/// What is left after a wrong PIN or an unknown badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PinWait {
    /// Tries until there is a wait.
    pub tries_left: u32,
    /// Until the next try is looked at; 0: at once.
    #[ts(type = "number")]
    pub wait_ms: i64,
    /// How long the next wrong try would make the wait, in whole minutes; 0: no wait yet.
    pub next_wait_minutes: u32,
}

/// By what another person allows an action.
#[derive(Clone, Deserialize, TS)]
#[serde(rename_all = "snake_case", rename_all_fields = "camelCase", tag = "kind")]
pub enum Proof {
    Pin { person_id: String, pin: String },
    Badge { badge: String },
}

/// A person on the page of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PersonRow {
    pub id: String,
    pub name: String,
    pub role: RoleCode,
    pub has_badge: bool,
    /// It is who asks.
    pub own: bool,
    /// The last owner stays and stays owner.
    pub last_owner: bool,
    /// After wrong PINs: until the next try is looked at.
    #[ts(type = "number")]
    pub wait_ms: i64,
}

/// A role with what it may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RoleRow {
    pub role: RoleCode,
    pub least_pin_digits: u32,
    pub rights: Vec<Grant>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PeoplePage {
    pub people: Vec<PersonRow>,
    pub roles: Vec<RoleRow>,
    /// Without a command for so long the till locks itself.
    pub lock_minutes: u32,
}
