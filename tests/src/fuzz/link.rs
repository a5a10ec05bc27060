//! Bytes of an HTTP reply as they come off the wire, through the driver's own link and a real socket.

use drivers::link::http::Http;
use drivers::link::trust::Trust;
use drivers::link::{HttpLink, HttpRequest, LinkFailure};
use std::cell::RefCell;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

const BODY_LIMIT_BYTES: usize = 64 * 1024;
/// Closed connections keep their port for a while: a fresh one is taken before they run out.
const A_PORT_LASTS: u32 = 5_000;

struct Wire {
    runtime: Runtime,
    listener: TcpListener,
    left: u32,
}

impl Wire {
    fn new() -> Wire {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        Wire { runtime, listener, left: A_PORT_LASTS }
    }
}

thread_local! {
    static WIRE: RefCell<Wire> = RefCell::new(Wire::new());
}

/// Reads a request whole, answers with these bytes and hangs up.
async fn answer(listener: &TcpListener, bytes: &[u8]) -> Vec<u8> {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") && stream.read_buf(&mut request).await.unwrap() > 0 {}
    // The till may hang up first, where the reply is none it reads on.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    request
}

pub fn reply(bytes: &[u8]) {
    WIRE.with_borrow_mut(|wire| {
        if wire.left == 0 {
            *wire = Wire::new();
        }
        wire.left -= 1;
        let address = wire.listener.local_addr().unwrap();
        let link = Http::new(&address.to_string(), &Trust::Plain).unwrap();
        let request = HttpRequest::get("/v2/status?processId=1", 5_000);
        let (outcome, asked) = wire.runtime.block_on(async { tokio::join!(link.get(request), answer(&wire.listener, bytes)) });
        assert!(asked.starts_with(b"GET /v2/status?processId=1 HTTP/1.1\r\n"), "one request, as it was written");
        match outcome {
            Ok(reply) => {
                assert!(reply.body.len() <= BODY_LIMIT_BYTES);
                let status = reply.status.to_string();
                assert!(bytes.windows(3).any(|three| three == status.as_bytes()), "a status is read, not made");
            }
            Err(failure @ (LinkFailure::NotSent(_) | LinkFailure::Distrusted(_))) => {
                panic!("the request has left, whatever came back: {failure:?}")
            }
            Err(LinkFailure::NoReply(_) | LinkFailure::Cut(_)) => {}
        }
    });
}

pub fn replies() -> Vec<Vec<u8>> {
    let body = "{\"data\":{\"processId\":\"1678090451700\",\"status\":\"wait\"},\"statusCode\":0}";
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    let length = body.len();
    let (first, second) = body.split_at(20);
    [
        format!("{head}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"),
        format!("{head}\r\n{body}"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n14\r\n{first}\r\n{:x};a=b\r\n{second}\r\n0\r\nA: b\r\n\r\n", second.len()),
        format!("{head}Content-Length: 99999999999\r\n\r\n{body}"),
        format!("HTTP/1.1 100 Continue\r\n\r\n{head}Content-Length: {length}\r\n\r\n{body}"),
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n".to_owned(),
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n".to_owned(),
        "HTTP/1.0 500 Internal Server Error\r\n\r\n".to_owned(),
    ]
    .map(String::into_bytes)
    .to_vec()
}
