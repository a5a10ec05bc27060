//! The protected mode: registration, tokens, TLS. Examples: vendor file §4.20 and §4.21.

use super::*;
use crate::faults::FaultScript;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const DAY_MS: i64 = 24 * 3_600_000;

fn protected(protection: Protection) -> Bench {
    Bench::with(Settings { protection: Some(protection), ..Settings::default() }, Customer::default())
}

impl Bench {
    fn asks(&mut self, target: &str, token: Option<&str>) -> (u16, Value) {
        let mut request = Request::get(target);
        request.token = token.map(str::to_owned);
        match exchange(&mut self.terminal, &mut FaultScript::new(Vec::new()), &request, self.now_ms) {
            Delivery::Sent(sending) => (sending.response.status, serde_json::from_slice(&sending.response.body).unwrap()),
            other => panic!("{target}: {other:?}"),
        }
    }

    fn registers(&mut self, name: &str) -> (String, String) {
        tokens(&self.asks(&format!("/v2/register?name={name}"), None).1)
    }

    fn renews(&mut self, (access, refresh): &(String, String)) -> (u16, Value) {
        self.asks(&format!("/v2/revoke?name=Kashier1&refreshToken={refresh}"), Some(access))
    }

    fn lets_in(&mut self, token: &str) -> u16 {
        self.asks("/v2/deviceinfo", Some(token)).0
    }
}

fn tokens(body: &Value) -> (String, String) {
    let token = |name: &str| body["data"][name].as_str().unwrap_or_else(|| panic!("{body}")).to_owned();
    (token("accessToken"), token("refreshToken"))
}

#[test]
fn a_registration_has_the_vendors_fields() {
    let mut bench = protected(Protection::default());
    let (status, body) = bench.asks("/v2/register?name=Kashier1", None);
    assert_eq!((status, &body["statusCode"]), (200, &Value::from(0)));
    let data = body["data"].as_object().unwrap();
    assert_eq!(data.keys().collect::<Vec<_>>(), ["accessToken", "expirationDate", "refreshToken"]);
    assert_eq!(data["expirationDate"], "Mar 7, 2023 14:20:00", "a day after the start, on the terminal's clock");
    let (access, refresh) = tokens(&body);
    assert!([&access, &refresh].iter().all(|token| token.len() == 32 && token.chars().all(|c| c.is_ascii_hexdigit())));
    assert_ne!(access, refresh);
}

#[test]
fn nothing_is_answered_without_a_token() {
    let mut bench = protected(Protection::default());
    for target in ["/v2/payment?amount=1", "/v2/status?processId=1", "/v2/deviceinfo"] {
        for token in [None, Some("99af370951a7b154a4ebd0c554d7eb24")] {
            let (status, body) = bench.asks(target, token);
            assert_eq!((status, body["errorText"].as_str()), (401, Some("Authorization failed")), "{target}");
        }
    }
    let (access, _) = bench.registers("Kashier1");
    assert_eq!(bench.lets_in(&access), 200);
    assert!(bench.terminal.ledger().entries().is_empty());
}

#[test]
fn the_old_token_ends_when_the_new_one_is_first_used() {
    let mut bench = protected(Protection::default());
    let first = bench.registers("Kashier1");
    let second = tokens(&bench.renews(&first).1);
    assert_eq!(bench.lets_in(&first.0), 200, "the reply may have been lost");
    assert_eq!(bench.lets_in(&second.0), 200);
    assert_eq!(bench.lets_in(&first.0), 401);
}

#[test]
fn a_token_ends_after_a_day_and_can_be_renewed_then() {
    for (expired_is_401, http) in [(false, 403), (true, 401)] {
        let mut bench = protected(Protection { expired_is_401, ..Protection::default() });
        let first = bench.registers("Kashier1");
        bench.pass(DAY_MS - 1);
        assert_eq!(bench.lets_in(&first.0), 200);
        bench.pass(1);
        let (status, body) = bench.asks("/v2/deviceinfo", Some(&first.0));
        assert_eq!((status, body["errorText"].as_str()), (http, Some("Session expires and need to be updated")));
        let second = tokens(&bench.renews(&first).1);
        assert_eq!(bench.lets_in(&second.0), 200);
    }
}

