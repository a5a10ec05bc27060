//! The behaviours of the Kaspi driver, named after their numbers in the protocol sheet's checklist.

use acceptance::shop::{TestShop, settings, terminal};
use acceptance::timeline::Timeline;
use acceptance::{ctl, shop};
use checkout::money::{Currency, Money};
use checkout::payment::{AttemptState, Decision, Effect, Reason, Resolution};
use checkout::ports::{Answering, Stage};
use checkout::tender::TenderKind;
use jiff::Zoned;
use simulators::faults::{Fault, Verb};
use simulators::kaspi::{Blocked, Customer, Ending, KaspiSimulator, Method, Op, Options};
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use till::clock::{Clock, SystemClock};
use till::showing::{PayBlock, Shown};
use till::{Opening, Till, TillError};
use uuid::Uuid;

fn fault(on: &str, verb: Verb) -> Fault {
    Fault::new(on, verb)
}

fn error(http: u16, status_code: i32, text: &str) -> Verb {
    Verb::Error { http, status_code, text: text.to_owned(), processed: false }
}

fn by_hand(decision: Decision) -> Resolution {
    Resolution {
        decision,
        by: "Айгерім".to_owned(),
        reason: "the terminal's history was read".to_owned(),
        reference: "504711333".to_owned(),
        evidence: "no entry in the history".to_owned(),
    }
}

// ── Money safety ────────────────────────────────────────────────────────────────────────────────────────

#[tokio::test(flavor = "multi_thread")]
async fn k01_the_intent_is_stored_before_the_first_byte() {
    let shop = TestShop::open(Customer::default()).await;
    shop.ring_up().await;
    shop.terminal.hold(Op::Payment);
    let attempt = shop.pay().await.unwrap();
    shop.terminal.wait_for(Op::Payment, 1).await;
    let seen = shop.read_beside().await.attempts(true).await.unwrap();
    assert_eq!(seen.len(), 1, "another process must see the intent while the start is on the wire");
    assert_eq!((seen[0].attempt.id, seen[0].attempt.state), (attempt, AttemptState::Intended));
    assert_eq!(seen[0].attempt.amount, Money::new(28_500, Currency::Kzt).unwrap());
    shop.terminal.release(Op::Payment);
    assert_eq!(shop.settled(attempt).await.attempt.state, AttemptState::Approved);
}

