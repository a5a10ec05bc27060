//! How often a sale waits for the disk, counted from outside the process by `strace`.

use crate::commit::sale;
use acceptance::measure::Report;
use acceptance::shop::TestShop;
use database::Ledger;
use database::journal::Act;
use jiff::Zoned;
use simulators::kaspi::Customer;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use tokio::runtime::Runtime;
use uuid::Uuid;

const SALES: i64 = 40;

pub fn run(runtime: &Runtime, report: &mut Report) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = runtime.block_on(Ledger::open(folder.path())).unwrap();
    let cash = waits(folder.path(), || {
        for ticket in 1..=SALES {
            runtime.block_on(ledger.close_sale(&sale(ticket, 10), &Act::by_nobody(Zoned::now()), Uuid::now_v7())).unwrap();
        }
    });
    runtime.block_on(ledger.close());
    tell(report, "waits for the disk a cash sale", cash, 1.0);
    let shop = runtime.block_on(TestShop::open(Customer::default()));
    let card = waits(shop.folder.path(), || {
        for _ in 0..SALES {
            runtime.block_on(async {
                shop.ring_up().await;
                shop.pay_and_settle().await;
            });
        }
    });
    tell(report, "waits for the disk a Kaspi sale", card, 3.0);
}

fn tell(report: &mut Report, what: &str, counted: Option<usize>, most: f64) {
    let Some(counted) = counted else {
        return report.figure(
            "G3",
            what,
            "not measured: strace is not here".to_owned(),
            &format!("≤ {most}"),
            None,
            serde_json::Value::Null,
        );
    };
    let each = counted as f64 / SALES as f64;
    // The upkeep's own wait, once in 64 commits, is in the figure.
    let met = Some(each <= most + 0.1);
    report.figure("G3", what, format!("{each:.2}"), &format!("≤ {most}"), met, serde_json::json!({ "syncs": each }));
}

/// The syncs of the ledger's files while some work is done; none where they cannot be counted.
fn waits(folder: &Path, work: impl FnOnce()) -> Option<usize> {
    let log = folder.join("strace");
    let mut strace = Command::new("strace")
        .args(["-f", "-y", "-e", "trace=fsync,fdatasync", "-p", &std::process::id().to_string(), "-o"])
        .arg(&log)
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let mut said = BufReader::new(strace.stderr.take()?).lines();
    if !said.next()?.ok()?.contains("attached") {
        return None;
    }
    work();
    Command::new("kill").args(["-INT", &strace.id().to_string()]).status().ok()?;
    strace.wait().ok()?;
    let text = std::fs::read_to_string(&log).ok()?;
    Some(text.lines().filter(|line| line.contains("sync(") && line.contains("ledger.db")).count())
}
