//! A shop in a temporary folder, with a simulated terminal on a real socket.

use checkout::payment::{AttemptId, AttemptState, Decision, Resolution, SaleId};
use checkout::tender::TenderKind;
use serde_json::Value;
use simulators::demo;
use simulators::kaspi::{Customer, KaspiSimulator, Options};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use till::clock::Clock;
use till::records::Records;
use till::{Opening, StoredAttempt, Till, TillError};
use uuid::Uuid;

/// The driver's and the terminal's times are this much shorter: a second is 50 ms.
pub const TIME_SCALE: u32 = 20;

/// A goods file with a mistake of each kind.
pub const WRONG_GOODS: &str = "code;barcode;name;price;vat\n\
    1001;;Нан «Бородинский» нарезанный, 400 г;290;16\n\
    9001;4,87E+12;Сыра «Арасан» алкогольсіз;480;\n\
    9002;4870000000001;Тұз йодталған, 1 кг;130;\n\
    9003;;;250;\n\
    9004;;Шай «Арай» қара, 250 г;көп;\n\
    9004;;Ұн «Арна» 2 кг;780;200\n\
    9005;4870003200037;Айран, 1 л;520;\n";

pub struct TestShop {
    pub folder: TempDir,
    pub terminal: KaspiSimulator,
    pub till: Arc<Till>,
}

/// The demo shop's settings with its terminal at this address, on the tests' time scale.
pub fn settings(terminal: &KaspiSimulator) -> String {
    let address = terminal.address();
    demo::shop_at(address).replace("\"own_receipt\": true", &format!("\"own_receipt\": true, \"time_scale\": {TIME_SCALE}"))
}

/// A terminal on the tests' time scale.
pub async fn terminal(customer: Customer) -> KaspiSimulator {
    KaspiSimulator::start(Options { time_scale: TIME_SCALE, customer, ..demo::kaspi_options() }).await.unwrap()
}

impl TestShop {
    /// The demo shop with its goods.
    pub async fn open(customer: Customer) -> TestShop {
        TestShop::open_with(customer, Opening::at(Path::new("")).clock).await
    }

    pub async fn open_with(customer: Customer, clock: Arc<dyn Clock>) -> TestShop {
        let terminal = terminal(customer).await;
        let shop_json = settings(&terminal);
        TestShop::on(terminal, &shop_json, demo::GOODS, clock).await
    }

    /// The demo shop with some settings changed (by JSON pointer; null takes one away) and goods of its own, as CSV.
    pub async fn changed(changes: &[(&str, Value)], goods: &str) -> TestShop {
        let terminal = terminal(Customer::default()).await;
        let mut shop_json: Value = serde_json::from_str(&settings(&terminal)).unwrap();
        for (pointer, value) in changes {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            let parent = shop_json.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            if value.is_null() {
                parent.remove(name).unwrap();
            } else {
                parent.insert(name.to_owned(), value.clone());
            }
        }
        TestShop::on(terminal, &shop_json.to_string(), goods, Opening::at(Path::new("")).clock).await
    }

    async fn on(terminal: KaspiSimulator, shop_json: &str, goods: &str, clock: Arc<dyn Clock>) -> TestShop {
        let folder = tempfile::tempdir().unwrap();
        till::init(folder.path(), shop_json).await.unwrap();
        let till = Till::open(Opening { clock, ..Opening::at(folder.path()) }).await.unwrap();
        till.import(goods.as_bytes(), false).await.unwrap();
        TestShop { folder, terminal, till }
    }

    /// Ends the till and opens it again on the same folder.
    pub async fn reopen(self) -> TestShop {
        let TestShop { folder, terminal, till } = self;
        till.close().await;
        TestShop { till: reopened(folder.path()).await, folder, terminal }
    }

    /// Rings up a loaf for 285 ₸ in a new sale.
    pub async fn ring_up(&self) -> SaleId {
        let sale = SaleId(Uuid::now_v7());
        self.till.start_sale(sale).await.unwrap();
        self.till.add_by_code("1001", None).await.unwrap();
        sale
    }

    pub async fn pay(&self) -> Result<AttemptId, TillError> {
        self.till.pay_by_device(Uuid::now_v7(), TenderKind::Kaspi, None).await
    }

    /// Waits until an attempt is final or nothing more is planned for it.
    pub async fn settled(&self, attempt: AttemptId) -> StoredAttempt {
        self.till.settled(attempt, self.till.patience_ms()).await.unwrap()
    }

    /// Waits until an attempt is in a state.
    pub async fn reaches(&self, attempt: AttemptId, state: AttemptState) -> StoredAttempt {
        let mut changes = self.till.changes();
        loop {
            changes.mark_unchanged();
            let stored = self.till.records().attempt(attempt).await.unwrap();
            if stored.attempt.state == state {
                return stored;
            }
            changes.changed().await.unwrap();
        }
    }

    /// Pays, and waits for the end.
    pub async fn pay_and_settle(&self) -> StoredAttempt {
        let attempt = self.pay().await.unwrap();
        self.settled(attempt).await
    }

    /// A payment whose terminal fell silent, and which a person has decided was not paid.
    pub async fn decided_unpaid(&self) -> AttemptId {
        self.ring_up().await;
        let attempt = self.pay().await.unwrap();
        self.reaches(attempt, AttemptState::Pending).await;
        self.terminal.stop().await;
        self.reaches(attempt, AttemptState::Unknown).await;
        self.till.resolve(attempt, by_hand(Decision::Declined)).await.unwrap();
        attempt
    }

    /// The terminal is back and its customer pays, though it was decided otherwise.
    pub async fn pays_after_all(&self, attempt: AttemptId) -> StoredAttempt {
        self.terminal.start_again_on_same_port().await.unwrap();
        self.terminal.scan().unwrap();
        self.terminal.confirm().unwrap();
        let mut changes = self.till.changes();
        loop {
            changes.mark_unchanged();
            let stored = self.till.records().attempt(attempt).await.unwrap();
            if stored.attempt.late_success {
                return stored;
            }
            changes.changed().await.unwrap();
        }
    }

    pub fn requests(&self, op: simulators::kaspi::Op) -> usize {
        self.terminal.requests().iter().filter(|request| request.op == op).count()
    }

    /// What a second process sees in the folder.
    pub async fn read_beside(&self) -> Records {
        Records::open(self.folder.path()).await.unwrap()
    }
}

/// A supervisor's word after a look at the terminal.
pub fn by_hand(decision: Decision) -> Resolution {
    Resolution {
        decision,
        by: "Айгерім".to_owned(),
        reason: "the terminal's history was read".to_owned(),
        reference: "504711333".to_owned(),
        evidence: "no entry in the history".to_owned(),
    }
}

/// Opens a folder again, as soon as the process of the till before has ended.
pub async fn reopened(folder: &Path) -> Arc<Till> {
    loop {
        match Till::open(Opening::at(folder)).await {
            Err(TillError::Instance(_)) => tokio::task::yield_now().await,
            till => return till.unwrap(),
        }
    }
}
