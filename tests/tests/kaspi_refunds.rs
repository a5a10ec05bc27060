//! Refunds on the terminal: the behaviours 33 to 35 of the protocol sheet's checklist, and what a shop needs around them.

use acceptance::ctl;
use acceptance::shop::{TestShop, by_hand, settings, terminal};
use checkout::money::{Currency, Money};
use checkout::payment::{AttemptKind, AttemptState, Decision, Reason};
use checkout::refund::{RefundError, RefundId, Wanted};
use checkout::tender::TenderKind;
use serde_json::Value;
use simulators::faults::{Fault, Verb};
use simulators::kaspi::{Customer, Ending, Method, Op};
use simulators::ledger::State;
use till::{StoredAttempt, TillError};
use uuid::Uuid;

fn kzt(major: i64) -> Money {
    Money::new(major * 100, Currency::Kzt).unwrap()
}

/// Sells so many loaves of 285 ₸ over the terminal. Answers the receipt's number.
async fn sold(shop: &TestShop, loaves: i64) -> i64 {
    let sale = shop.ring_up().await;
    if loaves > 1 {
        shop.till.add_by_code("1001", Some(&(loaves - 1).to_string())).await.unwrap();
    }
    assert_eq!(shop.pay_and_settle().await.attempt.state, AttemptState::Approved);
    shop.till.records().sale(sale).await.unwrap().unwrap().closed.unwrap().number
}

fn pieces(count: i64) -> Wanted {
    Wanted { lines: vec![(1, Some(count * 1000))], amount: None }
}

async fn opened(shop: &TestShop, number: i64, wanted: &Wanted) -> RefundId {
    shop.till.open_refund(Uuid::now_v7(), RefundId(Uuid::now_v7()), number, wanted).await.unwrap()
}

async fn given(shop: &TestShop, refund: RefundId) -> StoredAttempt {
    let attempt = shop.till.refund_by_device(Uuid::now_v7(), refund).await.unwrap();
    shop.settled(attempt).await
}

async fn refund_number(shop: &TestShop, refund: RefundId) -> Option<i64> {
    shop.till.records().refund(refund).await.unwrap().unwrap().closed.map(|closed| closed.number)
}

async fn is_sound(shop: &TestShop) {
    assert_eq!(shop.till.records().check().await.unwrap(), Vec::<String>::new());
    shop.till.records().report_x().await.expect("the kept totals are what sales and refunds add up to");
}

