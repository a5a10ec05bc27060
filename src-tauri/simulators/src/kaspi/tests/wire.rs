//! The simulator over its socket: connections, the handle, concurrency.

use std::future::Future;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

/// A test that waits for what never comes ends here instead of hanging.
pub(super) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), future).await.expect("it should have happened")
}

pub(super) async fn held() -> KaspiSimulator {
    start(Customer::held()).await
}

pub(super) async fn start(customer: Customer) -> KaspiSimulator {
    let options = Options { customer, clock_start_ms: Some(START_MS), ..Options::default() };
    KaspiSimulator::start(options).await.unwrap()
}

/// Every byte the terminal sends to one request.
pub(super) async fn raw(address: SocketAddr, target: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: pos\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    soon(stream.read_to_end(&mut bytes)).await.unwrap();
    bytes
}

pub(super) fn body_of(bytes: &[u8]) -> &[u8] {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    &bytes[end.expect("a whole head") + 4..]
}

pub(super) async fn get(simulator: &KaspiSimulator, target: &str) -> Value {
    let bytes = raw(simulator.address(), target).await;
    serde_json::from_slice(body_of(&bytes)).unwrap()
}

pub(super) async fn pay(simulator: &KaspiSimulator, amount: i64) -> String {
    let body = get(simulator, &format!("/v2/payment?amount={amount}")).await;
    body["data"]["processId"].as_str().unwrap().to_owned()
}

pub(super) async fn shows(simulator: &KaspiSimulator, id: &str) -> String {
    told(&get(simulator, &format!("/v2/status?processId={id}")).await)
}

#[tokio::test]
async fn a_payment_from_start_to_success() {
    let simulator = held().await;
    let id = pay(&simulator, 4_870).await;
    simulator.scan().unwrap();
    assert_eq!(shows(&simulator, &id).await, "wait/WaitForQrConfirmation");
    simulator.confirm().unwrap();
    assert_eq!(shows(&simulator, &id).await, "success/QrTransactionSuccess");
    assert_eq!(ledger_words(&simulator.ledger()), ["payment 487000 approved"]);
    assert_eq!(simulator.operations()[0].process_id, id);
}

#[tokio::test]
async fn a_scripted_customer_pays_without_being_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.jsonl");
    let options = Options { time_scale: 1000, ledger_file: Some(path.clone()), ..Options::default() };
    let simulator = KaspiSimulator::start(options).await.unwrap();
    pay(&simulator, 1).await;
    let written = async {
        while std::fs::read_to_string(&path).unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    soon(written).await;
    let line: Entry = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(simulator.ledger(), [line]);
}

#[tokio::test]
async fn of_many_starts_at_once_one_wins() {
    let simulator = Arc::new(held().await);
    let starts = (1..=20).map(|amount| {
        let simulator = Arc::clone(&simulator);
        tokio::spawn(async move {
            let body = get(&simulator, &format!("/v2/payment?amount={amount}")).await;
            body["statusCode"].as_i64().unwrap()
        })
    });
    let starts: Vec<_> = starts.collect();
    let mut codes = Vec::new();
    for start in starts {
        codes.push(start.await.unwrap());
    }
    codes.sort_unstable();
    assert_eq!(codes[0], 0);
    assert!(codes[1..].iter().all(|code| *code == 107), "{codes:?}");
    assert_eq!(simulator.requests().len(), 20);
}

#[tokio::test]
async fn a_held_reply_says_what_was_true_when_it_was_asked() {
    let simulator = Arc::new(held().await);
    let id = pay(&simulator, 1).await;
    simulator.hold(Op::Status);
    let asking = tokio::spawn({
        let (simulator, id) = (Arc::clone(&simulator), id.clone());
        async move { shows(&simulator, &id).await }
    });
    soon(simulator.wait_for(Op::Status, 1)).await;
    simulator.scan().unwrap();
    simulator.confirm().unwrap();
    // Another request goes there and back; the held one still waits.
    get(&simulator, "/v2/deviceinfo").await;
    assert!(!asking.is_finished());
    simulator.release(Op::Status);
    let told = soon(asking).await.unwrap();
    assert!(told.starts_with("wait/"), "{told}");
    assert_eq!(shows(&simulator, &id).await, "success/QrTransactionSuccess");
}

