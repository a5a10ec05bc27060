//! What a request is refused for (protocol sheet §1.5).

use super::*;

fn check(bench: &mut Bench, target: &str, http: u16, code: i32, text: &str) {
    let (status, body) = bench.get(target);
    let expected = serde_json::json!({ "errorText": text, "statusCode": code });
    assert_eq!((status, body), (http, expected), "{target}");
}

#[test]
fn parameters_are_checked() {
    let mut bench = Bench::new(Customer::held());
    let cases = [
        ("/v2/payment", "Missing param: amount"),
        ("/v2/payment?amount=", "Param unvalidated: amount. It's empty"),
        ("/v2/payment?amount=0", "Param unvalidated: amount. Must be greater 0"),
        ("/v2/payment?amount=-5", "Param unvalidated: amount. Must be greater 0"),
        ("/v2/payment?amount=1.5", "Param unvalidated: amount. It has to be a number"),
        ("/v2/payment?amount=2147483648", "Param unvalidated: amount. It has to be a number"),
        ("/v2/payment?amount=1&owncheque=True", "Param unvalidated: owncheque. It has to be true or false"),
        ("/v2/status", "Missing param: processId"),
        ("/v2/actualize", "Missing param: processId"),
        ("/v2/status?processId=", "Param unvalidated: processId. It's empty"),
        ("/v2/refund?method=qr&transactionId=1", "Missing param: amount"),
        ("/v2/refund?amount=1&transactionId=1", "Missing param: method"),
        ("/v2/refund?amount=1&transactionId=1&method=cash", "Param unvalidated: method. Unknown payment method"),
        ("/v2/refund?amount=1&method=qr", "Missing param: transactionId"),
        ("/v2/refund?amount=1&method=qr&transactionId=", "Param unvalidated: transactionId. It's empty"),
    ];
    for (target, text) in cases {
        check(&mut bench, target, 400, 999, text);
    }
    assert!(bench.terminal.operations().is_empty(), "nothing has started");
}

#[test]
fn an_unknown_url_is_refused() {
    let text = "Invalid Url. Please, contact developers";
    let mut bench = Bench::new(Customer::held());
    for target in ["/", "/payment?amount=1", "/v2/remains", "/v2/cancel?processId=1"] {
        check(&mut bench, target, 404, 999, text);
    }
}

#[test]
fn an_unknown_process_is_not_found() {
    let mut bench = Bench::new(Customer::held());
    for target in ["/v2/status?processId=1678090708423", "/v2/status?processId=healthcheck", "/v2/actualize?processId=0"] {
        check(&mut bench, target, 200, 101, "Process not found");
    }
}

#[test]
fn one_operation_at_a_time() {
    let busy = "Could not register transaction. Last operation was not completed.";
    let mut bench = Bench::new(Customer::held());
    bench.pay(100);
    check(&mut bench, "/v2/payment?amount=5", 200, 107, busy);
    check(&mut bench, "/v2/refund?amount=5&method=qr&transactionId=1", 200, 107, busy);
    bench.terminal.cancel_on_terminal(bench.now_ms).unwrap();
    bench.pay(5);
}

#[test]
fn blocked_payments_are_told_under_either_status() {
    let mut bench = Bench::new(Customer::held());
    bench.terminal.block(Blocked::WithHttp400);
    check(&mut bench, "/v2/payment?amount=1", 400, 106, "Payments are blocked");
    bench.terminal.block(Blocked::WithHttp200);
    check(&mut bench, "/v2/payment?amount=1", 200, 106, "Payments are blocked");
    bench.terminal.block(Blocked::No);
    bench.pay(1);
}

#[test]
fn only_an_unknown_operation_is_actualized() {
    let text = "This transaction is unable to actualize";
    let mut bench = Bench::new(Customer::held());
    let id = bench.pay(1);
    let actualize = format!("/v2/actualize?processId={id}");
    check(&mut bench, &actualize, 200, 103, text);
    bench.terminal.scan(bench.now_ms).unwrap();
    bench.terminal.confirm(bench.now_ms).unwrap();
    check(&mut bench, &actualize, 200, 103, text);
}

#[test]
fn ids_grow_when_the_clock_stands_still() {
    let mut bench = Bench::new(Customer::held());
    let first = bench.pay(1);
    bench.terminal.cancel_on_terminal(bench.now_ms).unwrap();
    let second = bench.pay(1);
    assert_eq!(first, START_MS.to_string());
    assert_eq!(second, (START_MS + 1).to_string());
}
