//! The cashier's way out of payments that do not end by themselves: what is told when the day is closed, what a person decides
//! and where that is shown, and what cannot be forgotten.

use acceptance::ctl;
use acceptance::shop::{TestShop, by_hand};
use checkout::money::{Currency, Money};
use checkout::payment::{AttemptState, Decision};
use checkout::ports::Answering;
use checkout::sale::SaleError;
use jiff::{SignedDuration, Zoned};
use simulators::kaspi::{Customer, Op};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use till::clock::{Clock, SystemClock};
use till::showing::{Shown, Task};
use till::{Opening, Till, TillError};
use uuid::Uuid;

/// A wall clock and an uptime that a test sets; the rest is the machine's.
#[derive(Default)]
struct SetClock {
    machine: SystemClock,
    wall_hours: AtomicI64,
    up_hours: AtomicI64,
    boot: AtomicI64,
}

impl Clock for SetClock {
    fn now_ms(&self) -> i64 {
        self.machine.now_ms()
    }

    fn wall(&self) -> Zoned {
        self.machine.wall().checked_add(SignedDuration::from_hours(self.wall_hours.load(Ordering::Relaxed))).unwrap()
    }

    fn uptime(&self) -> (String, i64) {
        (self.boot.load(Ordering::Relaxed).to_string(), self.up_hours.load(Ordering::Relaxed) * 3_600_000)
    }

    fn new_id(&self) -> Uuid {
        self.machine.new_id()
    }

    fn sleep_until(&self, at_ms: i64) -> Answering<'_, ()> {
        self.machine.sleep_until(at_ms)
    }
}

async fn open_by(clock: &Arc<SetClock>, folder: &Path) -> Arc<Till> {
    loop {
        match Till::open(Opening { clock: clock.clone(), ..Opening::at(folder) }).await {
            Err(TillError::Instance(_)) => tokio::task::yield_now().await,
            till => return till.unwrap(),
        }
    }
}

