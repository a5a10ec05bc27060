//! What holds for every sale: random goods, prices, discounts, terms and tenders.

use super::*;
use crate::payment::{AttemptId, Device};
use crate::quantity::Unit;
use crate::refund::{Refund, RefundId, Wanted};
use crate::tax::VatRate;
use crate::terms::Vat;
use proptest::prelude::*;
use uuid::Uuid;

#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) unit: Unit,
    pub(crate) price: i64,
    pub(crate) own_price: Option<i64>,
    pub(crate) quantity: i64,
    pub(crate) rate: Option<&'static str>,
    pub(crate) percent: Option<u32>,
    pub(crate) steps_off: i64,
}

pub(crate) fn item() -> impl Strategy<Value = Item> {
    let unit = prop::sample::select(vec![Unit::Piece, Unit::Kilogram, Unit::Litre, Unit::Metre]);
    let rate = prop::sample::select(vec![None, Some("0"), Some("5.5"), Some("12"), Some("16"), Some("27")]);
    let own_price = prop::option::of(0_i64..900_000);
    let percent = prop::option::of(1_u32..=10_000);
    (unit, 0_i64..5_000_000, own_price, 1_i64..20_000, rate, percent, 0_i64..40).prop_map(
        |(unit, price, own_price, quantity, rate, percent, steps_off)| Item { unit, price, own_price, quantity, rate, percent, steps_off },
    )
}

pub(crate) fn terms() -> impl Strategy<Value = Terms> {
    let currency = prop::sample::select(Currency::ALL.to_vec());
    let country = prop::sample::select(vec!["", "KZ", "EE", "FI", "DE"]);
    let line_step = prop::option::of(prop::sample::select(vec![1_i64, 5, 10, 100]));
    (currency, country, line_step, any::<bool>()).prop_map(|(currency, country, line_step, added)| {
        let usual = Terms::of(currency, country);
        let vat = if added { Vat::Added } else { Vat::Included };
        Terms { line_step_minor: line_step.unwrap_or(usual.line_step_minor), vat, ..usual }
    })
}

/// A cart as a cashier might have rung it up; discounts the rules refuse are left out.
pub(crate) fn rung_up(terms: Terms, items: &[Item], cart_percent: Option<u32>, cart_steps: i64) -> Sale {
    let mut sale = Sale::new(SaleId(Uuid::nil()), 1, terms);
    let money = |minor| Money::new(minor, terms.currency).unwrap();
    let step_off = |steps: i64| (steps > 0).then(|| Discount::Amount(money(steps * terms.line_step_minor)));
    for (number, item) in items.iter().enumerate() {
        let coarse = 10_i64.pow(3 - item.unit.scale());
        let good = Good {
            item: number as i64,
            code: number.to_string(),
            name: format!("good {number}"),
            language: "en".to_owned(),
            unit: item.unit,
            price: money(item.price),
            vat: item.rate.and_then(VatRate::parse_percent),
        };
        let line = sale.add(good, Quantity::from_milli(item.quantity * coarse, item.unit).unwrap()).unwrap();
        sale.set_price(line, item.own_price.map(money)).unwrap();
        let discounts: Vec<Discount> = item.percent.and_then(Discount::percent).into_iter().chain(step_off(item.steps_off)).collect();
        let _refused = sale.discount_line(line, discounts);
    }
    let discounts: Vec<Discount> = cart_percent.and_then(Discount::percent).into_iter().chain(step_off(cart_steps)).collect();
    let _refused = sale.discount_cart(discounts);
    sale
}

/// Pays part by part, each with cash or by a device, in the order drawn; cash pays the rest.
pub(crate) fn pay(sale: &mut Sale, parts: &[(bool, i64)]) {
    for (ordinal, (by_device, steps)) in parts.iter().enumerate() {
        if sale.is_paid().unwrap() {
            return;
        }
        let kind = if *by_device { TenderKind::Kaspi } else { TenderKind::Cash };
        let wanted = Money::new(steps * sale.terms.step_of(kind), sale.currency()).unwrap();
        if *by_device {
            let Ok(asked) = sale.ask_device(kind, Some(wanted), &[]) else { continue };
            let attempt = Attempt::intend(AttemptId(Uuid::from_u128(ordinal as u128)), sale.id, 1, Device::Kaspi, asked);
            sale.take_device(kind, &Attempt { state: AttemptState::Approved, ..attempt }).unwrap();
        } else if !sale.due_by(kind).unwrap().is_zero() {
            sale.take_cash(Some(wanted), &[]).unwrap();
        }
    }
    if !sale.is_paid().unwrap() {
        sale.take_cash(None, &[]).unwrap();
    }
}

pub(crate) fn parts() -> impl Strategy<Value = Vec<(bool, i64)>> {
    prop::collection::vec((any::<bool>(), 1_i64..60_000), 0..6)
}

