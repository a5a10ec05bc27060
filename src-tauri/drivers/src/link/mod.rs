//! Links carry bytes and know no device. What they must tell apart is whether a byte may have left.

pub mod http;
pub mod memory;
pub mod trust;

use checkout::ports::Answering;
use std::fmt;
use trust::Distrust;

/// A GET request. Headers and the query of the path may carry secrets: neither is ever logged.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// From the slash on: `/v2/status?processId=1`.
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    /// The whole exchange must end within this time.
    pub timeout_ms: u64,
}

impl HttpRequest {
    pub fn get(path: impl Into<String>, timeout_ms: u64) -> HttpRequest {
        HttpRequest { path: path.into(), headers: Vec::new(), timeout_ms }
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.split('?').next().unwrap_or_default();
        f.debug_struct("HttpRequest").field("path", &path).field("timeout_ms", &self.timeout_ms).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpReply {
    pub status: u16,
    pub body: Vec<u8>,
}

/// Why no reply came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkFailure {
    /// No byte of the request left: no connection, no name.
    #[error("no connection: {0}")]
    NotSent(String),
    /// No byte of the request left: the other end could not show that it is the right one.
    #[error(transparent)]
    Distrusted(#[from] Distrust),
    /// The request may have left; nothing came back in time.
    #[error("no answer: {0}")]
    NoReply(String),
    /// A reply began and broke off, or was too large.
    #[error("the answer broke off: {0}")]
    Cut(String),
}

/// A way to a device that speaks HTTP.
pub trait HttpLink: Send + Sync {
    /// Where it leads, for messages.
    fn address(&self) -> String;

    /// Sends one request exactly once: no retry, no redirect, no proxy, no connection kept from before.
    fn get(&self, request: HttpRequest) -> Answering<'_, Result<HttpReply, LinkFailure>>;
}
