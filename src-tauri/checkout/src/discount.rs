//! Discounts: a percent or an amount, on a line or on the whole cart.
//!
//! The rule, whatever order they were given in:
//! 1. Discounts of a line come first, on price × quantity; those of the cart on what the lines then come to.
//! 2. Percents add up (10 % and 5 % are 15 %) and are taken once, of the price before any discount, rounded to the line step.
//! 3. Amounts come off after the percents.
//! 4. Nothing falls below zero: where a line or the cart has become smaller than its discount, the discount takes all of it.
//!
//! A cart discount is split over the lines by the largest remainder, in whole line steps, so that the parts add up
//! to it exactly and VAT is worked out on what each good was really sold for.

use crate::money::{Currency, Money, MoneyError, round_ratio};
use std::fmt;

/// A hundred percent in hundredths of a percent.
const WHOLE: u32 = 10_000;

/// One discount as the cashier gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discount {
    /// Hundredths of a percent, 1–10 000: 10 % is 1000.
    Percent(u32),
    /// An amount off, above zero.
    Amount(Money),
}

/// Why a good is sold below or beside its price. One touch for the cashier; the journal keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceReason {
    Damaged,
    BestBefore,
    /// The shelf shows another price.
    ShelfPrice,
    RegularCustomer,
    /// Something went wrong for this customer.
    Goodwill,
}

impl PriceReason {
    pub const ALL: [PriceReason; 5] =
        [PriceReason::Damaged, PriceReason::BestBefore, PriceReason::ShelfPrice, PriceReason::RegularCustomer, PriceReason::Goodwill];

    pub const fn code(self) -> &'static str {
        match self {
            PriceReason::Damaged => "damaged",
            PriceReason::BestBefore => "best_before",
            PriceReason::ShelfPrice => "shelf_price",
            PriceReason::RegularCustomer => "regular_customer",
            PriceReason::Goodwill => "goodwill",
        }
    }

    pub fn from_code(code: &str) -> Option<PriceReason> {
        PriceReason::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscountError {
    #[error("“{0}” is not a discount; a percent like 10% or an amount is needed")]
    NotADiscount(String),
    #[error("the percents add up to more than 100")]
    OverWhole,
    #[error("the discount is more than the {0} it is taken from")]
    TooLarge(Money),
    #[error("a discount is given in whole steps of {0}")]
    TooFine(Money),
}

impl Discount {
    /// Reads what a cashier types: `10%`, `7,5 %`, or an amount in major units, `50`.
    pub fn parse(text: &str, currency: Currency) -> Result<Discount, DiscountError> {
        let wrong = || DiscountError::NotADiscount(text.trim().to_owned());
        if let Some(percent) = text.trim().strip_suffix('%') {
            let (whole, fraction) = percent.trim().split_once(['.', ',']).unwrap_or((percent.trim(), ""));
            let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
            if whole.is_empty() || whole.len() > 3 || fraction.len() > 2 || !all_digits(whole) || !all_digits(fraction) {
                return Err(wrong());
            }
            let hundredths = format!("{whole}{fraction:0<2}").parse().map_err(|_| wrong())?;
            return Discount::percent(hundredths).ok_or_else(wrong);
        }
        let amount = Money::parse_major(text, currency).map_err(|_| wrong())?;
        if amount.is_positive() { Ok(Discount::Amount(amount)) } else { Err(wrong()) }
    }

    /// A percent in hundredths; none outside 0,01–100 %.
    pub fn percent(hundredths: u32) -> Option<Discount> {
        (1..=WHOLE).contains(&hundredths).then_some(Discount::Percent(hundredths))
    }
}

/// `−10%`, `−7,5%`, `−50`: as paper and screen show it.
impl fmt::Display for Discount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Discount::Percent(hundredths) => {
                let (whole, fraction) = (hundredths / 100, hundredths % 100);
                if fraction == 0 {
                    return write!(f, "−{whole}%");
                }
                write!(f, "−{whole},{}%", format!("{fraction:02}").trim_end_matches('0'))
            }
            Discount::Amount(amount) => write!(f, "−{}", amount.figures(' ')),
        }
    }
}