#[test]
fn five_hundred_lines_add_up_to_the_tiyn() {
    let terms = Terms { line_step_minor: 1, ..Terms::of(Currency::Kzt, "KZ") };
    let rates = [Some("16"), Some("12"), None];
    let items: Vec<Item> = (1..=500)
        .map(|number| Item {
            unit: Unit::Kilogram,
            price: 10_007 * number % 90_001,
            own_price: None,
            quantity: 1 + 37 * number % 2_000,
            rate: rates[number as usize % 3],
            percent: (number % 5 == 0).then_some(750),
            steps_off: 0,
        })
        .collect();
    let mut sale = rung_up(terms, &items, Some(333), 0);
    pay(&mut sale, &[(true, 1_000), (false, 2_000), (true, 500)]);
    let figures = sale.figures().unwrap();
    let sold: i64 = figures.lines.iter().map(|line| line.sold.minor()).sum();
    let shares: i64 = figures.lines.iter().map(|line| line.cart_share.minor()).sum();
    let kept: i64 = sale.tenders.iter().map(|tender| tender.received.minor() - tender.change.minor()).sum();
    assert_eq!((sale.lines.len(), shares), (500, figures.cart_discount.minor()));
    assert_eq!(sold + sale.rounding().unwrap().minor(), kept);
    assert_eq!(figures.subtotal.minor() - figures.cart_discount.minor(), sold);
    assert_eq!(kept % 100, 0, "whole tenge were paid");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn lines_less_discounts_with_roundings_are_tenders_less_change(
        terms in terms(), items in prop::collection::vec(item(), 1..25), cart_percent in prop::option::of(1_u32..=10_000), cart_steps in 0_i64..50, parts in parts(),
    ) {
        let mut sale = rung_up(terms, &items, cart_percent, cart_steps);
        pay(&mut sale, &parts);
        prop_assert!(sale.is_paid().unwrap(), "every sale can be paid");
        let figures = sale.figures().unwrap();
        let mut left = figures.tax_added.minor();
        for line in &figures.lines {
            left += line.gross.minor() - line.discount.minor() - line.cart_share.minor();
            prop_assert!(line.sold.minor() >= 0 && line.discount.minor() >= 0 && line.cart_share.minor() >= 0);
            prop_assert_eq!(line.sold.minor() % terms.line_step_minor, 0);
        }
        prop_assert_eq!(left, figures.total.minor());
        let mut right = 0;
        for tender in &sale.tenders {
            left += tender.rounding.minor();
            right += tender.received.minor() - tender.change.minor();
            prop_assert!(tender.change.minor() >= 0);
            prop_assert_eq!(tender.received.minor() % terms.step_of(tender.kind), 0);
            prop_assert!(2 * tender.rounding.minor().abs() <= terms.step_of(tender.kind));
        }
        prop_assert_eq!(left, right);
        prop_assert!(sale.tenders.iter().filter(|tender| !tender.rounding.is_zero()).count() <= 1, "only the last tender rounds");
    }

    #[test]
    fn the_tax_table_and_the_goods_without_vat_cover_what_was_sold(
        terms in terms(), items in prop::collection::vec(item(), 1..25), cart_percent in prop::option::of(1_u32..=10_000),
    ) {
        let figures = rung_up(terms, &items, cart_percent, 0).figures().unwrap();
        let gross: i64 = figures.taxes.iter().map(|row| row.gross.minor()).sum();
        prop_assert_eq!(gross + figures.untaxed.minor(), figures.total.minor());
        for row in &figures.taxes {
            prop_assert_eq!(row.net.minor() + row.tax.minor(), row.gross.minor());
            // tax : net = rate : 100 %, to a minor unit's rounding of tax and net
            let off = i128::from(row.tax.minor()) * 10_000 - i128::from(row.net.minor()) * i128::from(row.rate.basis_points());
            prop_assert!(off.abs() <= 10_000, "{row:?}");
        }
    }

    #[test]
    fn extreme_amounts_are_refused_and_never_panic(
        price in prop::sample::select(vec![0, 1, crate::money::MAX_MINOR / 2, crate::money::MAX_MINOR]), milli in prop::sample::select(vec![1_i64, 1000, 999_999_999, 1_000_000_000]),
        count in 1_usize..4, percent in prop::sample::select(vec![1_u32, 5000, 10_000]), terms in terms(),
    ) {
        let mut sale = Sale::new(SaleId(Uuid::nil()), 1, terms);
        for number in 0..count {
            let good = Good {
                item: number as i64, code: String::new(), name: String::new(), language: String::new(), unit: Unit::Kilogram,
                price: Money::new(price, terms.currency).unwrap(), vat: VatRate::from_basis_points(10_000),
            };
            let before = sale.clone();
            match sale.add(good, Quantity::from_milli(milli, Unit::Kilogram).unwrap()) {
                Ok(line) => {
                    let _may_be_refused = sale.discount_line(line, vec![Discount::Percent(percent)]);
                }
                Err(_) => prop_assert_eq!(&sale, &before),
            }
        }
        let _may_be_refused = sale.discount_cart(vec![Discount::Percent(percent), Discount::Amount(Money::new(terms.line_step_minor, terms.currency).unwrap())]);
        prop_assert!(sale.total().is_ok(), "what the cart has taken can be added up");
        let _may_be_refused = sale.take_cash(None, &[]);
        let _may_be_refused = Refund::plan(RefundId(Uuid::nil()), &sale, &[], &Wanted::default());
    }
}
