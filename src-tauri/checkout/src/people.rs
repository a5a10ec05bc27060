//! Who may do what. The permission table is the one below; PINs and the wait after wrong ones are rules too.

use crate::money::{Currency, Money};
use std::fmt;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PersonId(pub Uuid);

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: PersonId,
    pub name: String,
    pub role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Cashier,
    Senior,
    Supervisor,
    Owner,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// The cart, cash, the terminal, receipts.
    Sell,
    Discount,
    /// A price by hand, for what it takes off the usual one.
    PriceChange,
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

/// How far a role goes alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    No,
    /// In basis points of the usual price: 1000 is 10 %.
    Percent(u32),
    /// So many of the currency's small sums ([`small_sum`]).
    Sums(i64),
    Free,
}

use Reach::{Free, No, Percent, Sums};

/// The permission table. Beside it stands whether another person's PIN or badge can allow one action beyond a reach:
/// whoever may do it alone. The settings and the people are not lent out: their pages are for who is signed in.
#[rustfmt::skip]
const TABLE: [(Right, bool, [Reach; 4]); 10] = [
    //                   liftable  cashier        senior         supervisor     owner
    (Right::Sell,        false,  [ Free,          Free,          Free,          Free ]),
    (Right::Discount,    true,   [ Percent(1000), Percent(2000), Percent(5000), Free ]),
    (Right::PriceChange, true,   [ No,            Percent(2000), Percent(5000), Free ]),
    (Right::Refund,      true,   [ Sums(1),       Sums(4),       Free,          Free ]),
    (Right::Void,        true,   [ No,            Free,          Free,          Free ]),
    (Right::Drawer,      true,   [ No,            Free,          Free,          Free ]),
    (Right::CashMove,    true,   [ No,            No,            Free,          Free ]),
    (Right::Doubt,       true,   [ No,            No,            Free,          Free ]),
    (Right::Settings,    false,  [ No,            No,            Free,          Free ]),
    (Right::People,      false,  [ No,            No,            No,            Free ]),
];

/// What a cashier may give back alone: about the worth of a small basket.
const fn small_sum(currency: Currency) -> i64 {
    match currency {
        Currency::Kzt => 5_000,
        Currency::Azn => 20,
        Currency::Eur => 10,
        Currency::Huf => 4_000,
        Currency::Rub => 1_000,
    }
}

/// How much of a right a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// It is not measured.
    Whole,
    /// What a price comes down by, where amounts are given in whole steps.
    Off {
        usual: Money,
        off: Money,
        step_minor: i64,
    },
    Amount(Money),
}

impl Extent {
    /// What is taken off, in basis points rounded up; none where nothing can be measured.
    pub fn basis_points(self) -> Option<i64> {
        let Extent::Off { usual, off, .. } = self else { return None };
        let (usual, off) = (i128::from(usual.minor()), i128::from(off.minor()));
        if usual <= 0 || off <= 0 {
            return Some(0);
        }
        i64::try_from((off * 10_000 + usual - 1) / usual).ok()
    }
}

impl Extent {
    /// No more is taken off than so many basis points of the usual price. Ten percent of a price may round to a step
    /// more than ten percent.
    fn is_within(self, basis_points: i64) -> bool {
        let Extent::Off { usual, off, step_minor } = self else { return false };
        let (usual, off, step) = (i128::from(usual.minor()), i128::from(off.minor()), i128::from(step_minor.max(1)));
        let most = (usual.max(0) * i128::from(basis_points) + 10_000 * step - 1) / (10_000 * step) * step;
        off <= most
    }

    /// What somebody allows who allows this; none of what is not measured by a price.
    pub fn allowance(self) -> Option<Allowance> {
        let Extent::Off { off, .. } = self else { return None };
        Some(Allowance { basis_points: self.basis_points()?, off_minor: off.minor() })
    }
}

/// So much was allowed off a price: of a cart that grows afterwards no more money, of one that shrinks no larger part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    pub basis_points: i64,
    pub off_minor: i64,
}

impl Allowance {
    pub fn covers(self, extent: Extent) -> bool {
        matches!(extent, Extent::Off { off, .. } if off.minor() <= self.off_minor) && extent.is_within(self.basis_points)
    }
}

impl Right {
    pub const ALL: [Right; 10] = [
        Right::Sell,
        Right::Discount,
        Right::PriceChange,
        Right::Refund,
        Right::Void,
        Right::Drawer,
        Right::CashMove,
        Right::Doubt,
        Right::Settings,
        Right::People,
    ];

