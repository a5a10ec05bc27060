//! HTTP/1.1 by hand, so that every byte of a reply can be controlled: cut
//! short, delayed, doubled or dribbled out.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::exchange::{Delivery, Sending};
use super::replies::{Reply, Response};
use super::request::Request;
use super::state::Shared;

/// A longer head than this is no request of a till.
const LONGEST_HEAD: usize = 16 * 1024;

/// Takes connections until it is dropped, and all of them with it.
pub(super) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let (shared, tls) = (Arc::clone(&shared), tls.clone());
                connections.spawn(async move {
                    // A till that hangs up, or does not speak TLS to a terminal that does, is not the terminal's concern.
                    let _ = stream.set_nodelay(true);
                    let _ = match tls {
                        None => converse(stream, &shared).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => converse(stream, &shared).await,
                            Err(error) => Err(error),
                        },
                    };
                });
            }
            // The system is short of something: let others run, then go on.
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

/// Answers the requests of one connection, one after the other.
async fn converse(mut stream: impl AsyncRead + AsyncWrite + Unpin, shared: &Shared) -> std::io::Result<()> {
    let mut buffer = Vec::new();
    loop {
        let head = match read_head(&mut stream, &mut buffer).await? {
            Arrival::Request(head) => head,
            Arrival::HungUp => return Ok(()),
            Arrival::Unreadable => {
                let response = Reply::general(404).into_response();
                stream.write_all(&encode(&response, true)).await?;
                return stream.shutdown().await;
            }
        };
        let delivery = shared.answer(&head.request);
        if delivery != Delivery::Refused {
            shared.released(head.request.op).await;
        }
        let sending = match delivery {
            Delivery::Refused | Delivery::Dropped => return Ok(()),
            Delivery::Sent(sending) => sending,
            Delivery::Waits(ticket) => tokio::select! {
                sending = shared.pressed(ticket) => sending,
                // A till that gives up leaves its question on the screen.
                _ = stream.read_buf(&mut buffer) => return Ok(()),
            },
        };
        let cut = sending.cut_at.is_some();
        send(&mut stream, sending, head.close).await?;
        if head.close || cut {
            return stream.shutdown().await;
        }
    }
}

struct Head {
    request: Request,
    /// The till wants the connection closed after the reply.
    close: bool,
}

enum Arrival {
    Request(Head),
    HungUp,
    Unreadable,
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> std::io::Result<Arrival> {
    loop {
        match parse(buffer) {
            Parsed::Whole { head, bytes } if buffer.len() >= bytes => {
                buffer.drain(..bytes);
                return Ok(Arrival::Request(head));
            }
            Parsed::Unreadable => return Ok(Arrival::Unreadable),
            Parsed::Whole { .. } | Parsed::Part if buffer.len() > LONGEST_HEAD => {
                return Ok(Arrival::Unreadable);
            }
            Parsed::Whole { .. } | Parsed::Part => {}
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(Arrival::HungUp);
        }
    }
}

enum Parsed {
    /// `bytes` counts the head and the body, which no method here reads.
    Whole {
        head: Head,
        bytes: usize,
    },
    Part,
    Unreadable,
}

fn parse(buffer: &[u8]) -> Parsed {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut parsed = httparse::Request::new(&mut headers);
    let head_bytes = match parsed.parse(buffer) {
        Ok(httparse::Status::Complete(bytes)) => bytes,
        Ok(httparse::Status::Partial) => return Parsed::Part,
        Err(_) => return Parsed::Unreadable,
    };
    let (Some(method), Some(target)) = (parsed.method, parsed.path) else {
        return Parsed::Unreadable;
    };
    let header = |name: &str| {
        parsed
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .and_then(|header| std::str::from_utf8(header.value).ok())
            .map(str::trim)
    };
    let body_bytes = match header("content-length").map(str::parse::<usize>) {
        None => 0,
        Some(Ok(bytes)) if bytes <= LONGEST_HEAD => bytes,
        Some(_) => return Parsed::Unreadable,
    };
    let connection = header("connection").unwrap_or("");
    let close = match parsed.version {
        Some(1) => connection.eq_ignore_ascii_case("close"),
        _ => !connection.eq_ignore_ascii_case("keep-alive"),
    };
    let mut request = Request::new(method, target);
    for name in ["accesstoken", "terminalId"] {
        if let Some(value) = header(name) {
            request = request.with_header(name, value);
        }
    }
    Parsed::Whole { head: Head { request, close }, bytes: head_bytes + body_bytes }
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), sending: Sending, close: bool) -> std::io::Result<()> {
    if sending.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(sending.delay_ms)).await;
    }
    let one = encode(&sending.response, close);
    let mut bytes = one.repeat(sending.copies);
    if let Some(cut_at) = sending.cut_at {
        bytes.truncate(cut_at);
    }
    if sending.ms_per_byte == 0 {
        return stream.write_all(&bytes).await;
    }
    for byte in bytes {
        tokio::time::sleep(Duration::from_millis(sending.ms_per_byte)).await;
        stream.write_all(&[byte]).await?;
    }
    Ok(())
}

fn encode(response: &Response, close: bool) -> Vec<u8> {
    let connection = if close { "close" } else { "keep-alive" };
    let mut bytes = format!(
        "HTTP/1.1 {status} {reason}\r\n\
         Content-Type: application/json; charset=utf-8\r\n\
         Content-Length: {length}\r\n\
         Connection: {connection}\r\n\r\n",
        status = response.status,
        reason = reason(response.status),
        length = response.body.len(),
    )
    .into_bytes();
    bytes.extend_from_slice(&response.body);
    bytes
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_these_bytes() {
        let response = Reply::started("1678090451700".to_owned()).into_response();
        let expected = "HTTP/1.1 200 OK\r\n\
            Content-Type: application/json; charset=utf-8\r\n\
            Content-Length: 69\r\n\
            Connection: close\r\n\r\n\
            {\"data\":{\"processId\":\"1678090451700\",\"status\":\"wait\"},\"statusCode\":0}";
        assert_eq!(String::from_utf8(encode(&response, true)).unwrap(), expected);
    }

    fn closes(head: &str) -> Option<bool> {
        match parse(head.as_bytes()) {
            Parsed::Whole { head, .. } => Some(head.close),
            Parsed::Part | Parsed::Unreadable => None,
        }
    }

    #[test]
    fn a_connection_stays_open_unless_the_till_says_otherwise() {
        let get = "GET /v2/status?processId=1 HTTP/1.1\r\nHost: pos\r\n";
        assert_eq!(closes(&format!("{get}\r\n")), Some(false));
        assert_eq!(closes(&format!("{get}connection: Close\r\n\r\n")), Some(true));
        assert_eq!(closes("GET / HTTP/1.0\r\n\r\n"), Some(true));
        assert_eq!(closes(get), None, "the head is not complete");
        assert_eq!(closes("\u{1}\u{2}\r\n\r\n"), None);
    }
}
