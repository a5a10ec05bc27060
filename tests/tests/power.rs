//! The power cut and the disk that fails, of a real till process: `acceptance::power` says how both are made.

use acceptance::chance::Chance;
use acceptance::ctl;
use acceptance::kill::{Sale, Shop, audit, wish};
use acceptance::power::{Deed, Disk, Folder, lay, read_log};
use checkout::payment::SaleId;
use database::Ledger;
use serde_json::Value;
use simulators::demo;
use simulators::kaspi::Customer;
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;
use till::records::Records;

/// A script that was run once, watched.
struct Watched {
    before: Folder,
    deeds: Vec<Deed>,
}

fn watch(disk: &Disk, seed: u64) -> Watched {
    let (data, log) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let log = log.path().join("log");
    let data = data.path().canonicalize().unwrap();
    let before = Folder::of(&data);
    let mut till = Command::new(env!("CARGO_BIN_EXE_till_that_sells"));
    disk.record(till.arg(&data).arg(seed.to_string()), &data, &log);
    assert!(till.status().unwrap().success());
    Watched { before, deeds: read_log(&log, &data) }
}

/// What the outside knew when the power went: the last answer of the till, and the terminal's own ledger.
#[derive(Default, Clone)]
struct Known {
    acked: Option<(usize, String)>,
    charged_minor: Vec<i64>,
}

impl Known {
    fn follow(&mut self, deed: &Deed) {
        let Deed::Write { file, bytes, .. } = deed else { return };
        let text = String::from_utf8_lossy(bytes);
        match file.as_str() {
            "acked" => {
                let (entries, head) = text.trim().split_once(' ').unwrap();
                self.acked = Some((entries.parse().unwrap(), head.to_owned()));
            }
            "terminal.jsonl" => {
                let line: Value = serde_json::from_str(&text).unwrap();
                self.charged_minor.push(line["amount_minor"].as_i64().unwrap());
            }
            _ => {}
        }
    }
}

/// Opens what a cut left, as the next start of the till does, and compares it with what was known.
async fn comes_back(files: &BTreeMap<String, Vec<u8>>, known: &Known) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    lay(files, folder.path());
    let told = |what: &str, error: &dyn std::fmt::Debug| format!("{what}: {error:?}");
    if !files.contains_key("ledger.db") && known.acked.is_none() {
        return Ok(());
    }
    let ledger = Ledger::open(folder.path()).await.map_err(|error| told("it does not open", &error))?;
    let faults = ledger.check().await.map_err(|error| told("it cannot be looked over", &error))?;
    ledger.close().await;
    if !faults.is_empty() {
        return Err(told("it is not whole", &faults));
    }
    let mut lines = Vec::new();
    till::records::export_journal(folder.path(), None, &mut lines).await.map_err(|error| told("no export", &error))?;
    let entries: Vec<Value> = String::from_utf8(lines).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    if let Some((count, head)) = &known.acked {
        let there = entries.get(count - 1).map(|entry| entry["hash"].as_str().unwrap());
        if there != Some(head) {
            return Err(format!("an acknowledged commit is lost: fact {count} of {}", entries.len()));
        }
    }
    let books = audit::add_up(&entries);
    match known.charged_minor.iter().find(|charge| !books.attempts.values().any(|attempt| attempt.amount_minor == **charge)) {
        Some(charge) => Err(format!("the terminal took {charge}, and nobody intended it")),
        None => Ok(()),
    }
}

/// `make kills CUTS=5000` for more.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_power_cut_loses_nothing_that_was_answered() {
    let (cuts, seed) = (wish("CUTS", 300), wish("SEED", 20_261_123));
    let disk = Disk::build();
    let watched = Arc::new(watch(&disk, seed));
    let syncs = watched.deeds.iter().filter(|deed| matches!(deed, Deed::Sync { .. })).count();
    assert!(syncs > 50, "only {syncs} syncs: the disk was not watched");
    const WORKERS: u64 = 4;
    let workers: Vec<_> = (0..WORKERS).map(|worker| tokio::spawn(cut(watched.clone(), cuts, seed, worker, WORKERS))).collect();
    let mut made = 0;
    for worker in workers {
        made += worker.await.unwrap();
    }
    assert_eq!(made, cuts);
    println!("{cuts} power cuts of seed {seed} over {} writes and {syncs} syncs: each came back whole", watched.deeds.len() - syncs);
}

/// Each cut has a place and dice of its own, so that one can be made again by its number.
async fn cut(watched: Arc<Watched>, cuts: u64, seed: u64, worker: u64, workers: u64) -> u64 {
    let (mut folder, mut known, mut done, mut made) = (watched.before.clone(), Known::default(), 0, 0);
    for nth in (worker..cuts).step_by(workers as usize) {
        let place = (nth * watched.deeds.len() as u64 / cuts) as usize + 1;
        for deed in &watched.deeds[done..place] {
            folder.follow(deed);
            known.follow(deed);
        }
        done = place;
        let files = folder.cut(&mut Chance::new(seed ^ (nth << 20)));
        if let Err(wrong) = comes_back(&files, &known).await {
            panic!("SEED={seed} CUTS={cuts}: cut {nth}, behind deed {place} ({}): {wrong}", brief(&watched.deeds[place - 1]));
        }
        made += 1;
    }
    made
}

