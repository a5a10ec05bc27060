//! Each fault, as a till meets it on the socket.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::wire::{body_of, get, held, pay, raw, shows, soon};
use super::*;

async fn with(script: &str) -> KaspiSimulator {
    let simulator = held().await;
    simulator.set_faults(parse_faults(script).unwrap()).unwrap();
    simulator
}

const PAY: &str = "/v2/payment?amount=50";

#[tokio::test]
async fn drop_reply_starts_the_payment_in_silence() {
    let simulator = with(r#"[{"on":"payment","nth":1,"do":"drop_reply"}]"#).await;
    assert_eq!(raw(simulator.address(), PAY).await, b"");
    assert_eq!(simulator.operations().len(), 1);
    assert_eq!(get(&simulator, PAY).await["statusCode"], 107);
}

#[tokio::test]
async fn refuse_starts_nothing() {
    let simulator = with(r#"[{"on":"payment","nth":1,"do":"refuse"}]"#).await;
    assert_eq!(raw(simulator.address(), PAY).await, b"");
    assert!(simulator.operations().is_empty());
    assert_eq!(simulator.requests().len(), 1, "it is recorded all the same");
    pay(&simulator, 50).await;
}

#[tokio::test]
async fn cut_at_sends_that_many_bytes() {
    let simulator = with(
        r#"[{"on":"deviceinfo","nth":1,"do":"cut_at","value":30},
            {"on":"deviceinfo","nth":2,"do":"cut_at","value":0}]"#,
    )
    .await;
    let cut = raw(simulator.address(), "/v2/deviceinfo").await;
    assert_eq!(cut, b"HTTP/1.1 200 OK\r\nContent-Type:");
    assert_eq!(raw(simulator.address(), "/v2/deviceinfo").await, b"");
    let whole = raw(simulator.address(), "/v2/deviceinfo").await;
    assert!(whole.starts_with(&cut) && whole.ends_with(b"}"));
}

#[tokio::test]
async fn delay_ms_keeps_the_reply_back() {
    let simulator = with(r#"[{"on":"payment","do":"delay_ms","value":60000}]"#).await;
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    let request = format!("GET {PAY} HTTP/1.1\r\nHost: pos\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    soon(simulator.wait_for(Op::Payment, 1)).await;
    assert_eq!(simulator.operations().len(), 1);
    // The request took effect; another one is answered meanwhile.
    assert_eq!(get(&simulator, "/v2/deviceinfo").await["statusCode"], 0);
    let mut buffer = [0; 16];
    let silence = stream.try_read(&mut buffer).unwrap_err();
    assert_eq!(silence.kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn duplicate_answers_twice_and_starts_once() {
    let simulator = with(r#"[{"on":"payment","do":"duplicate"}]"#).await;
    let text = String::from_utf8(raw(simulator.address(), PAY).await).unwrap();
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2);
    assert_eq!(text.matches("processId").count(), 2);
    assert_eq!(simulator.operations().len(), 1);
}

#[tokio::test]
async fn forget_answers_once_and_then_knows_nothing() {
    let simulator = with(r#"[{"on":"payment","do":"forget"}]"#).await;
    let id = pay(&simulator, 50).await;
    assert_eq!(shows(&simulator, &id).await, "101");
    assert_eq!(get(&simulator, PAY).await["statusCode"], 107, "still shown");
    simulator.scan().unwrap();
    simulator.confirm().unwrap();
    assert_eq!(ledger_words(&simulator.ledger()), ["payment 5000 approved"]);
}

#[tokio::test]
async fn forget_on_status_means_the_operation_asked_for() {
    let simulator = with(r#"[{"on":"status","nth":1,"do":"forget"}]"#).await;
    let id = pay(&simulator, 50).await;
    assert!(shows(&simulator, &id).await.starts_with("wait/"));
    assert_eq!(shows(&simulator, &id).await, "101");
}

#[tokio::test]
async fn busy_starts_nothing() {
    let simulator = with(r#"[{"on":"payment","nth":1,"do":"busy"}]"#).await;
    assert_eq!(get(&simulator, PAY).await["statusCode"], 107);
    assert!(simulator.operations().is_empty());
    pay(&simulator, 50).await;
}

#[tokio::test]
async fn amount_says_another_sum() {
    let simulator = with(
        r#"[{"on":"status","nth":1,"do":"amount","value":"51 ₸"},
            {"on":"status","nth":2,"do":"amount","value":49}]"#,
    )
    .await;
    let id = pay(&simulator, 50).await;
    simulator.scan().unwrap();
    simulator.confirm().unwrap();
    let target = format!("/v2/status?processId={id}");
    for expected in [Value::from("51 ₸"), Value::from(49), Value::from("50 ₸")] {
        let body = get(&simulator, &target).await;
        assert_eq!(body["data"]["chequeInfo"]["amount"], expected);
    }
    assert_eq!(ledger_words(&simulator.ledger()), ["payment 5000 approved"]);
}

#[tokio::test]
async fn http_status_comes_with_the_general_error() {
    let simulator = with(
        r#"[{"on":"payment","nth":1,"do":"http_status","value":500},
            {"on":"payment","nth":2,"do":"http_status","value":{"status":500,"processed":true}}]"#,
    )
    .await;
    let bytes = raw(simulator.address(), PAY).await;
    assert!(bytes.starts_with(b"HTTP/1.1 500 Internal Server Error\r\n"));
    assert_eq!(body_of(&bytes), br#"{"errorText":"Internal Error. Please, contact developers","statusCode":999}"#);
    assert!(simulator.operations().is_empty());
    assert_eq!(get(&simulator, PAY).await["statusCode"], 999);
    assert_eq!(simulator.operations().len(), 1, "this one took effect");
}

#[tokio::test]
async fn error_is_any_envelope() {
    let text = "Could not register transaction. Something went wrong.";
    let script = format!(r#"[{{"on":"payment","do":"error","value":{{"http":200,"status_code":108,"text":"{text}"}}}}]"#);
    let simulator = with(&script).await;
    assert_eq!(get(&simulator, PAY).await, serde_json::json!({ "errorText": text, "statusCode": 108 }));
    assert!(simulator.operations().is_empty());
}

#[tokio::test]
async fn approve_then_drop_takes_the_money_in_silence() {
    let simulator = with(r#"[{"on":"payment","do":"approve_then_drop"}]"#).await;
    assert_eq!(raw(simulator.address(), PAY).await, b"");
    assert_eq!(ledger_words(&simulator.ledger()), ["payment 5000 approved"]);
    let id = simulator.operations()[0].process_id.clone();
    assert_eq!(shows(&simulator, &id).await, "success/QrTransactionSuccess");
}

#[tokio::test]
async fn approve_then_drop_on_a_status() {
    let simulator = with(r#"[{"on":"status","nth":1,"do":"approve_then_drop"}]"#).await;
    let id = pay(&simulator, 50).await;
    let target = format!("/v2/status?processId={id}");
    assert_eq!(raw(simulator.address(), &target).await, b"");
    assert_eq!(shows(&simulator, &id).await, "success/QrTransactionSuccess");
}

#[tokio::test]
async fn garbage_and_empty_are_no_json() {
    let simulator = with(
        r#"[{"on":"payment","nth":1,"do":"garbage"},
            {"on":"deviceinfo","nth":1,"do":"empty"}]"#,
    )
    .await;
    let garbage = raw(simulator.address(), PAY).await;
    assert!(serde_json::from_slice::<Value>(body_of(&garbage)).is_err());
    assert_eq!(simulator.operations().len(), 1);
    let empty = raw(simulator.address(), "/v2/deviceinfo").await;
    assert!(empty.ends_with(b"Content-Length: 0\r\nConnection: close\r\n\r\n"));
}

#[tokio::test]
async fn slow_loris_sends_it_all_the_same() {
    let simulator = with(r#"[{"on":"deviceinfo","nth":1,"do":"slow_loris","value":1}]"#).await;
    let slow = raw(simulator.address(), "/v2/deviceinfo").await;
    assert_eq!(slow, raw(simulator.address(), "/v2/deviceinfo").await);
}

#[tokio::test]
async fn flip_bit_turns_one_bit_of_the_body() {
    let simulator = with(r#"[{"on":"deviceinfo","nth":1,"do":"flip_bit","value":21}]"#).await;
    let flipped = raw(simulator.address(), "/v2/deviceinfo").await;
    let honest = raw(simulator.address(), "/v2/deviceinfo").await;
    let (flipped, honest) = (body_of(&flipped), body_of(&honest));
    let bits = |(a, b): (&u8, &u8)| (a ^ b).count_ones();
    assert_eq!(flipped.iter().zip(honest).map(bits).sum::<u32>(), 1);
    assert_eq!(flipped[2] ^ honest[2], 1 << 5);
}

#[tokio::test]
async fn words_no_till_has_seen() {
    let simulator = with(
        r#"[{"on":"status","nth":1,"do":"status_word","value":"paused"},
            {"on":"status","nth":1,"do":"sub_status","value":"WaitForMoon"}]"#,
    )
    .await;
    let id = pay(&simulator, 50).await;
    assert_eq!(shows(&simulator, &id).await, "paused/WaitForMoon");
    assert!(shows(&simulator, &id).await.starts_with("wait/"));
}

#[tokio::test]
async fn a_new_script_counts_from_its_first_call() {
    let simulator = with("[]").await;
    get(&simulator, "/v2/deviceinfo").await;
    let script = parse_faults(r#"[{"on":"deviceinfo","nth":1,"do":"busy"}]"#).unwrap();
    simulator.set_faults(script).unwrap();
    assert_eq!(get(&simulator, "/v2/deviceinfo").await["statusCode"], 107);
    let unknown = vec![Fault::new("coffee", faults::Verb::Busy)];
    assert!(simulator.set_faults(unknown).is_err());
}
