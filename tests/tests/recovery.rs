//! What a till finds after it stopped in the middle: money that was taken, sales put aside, answers that came late.

use acceptance::ctl;
use acceptance::shop::{TestShop, reopened, settings, terminal};
use checkout::money::{Currency, Money};
use checkout::payment::{AttemptState, Decision, Reason, Resolution};
use simulators::faults::{Fault, Verb};
use simulators::kaspi::{Customer, Op};
use till::TillError;
use till::showing::{Shown, Task};
use uuid::Uuid;

fn kzt(major: i64) -> Money {
    Money::new(major * 100, Currency::Kzt).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn part_cash_is_still_there_after_a_crash_and_is_taken_once() {
    let shop = TestShop::open(Customer::default()).await;
    shop.ring_up().await;
    let command = Uuid::now_v7();
    shop.till.pay_cash(command, Some(kzt(200))).await.unwrap();
    shop.till.pay_cash(command, Some(kzt(200))).await.unwrap();
    assert_eq!(shop.till.snapshot().await.unwrap().due, kzt(85), "the repeat took nothing");
    let TestShop { folder, terminal: _terminal, till } = shop;
    till.close().await;
    drop(till);
    std::fs::remove_file(folder.path().join("draft.db")).unwrap();
    let again = reopened(folder.path()).await;
    let snapshot = again.snapshot().await.unwrap();
    assert!(snapshot.tasks.is_empty(), "no device was asked");
    let lost = &snapshot.held[0].sale;
    assert_eq!(lost.due().unwrap(), kzt(85), "even with the draft lost, the sale is among those put aside");
    again.recall(lost.id).await.unwrap();
    again.pay_cash(Uuid::now_v7(), None).await.unwrap();
    assert_eq!(again.records().receipt(1).await.unwrap().bill.tenders.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn cash_given_back_opens_the_cart_again() {
    let shop = TestShop::open(Customer::default()).await;
    let sale = shop.ring_up().await;
    shop.till.pay_cash(Uuid::now_v7(), Some(kzt(200))).await.unwrap();
    assert!(shop.till.add_by_code("1002", None).await.is_err(), "a cart that money was taken for is locked");
    shop.till.give_back_cash().await.unwrap();
    shop.till.add_by_code("1002", None).await.unwrap();
    shop.till.pay_cash(Uuid::now_v7(), None).await.unwrap();
    let kinds: Vec<String> = shop.till.records().history(&sale.to_string()).await.unwrap().into_iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, ["cash_taken", "cash_returned", "sale_closed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_sale_that_was_refused_waits_and_mixes_with_nobody() {
    let shop = TestShop::open(Customer::held()).await;
    shop.ring_up().await;
    let attempt = shop.pay().await.unwrap();
    shop.reaches(attempt, AttemptState::Pending).await;
    shop.till.park(attempt).await.unwrap();
    shop.till.add_by_code("1002", None).await.unwrap();
    shop.terminal.scan().unwrap();
    shop.terminal.decline().unwrap();
    shop.settled(attempt).await;
    let snapshot = shop.till.snapshot().await.unwrap();
    assert_eq!(snapshot.sale.lines[0].good.code, "1002", "the customer at the desk keeps his cart");
    assert_eq!(snapshot.tasks[0].0, Task::Unpaid);
    assert!(shop.till.unpark(attempt).await.is_err(), "first the customer at the desk");
    shop.till.pay_cash(Uuid::now_v7(), None).await.unwrap();
    shop.till.unpark(attempt).await.unwrap();
    let snapshot = shop.till.snapshot().await.unwrap();
    assert!(matches!(snapshot.shown, Shown::Attempt(_)));
    assert_eq!((snapshot.sale.lines[0].good.code.as_str(), snapshot.sale.lines.len()), ("1001", 1));
    shop.till.pay_cash(Uuid::now_v7(), None).await.unwrap();
    assert!(shop.till.snapshot().await.unwrap().tasks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_put_aside_after_a_refusal_lies_in_one_place_across_restarts() {
    let shop = TestShop::open(Customer::who(simulators::kaspi::Ending::Declines)).await;
    shop.ring_up().await;
    shop.pay_and_settle().await;
    shop.till.hold().await.unwrap();
    shop.till.add_by_code("1002", None).await.unwrap();
    let shop = shop.reopen().await;
    let snapshot = shop.till.snapshot().await.unwrap();
    assert_eq!((snapshot.sale.lines[0].good.code.as_str(), snapshot.held.len()), ("1002", 1));
    assert!(snapshot.tasks.is_empty(), "what lies aside does not stand in the strip as well");
    let (mine, aside) = (snapshot.sale, snapshot.held[0].sale.clone());
    assert_ne!(mine.ticket, aside.ticket);
    // Taken back, the goods in hand are put aside in their turn.
    shop.till.recall(aside.id).await.unwrap();
    let snapshot = shop.till.snapshot().await.unwrap();
    assert_eq!((snapshot.sale.lines[0].good.code.as_str(), snapshot.held[0].sale.id), ("1001", mine.id));
    // With a part paid it stays in hand.
    shop.till.pay_cash(Uuid::now_v7(), Some(kzt(100))).await.unwrap();
    assert!(shop.till.hold().await.is_err() && shop.till.recall(mine.id).await.is_err());
    shop.till.pay_cash(Uuid::now_v7(), None).await.unwrap();
    shop.till.discard(mine.id).await.unwrap();
    let snapshot = shop.till.snapshot().await.unwrap();
    assert!(snapshot.held.is_empty() && snapshot.tasks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_yes_is_heard_even_after_a_restart() {
    let shop = TestShop::open(Customer::held()).await;
    shop.ring_up().await;
    let attempt = shop.pay().await.unwrap();
    shop.reaches(attempt, AttemptState::Pending).await;
    shop.terminal.stop().await;
    shop.reaches(attempt, AttemptState::Unknown).await;
    let resolution = Resolution {
        decision: Decision::Declined,
        by: "Айгерім".to_owned(),
        reason: "the customer left".to_owned(),
        reference: String::new(),
        evidence: String::new(),
    };
    shop.till.resolve(attempt, resolution).await.unwrap();
    let TestShop { folder, terminal, till } = shop;
    till.close().await;
    drop(till);
    terminal.start_again_on_same_port().await.unwrap();
    terminal.scan().unwrap();
    terminal.confirm().unwrap();
    let again = reopened(folder.path()).await;
    let told = again.settled(attempt, again.patience_ms()).await.unwrap();
    assert!(told.attempt.late_success);
    let tasks = again.snapshot().await.unwrap().tasks;
    assert!(tasks.iter().any(|(task, watched)| *task == Task::Return && watched.stored.attempt.id == attempt));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_gone_from_the_settings_leaves_its_attempt_to_a_person() {
    let shop = TestShop::open(Customer::default()).await;
    shop.ring_up().await;
    shop.terminal.set_faults(vec![Fault::new("payment", Verb::DropReply)]).unwrap();
    let attempt = shop.pay_and_settle().await.attempt;
    assert_eq!(attempt.reason, Some(Reason::NoReply));
    let without = settings(&shop.terminal).replace("\"kaspi\"", "\"nothing\"");
    let TestShop { folder, terminal: _terminal, till } = shop;
    till.close().await;
    drop(till);
    let refused = till::init(folder.path(), &without).await.unwrap_err();
    assert!(matches!(refused, TillError::Settings(_)), "{refused}");
    let gone = r#"{"shop":{"name":"Көктем","currency":"KZT","language":"kk"},"tax":{"inclusive":true},"till":{"id":"2"}}"#;
    let refused = till::init(folder.path(), gone).await.unwrap_err();
    assert!(refused.to_string().contains("still open"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_currency_does_not_reprice_goods_and_sales() {
    let shop = TestShop::open(Customer::default()).await;
    let TestShop { folder, terminal: _terminal, till } = shop;
    till.close().await;
    drop(till);
    let euros = r#"{"shop":{"name":"Köktem","currency":"EUR","language":"en"},"tax":{"inclusive":true},"till":{"id":"2"}}"#;
    let refused = till::init(folder.path(), euros).await.unwrap_err();
    assert!(refused.to_string().contains("shop.currency"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_s_tenders_are_checked_before_anything_is_taken() {
    let terminal = terminal(Customer::default()).await;
    let folder = tempfile::tempdir().unwrap();
    ctl::set_up(folder.path(), &settings(&terminal));
    for pays in [
        vec!["cash:5000", "kaspi"],
        vec!["kaspi:100", "kaspi:99999"],
        vec!["kaspi:0.50", "cash"],
        vec!["cash:0", "kaspi"],
        vec!["cash:100"],
    ] {
        let mut arguments = vec!["sell", "--item", "1001"];
        for pay in &pays {
            arguments.extend(["--pay", pay]);
        }
        let (code, answer) = ctl::run(folder.path(), &arguments);
        assert!(code == 3 || (code == 12 && pays[0] == "kaspi:0.50"), "{pays:?}: {code} {answer}");
    }
    assert!(terminal.ledger().is_empty());
    assert_eq!(terminal.requests().iter().filter(|request| request.op == Op::Payment).count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_sale_answers_the_same_again_and_a_part_paid_one_can_be_finished() {
    let terminal = terminal(Customer::who(simulators::kaspi::Ending::Declines)).await;
    let folder = tempfile::tempdir().unwrap();
    ctl::set_up(folder.path(), &settings(&terminal));
    let id = Uuid::now_v7().to_string();
    let sell = ["sell", "--item", "1001", "--pay", "kaspi", "--id", &id];
    let first = ctl::run(folder.path(), &sell);
    assert_eq!((first.0, first.1["sale"]["state"].as_str()), (10, Some("void")));
    assert_eq!(ctl::run(folder.path(), &sell), first);
    // In doubt after a part: decided by a person, then finished by the same command.
    terminal.set_customer(Customer::default());
    terminal.set_faults(vec![Fault::new("payment", Verb::DropReply).nth(1)]).unwrap();
    let id = Uuid::now_v7().to_string();
    let sell = ["sell", "--item", "1001", "--pay", "kaspi:100", "--pay", "cash", "--id", &id];
    let (code, doubt) = ctl::run(folder.path(), &sell);
    assert_eq!(code, 11);
    let attempt = doubt["attempts"][0]["id"].as_str().unwrap();
    let decide = ["attempts", "resolve", attempt, "--as", "approved", "--by", "A", "--reason", "seen", "--reference", "1"];
    assert_eq!(ctl::run(folder.path(), &decide).0, 0);
    let (code, done) = ctl::run(folder.path(), &sell);
    assert_eq!((code, done["sale"]["state"].as_str()), (0, Some("closed")), "{done}");
    assert_eq!(done["tenders"].as_array().unwrap().len(), 2);
}
