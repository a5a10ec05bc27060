use super::*;
use crate::payment::{AttemptId, Device};
use crate::quantity::Unit;
use crate::tax::VatRate;
use proptest::prelude::*;
use uuid::Uuid;

fn good(item: i64, price_minor: i64, unit: Unit) -> Good {
    Good {
        item,
        code: item.to_string(),
        name: format!("good {item}"),
        language: "en".to_owned(),
        unit,
        price: Money::new(price_minor, Currency::Kzt).unwrap(),
        vat: VatRate::parse_percent("16"),
    }
}

fn sale() -> Sale {
    Sale::new(SaleId(Uuid::nil()), 1042, Currency::Kzt)
}

fn kzt(major: i64) -> Money {
    Money::new(major * 100, Currency::Kzt).unwrap()
}

fn with_one(price_major: i64) -> Sale {
    let mut sale = sale();
    sale.add(good(1, price_major * 100, Unit::Piece), Quantity::ONE).unwrap();
    sale
}

#[test]
fn pieces_are_counted_on_one_line_and_weights_are_not() {
    let mut sale = sale();
    let first = sale.add(good(1, 61_000, Unit::Piece), Quantity::ONE).unwrap();
    let again = sale.add(good(1, 61_000, Unit::Piece), Quantity::ONE).unwrap();
    assert_eq!(first, again);
    let weight = |milli| Quantity::from_milli(milli, Unit::Kilogram).unwrap();
    sale.add(good(2, 89_000, Unit::Kilogram), weight(746)).unwrap();
    sale.add(good(2, 89_000, Unit::Kilogram), weight(500)).unwrap();
    let amounts: Vec<i64> = sale.lines.iter().map(|line| line.amount(&sale.terms).unwrap().minor()).collect();
    // 0,746 × 890 = 663,94 → 664 ₸
    assert_eq!(amounts, [122_000, 66_400, 44_500]);
}

#[test]
fn a_removed_line_comes_back_where_it_was() {
    let mut sale = sale();
    for item in 1..=3 {
        sale.add(good(item, 100, Unit::Piece), Quantity::ONE).unwrap();
    }
    let before = sale.lines.clone();
    sale.remove(2).unwrap();
    assert_eq!(sale.removed().unwrap().id, 2);
    sale.put_back().unwrap();
    assert_eq!(sale.lines, before);
    assert_eq!(sale.put_back(), Err(SaleError::NothingRemoved));
}

#[test]
fn cash_more_than_due_closes_and_less_is_a_part() {
    let mut sale = with_one(4870);
    let part = sale.take_cash(Some(kzt(2000)), &[]).unwrap();
    assert_eq!((part.change, sale.due().unwrap()), (kzt(0), kzt(2870)));
    assert_eq!(sale.remove(1), Err(SaleError::Locked), "a paid-for cart does not change");
    let rest = sale.take_cash(Some(kzt(5000)), &[]).unwrap();
    assert_eq!(rest.change, kzt(2130));
    assert!(sale.is_paid().unwrap());
    assert_eq!(sale.take_cash(None, &[]), Err(SaleError::NothingDue));
}

#[test]
fn part_cash_can_be_given_back() {
    let mut sale = with_one(4870);
    assert_eq!(sale.give_back_cash(&[]), Err(SaleError::NothingTaken));
    sale.take_cash(Some(kzt(2000)), &[]).unwrap();
    assert_eq!(sale.give_back_cash(&[]), Ok(kzt(2000)));
    assert_eq!(sale.due().unwrap(), kzt(4870));
    sale.remove(1).expect("the cart is open again");
}

#[test]
fn coins_that_do_not_exist_are_not_taken() {
    let mut sale = with_one(100);
    let odd = Money::new(10_050, Currency::Kzt).unwrap();
    assert!(matches!(sale.take_cash(Some(odd), &[]), Err(SaleError::TooFine { .. })));
    assert_eq!(sale.take_cash(Some(kzt(0)), &[]), Err(SaleError::NotPositive));
}

#[test]
fn no_other_tender_while_an_attempt_is_open() {
    let mut sale = with_one(4870);
    let attempt = Attempt::intend(AttemptId(Uuid::nil()), sale.id, 1, Device::Kaspi, kzt(4870));
    assert_eq!(sale.take_cash(None, std::slice::from_ref(&attempt)), Err(SaleError::InDoubt));
    assert_eq!(sale.ask_device(TenderKind::Kaspi, None, std::slice::from_ref(&attempt)), Err(SaleError::InDoubt));
    let ended = Attempt { state: AttemptState::Declined, ..attempt };
    assert_eq!(sale.ask_device(TenderKind::Kaspi, None, &[ended]), Ok(kzt(4870)));
}

#[test]
fn a_device_is_never_asked_for_more_than_is_due() {
    let sale = with_one(4870);
    assert!(matches!(sale.ask_device(TenderKind::Kaspi, Some(kzt(4871)), &[]), Err(SaleError::TooMuch { .. })));
    assert_eq!(sale.ask_device(TenderKind::Kaspi, Some(kzt(1000)), &[]), Ok(kzt(1000)));
}

