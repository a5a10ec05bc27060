//! G7, the part without a window: opening the till with a long ledger behind it, against a short one.

use crate::commit::sale;
use acceptance::measure::{Pairs, Report};
use acceptance::shop;
use database::Ledger;
use database::journal::Act;
use jiff::Zoned;
use simulators::demo;
use simulators::kaspi::Customer;
use std::path::Path;
use till::{Opening, Till};
use tokio::runtime::Runtime;
use uuid::Uuid;

const SALES: i64 = 20_000;

pub fn run(runtime: &Runtime, report: &mut Report) {
    let (short, long) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for folder in [short.path(), long.path()] {
        runtime.block_on(async {
            let terminal = shop::terminal(Customer::held()).await;
            till::init(folder, &shop::settings(&terminal)).await.unwrap();
            let till = Till::open(Opening::at(folder)).await.unwrap();
            till.import(demo::GOODS.as_bytes(), false).await.unwrap();
            till.close().await;
        });
    }
    runtime.block_on(async {
        let ledger = Ledger::open(long.path()).await.unwrap();
        for ticket in 1..=SALES {
            ledger.close_sale(&sale(ticket, 3), &Act::by_nobody(Zoned::now()), Uuid::now_v7()).await.unwrap();
        }
        ledger.close().await;
    });
    let open = |folder: &Path| {
        runtime.block_on(async {
            let till = Till::open(Opening::at(folder)).await.unwrap();
            till.snapshot().await.unwrap();
            till.close().await;
        });
    };
    let mut pairs = Pairs::default();
    for _ in 0..31 {
        pairs.ours(|| open(long.path()));
        pairs.baseline(|| open(short.path()));
    }
    report.ratio("G7", &format!("open and show, {SALES} sales in the ledger over none"), &pairs, 1.1, 1.5);
}
