//! A sale cut off in the middle: the process killed, the disk full. It is wholly there or not at all, and the same
//! `--id` again brings it to its one end.

use acceptance::ctl;
use serde_json::Value;
use simulators::demo;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;
use uuid::Uuid;

fn shop() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    ctl::set_up(folder.path(), &demo::shop_at("127.0.0.1:9".parse().unwrap()));
    folder
}

fn sell(id: &str) -> [&str; 9] {
    ["sell", "--item", "1001x2", "--item", "1002", "--pay", "cash:5000", "--id", id]
}

/// The same command again ends the sale, once; the journal holds, and receipt numbers have no gap.
fn comes_to_its_one_end(data: &Path, id: &str, number: i64) {
    let (code, first) = ctl::run(data, &sell(id));
    assert_eq!((code, first["sale"]["number"].as_i64()), (0, Some(number)), "{first}");
    assert_eq!(ctl::run(data, &sell(id)), (0, first.clone()), "and again, the same");
    let (code, journal) = ctl::run(data, &["journal", "verify"]);
    assert_eq!((code, &journal["journal"]["broken_at"]), (0, &Value::Null), "{journal}");
    let (_, report) = ctl::run(data, &["report", "x"]);
    let shift = &report["report"]["shift"];
    assert_eq!((shift["sales"].as_i64(), shift["number"].as_i64()), (Some(number), Some(1)), "each sale counts once: {report}");
    let total = first["sale"]["total_minor"].as_i64().unwrap();
    assert_eq!(shift["tenders"][0]["amount_minor"].as_i64(), Some(total * number));
}

#[test]
fn a_sale_killed_while_it_is_written_is_whole_or_not_there() {
    let folder = shop();
    let log = folder.path().join("ledger.db-wal");
    // Killed as soon as so much of the sale lies in the log; the last ones are later than its commit.
    for (number, bytes) in (1_i64..).zip((1..80_000).step_by(6_000)) {
        let id = Uuid::now_v7().to_string();
        let mut child = ctl::start(folder.path(), &sell(&id));
        while std::fs::metadata(&log).map_or(0, |log| log.len()) < bytes && child.try_wait().unwrap().is_none() {
            std::hint::spin_loop();
        }
        let _ = child.kill();
        child.wait().unwrap();
        comes_to_its_one_end(folder.path(), &id, number);
    }
}

#[test]
fn a_disk_full_at_the_close_is_told_and_costs_nothing() {
    let folder = shop();
    let mut refused = 0;
    for (number, blocks) in (1_i64..).zip((64..=160).step_by(12)) {
        let id = Uuid::now_v7().to_string();
        let sale = ctl::command(folder.path(), &sell(&id));
        // No file may grow past so many blocks of 512 bytes; a full disk sends no signal either.
        let output = Command::new("sh")
            .args(["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", &blocks.to_string()])
            .arg(sale.get_program())
            .args(sale.get_args())
            .output()
            .unwrap();
        let (code, answer) = ctl::answer(&output);
        if code != 0 {
            refused += 1;
            assert_eq!((code, answer["error"]["code"].as_str()), (1, Some("storage")), "{answer}");
            let hint = answer["error"]["hint"].as_str().unwrap();
            assert!(hint.contains("make room on the disk") && hint.contains("nothing is charged twice"), "{hint}");
        }
        comes_to_its_one_end(folder.path(), &id, number);
    }
    assert!(refused > 0, "the limit was never met");
}