fn brief(deed: &Deed) -> String {
    match deed {
        Deed::Write { file, offset, bytes } => format!("{} bytes into {file} at {offset}", bytes.len()),
        other => format!("{other:?}"),
    }
}

/// A disk that answers a sync before the bytes are there would lose what was answered; the check above would see it.
#[tokio::test]
async fn a_disk_that_only_pretends_to_sync_is_found_out() {
    let disk = Disk::build();
    let watched = watch(&disk, 1);
    let (mut folder, mut known, mut lost) = (watched.before.clone(), Known::default(), 0);
    for (place, deed) in watched.deeds.iter().enumerate() {
        known.follow(deed);
        if !matches!(deed, Deed::Sync { file } if file.ends_with("-wal")) {
            folder.follow(deed);
        }
        if place % 400 == 399 && comes_back(&folder.cut(&mut Chance::new(place as u64)), &known).await.is_err() {
            lost += 1;
        }
    }
    assert!(lost > 0, "unsynced commits were lost and nobody saw it");
}

/// How a disk fails, and what the system calls it.
const FAILURES: [(&str, i32); 3] = [("full", 28), ("unreadable", 5), ("read-only", 30)];

/// What is tried on a failing disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trial {
    Cash,
    Kaspi,
    Import,
}

impl Trial {
    fn arguments(self, sale: &Sale, goods: &str) -> Vec<String> {
        match self {
            Trial::Cash => sale.arguments().into_iter().map(|word| if word == "kaspi" { "cash".to_owned() } else { word }).collect(),
            Trial::Kaspi => sale.arguments(),
            Trial::Import => vec!["import".to_owned(), goods.to_owned()],
        }
    }
}

fn run(mut command: Command) -> (i32, Value) {
    ctl::answer(&command.output().unwrap())
}

/// The disk fails from the n-th operation on, and stays so until the process has ended; for each n, or every `step`th, until
/// none is left to fail. Then the disk is well again.
async fn fails_at_every_write(trial: Trial, (name, errno): (&'static str, i32), step: u64) {
    let (shop, disk, goods) = (Shop::open(Customer::default(), 400).await, Disk::build(), tempfile::tempdir().unwrap());
    let data = shop.data().canonicalize().unwrap();
    let (file, hit) = (goods.path().join("goods.csv"), goods.path().join("hit"));
    let (mut nth, mut refused, mut loaves) = (1 + wish("SEED", 0) % step, 0, 0);
    loop {
        loaves += 1;
        std::fs::write(&file, demo::GOODS.replace(",285,", &format!(",{},", 285 + loaves % 2))).unwrap();
        let sale = Sale::of(loaves);
        let words = trial.arguments(&sale, file.to_str().unwrap());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut command = ctl::command(&data, &words);
        disk.fail(&mut command, &data, nth, errno, &hit);
        let (code, answer) = run(command);
        let place = format!("{trial:?}, disk {name} from operation {nth} on: {code} {answer}");
        if code != 0 {
            refused += 1;
            let error = &answer["error"];
            let told = ["storage", "folder", "import"].contains(&error["code"].as_str().unwrap_or_default()) && error["hint"].is_string();
            let in_doubt = trial == Trial::Kaspi && answer["attempts"][0]["state"].is_string();
            assert!(told || in_doubt, "{place}");
        }
        if trial != Trial::Import && code != 0 && shop.left(&sale).await == "none" {
            let asked = shop.terminal.operations().iter().any(|asked| asked.amount_tenge * 100 == sale.amount_minor());
            assert!(!asked, "a charge was begun that is not written down: {place}");
        }
        if trial == Trial::Cash && code == 0 {
            let records = Records::open(&data).await.unwrap();
            let sold = records.sale(SaleId(sale.id.parse().unwrap())).await.unwrap();
            assert!(sold.is_some_and(|sold| sold.closed.is_some()), "what was answered as sold is there: {place}");
        }
        shop.settle().await;
        audit::verify(&data);
        match trial {
            Trial::Kaspi => drop(shop.audit().await),
            Trial::Cash | Trial::Import => {
                let (code, again) = ctl::run(&data, &words);
                assert_eq!(code, 0, "{place}, then: {again}");
            }
        }
        if !hit.exists() {
            break;
        }
        std::fs::remove_file(&hit).unwrap();
        nth += step;
    }
    assert!(refused > 0, "{trial:?}: the disk never failed");
    println!("{trial:?} on a disk that is {name}: {loaves} runs up to operation {nth}, {refused} refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cash_sale_on_a_failing_disk() {
    for failure in FAILURES {
        fails_at_every_write(Trial::Cash, failure, wish("STEP", 4)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_device_payment_on_a_failing_disk() {
    for failure in FAILURES {
        fails_at_every_write(Trial::Kaspi, failure, wish("STEP", 23)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_import_on_a_failing_disk() {
    for failure in FAILURES {
        fails_at_every_write(Trial::Import, failure, wish("STEP", 9)).await;
    }
}
