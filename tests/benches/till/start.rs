//! G7, the part without a window: opening the till with a long ledger behind it, against a short one.

use crate::commit::sale;
use acceptance::measure::{Pairs, Report, quantile, timed};
use acceptance::shop;
use database::Ledger;
use database::journal::Act;
use jiff::Zoned;
use simulators::demo;
use simulators::kaspi::Customer;
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
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

const FACTS: i64 = 1_000_000;
const LOG_BYTES: u64 = 400 << 20;

/// What lies in the ledger is not looked at in the start but for its end: the last facts are written by the ledger itself.
const FILL: &str = "WITH RECURSIVE n(i) AS (SELECT (SELECT max(seq) + 1 FROM journal) UNION ALL SELECT i + 1 FROM n WHERE i < :FACTS:)
    INSERT INTO journal (seq, at, kind, subject, body, hash) SELECT i, '2026-01-01T10:00:00+05:00', 'sale_closed', printf('01987f2e-8a3c-7d10-9a55-%012x', i),
    '{\"number\":' || i || '}', randomblob(32) FROM n";

/// After kill -9: a million facts, and a log of 400 MiB that nobody has brought into the file.
pub fn after_a_kill(runtime: &Runtime, report: &mut Report) {
    let (clean, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    runtime.block_on(async {
        let terminal = shop::terminal(Customer::held()).await;
        till::init(clean.path(), &shop::settings(&terminal)).await.unwrap();
        // The ledger is open while the facts are filled in behind it; its own come last.
        let ledger = Ledger::open(clean.path()).await.unwrap();
        let options = SqliteConnectOptions::new().filename(clean.path().join("ledger.db")).synchronous(SqliteSynchronous::Off);
        let mut hand = options.connect().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(FILL.replace(":FACTS:", &FACTS.to_string()))).execute(&mut hand).await.unwrap();
        hand.close().await.unwrap();
        for ticket in 1..=50 {
            ledger.close_sale(&sale(ticket, 3), &Act::by_nobody(Zoned::now()), Uuid::now_v7()).await.unwrap();
        }
        ledger.close().await;
    });
    // The close is not timed: it brings the log into the file.
    let open = |folder: &Path| {
        let mut opened = None;
        let us = timed(|| {
            let till = runtime.block_on(Till::open(Opening::at(folder))).unwrap();
            runtime.block_on(till.snapshot()).unwrap();
            opened = Some(till);
        });
        runtime.block_on(opened.unwrap().close());
        us / 1e6
    };
    let (mut after_close, mut after_kill) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        after_close.push(open(clean.path()));
        leave_a_long_log(runtime, clean.path(), killed.path());
        after_kill.push(open(killed.path()));
    }
    let (clean_s, killed_s) = (quantile(&after_close, 0.5), quantile(&after_kill, 0.5));
    report.figure(
        "G7",
        &format!("open and show after kill -9, {FACTS} facts and a log of 400 MiB"),
        format!("{killed_s:.2} s, after a close {clean_s:.2} s"),
        "≤ after a close + 1 s",
        Some(killed_s <= clean_s + 1.0),
        serde_json::json!({ "after_kill_s": killed_s, "after_close_s": clean_s }),
    );
}

/// The folder as a till leaves it that is killed before its log was brought in.
fn leave_a_long_log(runtime: &Runtime, clean: &Path, killed: &Path) {
    for file in std::fs::read_dir(killed).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    let copy = |from: &Path, to: &Path| {
        for file in std::fs::read_dir(from).unwrap().map(|file| file.unwrap()) {
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    };
    let work = tempfile::tempdir().unwrap();
    copy(clean, work.path());
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(work.path().join("ledger.db")).synchronous(SqliteSynchronous::Off);
        let mut hand = options.pragma("wal_autocheckpoint", "0").connect().await.unwrap();
        let log = work.path().join("ledger.db-wal");
        while std::fs::metadata(&log).map_or(0, |log| log.len()) < LOG_BYTES {
            let write = "INSERT OR REPLACE INTO setting VALUES ('long', hex(randomblob(500000)))";
            sqlx::query(write).execute(&mut hand).await.unwrap();
        }
        copy(work.path(), killed);
        hand.close().await.unwrap();
    });
    std::fs::remove_file(killed.join("ledger.db-shm")).unwrap();
}