#[test]
fn a_line_too_large_to_hold_is_refused_and_the_cart_stays() {
    let mut sale = with_one(100);
    let before = sale.clone();
    let dear = good(2, crate::money::MAX_MINOR, Unit::Piece);
    assert!(sale.add(dear, Quantity::from_milli(2000, Unit::Piece).unwrap()).is_err());
    assert_eq!(sale, before);
}

proptest! {
    #[test]
    fn tenders_less_change_equal_the_total(prices in prop::collection::vec((1_i64..5_000_000, 1_i64..50_000), 1..20), parts in prop::collection::vec(1_i64..3_000_000, 0..6)) {
        let mut sale = sale();
        for (item, (price, milli)) in prices.iter().enumerate() {
            sale.add(good(item as i64, *price, Unit::Kilogram), Quantity::from_milli(*milli, Unit::Kilogram).unwrap()).unwrap();
        }
        prop_assume!(sale.total().unwrap().is_positive());
        for part in parts {
            if sale.due().unwrap().is_positive() {
                sale.take_cash(Some(kzt(part)), &[]).unwrap();
            }
        }
        if sale.due().unwrap().is_positive() {
            sale.take_cash(None, &[]).unwrap();
        }
        let net: i64 = sale.tenders.iter().map(|tender| tender.received.minor() - tender.change.minor()).sum();
        prop_assert_eq!(net, sale.total().unwrap().minor());
        prop_assert!(sale.tenders.iter().all(|tender| tender.change.minor() >= 0));
    }

    #[test]
    fn the_tax_table_covers_the_sale(prices in prop::collection::vec(1_i64..5_000_000, 1..20)) {
        let mut sale = sale();
        for (item, price) in prices.iter().enumerate() {
            sale.add(good(item as i64, *price, Unit::Piece), Quantity::ONE).unwrap();
        }
        let table = sale.taxes().unwrap();
        let gross: i64 = table.iter().map(|row| row.gross.minor()).sum();
        prop_assert_eq!(gross, sale.total().unwrap().minor());
        for row in table {
            // tax / gross = 16 / 116, to half a minor unit
            prop_assert!((row.tax.minor() * 116 - row.gross.minor() * 16).abs() <= 58);
        }
    }
}

fn only(price_minor: i64, terms: Terms, vat: &str) -> Sale {
    let mut sale = Sale::new(SaleId(Uuid::nil()), 1, terms);
    let price = Money::new(price_minor, terms.currency).unwrap();
    sale.add(Good { price, vat: VatRate::parse_percent(vat), ..good(1, 0, Unit::Piece) }, Quantity::ONE).unwrap();
    sale
}

/// What cash pays of a sale of one good: amount and rounding, in minor units.
fn in_cash(price_minor: i64, terms: Terms) -> (i64, i64) {
    let mut sale = only(price_minor, terms, "0");
    let tender = sale.take_cash(None, &[]).unwrap();
    assert!(sale.is_paid().unwrap());
    (tender.amount.minor(), tender.rounding.minor())
}

#[test]
fn forints_in_cash_go_to_the_nearest_five() {
    let to_the_filler = Terms { line_step_minor: 1, ..Terms::of(Currency::Huf, "HU") };
    assert_eq!(in_cash(123_250, to_the_filler), (123_500, 250));
    // The law's table: up to 2,49 down, from 2,50 up to five, up to 7,49 down to five, from 7,50 up.
    let check = |minor: i64, expected: i64| assert_eq!(in_cash(100_000 + minor, to_the_filler).0, 100_000 + expected, "{minor}");
    for (minor, expected) in [(1, 0), (249, 0), (250, 500), (499, 500), (501, 500), (749, 500), (750, 1000), (999, 1000)] {
        check(minor, expected);
    }
}

#[test]
fn euros_in_cash_follow_the_country() {
    assert_eq!(in_cash(3076, Terms::of(Currency::Eur, "EE")), (3075, -1));
    assert_eq!(in_cash(3076, Terms::of(Currency::Eur, "DE")), (3076, 0));
}

#[test]
fn kaspi_is_asked_for_whole_tenge_and_the_difference_is_kept() {
    let to_the_tiyn = Terms { line_step_minor: 1, ..Terms::of(Currency::Kzt, "KZ") };
    let mut sale = only(99_960, to_the_tiyn, "16");
    let asked = sale.ask_device(TenderKind::Kaspi, None, &[]).unwrap();
    assert_eq!(asked, kzt(1000));
    let half = Money::new(50_050, Currency::Kzt).unwrap();
    assert!(matches!(sale.ask_device(TenderKind::Kaspi, Some(half), &[]), Err(SaleError::TooFine { .. })));
    let attempt = approved(&sale, asked, 1);
    sale.take_device(TenderKind::Kaspi, &attempt).unwrap();
    assert!(sale.is_paid().unwrap());
    assert_eq!((sale.total().unwrap().minor(), sale.rounding().unwrap().minor()), (99_960, 40));
}