/// The till is closed and, after so many hours by each clock, opened again. Answers how many payments it asks about.
async fn asked_after(till: Arc<Till>, clock: &Arc<SetClock>, folder: &Path, wall_hours: i64, up_hours: i64) -> (Arc<Till>, usize) {
    till.close().await;
    drop(till);
    clock.wall_hours.fetch_add(wall_hours, Ordering::Relaxed);
    clock.up_hours.fetch_add(up_hours, Ordering::Relaxed);
    let again = open_by(clock, folder).await;
    let asked = again.taken_up().len();
    (again, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_clock_does_not_end_the_asking_about_a_decided_payment() {
    let clock = Arc::new(SetClock::default());
    let shop = TestShop::open_with(Customer::held(), clock.clone()).await;
    shop.decided_unpaid().await;
    let TestShop { folder, terminal: _terminal, mut till } = shop;
    let folder = folder.path();
    for years in [10, -20] {
        let (again, asked) = asked_after(till, &clock, folder, years * 8_760, 0).await;
        assert_eq!(asked, 1, "{years} years by the wall clock alone");
        till = again;
    }
    let (till, asked) = asked_after(till, &clock, folder, 0, 23).await;
    assert_eq!(asked, 1, "the terminal still keeps it after 23 hours");
    // On the next run of the machine the hours before it still count, and what lay between does not.
    clock.boot.fetch_add(1, Ordering::Relaxed);
    clock.up_hours.store(0, Ordering::Relaxed);
    let (till, asked) = asked_after(till, &clock, folder, 4_000, 0).await;
    assert_eq!(asked, 1);
    let (till, asked) = asked_after(till, &clock, folder, 0, 1).await;
    assert_eq!(asked, 0, "24 hours have passed for certain: the terminal has forgotten it");
    till.close().await;
}

/// A sale whose payment was parked under way, and then came to nothing.
async fn unpaid_in_the_strip(shop: &TestShop, part: Option<Money>) -> checkout::payment::SaleId {
    let sale = shop.ring_up().await;
    if part.is_some() {
        shop.till.pay_cash(Uuid::now_v7(), part).await.unwrap();
    }
    let attempt = shop.pay().await.unwrap();
    shop.reaches(attempt, AttemptState::Pending).await;
    shop.till.park(attempt).await.unwrap();
    shop.terminal.scan().unwrap();
    shop.terminal.decline().unwrap();
    shop.settled(attempt).await;
    sale
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unpaid_sale_is_given_up_from_the_strip_and_its_cash_goes_back() {
    let shop = TestShop::open(Customer::held()).await;
    let part = Money::new(10_000, Currency::Kzt).unwrap();
    let sale = unpaid_in_the_strip(&shop, Some(part)).await;
    shop.till.add_by_code("1002", None).await.unwrap();
    let snapshot = shop.till.snapshot().await.unwrap();
    let (task, watched) = &snapshot.tasks[0];
    assert_eq!((*task, watched.cash_taken), (Task::Unpaid, part), "what goes back is told before");
    shop.till.discard(sale).await.unwrap();
    let after = shop.till.snapshot().await.unwrap();
    assert!(after.tasks.is_empty());
    assert_eq!(after.sale.lines, snapshot.sale.lines, "the customer at the desk keeps the cart");
    assert!(shop.till.records().sale(sale).await.unwrap().unwrap().void);
    let last = shop.till.records().history(&sale.to_string()).await.unwrap().pop().unwrap();
    assert_eq!((last.kind.as_str(), last.body["returned_minor"].as_i64()), ("sale_voided", Some(10_000)));
    assert!(matches!(shop.till.discard(sale).await, Err(TillError::NotFound(_))), "once");
    assert!(matches!(shop.till.discard(snapshot.sale.id).await, Err(TillError::NotFound(_))), "not what is in hand");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_in_doubt_is_not_given_up() {
    let shop = TestShop::open(Customer::held()).await;
    let sale = shop.ring_up().await;
    let attempt = shop.pay().await.unwrap();
    shop.reaches(attempt, AttemptState::Pending).await;
    shop.till.park(attempt).await.unwrap();
    assert!(matches!(shop.till.discard(sale).await, Err(TillError::Sale(SaleError::InDoubt))));
    shop.terminal.stop().await;
    shop.reaches(attempt, AttemptState::Unknown).await;
    shop.till.resolve(attempt, by_hand(Decision::Declined)).await.unwrap();
    shop.pays_after_all(attempt).await;
    assert!(matches!(shop.till.discard(sale).await, Err(TillError::Sale(SaleError::InDoubt))), "the terminal holds money for it");
    let tasks: Vec<Task> = shop.till.snapshot().await.unwrap().tasks.into_iter().map(|(task, _)| task).collect();
    assert_eq!(tasks, [Task::Return], "and it stands in the strip once");
}

#[tokio::test(flavor = "multi_thread")]
async fn money_for_a_sale_that_was_paid_otherwise_is_flagged_to_go_back() {
    let shop = TestShop::open(Customer::held()).await;
    let attempt = shop.decided_unpaid().await;
    shop.till.pay_cash(Uuid::now_v7(), None).await.unwrap();
    let late = shop.pays_after_all(attempt).await.attempt;
    assert_eq!((late.id, late.state), (attempt, AttemptState::Declined), "it belongs to the attempt it was asked by");
    let snapshot = shop.till.snapshot().await.unwrap();
    assert_eq!(snapshot.tasks[0].0, Task::PaidTwice);
    let again = shop.reopen().await;
    assert_eq!(again.till.snapshot().await.unwrap().tasks[0].0, Task::PaidTwice, "until a person says that one went back");
    again.till.resolve(attempt, by_hand(Decision::Returned)).await.unwrap();
    assert!(again.till.snapshot().await.unwrap().tasks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_by_hand_is_shown_in_attempts_and_reports() {
    let shop = TestShop::open(Customer::held()).await;
    let attempt = shop.decided_unpaid().await;
    let TestShop { folder, terminal: _terminal, till } = shop;
    till.close().await;
    drop(till);
    let (_, listed) = ctl::run(folder.path(), &["attempts"]);
    let resolution = &listed["attempts"][0]["resolutions"][0];
    assert_eq!((resolution["decision"].as_str(), resolution["by"].as_str()), (Some("declined"), Some("Айгерім")), "{listed}");
    assert_eq!(resolution["evidence"], "no entry in the history");
    assert!(resolution["at"].as_str().unwrap().starts_with("20"), "and when");
    let text = ctl::text(folder.path(), &["attempts"]);
    assert!(text.contains("resolved by hand as declined") && text.contains("Айгерім, the terminal's history was read"), "{text}");
    let (_, report) = ctl::run(folder.path(), &["report", "x"]);
    assert_eq!(report["report"]["resolutions"][0]["attempt"].as_str(), Some(attempt.to_string().as_str()), "{report}");
    let text = ctl::text(folder.path(), &["report", "x"]);
    assert!(text.contains("Қолмен шешілді") && text.contains("Айгерім"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn k39_whoever_closes_the_day_is_told_which_payments_are_open() {
    let shop = TestShop::open(Customer::held()).await;
    shop.ring_up().await;
    let attempt = shop.pay().await.unwrap();
    shop.reaches(attempt, AttemptState::Pending).await;
    let id = attempt.to_string();
    let snapshot = shop.till.snapshot().await.unwrap();
    assert!(matches!(snapshot.shown, Shown::Attempt(_)) && snapshot.tasks.is_empty(), "what the screen shows is not in the strip too");
    assert_eq!(snapshot.open.iter().map(|open| open.stored.attempt.id).collect::<Vec<_>>(), [attempt]);
    let (_, report) = ctl::run(shop.folder.path(), &["report", "x"]);
    assert_eq!(report["report"]["open_attempts"][0]["id"].as_str(), Some(id.as_str()), "{report}");
    let (code, closing) = ctl::run(shop.folder.path(), &["report", "z"]);
    assert_eq!((code, closing["error"]["details"]["open_attempts"][0]["id"].as_str()), (3, Some(id.as_str())), "{closing}");
    assert!(ctl::text(shop.folder.path(), &["report", "x"]).contains("Жауап алынбаған"));
    shop.terminal.scan().unwrap();
    shop.terminal.confirm().unwrap();
    shop.settled(attempt).await;
    let (_, closing) = ctl::run(shop.folder.path(), &["report", "z"]);
    assert_eq!(closing["error"]["details"], serde_json::Value::Null, "{closing}");
    // What happened to it, from the intent on, is written out under the number the terminal knows it by.
    let known = shop.till.records().attempt(attempt).await.unwrap().attempt.operation_id.unwrap();
    let exported = ctl::text(shop.folder.path(), &["journal", "export"]);
    let of_it: Vec<&str> = exported.lines().filter(|line| line.contains(&id)).collect();
    for told in [r#""event":"intended""#, &format!(r#""operation_id":"{known}""#), r#""event":"approved""#] {
        assert_eq!(of_it.iter().filter(|line| line.contains(told)).count(), 1, "{told}\n{exported}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_terminal_says_and_the_disk_refuses_is_told_and_written_later() {
    let shop = TestShop::open(Customer::held()).await;
    shop.ring_up().await;
    let attempt = shop.pay().await.unwrap();
    shop.reaches(attempt, AttemptState::Pending).await;
    // Another program holds the ledger for longer than the till waits for it.
    let held = acceptance::disk::Held::of(shop.folder.path()).await;
    shop.terminal.scan().unwrap();
    shop.terminal.confirm().unwrap();
    let mut changes = shop.till.changes();
    while !shop.till.snapshot().await.unwrap().unwritten {
        changes.changed().await.unwrap();
    }
    assert_eq!(shop.till.records().attempt(attempt).await.unwrap().attempt.state, AttemptState::Pending);
    held.let_go().await;
    shop.reaches(attempt, AttemptState::Approved).await;
    while shop.till.snapshot().await.unwrap().unwritten {
        changes.changed().await.unwrap();
    }
    assert_eq!((shop.requests(Op::Payment), shop.terminal.ledger().len()), (1, 1));
}
