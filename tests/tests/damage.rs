//! A ledger damaged at rest: a bit flipped, a page zeroed, the file cut, its log lost, yesterday's copy put back. It is found when
//! the shop is opened or looked over, it is never summed up in silence, and what can be read is written out.

use acceptance::chance::Chance;
use acceptance::ctl;
use acceptance::kill::wish;
use database::{DatabaseError, Ledger};
use serde_json::Value;
use simulators::demo;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use std::collections::BTreeMap;
use std::path::Path;
use tempfile::TempDir;
use till::TillError;

/// A shop that has sold a little, closed in good order; the copy of it from before the last sales; and with its log, as a
/// till that was cut off leaves it.
struct Shops {
    whole: TempDir,
    yesterday: TempDir,
    facts: usize,
    report: Value,
}

fn copy(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

fn copied(from: &Path) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(from, folder.path());
    folder
}

fn sell(data: &Path, times: usize) {
    for _ in 0..times {
        assert_eq!(ctl::run(data, &["sell", "--item", "1001x2", "--item", "1002", "--pay", "cash:5000"]).0, 0);
    }
}

fn shops() -> Shops {
    let whole = tempfile::tempdir().unwrap();
    ctl::set_up(whole.path(), &demo::shop_at("127.0.0.1:9".parse().unwrap()));
    sell(whole.path(), 6);
    let yesterday = copied(whole.path());
    sell(whole.path(), 6);
    let (code, exported) = ctl::run(whole.path(), &["journal", "export"]);
    assert_eq!(code, 0);
    let (code, report) = ctl::run(whole.path(), &["report", "x"]);
    assert_eq!(code, 0);
    Shops { facts: exported["entries"].as_array().unwrap().len(), report, whole, yesterday }
}

/// What is refused on a damaged ledger says what happened, what is safe and what to do.
fn told(answer: &Value) {
    assert_eq!(answer["error"]["code"], "damaged", "{answer}");
    let hint = answer["error"]["hint"].as_str().unwrap();
    assert!(hint.contains("nothing was sold") && hint.contains("journal export"), "{hint}");
}

#[test]
fn yesterdays_copy_is_noticed_and_taken_only_knowingly() {
    let shops = shops();
    let data = shops.whole.path();
    std::fs::copy(shops.yesterday.path().join("ledger.db"), data.join("ledger.db")).unwrap();
    let (code, refused) = ctl::run(data, &["sell", "--item", "1001", "--pay", "cash"]);
    assert_eq!(code, 1);
    told(&refused);
    assert!(refused["error"]["message"].as_str().unwrap().contains("an older copy"), "{refused}");
    told(&ctl::run(data, &["report", "x"]).1);
    let (code, exported) = ctl::run(data, &["journal", "export"]);
    assert_eq!((code, exported["missing"][0]["to"].as_u64()), (1, Some(shops.facts as u64)), "what is missing is said");
    std::fs::remove_file(data.join("ledger.head")).unwrap();
    assert_eq!(ctl::run(data, &["sell", "--item", "1001", "--pay", "cash"]).0, 0, "a person took it as it is");
    std::fs::remove_file(data.join("ledger.db")).unwrap();
    told(&ctl::run(data, &["report", "x"]).1);
}

#[tokio::test]
async fn a_lost_log_is_noticed() {
    let shops = shops();
    let till = till::Till::open(till::Opening::at(shops.whole.path())).await.unwrap();
    for _ in 0..3 {
        till.start_sale(checkout::payment::SaleId(uuid::Uuid::now_v7())).await.unwrap();
        till.add_by_code("1001", None).await.unwrap();
        till.pay_cash(uuid::Uuid::now_v7(), None).await.unwrap();
    }
    // As a cut leaves it: the log beside the file.
    let cut = copied(shops.whole.path());
    till.close().await;
    let lost = copied(cut.path());
    assert!(std::fs::metadata(lost.path().join("ledger.db-wal")).unwrap().len() > 0);
    std::fs::remove_file(lost.path().join("ledger.db-wal")).unwrap();
    told(&ctl::run(lost.path(), &["sell", "--item", "1001", "--pay", "cash"]).1);
    assert_eq!(ctl::run(cut.path(), &["journal", "verify"]).0, 0, "with its log nothing is lost");
}

