//! Who is at the till and what they may do, as the screen sees it. The screen hides by it; Rust alone refuses by it.

use super::text::GROUP;
use checkout::money::{Currency, Money};
use checkout::people::{self, Extent, Person, Right, Role};
use serde::{Deserialize, Serialize};
use till::Till;
use till::people::{Listed, Wait};
use till::seat::Standing;
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

impl From<RoleCode> for Role {
    fn from(role: RoleCode) -> Self {
        match role {
            RoleCode::Cashier => Role::Cashier,
            RoleCode::Senior => Role::Senior,
            RoleCode::Supervisor => Role::Supervisor,
            RoleCode::Owner => Role::Owner,
        }
    }
}

pub(super) fn role_code(role: Role) -> RoleCode {
    match role {
        Role::Cashier => RoleCode::Cashier,
        Role::Senior => RoleCode::Senior,
        Role::Supervisor => RoleCode::Supervisor,
        Role::Owner => RoleCode::Owner,
    }
}

pub(super) fn right_code(right: Right) -> RightCode {
    match right {
        Right::Sell => RightCode::Sell,
        Right::Discount => RightCode::Discount,
        Right::PriceChange => RightCode::PriceChange,
        Right::Refund => RightCode::Refund,
        Right::Void => RightCode::Void,
        Right::Drawer => RightCode::Drawer,
        Right::CashMove => RightCode::CashMove,
        Right::Doubt => RightCode::Doubt,
        Right::Settings => RightCode::Settings,
        Right::People => RightCode::People,
    }
}

pub(super) fn tile(person: &Person) -> PersonTile {
    PersonTile { id: person.id.to_string(), name: person.name.clone(), role: role_code(person.role) }
}

/// Of nobody in a training shop: everything.
pub(super) fn session(person: Option<&Person>, currency: Currency) -> Session {
    Session { person: person.map(tile), rights: grants(person.map_or(Role::Owner, |person| person.role), currency) }
}

fn grants(role: Role, currency: Currency) -> Vec<Grant> {
    let grant = |right: Right| {
        let reach = role.reach(right);
        Grant { right: right_code(right), reach: reach_code(reach), limit: limit(reach, currency), liftable: right.is_liftable() }
    };
    Right::ALL.into_iter().map(grant).collect()
}

fn reach_code(reach: people::Reach) -> Reach {
    match reach {
        people::Reach::No => Reach::No,
        people::Reach::Percent(_) | people::Reach::Sums(_) => Reach::UpTo,
        people::Reach::Free => Reach::Free,
    }
}

fn limit(reach: people::Reach, currency: Currency) -> Option<String> {
    match reach {
        people::Reach::No | people::Reach::Free => None,
        people::Reach::Percent(hundredths) => Some(percent(i64::from(hundredths))),
        people::Reach::Sums(count) => Money::new(people::sums(count, currency), currency).ok().map(whole),
    }
}

/// `12,5 %`.
pub(super) fn percent(hundredths: i64) -> String {
    let (whole, fraction) = (hundredths / 100, format!("{:02}", hundredths % 100));
    let fraction = fraction.trim_end_matches('0');
    let comma = if fraction.is_empty() { "" } else { "," };
    format!("{whole}{comma}{fraction}{GROUP}%")
}

fn whole(money: Money) -> String {
    format!("{}{GROUP}{}", money.figures(GROUP), money.currency().facts().symbol)
}

impl Approval {
    pub(super) fn of(asked: &till::lift::Approval, currency: Currency) -> Approval {
        let extent = match asked.extent {
            Extent::Whole => None,
            Extent::Off { .. } => asked.extent.basis_points().map(percent),
            Extent::Amount(amount) => Some(whole(amount)),
        };
        Approval {
            refusal_id: asked.refusal.to_string(),
            right: right_code(asked.right),
            limit: limit(asked.reach, currency),
            asked: extent,
            people: asked.people.iter().map(tile).collect(),
        }
    }
}

impl From<Wait> for PinWait {
    fn from(wait: Wait) -> Self {
        let minutes = wait.next_wait_ms / 60_000;
        PinWait { tries_left: wait.tries_left, wait_ms: wait.wait_ms, next_wait_minutes: u32::try_from(minutes).unwrap_or(u32::MAX) }
    }
}

pub fn people_page(listed: &[Listed], till: &Till) -> PeoplePage {
    let own = match till.standing() {
        Standing::Signed(person) => Some(person.id),
        Standing::FirstOwner | Standing::Locked { .. } | Standing::Training => None,
    };
    let owners = listed.iter().filter(|listed| listed.person.role == Role::Owner).count();
    let row = |listed: &Listed| PersonRow {
        id: listed.person.id.to_string(),
        name: listed.person.name.clone(),
        role: role_code(listed.person.role),
        has_badge: listed.has_badge,
        own: Some(listed.person.id) == own,
        last_owner: listed.person.role == Role::Owner && owners == 1,
        wait_ms: listed.wait_ms,
    };
    let settings = till.settings();
    let role = |role: Role| RoleRow {
        role: role_code(role),
        least_pin_digits: role.least_pin_digits() as u32,
        rights: grants(role, settings.currency),
    };
    PeoplePage {
        people: listed.iter().map(row).collect(),
        roles: Role::ALL.into_iter().map(role).collect(),
        lock_minutes: settings.lock_minutes,
    }
}
