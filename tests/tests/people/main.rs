//! People at a till: guesses, restarts, changes while somebody is signed in, and what never leaves the database.

mod badges;
mod idle;
mod lifts;
mod parked;
mod paying;
mod prices;
mod scripts;

use checkout::people::{PersonId, Right, Role};
use checkout::ports::Answering;
use checkout::quantity::Quantity;
use jiff::Zoned;
use serde_json::{Value, json};
use simulators::demo;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use tempfile::TempDir;
use till::clock::{Clock, SystemClock};
use till::keychain::Keychain;
use till::people::PeopleError;
use till::pin::Cost;
use till::records::export_journal;
use till::seat::{Call, Need, Standing};
use till::{Opening, Till, TillError};
use tokio::sync::Notify;
use uuid::Uuid;

/// A clock that a test moves, with the run of the machine it belongs to.
#[derive(Default)]
struct Hand {
    ms: AtomicI64,
    slept_ms: AtomicI64,
    boot: AtomicU32,
    moved: Notify,
    machine: SystemClock,
}

impl Hand {
    fn pass(&self, minutes: i64) {
        self.ms.fetch_add(minutes * 60_000, Ordering::Relaxed);
        self.moved.notify_waiters();
    }

    /// The machine sleeps: timers stand still, its uptime does not.
    fn suspend(&self, minutes: i64) {
        self.slept_ms.fetch_add(minutes * 60_000, Ordering::Relaxed);
    }

    /// The machine is started again: its uptime begins anew.
    fn reboot(&self) {
        self.ms.store(0, Ordering::Relaxed);
        self.slept_ms.store(0, Ordering::Relaxed);
        self.boot.fetch_add(1, Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn now_ms(&self) -> i64 {
        self.ms.load(Ordering::Relaxed)
    }

    fn wall(&self) -> Zoned {
        self.machine.wall()
    }

    fn uptime(&self) -> (String, i64) {
        (self.boot.load(Ordering::Relaxed).to_string(), self.now_ms() + self.slept_ms.load(Ordering::Relaxed))
    }

    fn new_id(&self) -> Uuid {
        self.machine.new_id()
    }

    fn sleep_until(&self, at_ms: i64) -> Answering<'_, ()> {
        Box::pin(async move {
            loop {
                let moved = self.moved.notified();
                if self.now_ms() >= at_ms {
                    return;
                }
                moved.await;
            }
        })
    }
}

struct Shop {
    folder: TempDir,
    clock: Arc<Hand>,
    till: Arc<Till>,
}

const CASHIER: (&str, &str) = ("Айгерім", "4711");
const OWNER: (&str, &str) = ("Ержан", "908172");

fn with_people(shop_json: &str) -> Value {
    let mut shop: Value = serde_json::from_str(shop_json).unwrap();
    shop["people"] = json!([
        {"name": CASHIER.0, "role": "cashier", "pin": CASHIER.1}, {"name": "Мадина", "role": "senior", "pin": "2222"},
        {"name": "Гүлнар", "role": "supervisor", "pin": "333333"}, {"name": OWNER.0, "role": "owner", "pin": OWNER.1},
    ]);
    shop["devices"] = json!({});
    shop
}

fn data(folder: &TempDir) -> PathBuf {
    folder.path().join("shop")
}

fn keys(folder: &TempDir) -> PathBuf {
    folder.path().join("keys")
}

fn opening(folder: &TempDir, clock: &Arc<Hand>) -> Opening {
    Opening {
        clock: clock.clone(),
        keychain: Keychain::Folder(keys(folder)),
        pin_cost: Cost { memory_kib: 8, passes: 1, lanes: 1 },
        ..Opening::at(&data(folder))
    }
}

impl Shop {
    async fn open() -> Shop {
        let (folder, clock) = (tempfile::tempdir().unwrap(), Arc::new(Hand::default()));
        till::init_by(opening(&folder, &clock), &with_people(demo::SHOP).to_string(), None).await.unwrap();
        let till = opened(&folder, &clock).await;
        till.import(demo::GOODS.as_bytes(), false).await.unwrap();
        Shop { folder, clock, till }
    }

    async fn reopen(self) -> Shop {
        let Shop { folder, clock, till } = self;
        till.close().await;
        drop(till);
        let till = opened(&folder, &clock).await;
        Shop { folder, clock, till }
    }

    fn id(&self, name: &str) -> PersonId {
        let Standing::Locked { people, .. } = self.till.standing() else { panic!("somebody is signed in") };
        people.iter().find(|person| person.name == name).unwrap().id
    }