#[tokio::test]
async fn a_till_that_finds_damage_on_its_way_takes_no_more_money() {
    let shops = shops();
    let till = till::Till::open(till::Opening::at(shops.whole.path())).await.unwrap();
    till.look_over().await;
    let sell = async || {
        till.start_sale(checkout::payment::SaleId(uuid::Uuid::now_v7())).await.unwrap();
        till.add_by_code("1001", None).await.unwrap();
        till.pay_cash(uuid::Uuid::now_v7(), None).await
    };
    sell().await.unwrap();
    let mut hand = SqliteConnectOptions::new().filename(shops.whole.path().join("ledger.db")).connect().await.unwrap();
    sqlx::query("UPDATE sale SET total_minor = total_minor + 100 WHERE number = 3").execute(&mut hand).await.unwrap();
    hand.close().await.unwrap();
    sell().await.expect("not yet found");
    till.look_over().await;
    assert!(matches!(sell().await, Err(till::TillError::Damaged(what)) if what.contains("a closed sale is not what the journal says")));
    till.close().await;
    let (code, verified) = ctl::run(shops.whole.path(), &["journal", "verify"]);
    assert_eq!(code, 1, "{verified}");
    told(&verified);
}

/// What was done to the file.
fn damage(data: &Path, dice: &mut Chance) -> String {
    const PAGE: u64 = 4096;
    let file = data.join("ledger.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let pages = bytes.len() as u64 / PAGE;
    let done = match dice.below(8) {
        0 => {
            let page = dice.below(pages);
            bytes[(page * PAGE) as usize..((page + 1) * PAGE) as usize].fill(0);
            format!("page {page} zeroed")
        }
        1 => {
            let length = dice.below(bytes.len() as u64);
            bytes.truncate(length as usize);
            format!("cut at {length}")
        }
        _ => {
            let (byte, bit) = (dice.below(bytes.len() as u64), dice.below(8));
            bytes[byte as usize] ^= 1 << bit;
            format!("bit {bit} of byte {byte} flipped")
        }
    };
    std::fs::write(file, bytes).unwrap();
    done
}

/// How the damage was found, or that it changed nothing a reader can see.
async fn found(data: &Path, shops: &Shops) -> Result<&'static str, String> {
    let ledger = match Ledger::open(data).await {
        Ok(ledger) => ledger,
        Err(DatabaseError::Damaged(_)) => return Ok("at the start"),
        Err(other) => return Err(format!("not told as damage: {other:?}")),
    };
    let faults = ledger.check().await;
    ledger.close().await;
    let looked_over = match faults {
        Ok(faults) => !faults.is_empty(),
        Err(error) if error.is_of_the_disk() => true,
        Err(other) => return Err(format!("not told as damage: {other:?}")),
    };
    // Whether it has been looked over or not, a report is true or there is none.
    let touched = if looked_over { "when looked over" } else { "at the first touch" };
    let records = match till::records::Records::open(data).await {
        Ok(records) => records,
        // No fact tells of the settings; what is left of them does not read.
        Err(TillError::Damaged(_) | TillError::Settings(_)) => return Ok(touched),
        Err(other) => return Err(format!("not told as damage: {other:?}")),
    };
    let report = match records.report_x().await {
        Ok(report) => report,
        Err(TillError::Damaged(_)) => return Ok(touched),
        Err(other) => return Err(format!("not told as damage: {other:?}")),
    };
    let totals = &shops.report["report"]["shift"];
    let shift = report.shift.ok_or("the shift is gone")?;
    let same = Some(shift.totals.total.minor()) == totals["total_minor"].as_i64() && Some(shift.totals.sales) == totals["sales"].as_i64();
    let unharmed = if looked_over { "when looked over" } else { "nothing that is read has changed" };
    if same { Ok(unharmed) } else { Err(format!("summed up in silence: {shift:?}")) }
}

/// `make kills DAMAGES=2000` for more.
#[tokio::test(flavor = "multi_thread")]
async fn damage_is_found_and_never_summed_up_in_silence() {
    let (damages, seed) = (wish("DAMAGES", 150), wish("SEED", 20_261_123));
    let shops = shops();
    let (mut counts, mut saved) = (BTreeMap::<&str, u64>::new(), 0);
    for run in 0..damages {
        let folder = copied(shops.whole.path());
        let mut dice = Chance::new(seed + run);
        let done = damage(folder.path(), &mut dice);
        let how = found(folder.path(), &shops).await.unwrap_or_else(|wrong| panic!("seed {}: {done}: {wrong}", seed + run));
        *counts.entry(how).or_default() += 1;
        // Whatever it is, an export ends, and what it leaves out it says.
        let mut lines = Vec::new();
        let exported = till::records::export_journal(folder.path(), None, &mut lines).await;
        let exported = exported.unwrap_or_else(|error| panic!("seed {}: {done}: {error}", seed + run));
        let missing: i64 = exported.missing.iter().map(|(from, to)| to - from + 1).sum();
        assert_eq!(exported.entries + missing, shops.facts as i64, "seed {}: {done}: {exported:?}", seed + run);
        saved += exported.entries;
    }
    let share = saved * 100 / (damages as i64 * shops.facts as i64);
    println!("{damages} damages from seed {seed}: {counts:?}; {share} % of the facts could be written out");
}