#[tokio::test(flavor = "multi_thread")]
async fn k33_a_refund_goes_by_the_method_and_the_number_of_its_payment() {
    for method in [Method::Qr, Method::Card, Method::Alaqan] {
        let shop = TestShop::open(Customer { method, ..Customer::default() }).await;
        let number = sold(&shop, 2).await;
        let refund = opened(&shop, number, &Wanted::default()).await;
        let ended = given(&shop, refund).await.attempt;
        assert_eq!((ended.kind, ended.state, ended.amount), (AttemptKind::Refund, AttemptState::Approved, kzt(570)), "{method:?}");
        let told = shop.terminal.ledger();
        let line = told.iter().find(|line| line.op == "refund").expect("the terminal gave it back");
        assert_eq!((line.amount_minor, line.state, line.method.as_deref()), (57_000, State::Approved, Some(method.word())));
        assert_eq!(refund_number(&shop, refund).await, Some(number + 1), "closed with the device's answer, in the row of receipts");
        is_sound(&shop).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn k33_a_payment_without_a_slip_is_not_asked_back_of_the_terminal() {
    let shop = TestShop::open(Customer::default()).await;
    shop.ring_up().await;
    shop.terminal.set_faults(vec![Fault::new("payment", Verb::DropReply)]).unwrap();
    let attempt = shop.pay_and_settle().await.attempt;
    shop.till.resolve(attempt.id, by_hand(Decision::Approved)).await.unwrap();
    let refund = opened(&shop, 1, &Wanted::default()).await;
    let ended = given(&shop, refund).await.attempt;
    assert_eq!((ended.state, ended.reason), (AttemptState::NotStarted, Some(Reason::NoReference)));
    assert_eq!(shop.requests(Op::Refund), 0, "nothing names the payment to the terminal");
}

#[tokio::test(flavor = "multi_thread")]
async fn k34_refunds_together_never_exceed_the_payment() {
    let shop = TestShop::open(Customer { method: Method::Card, ..Customer::default() }).await;
    let number = sold(&shop, 3).await;
    let first = opened(&shop, number, &pieces(1)).await;
    let second = opened(&shop, number, &pieces(1)).await;
    let (one, two) = (given(&shop, first).await.attempt, given(&shop, second).await.attempt);
    assert_eq!((one.state, two.state), (AttemptState::Approved, AttemptState::Approved));
    assert_eq!(
        one.references.get("rrn"),
        two.references.get("rrn"),
        "a card's refunds carry its payment's number, and are two all the same"
    );
    let too_much = shop.till.open_refund(Uuid::now_v7(), RefundId(Uuid::now_v7()), number, &pieces(2)).await;
    assert!(matches!(too_much, Err(TillError::Refund(RefundError::TooMuchOfLine { line: 1, left_milli: 1000 }))), "{too_much:?}");
    let money = Wanted { lines: Vec::new(), amount: Some(kzt(286)) };
    let too_much = shop.till.open_refund(Uuid::now_v7(), RefundId(Uuid::now_v7()), number, &money).await;
    assert!(matches!(too_much, Err(TillError::Refund(RefundError::TooMuch { .. }))), "{too_much:?}");
    is_sound(&shop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn k34_a_refund_in_doubt_counts_as_given() {
    let shop = TestShop::open(Customer::default()).await;
    let number = sold(&shop, 2).await;
    shop.terminal.set_faults(vec![Fault::new("refund", Verb::DropReply)]).unwrap();
    let refund = opened(&shop, number, &Wanted::default()).await;
    assert_eq!(given(&shop, refund).await.attempt.state, AttemptState::Unknown);
    let again = shop.till.open_refund(Uuid::now_v7(), RefundId(Uuid::now_v7()), number, &Wanted::default()).await;
    assert!(matches!(again, Err(TillError::Refund(RefundError::NothingLeft))), "{again:?}");
    let in_cash = shop.till.refund_in_cash(refund).await;
    assert!(matches!(in_cash, Err(TillError::Refund(RefundError::InDoubt))), "{in_cash:?}");
    let given_up = shop.till.give_up_refund(refund).await;
    assert!(matches!(given_up, Err(TillError::Refund(RefundError::InDoubt))), "{given_up:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn k35_a_lost_refund_start_is_in_doubt_and_never_sent_again() {
    let shop = TestShop::open(Customer::default()).await;
    let number = sold(&shop, 1).await;
    shop.terminal.set_faults(vec![Fault::new("refund", Verb::DropReply)]).unwrap();
    let refund = opened(&shop, number, &Wanted::default()).await;
    let attempt = given(&shop, refund).await.attempt;
    assert_eq!((attempt.state, attempt.reason), (AttemptState::Unknown, Some(Reason::NoReply)));
    assert!(matches!(shop.till.refund_by_device(Uuid::now_v7(), refund).await, Err(TillError::DeviceBusy)));
    let shop = shop.reopen().await;
    assert_eq!(shop.settled(attempt.id).await.attempt.state, AttemptState::Unknown, "a restart starts nothing");
    assert_eq!(shop.requests(Op::Refund), 1);
    shop.till.resolve(attempt.id, by_hand(Decision::Approved)).await.unwrap();
    assert_eq!(refund_number(&shop, refund).await, Some(number + 1));
    is_sound(&shop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn k35_a_refund_under_way_is_asked_about_after_a_restart() {
    let shop = TestShop::open(Customer::default()).await;
    let number = sold(&shop, 1).await;
    shop.terminal.set_customer(Customer::held());
    let refund = opened(&shop, number, &Wanted::default()).await;
    let attempt = shop.till.refund_by_device(Uuid::now_v7(), refund).await.unwrap();
    shop.reaches(attempt, AttemptState::Pending).await;
    let shop = shop.reopen().await;
    shop.terminal.scan().unwrap();
    shop.terminal.confirm().unwrap();
    assert_eq!(shop.reaches(attempt, AttemptState::Approved).await.attempt.answered, None, "the minus of a refund is no other amount");
    assert_eq!(refund_number(&shop, refund).await, Some(number + 1));
    assert_eq!(shop.requests(Op::Refund), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn k35_a_refund_of_another_amount_is_in_doubt() {
    let shop = TestShop::open(Customer::default()).await;
    let number = sold(&shop, 2).await;
    shop.terminal.set_faults(vec![Fault::new("status", Verb::Amount(serde_json::json!("- 500 ₸")))]).unwrap();
    let refund = opened(&shop, number, &Wanted::default()).await;
    let attempt = given(&shop, refund).await.attempt;
    assert_eq!((attempt.state, attempt.reason), (AttemptState::Unknown, Some(Reason::WrongAmount)));
    assert_eq!(attempt.answered, Some(kzt(500)));
    assert_eq!(refund_number(&shop, refund).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_leaves_the_refund_to_be_given_another_way() {
    let shop = TestShop::open(Customer::default()).await;
    let number = sold(&shop, 1).await;
    shop.terminal.set_customer(Customer::who(Ending::Declines));
    let refund = opened(&shop, number, &Wanted::default()).await;
    assert_eq!(given(&shop, refund).await.attempt.state, AttemptState::Declined);
    let too_early = shop.till.finish_refund(Uuid::now_v7(), refund).await;
    assert!(matches!(too_early, Err(TillError::Refund(RefundError::NotNext))), "{too_early:?}");
    shop.till.refund_in_cash(refund).await.unwrap();
    let closed = shop.till.finish_refund(Uuid::now_v7(), refund).await.unwrap();
    assert_eq!(shop.till.finish_refund(Uuid::now_v7(), refund).await.unwrap(), closed, "asked twice, closed once");
    let totals = shop.till.records().report_x().await.unwrap().shift.unwrap().totals;
    assert_eq!((totals.refunds, totals.refunded, totals.refund_taxes[0].tax.minor()), (1, kzt(285), 3_931));
    assert_eq!(totals.refund_tenders.iter().map(|row| (row.kind, row.amount)).collect::<Vec<_>>(), [(TenderKind::Cash, kzt(285))]);
    is_sound(&shop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_made_on_the_terminal_is_recorded_with_its_evidence() {
    let shop = TestShop::open(Customer::default()).await;
    let number = sold(&shop, 1).await;
    let refund = opened(&shop, number, &Wanted::default()).await;
    let nameless = checkout::payment::Resolution { by: String::new(), ..by_hand(Decision::Approved) };
    assert!(matches!(shop.till.refunded_on_device(Uuid::now_v7(), refund, nameless).await, Err(TillError::Decision(_))));
    let attempt = shop.till.refunded_on_device(Uuid::now_v7(), refund, by_hand(Decision::Approved)).await.unwrap();
    assert_eq!((attempt.state, attempt.by_hand, attempt.kind), (AttemptState::Approved, true, AttemptKind::Refund));
    assert_eq!(attempt.references["by_hand"], "504711333");
    assert_eq!((shop.requests(Op::Refund), refund_number(&shop, refund).await), (0, Some(number + 1)));
    is_sound(&shop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_is_asked_for_once_however_often_it_is_pressed() {
    let shop = TestShop::open(Customer::default()).await;
    let number = sold(&shop, 2).await;
    let (open, give) = (Uuid::now_v7(), Uuid::now_v7());
    let first = shop.till.open_refund(open, RefundId(Uuid::now_v7()), number, &pieces(1)).await.unwrap();
    assert_eq!(shop.till.open_refund(open, RefundId(Uuid::now_v7()), number, &pieces(1)).await.unwrap(), first);
    let attempt = shop.till.refund_by_device(give, first).await.unwrap();
    assert_eq!(shop.till.refund_by_device(give, first).await.unwrap(), attempt);
    assert_eq!(shop.settled(attempt).await.attempt.state, AttemptState::Approved);
    assert_eq!(shop.requests(Op::Refund), 1);
}

fn in_process(data: &std::path::Path, arguments: &[&str]) -> (i32, Value) {
    ctl::run(data, arguments)
}

#[tokio::test(flavor = "multi_thread")]
async fn kassactl_gives_a_receipt_back_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let simulated = terminal(Customer::default()).await;
    ctl::set_up(folder.path(), &settings(&simulated));
    let data = folder.path();
    let (code, sold) = in_process(data, &["sell", "--item", "1001x3", "--item", "00123x0.5", "--pay", "cash:300", "--pay", "kaspi"]);
    assert_eq!(code, 0, "{sold}");
    let total = sold["sale"]["total_minor"].as_i64().unwrap();
    let (code, part) = in_process(data, &["refund", "--receipt", "1", "--line", "1x2"]);
    assert_eq!((code, part["refund"]["number"].as_i64(), part["refund"]["total_minor"].as_i64()), (0, Some(2), Some(57_000)), "{part}");
    assert_eq!(part["tenders"][0]["kind"], "kaspi");
    let (code, less) = in_process(data, &["refund", "--receipt", "1", "--line", "2", "--amount", "100"]);
    assert_eq!((code, less["refund"]["total_minor"].as_i64()), (0, Some(10_000)), "{less}");
    let id = Uuid::now_v7().to_string();
    let (code, rest) = in_process(data, &["refund", "--receipt", "1", "--id", &id]);
    assert_eq!((code, rest["refund"]["total_minor"].as_i64()), (0, Some(total - 67_000)), "{rest}");
    let (code, again) = in_process(data, &["refund", "--receipt", "1", "--id", &id]);
    assert_eq!((code, &again["refund"]), (0, &rest["refund"]), "a repeat gives nothing twice");
    let (code, nothing) = in_process(data, &["refund", "--receipt", "1"]);
    assert_eq!((code, nothing["error"]["code"].as_str()), (3, Some("refund")));
    let back: i64 = simulated.ledger().iter().filter(|line| line.op == "refund").map(|line| line.amount_minor).sum();
    let paid: i64 = simulated.ledger().iter().filter(|line| line.op == "payment").map(|line| line.amount_minor).sum();
    assert_eq!(back, paid, "over the terminal went back what came in over it");
    let text = ctl::text(data, &["receipt", "2", "--format", "text"]);
    assert!(text.contains("ҚАЙТАРУ") && text.contains("№1"), "{text}");
    let (_, report) = in_process(data, &["report", "x"]);
    let shift = &report["report"]["shift"];
    assert_eq!((shift["refunds"].as_i64(), shift["refunded_minor"].as_i64()), (Some(3), Some(total)));
    assert_eq!(in_process(data, &["journal", "verify"]).0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn kassactl_says_what_became_of_a_refund() {
    let folder = tempfile::tempdir().unwrap();
    let simulated = terminal(Customer::default()).await;
    ctl::set_up(folder.path(), &settings(&simulated));
    let data = folder.path();
    assert_eq!(in_process(data, &["sell", "--item", "1001", "--pay", "kaspi"]).0, 0);
    simulated.set_customer(Customer::who(Ending::Declines));
    let (code, declined) = in_process(data, &["refund", "--receipt", "1"]);
    assert_eq!((code, declined["refund"]["state"].as_str()), (10, Some("void")), "{declined}");
    simulated.set_faults(vec![Fault::new("refund", Verb::DropReply)]).unwrap();
    let id = Uuid::now_v7().to_string();
    let (code, lost) = in_process(data, &["refund", "--receipt", "1", "--id", &id]);
    assert_eq!((code, lost["refund"]["state"].as_str()), (11, Some("open")), "{lost}");
    assert_eq!(in_process(data, &["refund", "--receipt", "1"]).0, 3, "what is in doubt counts as given");
    let attempt = lost["attempts"][0]["id"].as_str().unwrap();
    let decide = ["attempts", "resolve", attempt, "--as", "declined", "--by", "Айгерім", "--reason", "not in its history"];
    assert_eq!(in_process(data, &decide).0, 0);
    let (code, paid_out) = in_process(data, &["refund", "--receipt", "1", "--id", &id, "--in-cash"]);
    assert_eq!((code, paid_out["tenders"][0]["kind"].as_str()), (0, Some("cash")), "{paid_out}");
}