    pub const fn code(self) -> &'static str {
        match self {
            Right::Sell => "sell",
            Right::Discount => "discount",
            Right::PriceChange => "price_change",
            Right::Refund => "refund",
            Right::Void => "void",
            Right::Drawer => "drawer",
            Right::CashMove => "cash_move",
            Right::Doubt => "doubt",
            Right::Settings => "settings",
            Right::People => "people",
        }
    }

    /// Some role has it up to a limit: how much is asked must be known.
    pub fn is_measured(self) -> bool {
        Role::ALL.into_iter().any(|role| matches!(role.reach(self), Percent(_) | Sums(_)))
    }

    /// Beyond a person's reach another can allow one action.
    pub fn is_liftable(self) -> bool {
        TABLE.iter().any(|(right, liftable, _)| *right == self && *liftable)
    }
}

impl Role {
    pub const ALL: [Role; 4] = [Role::Cashier, Role::Senior, Role::Supervisor, Role::Owner];

    pub const fn code(self) -> &'static str {
        match self {
            Role::Cashier => "cashier",
            Role::Senior => "senior",
            Role::Supervisor => "supervisor",
            Role::Owner => "owner",
        }
    }

    pub fn from_code(code: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.code() == code)
    }

    pub fn reach(self, right: Right) -> Reach {
        let place = match self {
            Role::Cashier => 0,
            Role::Senior => 1,
            Role::Supervisor => 2,
            Role::Owner => 3,
        };
        TABLE.iter().find(|(row, ..)| *row == right).map_or(No, |(.., reaches)| reaches[place])
    }

    /// Whether the role may do so much alone.
    pub fn may(self, right: Right, extent: Extent) -> bool {
        match (self.reach(right), extent) {
            (No, _) => false,
            (Free, _) => true,
            // A measured right is never had whole.
            (Percent(_) | Sums(_), Extent::Whole) => false,
            (Percent(most), Extent::Off { .. }) => extent.is_within(i64::from(most)),
            (Sums(most), Extent::Amount(amount)) => amount.minor() <= sums(most, amount.currency()),
            (Percent(_), Extent::Amount(_)) | (Sums(_), Extent::Off { .. }) => false,
        }
    }

    pub const fn least_pin_digits(self) -> usize {
        match self {
            Role::Cashier | Role::Senior => 4,
            Role::Supervisor | Role::Owner => 6,
        }
    }

    pub fn takes_pin(self, pin: &str) -> bool {
        (self.least_pin_digits()..=MOST_PIN_DIGITS).contains(&pin.len()) && pin.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// So many small sums in minor units.
pub fn sums(count: i64, currency: Currency) -> i64 {
    count * small_sum(currency) * currency.minor_per_major()
}

const MOST_PIN_DIGITS: usize = 32;
/// A badge that is shorter could be found by trying.
pub const LEAST_BADGE: usize = 8;
/// Wrong tries before there is a wait.
pub const FREE_TRIES: u32 = 5;
const FIRST_WAIT_MS: i64 = 60_000;
const LONGEST_WAIT_MS: i64 = 60 * FIRST_WAIT_MS;

/// After so many wrong tries in a row: how long the next one is not looked at. It doubles with each, up to an hour.
pub fn wait_ms(wrong_tries: u32) -> i64 {
    match wrong_tries.checked_sub(FREE_TRIES) {
        None => 0,
        Some(more) => (FIRST_WAIT_MS << more.min(6)).min(LONGEST_WAIT_MS),
    }
}

/// Of wrong tries that no right one ends: one is forgiven for every hour in which none was made.
pub fn tries_after(wrong_tries: u32, quiet_ms: i64) -> u32 {
    wrong_tries.saturating_sub(u32::try_from(quiet_ms / LONGEST_WAIT_MS).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kzt(minor: i64) -> Money {
        Money::new(minor, Currency::Kzt).unwrap()
    }

    fn off(usual: i64, off: i64) -> Extent {
        Extent::Off { usual: kzt(usual), off: kzt(off), step_minor: 100 }
    }

    #[test]
    fn every_right_has_its_row_and_more_rank_is_never_less_right() {
        for right in Right::ALL {
            assert_eq!(TABLE.iter().filter(|(row, ..)| *row == right).count(), 1, "{right:?}");
            let extents = [Extent::Whole, off(100_000, 10_000), off(100_000, 20_000), off(100_000, 50_000), Extent::Amount(kzt(500_000))];
            for extent in extents {
                let may: Vec<bool> = Role::ALL.into_iter().map(|role| role.may(right, extent)).collect();
                assert!(may.is_sorted(), "{right:?} {extent:?}: {may:?}");
            }
            assert!(Role::Owner.may(right, Extent::Whole), "an owner may {right:?}");
        }
    }

    #[test]
    fn a_limit_holds_to_the_step() {
        for (role, usual, taken, may) in [
            (Role::Cashier, 100_000, 10_000, true),
            (Role::Cashier, 100_000, 10_100, false),
            // 28.50 of 285 is 29 in whole tenge.
            (Role::Cashier, 28_500, 2_900, true),
            (Role::Cashier, 28_500, 3_000, false),
            (Role::Senior, 100_000, 20_000, true),
            (Role::Senior, 100_000, 20_100, false),
            (Role::Supervisor, 100_000, 50_000, true),
            (Role::Supervisor, 100_000, 50_100, false),
            (Role::Owner, 100_000, 100_000, true),
            // Taking a discount away, or a dearer price, is no discount.
            (Role::Cashier, 100_000, 0, true),
            (Role::Cashier, 100_000, -5_000, true),
            (Role::Cashier, 0, 100, false),
        ] {
            assert_eq!(role.may(Right::Discount, off(usual, taken)), may, "{role:?} takes {taken} off {usual}");
        }
        assert!(!Role::Cashier.may(Right::PriceChange, off(100_000, 0)), "a cashier types no price alone");
    }

    #[test]
    fn what_was_allowed_covers_no_more_money_and_no_larger_part() {
        let allowed = off(100_000, 30_000).allowance().unwrap();
        for (usual, taken, covered) in [
            (100_000, 30_000, true),
            (100_000, 20_000, true),
            // The cart has grown: the same percent is more money.
            (200_000, 30_000, true),
            (200_000, 30_100, false),
            (1_000_000, 300_000, false),
            // It has shrunk: the same money is a larger part.
            (50_000, 15_000, true),
            (50_000, 30_000, false),
        ] {
            assert_eq!(allowed.covers(off(usual, taken)), covered, "{taken} off {usual}");
        }
        assert_eq!(Extent::Whole.allowance(), None);
        assert!(!allowed.covers(Extent::Whole));
    }

    #[test]
    fn refunds_are_limited_by_their_amount() {
        for (role, minor, may) in [
            (Role::Cashier, 500_000, true),
            (Role::Cashier, 500_001, false),
            (Role::Senior, 2_000_000, true),
            (Role::Senior, 2_000_001, false),
            (Role::Supervisor, i64::from(u32::MAX), true),
        ] {
            assert_eq!(role.may(Right::Refund, Extent::Amount(kzt(minor))), may, "{role:?} {minor}");
        }
    }

    #[test]
    fn pins_are_digits_and_longer_for_who_may_more() {
        for (role, pin, takes) in [
            (Role::Cashier, "4711", true),
            (Role::Senior, "4711", true),
            (Role::Cashier, "471", false),
            (Role::Supervisor, "47110", false),
            (Role::Supervisor, "471108", true),
            (Role::Owner, "47110", false),
            (Role::Owner, "471108", true),
            (Role::Cashier, "47 11", false),
            (Role::Cashier, "٤٧١١", false),
            (Role::Cashier, "", false),
        ] {
            assert_eq!(role.takes_pin(pin), takes, "{role:?} {pin:?}");
        }
    }

    #[test]
    fn the_wait_grows_with_each_wrong_try_up_to_an_hour() {
        let minutes: Vec<i64> = (0..=13).map(|tries| wait_ms(tries) / 60_000).collect();
        assert_eq!(minutes, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(wait_ms(u32::MAX) / 60_000, 60);
    }

    #[test]
    fn an_hour_without_a_wrong_try_forgives_one() {
        for (tries, minutes, left) in [(5, 0, 5), (5, 59, 5), (5, 60, 4), (5, 119, 4), (5, 300, 0), (5, 6_000, 0), (0, 60, 0)] {
            assert_eq!(tries_after(tries, minutes * 60_000), left, "{tries} after {minutes} minutes");
        }
        assert_eq!(tries_after(5, i64::MIN), 5);
        assert_eq!(tries_after(5, i64::MAX), 5, "a clock that cannot be forgives nothing");
    }

    #[test]
    fn what_is_taken_off_is_told_in_percent() {
        assert_eq!(off(100_000, 25_000).basis_points(), Some(2_500));
        assert_eq!(off(30_000, 10_000).basis_points(), Some(3_334));
        assert_eq!(off(0, 10_000).basis_points(), Some(0));
        assert_eq!(Extent::Whole.basis_points(), None);
    }
}
