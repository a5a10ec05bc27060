//! The ways a payment goes (protocol sheet §1.6), stepped by hand.

use super::*;

fn steps(bench: &mut Bench, id: &str, path: &[(i64, &str)]) {
    for (duration_ms, expected) in path {
        bench.pass(*duration_ms);
        assert_eq!(bench.shows(id), *expected);
    }
}

#[test]
fn a_qr_is_scanned_and_confirmed() {
    let mut bench = Bench::new(Customer::default());
    let id = bench.pay(4_870);
    let path = [
        (0, "wait/Initialize"),
        (300, "wait/WaitUser"),
        (1_499, "wait/WaitUser"),
        (1, "wait/WaitForQrConfirmation"),
        (999, "wait/WaitForQrConfirmation"),
        (1, "success/QrTransactionSuccess"),
    ];
    steps(&mut bench, &id, &path);
    assert_eq!(bench.ledger(), ["payment 487000 approved"]);
}

#[test]
fn a_card_without_a_pin() {
    let mut bench = Bench::new(Customer::paying_by(Method::Card));
    let id = bench.pay(1);
    let path = [(1_800, "wait/ProcessingCard"), (1_000, "success/CardTransactionSuccess")];
    steps(&mut bench, &id, &path);
}

#[test]
fn a_card_with_a_pin() {
    let customer = Customer { pin: true, ..Customer::paying_by(Method::Card) };
    let mut bench = Bench::new(customer);
    let id = bench.pay(1);
    let path = [(1_800, "wait/ProcessingCard"), (1_000, "wait/WaitForPinCode"), (2_000, "success/CardTransactionSuccess")];
    steps(&mut bench, &id, &path);
    let (_, body) = bench.get(&format!("/v2/status?processId={id}"));
    assert_eq!(body["data"]["chequeInfo"]["pinEntered"], true);
}

#[test]
fn a_palm_is_an_order_like_a_qr() {
    let mut bench = Bench::new(Customer::paying_by(Method::Alaqan));
    assert_eq!(bench.paid(1), "504711333");
    let entries = bench.terminal.ledger().entries();
    assert_eq!(entries[0].method.as_deref(), Some("alaqan"));
}

#[test]
fn a_no_is_a_fail() {
    let cases = [(Method::Qr, "fail/QrTransactionFailure"), (Method::Card, "fail/CardTransactionFailure")];
    for (method, expected) in cases {
        let customer = Customer { method, ..Customer::who(Ending::Declines) };
        let mut bench = Bench::new(customer);
        let id = bench.pay(1);
        steps(&mut bench, &id, &[(10_000, expected)]);
        assert_eq!(bench.ledger(), ["payment 100 declined"]);
    }
}

#[test]
fn nobody_scans_for_three_minutes() {
    let mut bench = Bench::new(Customer::who(Ending::WalksAway));
    let id = bench.pay(1);
    let path = [(300 + 179_999, "wait/WaitUser"), (1, "fail/QrTransactionFailure")];
    steps(&mut bench, &id, &path);
    assert_eq!(bench.ledger(), ["payment 100 declined"]);
}

#[test]
fn nobody_confirms_for_a_minute() {
    let mut bench = Bench::new(Customer::who(Ending::LeavesUnconfirmed));
    let id = bench.pay(1);
    let path = [(1_800 + 59_999, "wait/WaitForQrConfirmation"), (1, "fail/QrTransactionFailure")];
    steps(&mut bench, &id, &path);
}

#[test]
fn the_last_moment_still_counts() {
    let customer = Customer { scan_after_ms: 180_000, confirm_after_ms: 60_000, ..Customer::default() };
    let mut bench = Bench::new(customer);
    let id = bench.pay(1);
    steps(&mut bench, &id, &[(240_300, "success/QrTransactionSuccess")]);
}

