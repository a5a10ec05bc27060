//! Links carry bytes and know no device. What they must tell apart is whether a byte may have left.

pub mod http;
pub mod memory;

use checkout::ports::Answering;

/// A GET request. The path may carry secrets in its query: it is never logged whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// From the slash on: `/v2/status?processId=1`.
    pub path: String,
    /// The whole exchange must end within this time.
    pub timeout_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpReply {
    pub status: u16,
    pub body: Vec<u8>,
}

/// Why no reply came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkFailure {
    /// No byte of the request left: no connection, no name, no TLS.
    NotSent(String),
    /// The request may have left; nothing came back in time.
    NoReply(String),
    /// A reply began and broke off, or was too large.
    Cut(String),
}

/// A way to a device that speaks HTTP.
pub trait HttpLink: Send + Sync {
    /// Where it leads, for messages.
    fn address(&self) -> String;

    /// Sends one request exactly once: no retry, no redirect, no proxy, no connection kept from before.
    fn get(&self, request: HttpRequest) -> Answering<'_, Result<HttpReply, LinkFailure>>;
}