/// What discounts take off `base` (zero or more), at most all of it. Percents are rounded to `step_minor`.
pub fn taken_off(base: Money, discounts: &[Discount], step_minor: i64) -> Result<Money, MoneyError> {
    let currency = base.currency();
    let mut hundredths: i128 = 0;
    let mut amounts = Money::zero(currency);
    for discount in discounts {
        match discount {
            Discount::Percent(part) => hundredths += i128::from(*part),
            Discount::Amount(amount) => amounts = amounts.plus(*amount)?,
        }
    }
    let product = i128::from(base.minor()).checked_mul(hundredths).ok_or(MoneyError::TooLarge)?;
    let percents = Money::new(round_ratio(product, i128::from(WHOLE), step_minor)?, currency)?;
    percents.plus(amounts)?.least(base)
}

/// Whether these discounts may be given on `base`: whole steps, at most 100 %, and not more than there is.
pub fn check(base: Money, discounts: &[Discount], step_minor: i64) -> Result<(), DiscountError> {
    let mut hundredths: u64 = 0;
    let mut amounts = Money::zero(base.currency());
    for discount in discounts {
        match discount {
            Discount::Percent(part) => hundredths += u64::from(*part),
            Discount::Amount(amount) => {
                if amount.minor() % step_minor != 0 {
                    let step = Money::new(step_minor, base.currency()).map_err(|_| DiscountError::TooLarge(base))?;
                    return Err(DiscountError::TooFine(step));
                }
                amounts = amounts.plus(*amount).map_err(|_| DiscountError::TooLarge(base))?;
            }
        }
    }
    if hundredths > u64::from(WHOLE) {
        return Err(DiscountError::OverWhole);
    }
    let percents_only: Vec<Discount> = discounts.iter().copied().filter(|one| matches!(one, Discount::Percent(_))).collect();
    let percents = taken_off(base, &percents_only, step_minor).map_err(|_| DiscountError::TooLarge(base))?;
    let together = percents.plus(amounts).map_err(|_| DiscountError::TooLarge(base))?;
    if together.minor() > base.minor() {
        return Err(DiscountError::TooLarge(base));
    }
    Ok(())
}