#[test]
fn a_refresh_token_serves_twice_or_once() {
    for (one_time_refresh, again) in [(false, 0), (true, 105)] {
        let mut bench = protected(Protection { one_time_refresh, ..Protection::default() });
        let first = bench.registers("Kashier1");
        bench.renews(&first);
        let (_, body) = bench.renews(&first);
        assert_eq!(body["statusCode"], again);
        if again == 105 {
            assert_eq!(body["data"]["message"], "Revoke Error. Wrong refresh token");
            assert_eq!(body["errorText"], "Error acquired in service process");
        }
    }
}

#[test]
fn one_question_stands_on_the_screen_and_a_name_is_allowed_once() {
    let mut bench = protected(Protection { approval: Approval::ByHand, ..Protection::default() });
    let request = Request::get("/v2/register?name=Kashier1");
    let waits = exchange(&mut bench.terminal, &mut FaultScript::new(Vec::new()), &request, START_MS);
    assert!(matches!(waits, Delivery::Waits(_)));
    let (_, body) = bench.asks("/v2/register?name=Kashier2", None);
    assert_eq!(body["data"]["message"], "Register Error. Last register request not completed");
    bench.terminal.press(Press::Allow, START_MS).unwrap();
    let (_, body) = bench.asks("/v2/register?name=Kashier1", None);
    assert!(body["data"]["message"].as_str().unwrap().contains("already allowed"), "{body}");
    bench.terminal.forbid("Kashier1");
    assert!(matches!(exchange(&mut bench.terminal, &mut FaultScript::new(Vec::new()), &request, START_MS), Delivery::Waits(_)));
    assert!(bench.terminal.press(Press::Deny, START_MS).is_ok() && bench.terminal.press(Press::Deny, START_MS).is_err());
}

#[test]
fn the_end_of_a_token_is_written_as_asked() {
    for (date, text) in [(DateText::Iso, "2023-03-07 14:20:00"), (DateText::Other("завтра".to_owned()), "завтра")] {
        let mut bench = protected(Protection { date, ..Protection::default() });
        assert_eq!(bench.asks("/v2/register?name=Kashier1", None).1["data"]["expirationDate"], text);
    }
}

#[tokio::test]
async fn a_registration_waits_on_the_wire_until_somebody_presses() {
    let protection = Some(Protection { approval: Approval::ByHand, ..Protection::default() });
    let simulator = KaspiSimulator::start(Options { protection, ..Options::default() }).await.unwrap();
    let mut till = TcpStream::connect(simulator.address()).await.unwrap();
    till.write_all(b"GET /v2/register?name=Kashier1 HTTP/1.1\r\nConnection: close\r\n\r\n").await.unwrap();
    simulator.wait_for(Op::Register, 1).await;
    simulator.press(Press::Allow).unwrap();
    let mut reply = String::new();
    till.read_to_string(&mut reply).await.unwrap();
    assert!(reply.contains("\"accessToken\":\""), "{reply}");
}

#[tokio::test]
async fn a_terminal_with_a_certificate_refuses_plain_http() {
    let tls = Some(Certificate::of(&["*.kaspipos.kz"], Years::default()).unwrap());
    let simulator = KaspiSimulator::start(Options { tls, ..Options::default() }).await.unwrap();
    let mut till = TcpStream::connect(simulator.address()).await.unwrap();
    till.write_all(b"GET /v2/deviceinfo HTTP/1.1\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut reply = Vec::new();
    let _ = till.read_to_end(&mut reply).await;
    assert!(!reply.starts_with(b"HTTP"), "{reply:?}");
    assert!(simulator.requests().is_empty());
}
