//! The totals kept with each sale are what the sales add up to.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use checkout::discount::Discount;
use checkout::money::{Currency, Money};
use checkout::payment::{Answer, Attempt, AttemptId, Device, Event, SaleId, Slip};
use checkout::quantity::{Quantity, Unit};
use checkout::sale::{Good, Sale};
use checkout::tax::VatRate;
use checkout::tender::TenderKind;
use checkout::terms::{Terms, Vat};
use database::Ledger;
use database::journal::Act;
use jiff::Zoned;
use proptest::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Debug, Clone, Copy)]
enum Course {
    Cash,
    Kaspi,
    PartCashThenKaspi,
    PartCashThenVoid,
}

/// Prices in minor units with a VAT rate, discounts in hundredths of a percent, VAT on top or not.
type Ring = (Vec<(i64, Option<u32>, u32)>, u32, bool, Course);

fn rings() -> impl Strategy<Value = Vec<Ring>> {
    let line = (200_i64..500_000, prop_oneof![Just(None), Just(Some(0)), Just(Some(1200)), Just(Some(1600))], 0_u32..5_000);
    let course = prop_oneof![Just(Course::Cash), Just(Course::Kaspi), Just(Course::PartCashThenKaspi), Just(Course::PartCashThenVoid)];
    prop::collection::vec((prop::collection::vec(line, 1..5), 0_u32..5_000, any::<bool>(), course), 1..8)
}

fn kzt(minor: i64) -> Money {
    Money::new(minor, Currency::Kzt).unwrap()
}

fn rung_up(ticket: i64, (lines, off, added, _): &Ring) -> Sale {
    let vat = if *added { Vat::Added } else { Vat::Included };
    let mut sale = Sale::new(SaleId(Uuid::now_v7()), ticket, Terms { vat, line_step_minor: 1, ..Terms::of(Currency::Kzt, "KZ") });
    for (item, (price, rate, off)) in (1..).zip(lines) {
        let good = Good {
            item,
            code: item.to_string(),
            name: "Нан".to_owned(),
            language: "kk".to_owned(),
            unit: Unit::Piece,
            price: kzt(*price),
            vat: rate.and_then(VatRate::from_basis_points),
        };
        let line = sale.add(good, Quantity::ONE).unwrap();
        sale.discount_line(line, Discount::percent(*off).into_iter().collect()).unwrap();
    }
    sale.discount_cart(Discount::percent(*off).into_iter().collect()).unwrap();
    sale
}

/// Takes the sale to its end; answers it with its tenders.
async fn play(ledger: &Ledger, mut sale: Sale, course: Course) -> Sale {
    let at = Act::by_nobody(Zoned::now());
    if matches!(course, Course::PartCashThenKaspi | Course::PartCashThenVoid) {
        sale.take_cash(Some(kzt(100)), &[]).unwrap();
        ledger.take_part(&sale, &at, Uuid::now_v7()).await.unwrap();
        let held = ledger.held(Currency::Kzt).await.unwrap();
        assert_eq!(held, [(TenderKind::Cash, kzt(100))], "money of an open sale is shown, and in no total");
    }
    match course {
        Course::Cash => {
            sale.take_cash(Some(kzt(100_000_000)), &[]).unwrap();
            ledger.close_sale(&sale, &at, Uuid::now_v7()).await.unwrap();
        }
        Course::PartCashThenVoid => ledger.void_sale(&sale, &at).await.unwrap(),
        Course::Kaspi | Course::PartCashThenKaspi => {
            let asked = sale.ask_device(TenderKind::Kaspi, None, &[]).unwrap();
            let attempt = Attempt::intend(AttemptId(Uuid::now_v7()), sale.id, 1, Device::Kaspi, asked);
            ledger.intend(&sale, attempt.clone(), &at, Uuid::now_v7()).await.unwrap();
            let yes = Event::Approved { answer: Answer { amount: asked, references: BTreeMap::new(), slip: Slip::default() } };
            assert!(ledger.record(attempt.id, &yes, &at).await.unwrap().closed.is_some());
            return ledger.sale(sale.id).await.unwrap().unwrap().sale;
        }
    }
    sale
}

async fn check(rings: Vec<Ring>) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).await.unwrap();
    assert_eq!(ledger.shift(Currency::Kzt).await.unwrap(), None, "the first sale opens the shift");
    let (mut sold, mut taken, mut rounded, mut taxes, mut voids) = (0, 0, 0, BTreeMap::<u32, i64>::new(), 0);
    for (ticket, ring) in (1..).zip(&rings) {
        let sale = play(&ledger, rung_up(ticket, ring), ring.3).await;
        if matches!(ring.3, Course::PartCashThenVoid) {
            voids += 1;
            continue;
        }
        sold += sale.total().unwrap().minor();
        rounded += sale.rounding().unwrap().minor();
        taken += sale.tenders.iter().map(|tender| tender.amount.minor()).sum::<i64>();
        for row in sale.taxes().unwrap() {
            *taxes.entry(row.rate.basis_points()).or_default() += row.tax.minor();
        }
    }
    let kept = ledger.shift(Currency::Kzt).await.unwrap().unwrap();
    assert_eq!(Some(&kept), ledger.recount_shift(Currency::Kzt).await.unwrap().as_ref(), "kept and counted");
    let totals = kept.totals;
    assert_eq!((totals.sales, totals.voids, totals.total.minor()), (rings.len() as i64 - voids, voids, sold));
    let by_rate: BTreeMap<u32, i64> = totals.taxes.iter().map(|row| (row.rate.basis_points(), row.tax.minor())).collect();
    assert_eq!(by_rate, taxes);
    assert_eq!(totals.tenders.iter().map(|row| row.amount.minor()).sum::<i64>(), taken);
    assert_eq!(totals.tenders.iter().map(|row| row.rounding.minor()).sum::<i64>(), rounded);
    assert_eq!(sold + rounded, taken, "totals and roundings are what was taken");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn the_kept_totals_of_a_shift_are_what_its_sales_add_up_to(rings in rings()) {
        tokio::runtime::Runtime::new().unwrap().block_on(check(rings));
    }
}