/// Splits `total` over `weights` by the largest remainder, in whole steps: each part is its exact share rounded down,
/// and the steps left over go to the largest remainders, the earlier line first. The parts add up to `total`, and none
/// is more than its weight. All are zero or more, in one unit, and `total` is at most the sum of the weights; `total`
/// and the weights are multiples of `step`. Answers the parts in the order of the weights.
pub fn split(total: i64, weights: &[i64], step: i64) -> Result<Vec<i64>, MoneyError> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum == 0 || total == 0 {
        return Ok(vec![0; weights.len()]);
    }
    let steps = i128::from(total / step);
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    for (index, weight) in weights.iter().enumerate() {
        let exact = steps.checked_mul(i128::from(*weight)).ok_or(MoneyError::TooLarge)?;
        let whole = i64::try_from(exact / sum).map_err(|_| MoneyError::TooLarge)?;
        parts.push(whole.checked_mul(step).ok_or(MoneyError::TooLarge)?);
        remainders.push((exact % sum, index));
    }
    let given: i64 = parts.iter().sum();
    let left = usize::try_from((total - given) / step).map_err(|_| MoneyError::TooLarge)?;
    remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, index) in remainders.into_iter().take(left) {
        parts[index] += step;
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kzt(major: i64) -> Money {
        Money::new(major * 100, Currency::Kzt).unwrap()
    }

    #[test]
    fn discounts_are_read_as_a_cashier_types_them() {
        let read = |text: &str| Discount::parse(text, Currency::Kzt).ok();
        assert_eq!(read("10%"), Some(Discount::Percent(1000)));
        assert_eq!(read(" 7,5 % "), Some(Discount::Percent(750)));
        assert_eq!(read("50"), Some(Discount::Amount(kzt(50))));
        assert_eq!(read("1 000"), Some(Discount::Amount(kzt(1000))));
        for wrong in ["", "%", "0%", "0", "-5", "101%", "1.234%", "ten", "10%%"] {
            assert_eq!(read(wrong), None, "{wrong:?} must be refused");
        }
    }

    #[test]
    fn discounts_are_written_with_their_sign() {
        let written = [Discount::Percent(1000), Discount::Percent(750), Discount::Percent(1205), Discount::Amount(kzt(1500))];
        assert_eq!(written.map(|discount| discount.to_string()), ["−10%", "−7,5%", "−12,05%", "−1 500"]);
    }

    #[test]
    fn percents_add_up_and_amounts_come_after() {
        let check = |base, discounts: &[Discount], expected| {
            assert_eq!(taken_off(kzt(base), discounts, 100).unwrap(), kzt(expected), "{discounts:?} of {base}");
        };
        check(890, &[Discount::Percent(1000)], 89);
        // 15 % of 1 000, not 10 % of 1 000 and 5 % of 900
        check(1000, &[Discount::Percent(1000), Discount::Percent(500)], 150);
        check(1000, &[Discount::Percent(1000), Discount::Amount(kzt(50))], 150);
        // 12,5 % of 610 is 76,25
        check(610, &[Discount::Percent(1250)], 76);
        check(100, &[Discount::Amount(kzt(150))], 100);
        check(0, &[Discount::Percent(5000)], 0);
    }

    #[test]
    fn a_discount_that_cannot_be_given_is_refused_with_its_reason() {
        let refusal = |discounts: &[Discount]| check(kzt(100), discounts, 100).unwrap_err();
        let half = Discount::Percent(6000);
        assert_eq!(refusal(&[half, half]), DiscountError::OverWhole);
        assert_eq!(refusal(&[half, Discount::Amount(kzt(41))]), DiscountError::TooLarge(kzt(100)));
        let odd = Money::new(150, Currency::Kzt).unwrap();
        assert_eq!(refusal(&[Discount::Amount(odd)]), DiscountError::TooFine(kzt(1)));
        assert!(check(kzt(100), &[half, Discount::Amount(kzt(40))], 100).is_ok());
    }

    #[test]
    fn the_largest_remainder_gets_the_odd_step() {
        assert_eq!(split(100, &[100, 100, 100], 1).unwrap(), [34, 33, 33]);
        assert_eq!(split(10, &[70, 20, 10], 1).unwrap(), [7, 2, 1]);
        // 5 of 7 : 7 : 86 is 0,35 : 0,35 : 4,3
        assert_eq!(split(500, &[700, 700, 8600], 100).unwrap(), [100, 0, 400]);
        assert_eq!(split(0, &[5, 5], 1).unwrap(), [0, 0]);
        assert_eq!(split(7, &[0, 7], 1).unwrap(), [0, 7]);
    }

    fn discounts() -> impl Strategy<Value = Vec<Discount>> {
        let percent = (1_u32..=4000).prop_map(Discount::Percent);
        let amount = (1_i64..=2_000).prop_map(|major| Discount::Amount(kzt(major)));
        prop::collection::vec(prop_oneof![percent, amount], 0..5)
    }

    proptest! {
        #[test]
        fn the_order_in_which_discounts_are_given_does_not_matter(base in 0_i64..100_000, given in discounts().prop_flat_map(|given| (Just(given.clone()), Just(given).prop_shuffle()))) {
            let (first, second) = given;
            prop_assert_eq!(taken_off(kzt(base), &first, 100).unwrap(), taken_off(kzt(base), &second, 100).unwrap());
        }

        #[test]
        fn a_discount_is_never_more_than_what_it_is_taken_from(base in 0_i64..100_000, given in discounts()) {
            let off = taken_off(kzt(base), &given, 100).unwrap();
            prop_assert!(off.minor() >= 0 && off.minor() <= base * 100);
            prop_assert_eq!(off.minor() % 100, 0);
        }

        #[test]
        fn parts_add_up_exactly_and_stay_within_a_step_of_their_share(weights in prop::collection::vec(0_i64..1_000_000, 1..60), share in 0_i64..=1000, step in prop::sample::select(vec![1_i64, 5, 100])) {
            let sum: i64 = weights.iter().sum();
            let total = sum * share / 1000;
            let minor: Vec<i64> = weights.iter().map(|weight| weight * step).collect();
            let parts = split(total * step, &minor, step).unwrap();
            prop_assert_eq!(parts.iter().sum::<i64>(), total * step);
            for (part, weight) in parts.iter().zip(&weights) {
                prop_assert!(*part >= 0 && *part <= weight * step);
                prop_assert_eq!(part % step, 0);
                prop_assert!(sum == 0 || (part / step * sum - total * weight).abs() < sum);
            }
        }
    }
}