#[tokio::test(flavor = "multi_thread")]
async fn k02_a_lost_start_reply_is_in_doubt_and_never_sent_again() {
    let shop = TestShop::open(Customer::default()).await;
    shop.ring_up().await;
    shop.terminal.set_faults(vec![fault("payment", Verb::DropReply)]).unwrap();
    let ended = shop.pay_and_settle().await.attempt;
    assert_eq!((ended.state, ended.reason), (AttemptState::Unknown, Some(Reason::NoReply)));
    assert!(matches!(shop.pay().await, Err(TillError::Sale(_))), "the sale takes no second payment");
    assert!(shop.till.pay_cash(Uuid::now_v7(), None).await.is_err(), "by any tender");
    let snapshot = shop.till.snapshot().await.unwrap();
    assert_eq!(snapshot.doubts.len(), 1);
    assert_eq!(snapshot.doubts[0].next_question_in_ms, None, "nothing can be asked: a person looks at the terminal");
    assert_eq!(shop.requests(Op::Payment), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn k03_a_refused_connection_is_not_started_and_may_be_retried() {
    let shop = TestShop::open(Customer::default()).await;
    shop.ring_up().await;
    shop.terminal.stop().await;
    let ended = shop.pay_and_settle().await.attempt;
    assert_eq!((ended.state, ended.reason), (AttemptState::NotStarted, Some(Reason::Unreachable)));
    shop.terminal.start_again_on_same_port().await.unwrap();
    assert_eq!(shop.pay_and_settle().await.attempt.state, AttemptState::Approved);
    assert_eq!(shop.requests(Op::Payment), 1, "only the second try reached the terminal");
}

#[tokio::test(flavor = "multi_thread")]
async fn k04_one_request_whatever_the_network_does() {
    let shop = TestShop::open(Customer::default()).await;
    shop.ring_up().await;
    assert_eq!(shop.pay_and_settle().await.attempt.state, AttemptState::Approved);
    // The terminal has been restarted: whatever connection was kept from before is dead.
    shop.terminal.stop().await;
    shop.terminal.start_again_on_same_port().await.unwrap();
    shop.ring_up().await;
    assert_eq!(shop.pay_and_settle().await.attempt.state, AttemptState::Approved);
    assert_eq!(shop.requests(Op::Payment), 2);
    // A reply that broke off is not asked for again.
    shop.terminal.set_faults(vec![fault("payment", Verb::CutAt(0))]).unwrap();
    shop.ring_up().await;
    assert_eq!(shop.pay_and_settle().await.attempt.state, AttemptState::Unknown);
    assert_eq!(shop.requests(Op::Payment), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn k04_no_redirect_is_followed_and_no_proxy_is_used() {
    let terminal = terminal(Customer::default()).await;
    let folder = tempfile::tempdir().unwrap();
    ctl::set_up(folder.path(), &settings(&terminal));
    let mut sell = ctl::command(folder.path(), &["sell", "--item", "1001", "--pay", "kaspi"]);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"] {
        sell.env(name, "http://127.0.0.1:9");
    }
    let (code, sold) = ctl::answer(&sell.output().unwrap());
    assert_eq!((code, sold["sale"]["state"].as_str()), (0, Some("closed")), "a proxy nobody listens on was used");
    terminal.set_faults(vec![fault("payment", Verb::HttpStatus { status: 302, processed: false })]).unwrap();
    let (code, _) = ctl::run(folder.path(), &["sell", "--item", "1001", "--pay", "kaspi"]);
    assert_eq!(code, 11, "a redirect is neither a yes nor a no");
    let starts = terminal.requests().iter().filter(|request| request.op == Op::Payment).count();
    assert_eq!(starts, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn k05_a_double_click_sends_one_payment() {
    let shop = TestShop::open(Customer::held()).await;
    shop.ring_up().await;
    let command = Uuid::now_v7();
    let (first, second) =
        tokio::join!(shop.till.pay_by_device(command, TenderKind::Kaspi, None), shop.till.pay_by_device(command, TenderKind::Kaspi, None));
    assert_eq!(first.unwrap(), second.unwrap(), "the same command gets the same answer");
    assert!(shop.pay().await.is_err(), "another press is refused while the first is open");
    assert!(Till::open(Opening::at(shop.folder.path())).await.is_err_and(|error| matches!(error, TillError::Instance(_))));
    let (code, answer) = ctl::run(shop.folder.path(), &["sell", "--item", "1001", "--pay", "kaspi"]);
    assert_eq!((code, answer["error"]["code"].as_str()), (13, Some("another_instance")));
    shop.terminal.wait_for(Op::Payment, 1).await;
    assert_eq!(shop.requests(Op::Payment), 1);
}

/// A shop sold in by the real process, which is then killed.
struct Killed {
    folder: tempfile::TempDir,
    terminal: KaspiSimulator,
    sale: String,
}

async fn kill_when(customer: Customer, hold: Option<Op>, op: Op, count: usize) -> Killed {
    let terminal = terminal(customer).await;
    let folder = tempfile::tempdir().unwrap();
    ctl::set_up(folder.path(), &settings(&terminal));
    if let Some(op) = hold {
        terminal.hold(op);
    }
    let sale = Uuid::now_v7().to_string();
    let mut till: Child = ctl::start(folder.path(), &["sell", "--item", "1001", "--pay", "kaspi", "--id", &sale]);
    terminal.wait_for(op, count).await;
    till.kill().unwrap();
    till.wait().unwrap();
    if let Some(op) = hold {
        terminal.release(op);
    }
    Killed { folder, terminal, sale }
}

fn starts(terminal: &KaspiSimulator) -> usize {
    terminal.requests().iter().filter(|request| request.op == Op::Payment).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn k06_killed_after_the_start_it_polls_on_with_the_stored_id() {
    // Two questions about the payment prove that its id is stored.
    let killed = kill_when(Customer::held(), None, Op::Status, 2).await;
    killed.terminal.scan().unwrap();
    killed.terminal.confirm().unwrap();
    let (code, recovered) = ctl::run(killed.folder.path(), &["recover"]);
    assert_eq!((code, recovered["attempts"][0]["state"].as_str()), (0, Some("approved")), "{recovered}");
    assert_eq!(starts(&killed.terminal), 1, "nothing was started again");
    let (code, again) = ctl::run(killed.folder.path(), &["sell", "--item", "1001", "--pay", "kaspi", "--id", &killed.sale]);
    assert_eq!((code, again["sale"]["state"].as_str(), again["sale"]["number"].as_i64()), (0, Some("closed"), Some(1)));
    assert_eq!((starts(&killed.terminal), killed.terminal.ledger().len()), (1, 1));
    let (code, nothing) = ctl::run(killed.folder.path(), &["recover"]);
    assert_eq!((code, nothing["attempts"].as_array().unwrap().len()), (0, 0), "recovering twice is harmless");
}

#[tokio::test(flavor = "multi_thread")]
async fn k07_killed_before_the_reply_it_is_for_a_person_and_never_replayed() {
    let killed = kill_when(Customer::default(), Some(Op::Payment), Op::Payment, 1).await;
    let (code, recovered) = ctl::run(killed.folder.path(), &["recover"]);
    let attempt = &recovered["attempts"][0];
    assert_eq!((code, attempt["state"].as_str(), attempt["reason"].as_str()), (11, Some("unknown"), Some("process_lost")));
    let (code, _) = ctl::run(killed.folder.path(), &["sell", "--item", "1001", "--pay", "kaspi", "--id", &killed.sale]);
    assert_eq!((code, starts(&killed.terminal)), (11, 1), "the same sale is answered, not sold again");
    let id = attempt["id"].as_str().unwrap();
    let decide = ["attempts", "resolve", id, "--as", "approved", "--by", "Айгерім", "--reason", "slip seen", "--reference", "504711333"];
    let (code, resolved) = ctl::run(killed.folder.path(), &decide);
    assert_eq!((code, resolved["attempt"]["by_hand"].as_bool()), (0, Some(true)));
    let (code, again) = ctl::run(killed.folder.path(), &["sell", "--item", "1001", "--pay", "kaspi", "--id", &killed.sale]);
    assert_eq!((code, again["sale"]["state"].as_str()), (0, Some("closed")));
}

#[tokio::test(flavor = "multi_thread")]
async fn k08_the_result_and_the_closed_sale_are_one_commit() {
    let shop = TestShop::open(Customer::default()).await;
    let sale = shop.ring_up().await;
    let paid = shop.pay_and_settle().await;
    assert_eq!(paid.attempt.state, AttemptState::Approved);
    let approved = shop.till.records().history(&paid.attempt.id.to_string()).await.unwrap();
    let closed = shop.till.records().history(&sale.to_string()).await.unwrap();
    let last = approved.last().unwrap();
    assert_eq!(last.body["event"], "approved");
    assert_eq!((closed[0].kind.as_str(), closed[0].seq), ("sale_closed", last.seq + 1), "nothing comes between them");
    assert_eq!(closed[0].at, last.at);
    // After a restart the payment is neither lost nor made again.
    let TestShop { folder, terminal, till } = shop;
    till.close().await;
    drop(till);
    let again = reopened(folder.path()).await;
    let receipt = again.records().receipt(1).await.unwrap();
    assert_eq!(receipt.tenders.len(), 1);
    assert_eq!(starts(&terminal), 1);
}

/// Opens a folder again as soon as the till before has let go of it.
async fn reopened(folder: &std::path::Path) -> Arc<Till> {
    loop {
        match Till::open(Opening::at(folder)).await {
            Err(TillError::Instance(_)) => tokio::task::yield_now().await,
            till => return till.unwrap(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn k09_another_amount_raises_the_alarm_and_leaves_the_sale_open() {
    let shop = TestShop::open(Customer::default()).await;
    let sale = shop.ring_up().await;
    shop.terminal.set_faults(vec![fault("status", Verb::Amount("2 850 ₸".into()))]).unwrap();
    let ended = shop.pay_and_settle().await.attempt;
    assert_eq!((ended.state, ended.reason), (AttemptState::Unknown, Some(Reason::WrongAmount)));
    assert_eq!(ended.answered, Some(Money::new(285_000, Currency::Kzt).unwrap()));
    assert!(shop.till.records().sale(sale).await.unwrap().unwrap().closed.is_none());
    let history = shop.till.records().history(&ended.id.to_string()).await.unwrap();
    let alarm = history.iter().find(|entry| entry.kind == "wrong_amount").expect("an alarm in the journal");
    assert_eq!((&alarm.body["asked_minor"], &alarm.body["answered_minor"]), (&28_500.into(), &285_000.into()));
}

#[test]
fn k10_an_amount_the_terminal_cannot_take_is_never_sent() {
    for minor in [50, 28_550, 0, -100, (i64::from(i32::MAX) + 1) * 100] {
        let mut line = Timeline::of_minor(minor, Customer::default(), Vec::new());
        line.pay();
        assert_eq!((line.attempt.state, line.attempt.reason), (AttemptState::NotStarted, Some(Reason::RefusedAmount)), "{minor}");
        assert!(line.world.lock().unwrap().sent.is_empty(), "{minor} was sent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn k11_a_late_success_stays_with_its_attempt_and_asks_for_a_return() {
    let shop = TestShop::open(Customer::held()).await;
    shop.ring_up().await;
    let attempt = shop.pay().await.unwrap();
    shop.reaches(attempt, AttemptState::Pending).await;
    shop.terminal.stop().await;
    shop.reaches(attempt, AttemptState::Unknown).await;
    shop.till.resolve(attempt, by_hand(Decision::Declined)).await.unwrap();
    shop.till.pay_cash(Uuid::now_v7(), None).await.unwrap();
    shop.terminal.start_again_on_same_port().await.unwrap();
    shop.terminal.scan().unwrap();
    shop.terminal.confirm().unwrap();
    let told = shop.settled_late(attempt).await;
    assert!(told.attempt.late_success);
    assert_eq!(told.attempt.state, AttemptState::Declined, "the hand decision stays; the new fact stands beside it");
    let history = shop.till.records().history(&attempt.to_string()).await.unwrap();
    assert_eq!(history.last().unwrap().kind, "return_one_of_them");
}

trait Late {
    async fn settled_late(&self, attempt: checkout::payment::AttemptId) -> till::StoredAttempt;
}

impl Late for TestShop {
    /// Waits for news of an attempt that has already been decided.
    async fn settled_late(&self, attempt: checkout::payment::AttemptId) -> till::StoredAttempt {
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
}

// ── Polling and states ──────────────────────────────────────────────────────────────────────────────────

#[test]
fn k12_questions_keep_their_distance_and_never_overlap() {
    // Every reply takes 1.7 s: longer than the second between questions.
    let slow = fault("status", Verb::DelayMs(1_700));
    let mut line = Timeline::new(4870, Customer { scan_after_ms: 20_000, ..Customer::default() }, vec![slow]);
    line.pay();
    assert_eq!(line.attempt.state, AttemptState::Approved);
    let asked = line.times_of("status");
    assert!(asked.len() > 10);
    assert!(asked.windows(2).all(|pair| pair[1] - pair[0] >= 1_700), "a question left before the reply to the last: {asked:?}");
    let mut quick = Timeline::new(4870, Customer { scan_after_ms: 20_000, ..Customer::default() }, Vec::new());
    quick.pay();
    let asked = quick.times_of("status");
    assert!(asked.windows(2).all(|pair| pair[1] - pair[0] == 1_000), "the grid is a second from send to send: {asked:?}");
}

#[test]
fn k13_trouble_on_the_way_is_neither_a_yes_nor_a_no() {
    let troubles = [
        Verb::DropReply,
        Verb::Garbage,
        Verb::Empty,
        Verb::CutAt(40),
        Verb::HttpStatus { status: 500, processed: false },
        Verb::Refuse,
        Verb::StatusWord("paid".to_owned()),
    ];
    for trouble in troubles {
        let faults = (2..=6).map(|nth| fault("status", trouble.clone()).nth(nth)).collect();
        let mut line = Timeline::new(4870, Customer { scan_after_ms: 8_000, ..Customer::default() }, faults);
        line.pay();
        assert_eq!(line.attempt.state, AttemptState::Approved, "{trouble:?}");
        let asked = line.times_of("status");
        let gaps: Vec<i64> = asked.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps.iter().all(|gap| *gap >= 1_000), "{trouble:?}: {gaps:?}");
        assert!(gaps.iter().any(|gap| *gap >= 4_000), "questions that fail must slow down: {gaps:?}");
    }
}

#[test]
fn k13_a_long_silence_is_in_doubt_and_the_watch_goes_on() {
    let mut line = Timeline::new(4870, Customer { scan_after_ms: 60_000, ..Customer::default() }, Vec::new())
        .at(3_500, |world| world.unplugged = true)
        .at(90_000, |world| world.unplugged = false);
    line.pay();
    let states: Vec<AttemptState> = line.states.iter().map(|(_, state)| *state).collect();
    assert_eq!(states, [AttemptState::Pending, AttemptState::Unknown, AttemptState::Approved]);
    assert_eq!(line.effects, [Effect::TakeTender]);
}

#[test]
fn k14_a_scan_at_179_s_and_a_yes_at_239_s_are_caught() {
    let mut line = Timeline::new(4870, Customer::held(), Vec::new())
        .at(179_000, |world| world.terminal.scan(world.now_ms).unwrap())
        .at(238_900, |world| world.terminal.confirm(world.now_ms).unwrap());
    line.pay();
    assert_eq!(line.attempt.state, AttemptState::Approved);
    assert!(line.states.iter().all(|(_, state)| *state != AttemptState::Unknown), "the customer's time is not a doubt");
}

#[test]
fn k15_an_unsure_terminal_is_asked_every_ten_seconds_and_no_faster() {
    let mut line =
        Timeline::new(4870, Customer::held(), Vec::new()).at(5_000, |world| world.terminal.cancel_on_terminal(world.now_ms).unwrap());
    let start = line.now_ms();
    // The cashier presses "check again" the whole time; a fast finger changes nothing.
    line.presses = (6..200).map(|second| start + second * 1_000 + 13).collect();
    line.pay();
    let asked = line.times_of("actualize");
    assert!(asked.len() >= 10, "{asked:?}");
    assert!(asked.windows(2).all(|pair| pair[1] - pair[0] >= 10_000), "{asked:?}");
    assert_eq!(line.attempt.state, AttemptState::Cancelled);
}

#[test]
fn k15_the_ten_seconds_hold_across_a_restart() {
    let cancelled =
        || Timeline::new(4870, Customer::held(), Vec::new()).at(5_000, |world| world.terminal.cancel_on_terminal(world.now_ms).unwrap());
    let mut line = cancelled();
    let start = line.now_ms();
    line.stop_at_ms = Some(start + 8_000);
    line.pay();
    assert_eq!(line.attempt.state, AttemptState::Unknown);
    let last = *line.times_of("actualize").last().unwrap();
    // The till is restarted a second later and knows when it asked last.
    line.stop_at_ms = None;
    line.ask(Some(start + last));
    let asked = line.times_of("actualize");
    assert!(asked.len() > 2);
    assert!(asked.windows(2).all(|pair| pair[1] - pair[0] >= 10_000), "{asked:?}");
}

#[test]
fn k16_a_cancel_on_the_terminal_is_being_checked_until_the_code_has_run_out() {
    let mut line =
        Timeline::new(4870, Customer::held(), Vec::new()).at(5_000, |world| world.terminal.cancel_on_terminal(world.now_ms).unwrap());
    line.pay();
    let states: Vec<AttemptState> = line.states.iter().map(|(_, state)| *state).collect();
    assert_eq!(states, [AttemptState::Pending, AttemptState::Unknown, AttemptState::Cancelled], "never declined at once");
    let (settled_ms, _) = line.states[2];
    assert!(settled_ms - line.states[0].0 >= 175_000, "only after the QR code's three minutes");
    // The customer had scanned before the cashier cancelled, and says yes.
    let mut paid = Timeline::new(4870, Customer::who(Ending::PaysAfterCancel), Vec::new());
    paid.pay();
    assert_eq!(paid.attempt.state, AttemptState::Approved);
    assert!(paid.states.iter().any(|(_, state)| *state == AttemptState::Unknown));
}

#[test]
fn k17_no_word_but_success_and_fail_decides() {
    for word in ["approved", "SUCCESS", "failed", "", "done"] {
        let faults = vec![fault("status", Verb::StatusWord(word.to_owned())).nth(3)];
        let mut line = Timeline::new(4870, Customer { scan_after_ms: 10_000, ..Customer::default() }, faults);
        line.pay();
        assert_eq!(line.attempt.state, AttemptState::Approved, "{word:?} must not have decided");
        assert!(line.times_of("status").len() > 5);
    }
    let faults = vec![fault("status", Verb::SubStatus("QrTransactionSuccess".to_owned())).nth(2)];
    let mut line = Timeline::new(4870, Customer { scan_after_ms: 10_000, ends: Ending::Declines, ..Customer::default() }, faults);
    line.pay();
    assert_eq!(line.attempt.state, AttemptState::Declined, "a sub-status is progress only");
}

#[test]
fn k18_the_answers_to_actualize_mean_what_the_sheet_says() {
    let unsure =
        |verb: Verb, nth: u32| Timeline::new(4870, Customer::who(Ending::PaysAfterCancel), vec![fault("actualize", verb).nth(nth)]);
    // 100, no internet: asked again.
    let mut offline = unsure(error(200, 100, "No internet"), 1);
    offline.pay();
    assert_eq!(offline.attempt.state, AttemptState::Approved);
    // 103, already final: status tells.
    let mut done = unsure(error(200, 103, "This transaction is unable to actualize"), 1);
    done.pay();
    assert_eq!(done.attempt.state, AttemptState::Approved);
    // 102, 104, 101: a person looks; none of them is a no.
    for (code, reason) in [(102, Reason::CannotAsk), (104, Reason::CannotAsk), (101, Reason::ResultLost)] {
        let mut lost = Timeline::new(4870, Customer::held(), vec![fault("actualize", error(200, code, "…"))])
            .at(5_000, |world| world.terminal.cancel_on_terminal(world.now_ms).unwrap());
        lost.pay();
        assert_eq!((lost.attempt.state, lost.attempt.reason), (AttemptState::Unknown, Some(reason)), "{code}");
        assert_eq!(lost.times_of("actualize").len(), 1, "{code} is not asked about for ever");
    }
}

#[test]
fn k19_not_found_right_after_the_start_is_asked_again() {
    let early: Vec<Fault> = (1..=3).map(|nth| fault("status", error(200, 101, "Process not found")).nth(nth)).collect();
    let mut line = Timeline::new(4870, Customer::default(), early);
    line.pay();
    assert_eq!(line.attempt.state, AttemptState::Approved);
    let mut lost = Timeline::new(4870, Customer::default(), vec![fault("payment", Verb::Forget)]);
    lost.pay();
    assert_eq!((lost.attempt.state, lost.attempt.reason), (AttemptState::Unknown, Some(Reason::ResultLost)));
}

#[tokio::test(flavor = "multi_thread")]
async fn k20_stop_waiting_cancels_nothing_and_keeps_watching() {
    let shop = TestShop::open(Customer::held()).await;
    shop.ring_up().await;
    let attempt = shop.pay().await.unwrap();
    shop.reaches(attempt, AttemptState::Pending).await;
    shop.till.stop_waiting(attempt).await.unwrap();
    let Shown::Attempt(watched) = shop.till.snapshot().await.unwrap().shown else { panic!("the payment stays on the screen") };
    assert!(watched.stop_asked, "the screen says: cancel it on the terminal");
    shop.terminal.scan().unwrap();
    shop.terminal.confirm().unwrap();
    assert_eq!(shop.settled(attempt).await.attempt.state, AttemptState::Approved, "the customer's yes is still heard");
}

// ── Busy, blocked, start errors ─────────────────────────────────────────────────────────────────────────

#[tokio::test(flavor = "multi_thread")]
async fn k21_a_busy_terminal_is_told_and_nothing_is_queued() {
    let shop = TestShop::open(Customer::default()).await;
    shop.ring_up().await;
    shop.terminal.set_faults(vec![fault("payment", Verb::Busy)]).unwrap();
    let ended = shop.pay_and_settle().await.attempt;
    assert_eq!((ended.state, ended.reason), (AttemptState::NotStarted, Some(Reason::RefusedBusy)));
    assert_eq!(shop.requests(Op::Payment), 1);
    assert!(shop.terminal.ledger().is_empty());
    // An own unresolved attempt keeps the terminal: no start is even sent.
    shop.terminal.set_faults(Vec::new()).unwrap();
    shop.terminal.set_customer(Customer::held());
    let open = shop.pay().await.unwrap();
    shop.reaches(open, AttemptState::Pending).await;
    shop.till.park(open).await.unwrap();
    shop.till.add_by_code("1002", None).await.unwrap();
    assert!(matches!(shop.pay().await, Err(TillError::DeviceBusy)));
    let blocked: Vec<_> = shop.till.snapshot().await.unwrap().pay_keys;
    assert!(blocked.contains(&(TenderKind::Kaspi, Some(PayBlock::DeviceBusy))), "{blocked:?}");
    assert!(blocked.contains(&(TenderKind::Cash, None)), "the queue can be served with cash");
    assert_eq!(shop.requests(Op::Payment), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn k22_blocked_payments_are_one_message_under_400_and_200() {
    for form in [Blocked::WithHttp400, Blocked::WithHttp200] {
        let shop = TestShop::open(Customer::default()).await;
        shop.ring_up().await;
        shop.terminal.block(form);
        let ended = shop.pay_and_settle().await.attempt;
        assert_eq!((ended.state, ended.reason), (AttemptState::NotStarted, Some(Reason::RefusedBlocked)));
        assert_eq!(ended.message.as_deref(), Some("Payments are blocked"));
        shop.till.pay_cash(Uuid::now_v7(), None).await.expect("the sale is open for another tender");
    }
}

#[test]
fn k23_an_inner_fault_at_the_start_is_uncertain() {
    for verb in [
        error(200, 108, "Could not register transaction. Something went wrong."),
        error(500, 999, "Internal Error. Please, contact developers"),
    ] {
        let mut line = Timeline::new(4870, Customer::default(), vec![fault("payment", verb)]);
        line.pay();
        assert_eq!((line.attempt.state, line.attempt.reason), (AttemptState::Unknown, Some(Reason::DeviceError)));
        assert_eq!(line.times_of("payment").len(), 1, "no silent retry");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn k24_refusals_of_the_request_keep_the_terminal_s_words() {
    for (http, text) in [(404, "Invalid Url. Please, contact developers"), (400, "Param unvalidated: amount. Must be greater 0")] {
        let shop = TestShop::open(Customer::default()).await;
        shop.ring_up().await;
        shop.terminal.set_faults(vec![fault("payment", error(http, 999, text))]).unwrap();
        let ended = shop.pay_and_settle().await.attempt;
        assert_eq!((ended.state, ended.reason), (AttemptState::NotStarted, Some(Reason::RefusedRequest)));
        assert_eq!(ended.message.as_deref(), Some(text));
        let history = shop.till.records().history(&ended.id.to_string()).await.unwrap();
        assert_eq!(history.last().unwrap().body["message"], text, "the journal keeps them for support");
    }
}

// ── Data, time ──────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn k36_replies_are_read_in_every_shape_terminals_send() {
    use drivers::kaspi::messages::{Progress, progress, read};
    use drivers::link::HttpReply;
    let success = |data: &str| {
        let body = format!(r#"{{"data":{{"status":"success",{data}}},"statusCode":0}}"#);
        let envelope = read(&HttpReply { status: 200, body: body.into_bytes() }).unwrap();
        match progress(&envelope) {
            Progress::Success { answer } => answer,
            other => panic!("{other:?}"),
        }
    };
    let inside = success(
        r#""chequeInfo":{"amount":"1 500 ₸","method":"qr","orderNumber":"504711333","city":" Алматы қ."},"transactionId":"504711333""#,
    )
    .unwrap();
    assert_eq!(inside.amount.minor(), 150_000);
    assert_eq!(inside.references["order_number"], "504711333");
    assert_eq!(inside.slip.get("city"), Some("Алматы қ."), "shown trimmed, kept as it came");
    let beside = success(r#""chequeInfo":{"amount":"1 ₸"},"method":"card","rrn":307208187011,"addInfo":null"#).unwrap();
    assert_eq!((beside.references["method"].as_str(), beside.references["rrn"].as_str()), ("card", "307208187011"));
    let odd = success(r#""chequeInfo":{"amount":1500,"icc":"","pinEntered":true,"newField":"x"},"processId":1678696290407"#).unwrap();
    assert_eq!((odd.amount.minor(), odd.slip.get("icc"), odd.slip.get("newField")), (150_000, None, Some("x")));
    assert_eq!(odd.references["process_id"], "1678696290407");
    assert!(success(r#""chequeInfo":{"method":"qr"}"#).is_none(), "no amount is no yes");
    assert!(success(r#""chequeInfo":{"amount":"many ₸"}"#).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn k36_the_slips_of_all_methods_reach_the_receipt() {
    for (method, reference) in [(Method::Qr, "order_number"), (Method::Card, "rrn"), (Method::Alaqan, "order_number")] {
        let shop = TestShop::open(Customer::paying_by(method)).await;
        shop.ring_up().await;
        let paid = shop.pay_and_settle().await.attempt;
        assert_eq!((paid.state, paid.references["method"].as_str()), (AttemptState::Approved, method.word()));
        let receipt = shop.till.records().receipt(1).await.unwrap();
        let text = checkout::layout::text(&shop.till.records().rows(&receipt, 48));
        assert!(text.contains(&paid.references[reference]), "the slip must carry {reference}:\n{text}");
        assert!(text.contains("31452963") && text.contains("285 ₸"), "{text}");
    }
}

/// A wall clock that a test sets; everything else is the machine's.
struct JumpingClock {
    machine: SystemClock,
    offset_s: AtomicI64,
}

impl Clock for JumpingClock {
    fn now_ms(&self) -> i64 {
        self.machine.now_ms()
    }

    fn wall(&self) -> Zoned {
        let offset = jiff::SignedDuration::from_secs(self.offset_s.load(Ordering::Relaxed));
        self.machine.wall().checked_add(offset).unwrap()
    }

    fn uptime(&self) -> (String, i64) {
        self.machine.uptime()
    }

    fn new_id(&self) -> Uuid {
        self.machine.new_id()
    }

    fn sleep_until(&self, at_ms: i64) -> Answering<'_, ()> {
        self.machine.sleep_until(at_ms)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn k38_a_jump_of_the_wall_clock_changes_no_payment() {
    for days in [-1, 1, 4000] {
        let clock = Arc::new(JumpingClock { machine: SystemClock::default(), offset_s: AtomicI64::new(0) });
        let shop = TestShop::open_with(Customer::held(), clock.clone()).await;
        shop.ring_up().await;
        let attempt = shop.pay().await.unwrap();
        shop.reaches(attempt, AttemptState::Pending).await;
        clock.offset_s.store(days * 86_400, Ordering::Relaxed);
        shop.terminal.scan().unwrap();
        shop.terminal.confirm().unwrap();
        assert_eq!(shop.settled(attempt).await.attempt.state, AttemptState::Approved);
        let verified = shop.till.records().verify_journal().await.unwrap();
        assert_eq!(verified.broken_at, None, "order is by number, not by time");
    }
}

#[test]
fn k38_after_the_machine_has_slept_the_terminal_is_asked_at_once() {
    let mut line = Timeline::new(4870, Customer::held(), Vec::new()).at(3_500, |world| world.now_ms += 7_200_000);
    line.pay();
    let asked = line.times_of("status");
    let after = asked.iter().find(|at_ms| **at_ms > 7_200_000).expect("questions go on after the sleep");
    assert!(*after <= 7_204_500, "the first came {after} ms after the start");
    assert_eq!(line.attempt.state, AttemptState::Declined, "the terminal has given up meanwhile, and says so");
}

#[test]
fn stages_are_shown_as_the_terminal_reports_them() {
    let mut by_phone = Timeline::new(4870, Customer::default(), Vec::new());
    by_phone.pay();
    assert_eq!(by_phone.stages, [Stage::Sent, Stage::Customer, Stage::Confirm]);
    let slow_card = Customer { pin: true, confirm_after_ms: 3_000, pin_after_ms: 3_000, ..Customer::paying_by(Method::Card) };
    let mut by_card = Timeline::new(4870, slow_card, Vec::new());
    by_card.pay();
    assert_eq!(by_card.stages, [Stage::Sent, Stage::Customer, Stage::Bank, Stage::Pin]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_scale_is_refused_for_a_terminal_on_the_network() {
    let simulator = KaspiSimulator::start(Options::default()).await.unwrap();
    let shop = shop::settings(&simulator).replace("127.0.0.1", "192.168.1.40");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.json");
    std::fs::write(&file, shop).unwrap();
    let (code, answer) = ctl::run(folder.path(), &["init", "--settings", file.to_str().unwrap()]);
    assert_eq!((code, answer["error"]["path"].as_str()), (3, Some("devices.kaspi.time_scale")));
}
