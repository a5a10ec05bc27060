//! G3: a cash sale of ten lines made durable, against the same bytes written raw and synced.

use acceptance::measure::{Pairs, Report};
use checkout::money::{Currency, Money};
use checkout::payment::SaleId;
use checkout::quantity::{Quantity, Unit};
use checkout::sale::{Good, Sale};
use database::Ledger;
use database::journal::Act;
use jiff::Zoned;
use std::fs::File;
use std::io::Write;
use tokio::runtime::Runtime;
use uuid::Uuid;

const PAIRS: usize = 400;

pub fn sale(ticket: i64, lines: i64) -> Sale {
    let mut sale = Sale::new(SaleId(Uuid::now_v7()), ticket, Currency::Kzt);
    for item in 1..=lines {
        let good = Good {
            item,
            code: format!("{item:05}"),
            name: format!("Сүт «Көктем» пастерленген 2,5 %, {item} л"),
            language: "kk".to_owned(),
            unit: Unit::Piece,
            price: Money::new(61_000 + item * 100, Currency::Kzt).unwrap(),
            vat: None,
        };
        sale.add(good, Quantity::ONE).unwrap();
    }
    sale.take_cash(None, &[]).unwrap();
    sale
}

pub fn run(runtime: &Runtime, report: &mut Report) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = runtime.block_on(Ledger::open(folder.path())).unwrap();
    let wal = folder.path().join("ledger.db-wal");
    let size = || std::fs::metadata(&wal).map_or(0, |data| data.len());
    let close = |ticket| {
        let sale = sale(ticket, 10);
        runtime.block_on(ledger.close_sale(&sale, &Act::by_nobody(Zoned::now()), Uuid::now_v7())).unwrap();
    };
    // What one commit adds to the log, seen before the log is first written over.
    close(1);
    let before = size();
    close(2);
    let bytes = vec![0x5A_u8; usize::try_from(size() - before).unwrap()];
    let mut raw = File::create(folder.path().join("raw")).unwrap();
    let mut pairs = Pairs::default();
    for turn in 0..PAIRS as i64 {
        let ready = sale(turn + 3, 10);
        pairs.ours(|| {
            runtime.block_on(ledger.close_sale(&ready, &Act::by_nobody(Zoned::now()), Uuid::now_v7())).unwrap();
        });
        pairs.baseline(|| {
            raw.write_all(&bytes).unwrap();
            raw.sync_data().unwrap();
        });
    }
    let what = format!("cash sale of 10 lines, {} bytes", bytes.len());
    report.ratio("G3", &what, &pairs, 1.3, 2.0);
    runtime.block_on(ledger.close());
}
