//! A link without a wire: a function answers. For tests that step time themselves.

use super::{HttpLink, HttpReply, HttpRequest, LinkFailure};
use checkout::ports::Answering;

/// Answers each request by a function.
pub struct MemoryHttp<F> {
    pub answer: F,
}

impl<F> HttpLink for MemoryHttp<F>
where
    F: Fn(HttpRequest) -> Result<HttpReply, LinkFailure> + Send + Sync,
{
    fn address(&self) -> String {
        "memory".to_owned()
    }

    fn get(&self, request: HttpRequest) -> Answering<'_, Result<HttpReply, LinkFailure>> {
        let reply = (self.answer)(request);
        Box::pin(std::future::ready(reply))
    }
}
