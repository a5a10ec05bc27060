//! Refunds: by the same method, in parts, never more than was paid (§1.8).

use super::*;

fn refund(bench: &mut Bench, method: &str, purchase: &str, amount: i64) -> (String, Value) {
    let id = bench.start(&format!("/v2/refund?method={method}&amount={amount}&transactionId={purchase}"));
    bench.pass(10_000);
    let (_, body) = bench.get(&format!("/v2/status?processId={id}"));
    (told(&body), body["data"].clone())
}

#[test]
fn a_refund_waits_for_the_customer_too() {
    let mut bench = Bench::new(Customer::default());
    let purchase = bench.paid(10);
    let id = bench.start(&format!("/v2/refund?method=qr&amount=4&transactionId={purchase}"));
    let path = [(0, "wait/Initialize"), (300, "wait/WaitUser"), (1_500, "wait/ProcessRefund"), (1_000, "success/QrTransactionSuccess")];
    for (duration_ms, expected) in path {
        bench.pass(duration_ms);
        assert_eq!(bench.shows(&id), expected);
    }
    let refund = &bench.terminal.ledger().entries()[1];
    assert_eq!((refund.op.as_str(), refund.amount_minor), ("refund", 400));
    assert_eq!(refund.reference.as_deref(), Some("504711334"));
}

#[test]
fn parts_add_up_to_the_payment_and_no_further() {
    let mut bench = Bench::new(Customer::default());
    let purchase = bench.paid(10);
    let cases = [
        (6, "success/QrTransactionSuccess"),
        (5, "fail/QrTransactionFailure"),
        (4, "success/QrTransactionSuccess"),
        (1, "fail/QrTransactionFailure"),
    ];
    for (amount, expected) in cases {
        assert_eq!(refund(&mut bench, "qr", &purchase, amount).0, expected);
    }
}

#[test]
fn a_card_refund_carries_the_rrn_of_its_payment() {
    let mut bench = Bench::new(Customer::paying_by(Method::Card));
    let purchase = bench.paid(10);
    for amount in [3, 7] {
        let (shown, data) = refund(&mut bench, "card", &purchase, amount);
        assert_eq!(shown, "success/CardTransactionSuccess");
        assert_eq!(data["transactionId"], purchase.as_str());
        assert_eq!(data["chequeInfo"]["rrn"], purchase.as_str());
    }
}

#[test]
fn a_refund_of_nothing_or_by_another_method_fails() {
    let mut bench = Bench::new(Customer::default());
    let purchase = bench.paid(10);
    assert_eq!(refund(&mut bench, "card", &purchase, 1).0, "fail/CardTransactionFailure");
    assert_eq!(refund(&mut bench, "qr", "1", 1).0, "fail/QrTransactionFailure");
}

#[test]
fn a_refused_refund_gives_its_sum_back() {
    let mut bench = Bench::new(Customer::default());
    let purchase = bench.paid(10);
    bench.terminal.set_customer(Customer::who(Ending::Declines));
    assert_eq!(refund(&mut bench, "qr", &purchase, 10).0, "fail/QrTransactionFailure");
    bench.terminal.set_customer(Customer::default());
    assert_eq!(refund(&mut bench, "qr", &purchase, 10).0, "success/QrTransactionSuccess");
}

#[test]
fn an_undecided_refund_keeps_its_sum() {
    let mut bench = Bench::new(Customer::default());
    let purchase = bench.paid(10);
    bench.terminal.set_customer(Customer::held());
    let first = bench.start(&format!("/v2/refund?method=qr&amount=10&transactionId={purchase}"));
    bench.terminal.scan(bench.now_ms).unwrap();
    bench.terminal.restart(true, bench.now_ms);
    assert_eq!(refund(&mut bench, "qr", &purchase, 1).0, "fail/QrTransactionFailure");
    bench.terminal.confirm(bench.now_ms).unwrap();
    assert_eq!(bench.actualized(&first), "success/QrTransactionSuccess");
}
