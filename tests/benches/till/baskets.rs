//! A year of a real supermarket rung up: every basket a sale, every line its stated amount. The sum of all
//! receipts must be the sum of the data. The data is fetched by `make bench` into the target folder and is not
//! ours to pass on.

use acceptance::measure::Report;
use checkout::money::{Currency, Money};
use checkout::payment::SaleId;
use checkout::quantity::{Quantity, Unit};
use checkout::sale::{Good, Sale};
use database::Ledger;
use database::journal::Act;
use jiff::Zoned;
use std::time::Instant;
use tokio::runtime::Runtime;
use uuid::Uuid;

/// What the data's own amounts add up to, in cents.
const STATED_MINOR: i64 = 459_603_958;

pub fn run(runtime: &Runtime, report: &mut Report) {
    let file = crate::target().join("bench/transactions.csv");
    if !file.exists() {
        println!("baskets: {} is not there; `make bench` fetches it. This part is left out.", file.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let ledger = runtime.block_on(Ledger::open(folder.path())).unwrap();
    let mut table = csv::Reader::from_path(file).unwrap();
    let (mut lines, mut baskets, mut free, mut sum_minor) = (0_u64, 0_i64, 0_u64, 0_i64);
    let mut open: Option<(String, Sale)> = None;
    let start = Instant::now();
    for record in table.records() {
        let record = record.unwrap();
        let (basket, product, amount) = (&record[0], &record[1], &record[2]);
        if open.as_ref().is_none_or(|(id, _)| id != basket) {
            if let Some((_, sale)) = open.take() {
                sum_minor += close(runtime, &ledger, sale);
            }
            baskets += 1;
            open = Some((basket.to_owned(), Sale::new(SaleId(Uuid::now_v7()), baskets, Currency::Eur)));
        }
        let price = Money::parse_major(amount, Currency::Eur).unwrap();
        free += u64::from(price.is_zero());
        lines += 1;
        if let Some((_, sale)) = &mut open {
            sale.add(good(product, price), Quantity::ONE).unwrap();
        }
    }
    if let Some((_, sale)) = open.take() {
        sum_minor += close(runtime, &ledger, sale);
    }
    let seconds = start.elapsed().as_secs_f64();
    let verified = runtime.block_on(ledger.verify_journal()).unwrap();
    let exact = sum_minor == STATED_MINOR && verified.broken_at.is_none();
    report.figure(
        "—",
        &format!("{baskets} real baskets, {lines} lines ({free} of them free)"),
        format!(
            "sum {sum_minor} cents, {:.0} sales/s, each durable; journal of {} entries unbroken",
            baskets as f64 / seconds,
            verified.entries
        ),
        "the data's sum, 459603958",
        Some(exact),
        serde_json::json!({ "baskets": baskets, "lines": lines, "free_lines": free, "sum_minor": sum_minor, "seconds": seconds }),
    );
}

fn good(product: &str, price: Money) -> Good {
    Good {
        item: product.parse().unwrap(),
        code: product.to_owned(),
        name: format!("Product {product}"),
        language: "en".to_owned(),
        unit: Unit::Piece,
        price,
        vat: None,
    }
}

/// Pays and stores a basket and answers its total in cents. A basket in which everything is free takes no money
/// and is no sale.
fn close(runtime: &Runtime, ledger: &Ledger, mut sale: Sale) -> i64 {
    if sale.total().unwrap().is_zero() {
        return 0;
    }
    sale.take_cash(None, &[]).unwrap();
    runtime.block_on(ledger.close_sale(&sale, &Act::by_nobody(Zoned::now()), Uuid::now_v7())).unwrap();
    sale.total().unwrap().minor()
}
