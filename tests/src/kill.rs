//! A shop whose till is killed with -9, and what becomes of it: asked about, decided by a person where nobody else can know,
//! sold to its end, audited.

pub mod audit;
pub mod relay;

use crate::ctl;
use audit::Books;
use checkout::payment::{Decision, Resolution};
use relay::Relay;
use serde_json::Value;
use simulators::demo;
use simulators::kaspi::{Customer, KaspiSimulator, Options};
use simulators::ledger::State;
use std::collections::BTreeSet;
use std::path::Path;
use tempfile::TempDir;
use till::records::Records;
use till::{Opening, Till};
use uuid::Uuid;

/// The loaf that is sold, in tiyn.
pub const LOAF_MINOR: i64 = 28_500;

pub struct Shop {
    pub folder: TempDir,
    pub terminal: KaspiSimulator,
    pub relay: Relay,
}

/// A sale of so many loaves: its amount is its own.
#[derive(Debug, Clone)]
pub struct Sale {
    pub id: String,
    pub loaves: i64,
}

impl Sale {
    pub fn of(loaves: i64) -> Sale {
        Sale { id: Uuid::now_v7().to_string(), loaves }
    }

    pub fn amount_minor(&self) -> i64 {
        LOAF_MINOR * self.loaves
    }

    /// `kassactl`'s arguments that sell it.
    pub fn arguments(&self) -> Vec<String> {
        let item = format!("1001x{}", self.loaves);
        ["sell", "--item", &item, "--pay", "kaspi", "--id", &self.id].map(str::to_owned).to_vec()
    }
}

impl Shop {
    pub async fn open(customer: Customer, time_scale: u32) -> Shop {
        let terminal = KaspiSimulator::start(Options { time_scale, customer, ..demo::kaspi_options() }).await.unwrap();
        let relay = Relay::to(terminal.address()).await;
        let folder = tempfile::tempdir().unwrap();
        let scaled = format!("\"own_receipt\": true, \"time_scale\": {time_scale}");
        ctl::set_up(folder.path(), &demo::shop_at(relay.address()).replace("\"own_receipt\": true", &scaled));
        Shop { folder, terminal, relay }
    }

    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// The state in which the kill left the sale's last attempt; `none` where there is none.
    pub async fn left(&self, sale: &Sale) -> String {
        let records = Records::open(self.data()).await.unwrap();
        let attempts = records.attempts_of(checkout::payment::SaleId(sale.id.parse().unwrap())).await.unwrap();
        attempts.last().map_or("none", |stored| stored.attempt.state.code()).to_owned()
    }

    /// Until the terminal has decided everything it was asked: it and its customer go on without the till. Operations older
    /// than a day stand in its ledger alone.
    pub async fn terminal_is_done(&self) {
        loop {
            let decided: BTreeSet<String> = self.terminal.ledger().into_iter().map(|entry| entry.device_id).collect();
            if self.terminal.operations().iter().all(|operation| decided.contains(&operation.process_id)) {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// `kassactl recover` until all is settled; what only a person can know, a person reads off the terminal.
    pub async fn settle(&self) {
        let (code, recovered) = ctl::run(self.data(), &["recover"]);
        if code != 0 {
            assert_eq!(code, 11, "{recovered}");
            self.terminal_is_done().await;
            let (_, recovered) = ctl::run(self.data(), &["recover"]);
            self.decide(&recovered);
        }
    }

    /// Once all is settled, recovering again finds nothing to do.
    pub fn recovering_again_is_harmless(&self) {
        let (code, nothing) = ctl::run(self.data(), &["recover"]);
        let open = nothing["attempts"].as_array().unwrap().iter().filter(|attempt| attempt["by_hand"] != true).count();
        assert_eq!((code, open), (0, 0), "recovering twice is harmless: {nothing}");
    }

    /// As [`Shop::settle`], by the same code inside the test's own process: thousands of kills would start too many others.
    pub async fn settle_here(&self) {
        let till = Till::open(Opening { keeps_draft: false, ..Opening::at(self.data()) }).await.unwrap();
        for attempt in till.taken_up() {
            let settled = till.settled(*attempt, till.patience_ms()).await.unwrap().attempt;
            if settled.state.is_open() {
                self.terminal_is_done().await;
                let (paid, reference) = self.read_off(settled.amount.minor());
                let decision = if paid { Decision::Approved } else { Decision::Declined };
                let (by, reason) = ("Айгерім".to_owned(), "read off the terminal".to_owned());
                till.resolve(*attempt, Resolution { decision, by, reason, reference, evidence: String::new() }).await.unwrap();
            }
        }
        till.close().await;
    }

    /// What a person finds on the terminal: whether it took this amount, and its number for it.
    fn read_off(&self, amount_minor: i64) -> (bool, String) {
        let charge = self.terminal.ledger().into_iter().find(|charge| charge.amount_minor == amount_minor);
        let paid = charge.filter(|charge| charge.state == State::Approved);
        (paid.is_some(), paid.and_then(|charge| charge.reference).unwrap_or_else(|| "-".to_owned()))
    }

    fn decide(&self, recovered: &Value) {
        for attempt in recovered["attempts"].as_array().unwrap().iter().filter(|attempt| attempt["state"] == "unknown") {
            let (paid, reference) = self.read_off(attempt["amount_minor"].as_i64().unwrap());
            let decision = if paid { "approved" } else { "declined" };
            let id = attempt["id"].as_str().unwrap();
            let decide =
                ["attempts", "resolve", id, "--as", decision, "--by", "Айгерім", "--reason", "read off the terminal", "--reference"];
            let (code, resolved) = ctl::run(self.data(), &[&decide[..], &[&reference]].concat());
            assert_eq!((code, resolved["attempt"]["state"].as_str()), (0, Some(decision)), "{resolved}");
        }
    }

    /// The terminal's ledger beside the journal.
    pub async fn audit(&self) -> Books {
        self.terminal_is_done().await;
        let books = audit::books(self.data());
        audit::compare(&self.terminal.ledger(), &books);
        books
    }
}

/// A number from the environment, such as `KILLS=10000`.
pub fn wish(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a whole number"))
}
