//! HTTP over TCP, with TLS or without. Every request has a connection of its own, so that a dead one kept from before can
//! neither swallow a request nor make a library send it a second time.

use super::trust::{self, Distrust, Fingerprint, Look, Trust};
use super::{HttpLink, HttpReply, HttpRequest, LinkFailure};
use checkout::ports::Answering;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::sync::Arc;
use std::time::Duration;

/// The largest reply that is read; a terminal's replies are under 2 KiB.
const BODY_LIMIT_BYTES: usize = 64 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

pub struct Http {
    client: reqwest::Client,
    address: String,
    /// Scheme, name and port that a request's path is put behind.
    base: String,
}

#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be set up: {0}")]
pub struct SetUpFailed(String);

fn broken(error: impl std::fmt::Display) -> SetUpFailed {
    SetUpFailed(error.to_string())
}

impl Http {
    /// A link to `host:port`.
    pub fn new(address: &str, trust: &Trust) -> Result<Http, SetUpFailed> {
        Http::trusting(address, trust, &[])
    }

    /// The same, trusting these authorities (DER) besides the machine's own.
    pub fn trusting(address: &str, trust: &Trust, authorities: &[Vec<u8>]) -> Result<Http, SetUpFailed> {
        let tls = trust::config(trust, authorities).map_err(broken)?;
        Http::with(address, trust, tls)
    }

    fn with(address: &str, trust: &Trust, tls: rustls::ClientConfig) -> Result<Http, SetUpFailed> {
        let (host, port) = address.rsplit_once(':').ok_or_else(|| broken("host:port is needed"))?;
        let port: u16 = port.parse().map_err(broken)?;
        let base = match trust {
            Trust::Plain => format!("http://{address}"),
            Trust::Named(name) => format!("https://{name}:{port}"),
            Trust::Pinned(_) | Trust::Anybody => format!("https://{address}"),
        };
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(0)
            .http1_only()
            .connect_timeout(CONNECT_TIMEOUT)
            .dns_resolver(Arc::new(Straight { host: host.to_owned(), port }))
            .tls_backend_preconfigured(tls)
            .https_only(*trust != Trust::Plain)
            .build()
            .map_err(broken)?;
        Ok(Http { client, address: address.to_owned(), base })
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpReply, LinkFailure> {
        let asked = request.path.split('?').next().unwrap_or_default();
        tracing::trace!(target: "step", "before the link opens for {asked}");
        let mut sending = self.client.get(format!("{}{}", self.base, request.path)).timeout(Duration::from_millis(request.timeout_ms));
        for (name, value) in &request.headers {
            sending = sending.header(*name, value);
        }
        let mut response = sending.send().await.map_err(before_the_reply)?;
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

/// The key that answers at `host:port`, for a person to compare. Nothing but a handshake is begun.
pub async fn look_at_key(address: &str, timeout_ms: u64) -> Result<Fingerprint, LinkFailure> {
    let failed = |error: SetUpFailed| LinkFailure::NotSent(error.to_string());
    let (look, tls) = Look::config().map_err(|error| LinkFailure::NotSent(error.to_string()))?;
    let link = Http::with(address, &Trust::Anybody, tls).map_err(failed)?;
    let ended = link.exchange(HttpRequest::get("/", timeout_ms)).await;
    match (look.seen(), ended) {
        (Some(key), _) => Ok(key),
        (None, Err(failure)) => Err(failure),
        (None, Ok(_)) => Err(LinkFailure::Distrusted(Distrust::NoTls)),
    }
}

/// Whatever name a certificate is checked for, the link goes to the one address.
struct Straight {
    host: String,
    port: u16,
}

impl Resolve for Straight {
    fn resolve(&self, _: Name) -> Resolving {
        let to = (self.host.clone(), self.port);
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host(to).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Only a failed connection proves that nothing left. TLS is part of the connection.
fn before_the_reply(error: reqwest::Error) -> LinkFailure {
    let text = in_words(&error);
    match distrust(&error) {
        Some(distrust) => LinkFailure::Distrusted(distrust),
        None if error.is_connect() || error.is_builder() => LinkFailure::NotSent(text),
        None => LinkFailure::NoReply(text),
    }
}

/// A handshake that failed in the connection; later the same errors are a broken reply.
fn distrust(error: &reqwest::Error) -> Option<Distrust> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error).filter(|error| error.is_connect()).map(|error| error as _);
    while let Some(error) = cause {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(Distrust::of(tls));
        }
        // An I/O error hands its own inside out by `get_ref` alone.
        let inside = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = inside.map(|inside| inside as &(dyn std::error::Error + 'static)).or_else(|| error.source());
    }
    None
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

impl HttpLink for Http {
    fn address(&self) -> String {
        self.address.clone()
    }

    fn get(&self, request: HttpRequest) -> Answering<'_, Result<HttpReply, LinkFailure>> {
        Box::pin(self.exchange(request))
    }
}
