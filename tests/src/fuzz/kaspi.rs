//! What a Kaspi terminal answers: one body, an amount, and a whole conversation with the payment rules behind it.

use checkout::money::{Currency, Money};
use checkout::payment::{Attempt, AttemptId, AttemptState, Device, Event, SaleId, apply};
use drivers::kaspi::messages::{self, Progress};
use drivers::kaspi::session::{Session, Step, Times};
use drivers::link::{HttpReply, LinkFailure};
use serde_json::Value;
use simulators::faults::FaultScript;
use simulators::kaspi::{Customer, Delivery, Ending, Method, Request, Settings, Terminal, exchange};
use uuid::Uuid;

const TENGE: i64 = 4_870;

/// A word of the body, read apart from the driver; numbers as text.
fn word(body: &[u8], path: &str) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    match value.pointer(path)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Figures alone: what an amount must come to, however it is written.
fn figures(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

pub fn reply(body: &[u8]) {
    let Ok(envelope) = messages::read(&HttpReply { status: 200, body: body.to_vec() }) else { return };
    assert!(word(body, "/statusCode").is_some(), "an envelope has a code");
    let _ = envelope.words();
    if let Some(unit) = messages::unit(&envelope) {
        assert_eq!(
            word(body, "/data/serialNum").map(|serial| serial.trim().to_owned()),
            Some(unit.serial),
            "a unit has the serial that was sent"
        );
    }
    if let Some((access, refresh, _)) = messages::tokens(&envelope) {
        let sent = (word(body, "/data/accessToken"), word(body, "/data/refreshToken"));
        assert_eq!(sent, (Some(access), Some(refresh)), "tokens are taken as they came");
    }
    if let Some(id) = envelope.process_id() {
        for path in [messages::status_path(&id), messages::actualize_path(&id)] {
            let (_, query) = path.split_once("?processId=").expect("the id is the one parameter");
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~%".contains(&byte);
            assert!(query.bytes().all(is_plain), "an id cannot add to a request: {path}");
        }
    }
    let status = word(body, "/data/status").unwrap_or_default();
    match messages::progress(&envelope) {
        Progress::Success { answer } => {
            assert_eq!(status, "success", "only an explicit yes is a yes");
            if let Some(answer) = answer {
                let back = messages::given_back(answer.clone()).amount;
                assert_eq!(back.minor().abs(), answer.amount.minor().abs(), "a refund changes the sign alone");
                let written =
                    word(body, "/data/chequeInfo/amount").or_else(|| word(body, "/data/amount")).expect("an amount is read, not made");
                let (read, written) = (answer.amount.minor().to_string(), figures(&written));
                let (read, written) = (figures(&read), written.trim_start_matches('0').to_owned());
                assert!(written.is_empty() || read.starts_with(&written), "{written} was read as {read}");
                assert!(answer.references.values().all(|value| !value.is_empty()
                    || word(body, "/data/transactionId").is_some()
                    || word(body, "/data/processId").is_some()));
            }
        }
        Progress::Fail { .. } => assert_eq!(status, "fail", "only an explicit no is a no"),
        Progress::Wait { .. } => assert_eq!(status, "wait"),
        Progress::Unsure { .. } => assert_eq!(status, "unknown"),
        Progress::Unheard { .. } => assert!(!["success", "fail", "wait", "unknown"].contains(&status.as_str())),
    }
}

pub fn amount(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(amount) = messages::read_amount(text) else { return };
    assert_eq!(messages::read_amount(&amount.to_string()), Some(amount), "{text:?} written again");
    let is_negative = text.trim_start().starts_with(['-', '−']);
    assert!(amount.is_zero() || (amount.minor() < 0) == is_negative, "{text:?} has the sign of {amount}");
    let minor = figures(&amount.minor().to_string());
    assert!(amount.is_zero() || minor.starts_with(figures(text).trim_start_matches('0')), "{text:?} has the figures of {amount}");
}

/// A line is the outcome of one request: a body, a body after `4` or `5` as an HTTP error, or a failure of the link.
fn outcome(line: &[u8]) -> Result<HttpReply, LinkFailure> {
    let reply = |status, body: &[u8]| Ok(HttpReply { status, body: body.to_vec() });
    match line {
        [b'!', ..] => Err(LinkFailure::NotSent("no route".to_owned())),
        [b'?', ..] => Err(LinkFailure::NoReply("no answer in time".to_owned())),
        [b'~', ..] => Err(LinkFailure::Cut("connection closed".to_owned())),
        [b'4', body @ ..] => reply(401, body),
        [b'5', body @ ..] => reply(500, body),
        body => reply(200, body),
    }
}

pub fn conversation(bytes: &[u8]) {
    let asked = Money::new(TENGE * 100, Currency::Kzt).expect("a small amount");
    let times = Times::scaled(1);
    let mut attempt = Attempt::intend(AttemptId(Uuid::nil()), SaleId(Uuid::nil()), 1, Device::Kaspi, asked);
    let mut session = Session::start(asked, true, times, 0);
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let mut heard: Vec<&[u8]> = Vec::new();
    let (mut now_ms, mut starts, mut last_actualize_ms, mut silent) = (0, 0, None, 0);
    // Without an answer the terminal is asked on and on; a while of that is enough.
    while silent < 40 {
        match session.next(now_ms) {
            Step::Record(event) => {
                if let Event::NotStarted { .. } = event {
                    assert!(attempt.operation_id.is_none(), "what began cannot have not begun");
                }
                attempt = apply(&attempt, &event).unwrap_or_else(|illegal| panic!("{event:?}: {illegal}")).attempt;
            }
            Step::Identify(_) => session.identified(Ok(true), now_ms),
            Step::Show(_) => {}
            step @ (Step::Start(_) | Step::Send(_) | Step::SendRationed(_)) => {
                let (Step::Start(request) | Step::Send(request) | Step::SendRationed(request)) = &step else { unreachable!() };
                if request.path.starts_with("/v2/payment") {
                    starts += 1;
                    assert_eq!((starts, heard.len()), (1, 0), "a start leaves once, and first");
                }
                if let Step::SendRationed(_) = step {
                    assert!(last_actualize_ms.is_none_or(|last| now_ms - last >= times.actualize_ms), "questions keep their distance");
                    last_actualize_ms = Some(now_ms);
                }
                now_ms += 50;
                let line = lines.next();
                silent += i32::from(line.is_none());
                heard.extend(line);
                session.handle(outcome(line.unwrap_or(b"?")), now_ms);
            }
            Step::WaitUntil(at_ms) => {
                assert!(at_ms > now_ms, "waiting goes forward");
                now_ms = at_ms;
            }
            Step::Finished => break,
        }
    }
    let said = |status: &str| heard.iter().any(|line| word(line, "/data/status").as_deref() == Some(status));
    match attempt.state {
        AttemptState::Approved => {
            let figures_of =
                |line: &&[u8]| word(line, "/data/chequeInfo/amount").or_else(|| word(line, "/data/amount")).map(|text| figures(&text));
            let paid = heard.iter().filter_map(figures_of).any(|figures| figures.trim_start_matches('0').starts_with(&TENGE.to_string()));
            assert!(said("success") && paid, "approved without the terminal's word for {TENGE}");
        }
        AttemptState::Declined | AttemptState::Cancelled => assert!(said("fail"), "declined without the terminal's word"),
        AttemptState::NotStarted => assert_eq!(heard.len(), 1, "not started is known from the first outcome"),
        AttemptState::Intended => panic!("the start left nothing behind"),
        AttemptState::Pending | AttemptState::Unknown => {}
    }
}

/// What the simulated terminal answers to a start and to questions every few seconds, whoever stands before it.
fn transcript(customer: Customer) -> Vec<Vec<u8>> {
    let (mut terminal, mut script) = (Terminal::new(Settings::default(), customer), FaultScript::default());
    let mut now_ms = 1_678_090_451_700;
    let mut answer = |target: &str| {
        now_ms += 5_000;
        terminal.advance(now_ms);
        match exchange(&mut terminal, &mut script, &Request::get(target), now_ms) {
            Delivery::Sent(sending) => sending.response.body,
            Delivery::Refused | Delivery::Dropped | Delivery::Waits(_) => Vec::new(),
        }
    };
    let start = answer(&format!("/v2/payment?amount={TENGE}&owncheque=true"));
    let id = word(&start, "/data/processId").expect("a start names its process");
    let mut bodies = vec![start];
    bodies.extend((0..40).map(|_| answer(&format!("/v2/status?processId={id}"))));
    bodies.push(answer(&format!("/v2/actualize?processId={id}")));
    bodies.dedup();
    bodies
}

fn transcripts() -> Vec<Vec<Vec<u8>>> {
    let endings =
        [Ending::Pays, Ending::Declines, Ending::WalksAway, Ending::LeavesUnconfirmed, Ending::CashierCancels, Ending::PaysAfterCancel];
    let cards = [Customer::paying_by(Method::Card), Customer::paying_by(Method::Alaqan)];
    endings.into_iter().map(Customer::who).chain(cards).map(transcript).collect()
}

pub fn replies() -> Vec<Vec<u8>> {
    transcripts().concat()
}

pub fn conversations() -> Vec<Vec<u8>> {
    let whole = transcripts();
    let mut seeds: Vec<Vec<u8>> = whole.iter().map(|bodies| bodies.join(&b'\n')).collect();
    // The same with the link failing in between, and with the start in doubt.
    let failures: [&[u8]; 6] = [b"!", b"?", b"~", b"5{\"statusCode\":999}", b"4{\"statusCode\":999}", b"{\"statusCode\":107}"];
    for failure in failures {
        seeds.push(failure.to_vec());
        let mut bodies = whole[0].clone();
        bodies.insert(1, failure.to_vec());
        seeds.push(bodies.join(&b'\n'));
    }
    seeds
}