#[test]
fn a_cancel_without_a_scan_fails_when_the_qr_dies() {
    let mut bench = Bench::new(Customer::held());
    let id = bench.pay(1);
    bench.pass(300);
    bench.terminal.cancel_on_terminal(bench.now_ms).unwrap();
    assert_eq!(bench.shows(&id), "unknown/ProcessCancelled");
    assert!(bench.terminal.scan(bench.now_ms).is_err(), "the QR is gone");
    bench.pass(179_999);
    assert_eq!(bench.actualized(&id), "unknown/ProcessCancelled");
    assert!(bench.ledger().is_empty());
    bench.pass(1);
    assert_eq!(bench.ledger(), ["payment 100 cancelled"]);
    assert_eq!(bench.shows(&id), "unknown/ProcessCancelled", "until asked");
    assert_eq!(bench.actualized(&id), "fail/ProcessCancelled");
    assert_eq!(bench.shows(&id), "fail/ProcessCancelled");
    assert_eq!(bench.actualized(&id), "103");
}

#[test]
fn a_customer_who_has_scanned_may_pay_after_the_cancel() {
    let mut bench = Bench::new(Customer::who(Ending::PaysAfterCancel));
    let id = bench.pay(1);
    let path = [(1_800, "unknown/ProcessCancelled")];
    steps(&mut bench, &id, &path);
    bench.pass(1_000);
    assert_eq!(bench.ledger(), ["payment 100 approved"]);
    assert_eq!(bench.shows(&id), "unknown/ProcessCancelled", "until asked");
    assert_eq!(bench.actualized(&id), "success/QrTransactionSuccess");
}

#[test]
fn a_customer_who_has_scanned_may_refuse_after_the_cancel() {
    let mut bench = Bench::new(Customer::held());
    let id = bench.pay(1);
    bench.terminal.scan(bench.now_ms).unwrap();
    bench.terminal.cancel_on_terminal(bench.now_ms).unwrap();
    bench.terminal.decline(bench.now_ms).unwrap();
    assert_eq!(bench.actualized(&id), "fail/QrTransactionFailure");
}

#[test]
fn a_late_scan_can_be_confirmed_for_a_minute_after_a_cancel() {
    for (confirm_after_ms, expected) in [(59_999, "success/QrTransactionSuccess"), (60_000, "fail/ProcessCancelled")] {
        let mut bench = Bench::new(Customer::held());
        let id = bench.pay(1);
        bench.pass(300 + 179_000);
        bench.terminal.scan(bench.now_ms).unwrap();
        bench.terminal.cancel_on_terminal(bench.now_ms).unwrap();
        bench.pass(confirm_after_ms);
        // At the full minute the QR has died, and this is not possible.
        let _ = bench.terminal.confirm(bench.now_ms);
        assert_eq!(bench.actualized(&id), expected);
    }
}

#[test]
fn two_open_ends_are_answered_newest_first() {
    let mut bench = Bench::new(Customer::held());
    let first = bench.pay(1);
    bench.terminal.scan(bench.now_ms).unwrap();
    bench.terminal.cancel_on_terminal(bench.now_ms).unwrap();
    bench.pass(1_000);
    let second = bench.pay(2);
    bench.terminal.scan(bench.now_ms).unwrap();
    bench.terminal.confirm(bench.now_ms).unwrap();
    assert_eq!(bench.shows(&second), "success/QrTransactionSuccess");
    bench.terminal.confirm(bench.now_ms).unwrap();
    assert_eq!(bench.actualized(&first), "success/QrTransactionSuccess");
    assert_eq!(bench.ledger(), ["payment 200 approved", "payment 100 approved"]);
}

#[test]
fn a_cancelled_card_cannot_be_actualized() {
    let mut bench = Bench::new(Customer::paying_by(Method::Card).but_held());
    let id = bench.pay(1);
    bench.terminal.scan(bench.now_ms).unwrap();
    bench.terminal.cancel_on_terminal(bench.now_ms).unwrap();
    assert_eq!(bench.shows(&id), "unknown/ProcessCancelled");
    assert_eq!(bench.actualized(&id), "102");
    assert_eq!(bench.ledger(), ["payment 100 cancelled"]);
}

#[test]
fn a_restart_that_remembers_leaves_unknown() {
    let mut bench = Bench::new(Customer::held());
    let id = bench.pay(1);
    bench.terminal.scan(bench.now_ms).unwrap();
    bench.terminal.restart(true, bench.now_ms);
    assert_eq!(bench.shows(&id), "unknown/ProcessCancelled");
    bench.terminal.confirm(bench.now_ms).unwrap();
    assert_eq!(bench.actualized(&id), "success/QrTransactionSuccess");
}