#[test]
fn a_sale_smaller_than_the_smallest_coin_still_closes() {
    let to_the_tiyn = Terms { line_step_minor: 1, ..Terms::of(Currency::Kzt, "KZ") };
    assert_eq!(in_cash(40, to_the_tiyn), (0, -40));
    let mut free = with_one(890);
    free.discount_line(1, vec![Discount::Percent(10_000)]).unwrap();
    assert!(!free.is_paid().unwrap(), "it waits for the cashier");
    assert_eq!(free.ask_device(TenderKind::Kaspi, None, &[]), Err(SaleError::NotPositive));
    assert_eq!(free.take_cash(None, &[]).unwrap().amount, kzt(0));
    assert!(free.is_paid().unwrap());
    assert_eq!(free.take_cash(None, &[]), Err(SaleError::NothingDue));
}

#[test]
fn vat_on_top_is_added_per_rate_on_the_sum() {
    let mut sale = Sale::new(SaleId(Uuid::nil()), 1, Terms { vat: crate::terms::Vat::Added, ..Currency::Eur.into() });
    let euro = |minor| Money::new(minor, Currency::Eur).unwrap();
    for (item, price, rate) in [(1, 105, Some("20")), (2, 105, Some("20")), (3, 1000, Some("5.5")), (4, 300, None)] {
        let vat = rate.and_then(VatRate::parse_percent);
        sale.add(Good { price: euro(price), vat, ..good(item, 0, Unit::Piece) }, Quantity::ONE).unwrap();
    }
    let figures = sale.figures().unwrap();
    let rows: Vec<(i64, i64, i64)> = figures.taxes.iter().map(|row| (row.net.minor(), row.tax.minor(), row.gross.minor())).collect();
    // 20 % of 2,10 and 5,5 % of 10,00
    assert_eq!(rows, [(210, 42, 252), (1000, 55, 1055)]);
    assert_eq!((figures.untaxed, figures.tax_added, figures.total), (euro(300), euro(97), euro(1607)));
}

#[test]
fn a_cart_discount_lowers_the_vat_of_every_rate_by_its_part() {
    let mut sale = sale();
    sale.add(Good { vat: VatRate::parse_percent("12"), ..good(1, 56_000, Unit::Piece) }, Quantity::ONE).unwrap();
    sale.add(Good { vat: None, ..good(2, 44_000, Unit::Piece) }, Quantity::ONE).unwrap();
    sale.discount_cart(vec![Discount::Percent(1000)]).unwrap();
    let figures = sale.figures().unwrap();
    assert_eq!((figures.subtotal, figures.cart_discount, figures.total), (kzt(1000), kzt(100), kzt(900)));
    assert_eq!((figures.taxes[0].gross, figures.taxes[0].tax, figures.untaxed), (kzt(504), kzt(54), kzt(396)));
}

#[test]
fn a_line_can_have_its_own_price_and_discounts() {
    let mut sale = with_one(890);
    sale.discount_line(1, vec![Discount::Percent(1000)]).unwrap();
    assert_eq!(sale.total().unwrap(), kzt(801));
    let second = sale.add(good(1, 89_000, Unit::Piece), Quantity::ONE).unwrap();
    assert_eq!(second, 2, "a full-price piece is not counted on a discounted line");
    sale.set_price(1, Some(kzt(500))).unwrap();
    assert_eq!(sale.total().unwrap(), kzt(450 + 890));
    sale.set_price(1, None).unwrap();
    sale.discount_line(1, Vec::new()).unwrap();
    assert_eq!(sale.total().unwrap(), kzt(1780));
    assert_eq!(sale.set_price(1, Some(kzt(-1))), Err(SaleError::BelowZero));
    assert_eq!(sale.discount_line(7, Vec::new()), Err(SaleError::NoLine(7)));
}

#[test]
fn a_discount_larger_than_what_is_left_takes_all_of_it() {
    let mut sale = with_one(1000);
    sale.add(good(2, 10_000, Unit::Piece), Quantity::ONE).unwrap();
    assert!(matches!(sale.discount_cart(vec![Discount::Amount(kzt(1101))]), Err(SaleError::Discount(DiscountError::TooLarge(_)))));
    sale.discount_cart(vec![Discount::Amount(kzt(600))]).unwrap();
    sale.remove(1).unwrap();
    assert_eq!(sale.total().unwrap(), kzt(0), "never below zero");
    sale.put_back().unwrap();
    assert_eq!(sale.total().unwrap(), kzt(500));
}

fn approved(sale: &Sale, amount: Money, ordinal: u32) -> Attempt {
    let attempt = Attempt::intend(AttemptId(Uuid::from_u128(ordinal.into())), sale.id, ordinal, Device::Kaspi, amount);
    Attempt { state: AttemptState::Approved, ..attempt }
}