#[tokio::test]
async fn requests_are_recorded_in_their_order() {
    let simulator = held().await;
    let id = pay(&simulator, 7).await;
    shows(&simulator, &id).await;
    get(&simulator, "/v2/nothing").await;
    let requests = simulator.requests();
    let ops: Vec<Op> = requests.iter().map(|request| request.op).collect();
    assert_eq!(ops, [Op::Payment, Op::Status, Op::Other]);
    assert_eq!(requests[0].query, [("amount".to_owned(), "7".to_owned())]);
    assert_eq!(requests[2].path, "/v2/nothing");
    assert!(requests.windows(2).all(|two| two[0].seq + 1 == two[1].seq && two[0].at_ms <= two[1].at_ms && two[0].at_ms >= START_MS));
}

#[tokio::test]
async fn a_stopped_terminal_refuses_and_comes_back() {
    let simulator = held().await;
    let id = pay(&simulator, 1).await;
    assert!(matches!(simulator.start_again_on_same_port().await, Err(SimulatorError::AlreadyListening(_))));
    simulator.stop().await;
    let refused = TcpStream::connect(simulator.address()).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    simulator.scan().unwrap();
    simulator.start_again_on_same_port().await.unwrap();
    assert_eq!(shows(&simulator, &id).await, "wait/WaitForQrConfirmation");
}

#[tokio::test]
async fn stopping_cuts_a_held_reply() {
    let simulator = Arc::new(held().await);
    simulator.hold(Op::Payment);
    let asking = tokio::spawn(raw(simulator.address(), "/v2/payment?amount=1"));
    soon(simulator.wait_for(Op::Payment, 1)).await;
    simulator.stop().await;
    assert_eq!(soon(asking).await.unwrap(), b"");
    assert_eq!(simulator.operations().len(), 1, "it had taken effect");
}

#[tokio::test]
async fn a_connection_carries_several_requests() {
    let simulator = held().await;
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    let one = "GET /v2/deviceinfo HTTP/1.1\r\nHost: pos\r\n\r\n";
    let last = "GET /v2/deviceinfo HTTP/1.1\r\nHost: pos\r\nConnection: close\r\n\r\n";
    let both = format!("{one}{last}");
    // In two pieces that split the first head.
    stream.write_all(&both.as_bytes()[..11]).await.unwrap();
    stream.flush().await.unwrap();
    stream.write_all(&both.as_bytes()[11..]).await.unwrap();
    let mut text = String::new();
    soon(stream.read_to_string(&mut text)).await.unwrap();
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2);
    assert_eq!(text.matches("Connection: keep-alive").count(), 1);
}

#[tokio::test]
async fn what_is_no_http_is_told_so() {
    let simulator = held().await;
    let mut stream = TcpStream::connect(simulator.address()).await.unwrap();
    stream.write_all(b"\x16\x03\x01 hello\r\n\r\n").await.unwrap();
    let mut text = String::new();
    soon(stream.read_to_string(&mut text)).await.unwrap();
    assert!(text.starts_with("HTTP/1.1 404"), "{text}");
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn wrong_options_are_refused() {
    let scale = Options { time_scale: 0, ..Options::default() };
    assert!(matches!(KaspiSimulator::start(scale).await, Err(SimulatorError::TimeScale(0))));
    let script = Options { faults: vec![Fault::new("coffee", faults::Verb::Busy)], ..Options::default() };
    assert!(matches!(KaspiSimulator::start(script).await, Err(SimulatorError::Script(_))));
    let taken = held().await;
    let same = Options { listen: taken.address(), ..Options::default() };
    assert!(matches!(KaspiSimulator::start(same).await, Err(SimulatorError::Listen { .. })));
}