#[test]
fn a_restart_that_forgets_leaves_nothing_but_the_money() {
    let mut bench = Bench::new(Customer::held());
    let id = bench.pay(1);
    bench.terminal.scan(bench.now_ms).unwrap();
    bench.terminal.restart(false, bench.now_ms);
    assert_eq!(bench.shows(&id), "101");
    assert_eq!(bench.actualized(&id), "101");
    bench.terminal.confirm(bench.now_ms).unwrap();
    assert_eq!(bench.ledger(), ["payment 100 approved"]);
    bench.pay(1);
}

#[test]
fn without_internet_a_payment_is_unknown() {
    let mut bench = Bench::new(Customer::held());
    let id = bench.pay(1);
    bench.terminal.scan(bench.now_ms).unwrap();
    bench.terminal.internet(false, bench.now_ms);
    assert_eq!(bench.shows(&id), "unknown/QrTransactionFailure");
    assert_eq!(bench.actualized(&id), "100");
    bench.terminal.confirm(bench.now_ms).unwrap();
    assert_eq!(bench.actualized(&id), "100");
    bench.terminal.internet(true, bench.now_ms);
    assert_eq!(bench.actualized(&id), "success/QrTransactionSuccess");
}

#[test]
fn a_payment_begun_without_internet_has_no_transaction() {
    let mut bench = Bench::new(Customer::default());
    bench.terminal.internet(false, bench.now_ms);
    let id = bench.pay(1);
    bench.pass(300);
    assert_eq!(bench.shows(&id), "unknown/QrTransactionFailure");
    assert_eq!(bench.actualized(&id), "100");
    bench.terminal.internet(true, bench.now_ms);
    assert_eq!(bench.actualized(&id), "104");
    assert_eq!(bench.ledger(), ["payment 100 cancelled"]);
}

#[test]
fn results_are_kept_for_a_day() {
    let mut bench = Bench::new(Customer::default());
    let id = bench.pay(1);
    bench.pass(24 * 60 * 60 * 1000);
    assert_eq!(bench.shows(&id), "success/QrTransactionSuccess");
    bench.pass(1);
    assert_eq!(bench.shows(&id), "101");
}

#[test]
fn the_time_scale_divides_every_duration() {
    let settings = Settings { time_scale: 100, ..Settings::default() };
    let mut bench = Bench::with(settings.clone(), Customer::default());
    let id = bench.pay(1);
    bench.pass(28);
    assert_eq!(bench.shows(&id), "success/QrTransactionSuccess");
    bench.pass(864_000);
    assert_eq!(bench.shows(&id), "101");

    let mut bench = Bench::with(settings, Customer::who(Ending::WalksAway));
    let id = bench.pay(1);
    bench.pass(1_802);
    assert_eq!(bench.shows(&id), "wait/WaitUser");
    bench.pass(1);
    assert_eq!(bench.shows(&id), "fail/QrTransactionFailure");
}

#[test]
fn a_held_customer_with_a_pin_takes_three_steps() {
    let customer = Customer { pin: true, ..Customer::paying_by(Method::Card) };
    let mut bench = Bench::new(customer.but_held());
    assert!(bench.terminal.scan(bench.now_ms).is_err(), "nothing runs");
    let id = bench.pay(1);
    assert!(bench.terminal.confirm(bench.now_ms).is_err(), "no card yet");
    bench.terminal.scan(bench.now_ms).unwrap();
    bench.terminal.confirm(bench.now_ms).unwrap();
    assert_eq!(bench.shows(&id), "wait/WaitForPinCode");
    bench.terminal.confirm(bench.now_ms).unwrap();
    assert_eq!(bench.shows(&id), "success/CardTransactionSuccess");
}

#[test]
fn a_long_jump_of_the_clock_keeps_the_order_of_events() {
    let mut bench = Bench::new(Customer::default());
    let first = bench.pay(1);
    assert_eq!(bench.terminal.next_due_ms(), Some(START_MS + 300));
    bench.pass(60_000);
    assert_eq!(bench.terminal.next_due_ms(), None);
    let (_, body) = bench.get(&format!("/v2/status?processId={first}"));
    assert_eq!(body["data"]["chequeInfo"]["date"], "06.03.23 14:20:02", "paid when it was due, not when it was asked");
}
