//! HTTP over TCP. Every request has a connection of its own, so that a dead one kept from before can
//! neither swallow a request nor make a library send it a second time.

use super::{HttpLink, HttpReply, HttpRequest, LinkFailure};
use checkout::ports::Answering;
use std::time::Duration;

/// The largest reply that is read; a terminal's replies are under 2 KiB.
const BODY_LIMIT_BYTES: usize = 64 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

pub struct PlainHttp {
    client: reqwest::Client,
    address: String,
}

#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be set up: {0}")]
pub struct SetUpFailed(String);

impl PlainHttp {
    /// A link to `host:port` over plain HTTP.
    pub fn new(address: &str) -> Result<PlainHttp, SetUpFailed> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(0)
            .http1_only()
            .connect_timeout(CONNECT_TIMEOUT)
            .build()
            .map_err(|error| SetUpFailed(error.to_string()))?;
        Ok(PlainHttp { client, address: address.to_owned() })
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpReply, LinkFailure> {
        tracing::trace!(target: "step", "before the link opens");
        let url = format!("http://{}{}", self.address, request.path);
        let sent = self.client.get(url).timeout(Duration::from_millis(request.timeout_ms)).send().await;
        let mut response = sent.map_err(before_the_reply)?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(within_the_reply)? {
            if body.len() + chunk.len() > BODY_LIMIT_BYTES {
                return Err(LinkFailure::Cut(format!("the reply is longer than {BODY_LIMIT_BYTES} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpReply { status, body })
    }
}

/// Only a failed connection proves that nothing left.
fn before_the_reply(error: reqwest::Error) -> LinkFailure {
    let text = in_words(&error);
    if error.is_connect() || error.is_builder() { LinkFailure::NotSent(text) } else { LinkFailure::NoReply(text) }
}

fn within_the_reply(error: reqwest::Error) -> LinkFailure {
    LinkFailure::Cut(in_words(&error))
}

/// The cause without the URL, which may carry secrets.
fn in_words(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if error.is_timeout() { "no answer in time".to_owned() } else { cause.to_string() }
}

impl HttpLink for PlainHttp {
    fn address(&self) -> String {
        self.address.clone()
    }

    fn get(&self, request: HttpRequest) -> Answering<'_, Result<HttpReply, LinkFailure>> {
        Box::pin(self.exchange(request))
    }
}