    /// What is left after a wrong try: tries, and minutes to wait.
    async fn guess(&self, person: PersonId, pin: &str) -> (u32, i64) {
        match self.till.sign_in(person, pin).await {
            Err(TillError::People(PeopleError::WrongPin(wait))) => (wait.tries_left, wait.wait_ms / 60_000),
            other => panic!("{pin} was let in, or failed otherwise: {other:?}"),
        }
    }

    async fn sign_in(&self, (name, pin): (&str, &str)) {
        self.till.sign_in_by_name(name, pin).await.unwrap();
    }

    /// Whether who is signed in may do what a right is for.
    fn lets_in(&self, right: Right) -> Result<(), String> {
        let call = Call { command: "test".to_owned(), arguments: String::new() };
        self.till.admit(Need::Right(right), call).map(drop).map_err(|error| error.to_string())
    }

    /// Does a thing as a command of who is signed in.
    async fn as_seated<T>(&self, command: &str, act: impl Future<Output = Result<T, TillError>>) -> Result<T, TillError> {
        let call = Call { command: command.to_owned(), arguments: String::new() };
        let pass = self.till.admit(Need::Right(Right::Sell), call)?;
        self.till.with(pass, act).await
    }

    async fn facts(&self, of: Option<&str>) -> Vec<Value> {
        let mut bytes = Vec::new();
        export_journal(&data(&self.folder), of, &mut bytes).await.unwrap();
        String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

async fn opened(folder: &TempDir, clock: &Arc<Hand>) -> Arc<Till> {
    Till::open(opening(folder, clock)).await.unwrap()
}

fn kinds(facts: &[Value], kind: &str) -> usize {
    facts.iter().filter(|fact| fact["kind"] == kind).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_guesses_take_more_than_a_year() {
    let shop = Shop::open().await;
    let cashier = shop.id(CASHIER.0);
    let waits: Vec<(u32, i64)> =
        [shop.guess(cashier, "0000").await, shop.guess(cashier, "0001").await, shop.guess(cashier, "0002").await].into();
    assert_eq!(waits, [(4, 0), (3, 0), (2, 0)]);
    shop.guess(cashier, "0003").await;
    assert_eq!(shop.guess(cashier, "0004").await, (0, 1));
    // The right PIN is not looked at while the wait is on, and waiting costs no try.
    for _ in 0..3 {
        assert_eq!(shop.guess(cashier, CASHIER.1).await, (0, 1));
    }
    let mut passed = 0;
    for (tries, next) in [(6, 2), (7, 4), (8, 8), (9, 16), (10, 32), (11, 60), (12, 60), (13, 60)] {
        let (_, wait) = shop.guess(cashier, "0005").await;
        shop.clock.pass(wait);
        passed += wait;
        assert_eq!(shop.guess(cashier, "0005").await, (0, next), "after {tries} tries");
    }
    assert!((10_000 - 13) * 60 + passed > 365 * 24 * 60, "minutes for all four-digit PINs");
    // Another person is not kept out by it.
    shop.sign_in(OWNER).await;
    shop.till.lock().await.unwrap();
    shop.clock.pass(60);
    shop.sign_in(CASHIER).await;
    shop.till.lock().await.unwrap();
    assert_eq!(shop.guess(cashier, "0000").await, (4, 0), "a right PIN ends the run");
    assert_eq!(kinds(&shop.facts(None).await, "wrong_tries"), 9, "from the fifth on each is a fact");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_gives_no_new_tries() {
    let mut shop = Shop::open().await;
    let cashier = shop.id(CASHIER.0);
    for tries_left in [4, 3, 2, 1] {
        assert_eq!(shop.guess(cashier, "0000").await.0, tries_left);
        shop = shop.reopen().await;
    }
    assert_eq!(shop.guess(cashier, "0000").await, (0, 1));
    shop = shop.reopen().await;
    assert_eq!(shop.guess(cashier, CASHIER.1).await, (0, 1), "the wait goes on");
    // Of what passed while the machine was off nothing is known: the wait begins anew.
    shop.clock.reboot();
    shop = shop.reopen().await;
    assert_eq!(shop.guess(cashier, CASHIER.1).await, (0, 1));
    shop.clock.pass(1);
    shop.sign_in(CASHIER).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_guesses_at_once_are_counted_one_by_one() {
    let shop = Shop::open().await;
    let cashier = shop.id(CASHIER.0);
    let guesses: Vec<_> = (0..40)
        .map(|guess| {
            let till = shop.till.clone();
            tokio::spawn(async move { till.sign_in(cashier, &format!("{guess:04}")).await.is_err() })
        })
        .collect();
    for guess in guesses {
        assert!(guess.await.unwrap());
    }
    assert_eq!(shop.guess(cashier, CASHIER.1).await, (0, 1), "five were looked at, and no more");
    assert_eq!(kinds(&shop.facts(None).await, "wrong_tries"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_role_and_a_removal_hold_from_the_next_command() {
    let shop = Shop::open().await;
    let (supervisor, owner) = (shop.id("Гүлнар"), shop.id(OWNER.0));
    shop.sign_in(("Гүлнар", "333333")).await;
    shop.lets_in(Right::Settings).unwrap();
    shop.till.change_person(supervisor, "Гүлнар", Role::Cashier, None).await.unwrap();
    assert!(shop.lets_in(Right::Settings).is_err());
    shop.lets_in(Right::Sell).unwrap();
    shop.till.remove_person(supervisor).await.unwrap();
    assert!(shop.lets_in(Right::Sell).is_err());
    assert!(matches!(shop.till.remove_person(owner).await, Err(TillError::People(PeopleError::LastOwner))));
    assert!(shop.till.sign_in(supervisor, "333333").await.is_err());
    // A longer PIN comes with a role that wants one.
    let cashier = shop.id(CASHIER.0);
    let raised = shop.till.change_person(cashier, CASHIER.0, Role::Supervisor, None).await;
    assert!(matches!(raised, Err(TillError::People(PeopleError::BadPin(6)))));
    shop.till.change_person(cashier, CASHIER.0, Role::Supervisor, Some("555555")).await.unwrap();
    shop.sign_in((CASHIER.0, "555555")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_does_is_told_in_their_name() {
    let shop = Shop::open().await;
    shop.sign_in(CASHIER).await;
    shop.till.add(1, Quantity::ONE).await.unwrap();
    shop.as_seated("payment_cash", shop.till.pay_cash(Uuid::now_v7(), None)).await.unwrap();
    let hers = shop.facts(Some(CASHIER.0)).await;
    assert_eq!((kinds(&hers, "sale_closed"), kinds(&hers, "signed_in")), (1, 1));
    assert!(hers.iter().all(|fact| fact["who"]["name"] == CASHIER.0));
    assert!(shop.facts(None).await.len() > hers.len());
    assert!(export_journal(&data(&shop.folder), Some("Q"), &mut Vec::new()).await.is_err(), "nobody of that name");
    assert_eq!(shop.till.records().verify_journal().await.unwrap().broken_at, None);
}

/// Every file of a folder, its journal and log files too.
fn bytes_under(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        bytes.extend(if path.is_dir() { bytes_under(&path) } else { std::fs::read(path).unwrap() });
    }
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn pins_badges_and_the_key_are_in_no_file_of_the_shop() {
    let shop = Shop::open().await;
    shop.till.set_badge(shop.id("Мадина"), Some("90-0000-1717")).await.unwrap();
    shop.sign_in(OWNER).await;
    let listed = format!("{:?}", shop.till.listed_people().await.unwrap());
    let exported = shop.facts(None).await.iter().map(Value::to_string).collect::<String>();
    let key = std::fs::read(keys(&shop.folder).join("pin-key")).unwrap();
    let shop = shop.reopen().await;
    let on_disk = bytes_under(&data(&shop.folder));
    let holds = |bytes: &[u8], secret: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
    for secret in [OWNER.1, "90-0000-1717", "333333"] {
        assert!(!holds(&on_disk, secret.as_bytes()), "{secret} lies in the shop's files");
        assert!(!exported.contains(secret) && !listed.contains(secret), "{secret} is told");
    }
    assert!(!holds(&on_disk, &key), "the key lies in the shop's files");
    assert!(!exported.contains("argon2id") && !listed.contains("argon2id"), "a hash leaves the database");
    // On another machine the copied shop lets nobody in, and says why.
    std::fs::remove_dir_all(keys(&shop.folder)).unwrap();
    let shop = shop.reopen().await;
    let lost = shop.till.sign_in_by_name(OWNER.0, OWNER.1).await;
    assert!(matches!(lost, Err(TillError::Key(till::keychain::KeyError::Lost))), "{lost:?}");
}
