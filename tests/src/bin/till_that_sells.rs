//! A till that sells by a script and writes down in its folder what it has been told is done: `till_that_sells FOLDER SEED`.
//! `acked` gets the journal's length and head behind each answer, `terminal.jsonl` the terminal's own ledger.

use acceptance::chance::Chance;
use checkout::payment::SaleId;
use checkout::tender::TenderKind;
use simulators::demo;
use simulators::kaspi::{Customer, Ending, KaspiSimulator, Options};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use till::{Opening, Till};
use uuid::Uuid;

/// Enough for the upkeep to bring the log into the file on the way.
const SALES: u64 = 40;
const TIME_SCALE: u32 = 400;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, seed] = arguments.as_slice() else { panic!("till_that_sells FOLDER SEED") };
    let folder = Path::new(folder);
    let ledger_file = Some(folder.join("terminal.jsonl"));
    let terminal = KaspiSimulator::start(Options { time_scale: TIME_SCALE, ledger_file, ..demo::kaspi_options() }).await.unwrap();
    let scaled = format!("\"own_receipt\": true, \"time_scale\": {TIME_SCALE}");
    till::init(folder, &demo::shop_at(terminal.address()).replace("\"own_receipt\": true", &scaled)).await.unwrap();
    let till = Till::open(Opening::at(folder)).await.unwrap();
    acked(&till, folder).await;
    till.import(demo::GOODS.as_bytes(), false).await.unwrap();
    acked(&till, folder).await;
    let mut dice = Chance::new(seed.parse().unwrap());
    for loaves in 1..=SALES {
        till.start_sale(SaleId(Uuid::now_v7())).await.unwrap();
        till.add_by_code("1001", Some(&loaves.to_string())).await.unwrap();
        match dice.below(6) {
            0 | 1 => till.pay_cash(Uuid::now_v7(), None).await.unwrap(),
            2 => in_parts(&till, folder, dice.below(2) == 0).await,
            3 => by_kaspi(&till, &terminal, folder, Ending::Declines).await,
            4 => {
                till.import(demo::GOODS.replace("285", &(285 + loaves % 2).to_string()).as_bytes(), false).await.unwrap();
                acked(&till, folder).await;
                by_kaspi(&till, &terminal, folder, Ending::Pays).await;
            }
            _ => by_kaspi(&till, &terminal, folder, Ending::Pays).await,
        }
        acked(&till, folder).await;
    }
    till.close().await;
}

/// Cash in two parts, or a part given back and the sale given up.
async fn in_parts(till: &Arc<Till>, folder: &Path, paid: bool) {
    let part = checkout::money::Money::parse_major("100", till.settings().currency).unwrap();
    till.pay_cash(Uuid::now_v7(), Some(part)).await.unwrap();
    acked(till, folder).await;
    if paid {
        till.pay_cash(Uuid::now_v7(), None).await.unwrap();
    } else {
        till.give_back_cash().await.unwrap();
        acked(till, folder).await;
        till.void().await.unwrap();
    }
}

async fn by_kaspi(till: &Arc<Till>, terminal: &KaspiSimulator, folder: &Path, ending: Ending) {
    terminal.set_customer(Customer::who(ending));
    let attempt = till.pay_by_device(Uuid::now_v7(), TenderKind::Kaspi, None).await.unwrap();
    acked(till, folder).await;
    till.settled(attempt, till.patience_ms()).await.unwrap();
}

async fn acked(till: &Till, folder: &Path) {
    let verified = till.records().verify_journal().await.unwrap();
    let mut file = OpenOptions::new().create(true).append(true).open(folder.join("acked")).unwrap();
    file.write_all(format!("{} {}\n", verified.entries, verified.head).as_bytes()).unwrap();
}
