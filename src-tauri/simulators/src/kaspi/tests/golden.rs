//! Whole bodies as the vendor file shows them (§4.16, §4.18, §4.19, §4.22),
//! retyped with the nesting and the spelling the protocol sheet corrects.

use serde_json::json;

use super::*;

fn check(target: &str, bench: &mut Bench, expected: Value) {
    assert_eq!(bench.get(target), (200, expected), "{target}");
}

fn status_of(id: &str) -> String {
    format!("/v2/status?processId={id}")
}

#[test]
fn a_wait() {
    let mut bench = Bench::new(Customer::held());
    bench.now_ms = 1_678_090_708_423;
    let id = bench.pay(1);
    assert_eq!(id, "1678090708423", "the id is the terminal's clock");
    check(
        &status_of(&id),
        &mut bench,
        json!({
            "data": { "processId": "1678090708423", "status": "wait", "subStatus": "Initialize" },
            "statusCode": 0
        }),
    );
}

#[test]
fn a_qr_payment() {
    let mut bench = Bench::new(Customer::held());
    let id = bench.pay(1);
    bench.pass(1_000);
    bench.terminal.scan(bench.now_ms).unwrap();
    bench.pass(10_000);
    bench.terminal.confirm(bench.now_ms).unwrap();
    check(
        &status_of(&id),
        &mut bench,
        json!({
            "data": {
                "addInfo": { "LoanTerm": 0, "IsOffer": false, "ProductType": "Gold" },
                "chequeInfo": {
                    "address": "Қонаев 11, 6",
                    "amount": "1 ₸",
                    "bin": "960419351140",
                    "city": "Алматы қ.",
                    "date": "06.03.23 14:20:11",
                    "method": "qr",
                    "orderNumber": "504711333",
                    "status": "Kaspi Gold-ман сатып алу. Мақұлданды",
                    "storeName": "Kaspi Mark",
                    "terminalId": "31452963",
                    "type": "payment"
                },
                "processId": id,
                "status": "success",
                "subStatus": "QrTransactionSuccess",
                "transactionId": "504711333"
            },
            "statusCode": 0
        }),
    );
}

#[test]
fn a_card_payment() {
    let mut bench = Bench::new(Customer::paying_by(Method::Card).but_held());
    bench.now_ms = 1_678_699_888_000;
    let id = bench.pay(1);
    bench.pass(11_000);
    bench.terminal.scan(bench.now_ms).unwrap();
    bench.terminal.confirm(bench.now_ms).unwrap();
    check(
        &status_of(&id),
        &mut bench,
        json!({
            "data": {
                "addInfo": { "IsOffer": false, "LoanTerm": 0, "ProductType": "Gold" },
                "chequeInfo": {
                    "address": "Қонаев 11, 6",
                    "amount": "1 ₸",
                    "authorizationCode": "665425",
                    "bin": "960419351140",
                    "cardMask": "440043*****6389",
                    "city": " Алматы қ.",
                    "date": "13.03.23 14:31:39",
                    "hostResponseCode": "000",
                    "icc": "Visa Debit",
                    "method": "card",
                    "rrn": "307208187011",
                    "status": " Kaspi Gold-ман сатып алу. Мақұлданды",
                    "storeName": "Kaspi Mark",
                    "terminalId": "31452963",
                    "type": "payment"
                },
                "processId": id,
                "status": "success",
                "subStatus": "CardTransactionSuccess",
                "transactionId": "307208187011"
            },
            "statusCode": 0
        }),
    );
}

#[test]
fn a_qr_refund() {
    let mut bench = Bench::new(Customer::default());
    let purchase = bench.paid(1);
    bench.terminal.set_customer(Customer::held());
    let id = bench.start(&format!("/v2/refund?method=qr&amount=1&transactionId={purchase}"));
    bench.now_ms = START_MS + 100_000;
    bench.terminal.scan(bench.now_ms).unwrap();
    bench.terminal.confirm(bench.now_ms).unwrap();
    check(
        &status_of(&id),
        &mut bench,
        json!({
            "data": {
                "addInfo": { "IsOffer": false, "LoanTerm": 0, "ProductType": "Gold" },
                "chequeInfo": {
                    "address": "Қонаев 11, 6",
                    "amount": "- 1 ₸",
                    "bin": "960419351140",
                    "city": "Алматы қ.",
                    "date": "06.03.23 14:21:40",
                    "method": "qr",
                    "orderNumber": "504711334",
                    "status": "Қайтару сәтті жасалды",
                    "storeName": "Kaspi Mark",
                    "terminalId": "31452963",
                    "type": "refund"
                },
                "processId": id,
                "status": "success",
                "subStatus": "QrTransactionSuccess",
                "transactionId": "504711334"
            },
            "statusCode": 0
        }),
    );
}

#[test]
fn a_card_refund() {
    let mut bench = Bench::new(Customer::paying_by(Method::Card));
    let purchase = bench.paid(1);
    let id = bench.start(&format!("/v2/refund?method=card&amount=1&transactionId={purchase}"));
    bench.pass(10_000);
    check(
        &status_of(&id),
        &mut bench,
        json!({
            "data": {
                "addInfo": { "IsOffer": false, "LoanTerm": 0, "ProductType": "Gold" },
                "chequeInfo": {
                    "address": "Қонаев 11, 6",
                    "amount": "- 1 ₸",
                    "authorizationCode": "665426",
                    "bin": "960419351140",
                    "cardMask": "440043*****6389",
                    "city": " Алматы қ.",
                    "date": "06.03.23 14:20:12",
                    "hostResponseCode": "000",
                    "icc": "",
                    "method": "card",
                    "rrn": "307208187011",
                    "status": " Қайтару сәтті жасалды",
                    "storeName": "Kaspi Mark",
                    "terminalId": "31452963",
                    "type": "refund"
                },
                "processId": id,
                "status": "success",
                "subStatus": "CardTransactionSuccess",
                "transactionId": "307208187011"
            },
            "statusCode": 0
        }),
    );
}

#[test]
fn a_refusal_by_the_customer() {
    let mut bench = Bench::new(Customer::who(Ending::Declines));
    let id = bench.pay(1);
    bench.pass(10_000);
    check(
        &status_of(&id),
        &mut bench,
        json!({
            "data": {
                "message": "Сатып алымды жою; Сатып алушы сатып алуды жойды",
                "processId": id,
                "status": "fail",
                "subStatus": "QrTransactionFailure"
            },
            "statusCode": 0
        }),
    );
}

#[test]
fn a_cancel_before_and_after_it_is_settled() {
    let mut bench = Bench::new(Customer::who(Ending::CashierCancels));
    let id = bench.pay(1);
    bench.pass(10_000);
    check(
        &status_of(&id),
        &mut bench,
        json!({
            "data": {
                "message": "Операция жойылды",
                "processId": id,
                "status": "unknown",
                "subStatus": "ProcessCancelled"
            },
            "statusCode": 0
        }),
    );
    bench.pass(180_000);
    check(
        &format!("/v2/actualize?processId={id}"),
        &mut bench,
        json!({
            "data": {
                "message": "Сатып алымды жою; Сатып алушы сатып алуды растаған жоқ",
                "processId": id,
                "status": "fail",
                "subStatus": "ProcessCancelled"
            },
            "statusCode": 0
        }),
    );
}

#[test]
fn the_device() {
    let mut bench = Bench::new(Customer::default());
    check(
        "/v2/deviceinfo",
        &mut bench,
        json!({
            "data": { "posNum": "0", "serialNum": "00043010171", "terminalId": "31452963" },
            "statusCode": 0
        }),
    );
}
