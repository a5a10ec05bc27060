//! The behaviours of the Kaspi driver over real sockets and with the real process, named after their numbers in
//! the protocol sheet's checklist. Those in which time passes are in kaspi_timeline.rs.

use acceptance::shop::{TestShop, reopened, settings, terminal};
use acceptance::{ctl, shop};
use checkout::money::{Currency, Money};
use checkout::payment::{AttemptState, Decision, Reason};
use checkout::ports::Answering;
use checkout::tender::TenderKind;
use jiff::Zoned;
use simulators::faults::{Fault, Verb};
use simulators::kaspi::{Blocked, Customer, KaspiSimulator, Method, Op, Options};
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

// ── Money safety ────────────────────────────────────────────────────────────────────────────────────────

#[tokio::test(flavor = "multi_thread")]
async fn k01_the_intent_is_stored_before_the_first_byte() {
    let shop = TestShop::open(Customer::default()).await;
    shop.ring_up().await;
    shop.terminal.hold(Op::Payment);
    assert!(!shop.till.is_starting_a_payment().await);
    let attempt = shop.pay().await.unwrap();
    shop.terminal.wait_for(Op::Payment, 1).await;
    assert!(shop.till.is_starting_a_payment().await, "the window does not close now");
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
    assert_eq!(snapshot.tasks.len(), 1);
    assert_eq!(snapshot.tasks[0].1.next_question_in_ms, None, "nothing can be asked: a person looks at the terminal");
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

/// The reply to a start breaks off at each of its bytes, on a real socket.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_reply_cut_at_any_byte_is_in_doubt() {
    let shop = TestShop::open(Customer::default()).await;
    let mut starts = 0;
    loop {
        shop.terminal.set_faults(vec![fault("payment", Verb::CutAt(starts))]).unwrap();
        shop.ring_up().await;
        let ended = shop.pay_and_settle().await.attempt;
        starts += 1;
        assert_eq!(shop.requests(Op::Payment), starts, "a start is sent once");
        if ended.state == AttemptState::Approved {
            break;
        }
        assert_eq!(ended.state, AttemptState::Unknown, "cut at {}", starts - 1);
        shop.till.resolve(ended.id, shop::by_hand(Decision::Declined)).await.unwrap();
        shop.terminal.restart(true);
    }
    assert!(starts > 100, "the reply has {starts} bytes");
}

/// The answer to a question breaks off somewhere, again and again: it is asked again until a whole one comes.
#[tokio::test(flavor = "multi_thread")]
async fn a_yes_cut_at_any_byte_is_asked_again() {
    let shop = TestShop::open(Customer::default()).await;
    for byte in (0..1_200).step_by(61) {
        shop.terminal.set_faults((1..=6).map(|nth| fault("status", Verb::CutAt(byte + nth as usize)).nth(nth)).collect()).unwrap();
        shop.ring_up().await;
        assert_eq!(shop.pay_and_settle().await.attempt.state, AttemptState::Approved, "cut from {byte} on");
    }
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
    assert_eq!(receipt.bill.tenders.len(), 1);
    assert_eq!(starts(&terminal), 1);
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

#[tokio::test(flavor = "multi_thread")]
async fn k11_a_late_success_stays_with_its_attempt_and_asks_for_a_return() {
    let shop = TestShop::open(Customer::held()).await;
    let attempt = shop.decided_unpaid().await;
    shop.till.pay_cash(Uuid::now_v7(), None).await.unwrap();
    let told = shop.pays_after_all(attempt).await;
    assert!(told.attempt.late_success);
    assert_eq!(told.attempt.state, AttemptState::Declined, "the hand decision stays; the new fact stands beside it");
    let history = shop.till.records().history(&attempt.to_string()).await.unwrap();
    assert_eq!(history.last().unwrap().kind, "return_one_of_them");
}

// ── Polling and states (more in kaspi_timeline.rs) ──────────────────────────────────────────────────────────────────────────────────

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

/// The fields the vendor asks for on a slip (sheet §1.8), by how it was paid.
fn mandatory(method: Method) -> &'static [&'static str] {
    match method {
        Method::Card => &[
            "storeName",
            "city",
            "address",
            "status",
            "amount",
            "date",
            "cardMask",
            "icc",
            "bin",
            "terminalId",
            "rrn",
            "authorizationCode",
            "hostResponseCode",
        ],
        _ => &["storeName", "city", "address", "status", "amount", "date", "bin", "terminalId", "orderNumber"],
    }
}

/// The till has told the terminal that it prints the slip.
fn prints_its_own(shop: &TestShop) -> bool {
    let asked = shop.terminal.requests().into_iter().find(|request| request.op == Op::Payment).unwrap();
    asked.query.contains(&("owncheque".to_owned(), "true".to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn k37_the_slip_has_its_fields_and_is_printed_again_from_what_is_stored() {
    for method in [Method::Qr, Method::Card] {
        let shop = TestShop::open(Customer::paying_by(method)).await;
        shop.ring_up().await;
        let paid = shop.pay_and_settle().await.attempt;
        let told: Vec<&str> =
            mandatory(method).iter().map(|name| paid.slip.get(name).unwrap_or_else(|| panic!("{name} is missing"))).collect();
        assert!(prints_its_own(&shop), "the terminal prints none");
        let printed = ctl::text(shop.folder.path(), &["receipt", "1"]);
        let squeezed: String = printed.split_whitespace().collect();
        for value in told {
            let value: String = checkout::layout::printable(value).split_whitespace().collect();
            assert!(squeezed.contains(&value), "{method:?}: {value} is not on\n{printed}");
        }
        // The terminal is gone; the slip is not.
        shop.terminal.stop().await;
        let shop = shop.reopen().await;
        assert_eq!(ctl::text(shop.folder.path(), &["receipt", "1"]), printed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn k37_where_the_terminal_prints_its_slip_the_till_prints_none() {
    let shop = TestShop::changed(&[("/devices/kaspi/own_receipt", false.into())], simulators::demo::GOODS).await;
    shop.ring_up().await;
    let paid = shop.pay_and_settle().await.attempt;
    assert!(!prints_its_own(&shop));
    let printed = ctl::text(shop.folder.path(), &["receipt", "1"]);
    for name in ["orderNumber", "terminalId"] {
        let value = paid.slip.get(name).unwrap_or_else(|| panic!("{name} is kept all the same"));
        assert!(!printed.contains(value), "{name} is on\n{printed}");
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

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_of_an_earlier_payment_says_nothing_of_this_one() {
    let shop = TestShop::open(Customer::default()).await;
    shop.ring_up().await;
    let earlier = shop.pay_and_settle().await.attempt;
    let named_again = Verb::OtherOperation(earlier.operation_id.clone().unwrap());
    shop.terminal.set_faults(vec![fault("payment", named_again)]).unwrap();
    shop.terminal.set_customer(Customer::held());
    shop.ring_up().await;
    let ended = shop.pay_and_settle().await.attempt;
    assert_eq!(ended.amount, earlier.amount, "the amount does not give it away");
    assert_eq!((ended.state, ended.reason, ended.operation_id), (AttemptState::Unknown, Some(Reason::Unreadable), None));
}
