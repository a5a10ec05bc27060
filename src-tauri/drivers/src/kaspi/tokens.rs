//! The tokens of the protected mode (protocol sheet §1.3, §1.7): how a till is let in, and how it stays in.
//!
//! A new pair is kept before it is used, because the terminal forgets the old one on the first request with the new. The
//! terminal's `expirationDate` has no zone and no fixed form, so it is shown and never reckoned with: a pair lasts a day
//! from when it came, and a terminal that says otherwise is believed when it says so.

use super::messages::{self, Envelope};
use crate::link::{HttpLink, HttpReply, HttpRequest, LinkFailure};
use checkout::ports::Unit;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Mutex;

const LIFE_MS: i64 = 24 * 3_600_000;
/// A pair is renewed so long before a day is over, in milliseconds.
const EARLIER_MS: i64 = 3_600_000;
/// A person walks to the terminal and presses.
pub const REGISTER_TIMEOUT_MS: u64 = 180_000;

/// What a registration or a renewal gave. Never shown, never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Pair {
    /// What the till was called when it was let in: a renewal must name it again.
    pub name: String,
    pub access: String,
    pub refresh: String,
    /// The end as the terminal writes it.
    pub ends: String,
    /// When it came, by this machine's wall clock, in milliseconds since 1970.
    pub came_at_ms: i64,
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pair").field("ends", &self.ends).finish_non_exhaustive()
    }
}

impl Pair {
    /// Also where the clock was set back behind its coming: then nothing is known of its age.
    fn is_due(&self, now_ms: i64) -> bool {
        !(self.came_at_ms..self.came_at_ms + LIFE_MS - EARLIER_MS).contains(&now_ms)
    }
}

/// Where a pair is kept secret. A pair is kept whole or not at all.
pub trait TokenStore: Send + Sync {
    fn keep(&self, pair: &Pair) -> Result<(), String>;
}

/// Why a till was not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRegistered {
    #[error("the terminal already shows the question of a till")]
    QuestionOpen,
    /// It must be forbidden there first.
    #[error("the terminal has let in a till of this name before")]
    NameTaken,
    /// In its own words.
    #[error("the terminal refused: {0}")]
    Refused(String),
    /// Nobody pressed in time, or the reply was lost.
    #[error("the terminal gave no answer in time: {0}")]
    NoAnswer(String),
    #[error("the terminal was not reached: {0}")]
    NotReached(LinkFailure),
    /// The till must be forbidden on the terminal and asked for again.
    #[error("the terminal let the till in, but the tokens could not be kept: {0}")]
    NotKept(String),
}

/// Asks the terminal to let this till in. Answers when somebody has pressed on its screen; dropping it gives up.
async fn let_in(link: &dyn HttpLink, name: &str, now_ms: i64) -> Result<Pair, NotRegistered> {
    let request = HttpRequest::get(messages::register_path(name), REGISTER_TIMEOUT_MS);
    let reply = match link.get(request).await {
        Ok(reply) => reply,
        Err(LinkFailure::NoReply(why) | LinkFailure::Cut(why)) => return Err(NotRegistered::NoAnswer(why)),
        Err(failure) => return Err(NotRegistered::NotReached(failure)),
    };
    let envelope = messages::read(&reply).map_err(|unreadable| NotRegistered::NoAnswer(unreadable.to_string()))?;
    let words = || envelope.words().unwrap_or_default();
    match pair(&envelope, name, now_ms) {
        Some(pair) => Ok(pair),
        None if words().contains("not completed") => Err(NotRegistered::QuestionOpen),
        None if words().contains("already allowed") => Err(NotRegistered::NameTaken),
        None => Err(NotRegistered::Refused(words())),
    }
}

fn pair(envelope: &Envelope, name: &str, now_ms: i64) -> Option<Pair> {
    let (access, refresh, ends) = messages::tokens(envelope).filter(|_| envelope.code == 0)?;
    Some(Pair { name: name.to_owned(), access, refresh, ends, came_at_ms: now_ms })
}

/// How a till stands with the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It was never let in.
    Unknown,
    /// It has tokens that have not been refused.
    LetIn,
    /// The terminal does not know the tokens any more: the till must be registered again.
    Forgotten,
}

/// What a renewal came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Renewal {
    Done,
    /// The old pair stays: it may serve still.
    NotNow(String),
    /// The terminal refuses the refresh token. The old access token serves until it ends.
    Refused(String),
}

/// The pair in use. One renewal at a time, whoever asks for it: a till has one of these for its life.
pub struct Tokens {
    store: RwLock<Arc<dyn TokenStore>>,
    wall_ms: Arc<dyn Fn() -> i64 + Send + Sync>,
    pair: RwLock<Option<Pair>>,
    /// The terminal has refused to renew it.
    forgotten: AtomicBool,
    renewing: Mutex<()>,
    queued: AtomicUsize,
}

/// Waits for a renewal that another has begun.
struct Queued<'a>(&'a AtomicUsize);

impl Queued<'_> {
    fn behind(queue: &AtomicUsize) -> Queued<'_> {
        queue.fetch_add(1, Ordering::SeqCst);
        Queued(queue)
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Tokens {
    /// `pair` is none where the till was not let in yet.
    pub fn new(pair: Option<Pair>, store: Arc<dyn TokenStore>, wall_ms: Arc<dyn Fn() -> i64 + Send + Sync>) -> Tokens {
        let (pair, forgotten) = (RwLock::new(pair), AtomicBool::new(false));
        Tokens { store: RwLock::new(store), wall_ms, pair, forgotten, renewing: Mutex::default(), queued: AtomicUsize::new(0) }
    }

    /// Another place to keep them, and what lies there: conversations under way go on with it.
    pub fn reload(&self, pair: Option<Pair>, store: Arc<dyn TokenStore>) {
        *self.store.write().unwrap_or_else(PoisonError::into_inner) = store;
        if pair != self.pair() {
            *self.pair.write().unwrap_or_else(PoisonError::into_inner) = pair;
            self.forgotten.store(false, Ordering::SeqCst);
        }
    }

    /// Asks the terminal to let this till in under a name, and takes the new pair into use. Answers it, and the one before.
    pub async fn register(&self, link: &dyn HttpLink, name: &str) -> Result<(Pair, Option<Pair>), NotRegistered> {
        let pair = let_in(link, name, (self.wall_ms)()).await?;
        let before = self.replace(pair.clone()).await.map_err(NotRegistered::NotKept)?;
        Ok((pair, before))
    }

    /// Keeps a pair and takes it into use, between two renewals: neither keeps its own over it. Answers the one before.
    pub async fn replace(&self, pair: Pair) -> Result<Option<Pair>, String> {
        let _no_renewal = self.renewing.lock().await;
        self.store().keep(&pair)?;
        let before = self.pair();
        self.take(pair);
        Ok(before)
    }

    fn store(&self) -> Arc<dyn TokenStore> {
        self.store.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn standing(&self) -> Standing {
        match self.pair() {
            None => Standing::Unknown,
            Some(_) if self.forgotten.load(Ordering::SeqCst) => Standing::Forgotten,
            Some(_) => Standing::LetIn,
        }
    }

    /// How many conversations stand still until a renewal is done that another has begun.
    pub fn queued(&self) -> usize {
        self.queued.load(Ordering::SeqCst)
    }

    /// The end of the pair in use, as the terminal wrote it.
    pub fn ends(&self) -> Option<String> {
        Some(self.pair()?.ends)
    }

    fn pair(&self) -> Option<Pair> {
        self.pair.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn take(&self, pair: Pair) {
        *self.pair.write().unwrap_or_else(PoisonError::into_inner) = Some(pair);
        self.forgotten.store(false, Ordering::SeqCst);
    }

    /// Before a start: a pair that ends soon is renewed, so that it need not be in the middle of a payment.
    pub(super) async fn freshen(&self, link: &dyn HttpLink, timeout_ms: u64) {
        if let Some(pair) = self.pair().filter(|pair| pair.is_due((self.wall_ms)())) {
            self.renew_after(&pair, link, timeout_ms).await;
        }
    }

    /// A question that may be asked again: once more after a renewal, where the terminal refuses the token.
    pub(super) async fn ask(&self, link: &dyn HttpLink, request: HttpRequest) -> Result<HttpReply, LinkFailure> {
        let pair = self.pair().ok_or_else(not_let_in)?;
        let outcome = link.get(with(&pair, request.clone())).await;
        if is_another_s(&request, &outcome) && !pair.is_due((self.wall_ms)()) {
            self.forgotten.store(true, Ordering::SeqCst);
            return outcome;
        }
        if !is_refused(&outcome) {
            // What was forgotten by another at this address is not forgotten by the one who answers now.
            self.forgotten.fetch_and(outcome.is_err(), Ordering::SeqCst);
            return outcome;
        }
        match (self.renew_after(&pair, link, request.timeout_ms).await, self.pair()) {
            (Renewal::Done, Some(new)) => link.get(with(&new, request)).await,
            (Renewal::Done, None) | (Renewal::NotNow(_) | Renewal::Refused(_), _) => outcome,
        }
    }

    /// Which unit answers, where it may be another: asked once, and nothing is renewed there.
    pub async fn who_answers_once(&self, link: &dyn HttpLink, timeout_ms: u64) -> Option<Unit> {
        let request = with(&self.pair()?, HttpRequest::get(messages::DEVICE_INFO, timeout_ms));
        messages::unit(&messages::read(&link.get(request).await.ok()?).ok()?)
    }

    /// A start: sent once, with the pair in use.
    pub(super) async fn start(&self, link: &dyn HttpLink, request: HttpRequest) -> Result<HttpReply, LinkFailure> {
        self.freshen(link, request.timeout_ms).await;
        let pair = self.pair().ok_or_else(not_let_in)?;
        let timeout_ms = request.timeout_ms;
        let outcome = link.get(with(&pair, request)).await;
        if is_refused(&outcome) {
            // The terminal did nothing; the next press finds a new pair.
            self.renew_after(&pair, link, timeout_ms).await;
        }
        outcome
    }

    /// Renews now, whatever the time.
    pub async fn renew(&self, link: &dyn HttpLink, timeout_ms: u64) -> Renewal {
        match self.pair() {
            Some(pair) => self.renew_after(&pair, link, timeout_ms).await,
            None => Renewal::Refused("the till is not registered on the terminal".to_owned()),
        }
    }

    /// Renews, unless somebody has done so since `seen` was in use.
    async fn renew_after(&self, seen: &Pair, link: &dyn HttpLink, timeout_ms: u64) -> Renewal {
        let queued = Queued::behind(&self.queued);
        let _one_at_a_time = self.renewing.lock().await;
        drop(queued);
        let Some(old) = self.pair().filter(|pair| pair == seen) else { return Renewal::Done };
        let request = with(&old, HttpRequest::get(messages::renew_path(&old.name, &old.refresh), timeout_ms));
        let reply = match link.get(request).await {
            Ok(reply) => reply,
            Err(failure) => return Renewal::NotNow(failure.to_string()),
        };
        let Ok(envelope) = messages::read(&reply) else { return Renewal::NotNow(format!("HTTP {}", reply.status)) };
        let Some(new) = pair(&envelope, &old.name, (self.wall_ms)()) else {
            let words = envelope.words().unwrap_or_default();
            if envelope.code == 105 || matches!(envelope.http, 401 | 403) {
                self.forgotten.store(true, Ordering::SeqCst);
                return Renewal::Refused(words);
            }
            return Renewal::NotNow(words);
        };
        if let Err(why) = self.store().keep(&new) {
            tracing::error!(why, "the new tokens of the terminal could not be kept; the old ones stay in use");
            return Renewal::NotNow(why);
        }
        self.take(new);
        Renewal::Done
    }
}

fn not_let_in() -> LinkFailure {
    LinkFailure::NotSent("the till is not registered on the terminal".to_owned())
}

fn with(pair: &Pair, mut request: HttpRequest) -> HttpRequest {
    request.headers.push(("accesstoken", pair.access.clone()));
    request
}

/// 403, or a 401 of either text: the request was not carried out (§1.5, §1.7).
fn is_refused(outcome: &Result<HttpReply, LinkFailure>) -> bool {
    outcome.as_ref().is_ok_and(|reply| matches!(reply.status, 401 | 403))
}

/// Who answers does not know the token at all, and it has not come to its end: it may be another terminal, which is not told
/// how to get new ones.
fn is_another_s(request: &HttpRequest, outcome: &Result<HttpReply, LinkFailure>) -> bool {
    let Ok(reply) = outcome else { return false };
    let words = messages::read(reply).ok().and_then(|envelope| envelope.words()).unwrap_or_default();
    request.path == messages::DEVICE_INFO && reply.status == 401 && !words.contains("expire")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(came_at_ms: i64) -> Pair {
        Pair {
            name: "Kassa 1".to_owned(),
            access: "secret-a".to_owned(),
            refresh: "secret-r".to_owned(),
            ends: "завтра".to_owned(),
            came_at_ms,
        }
    }

    #[test]
    fn k28_a_pair_is_due_by_when_it_came_whatever_the_clock_does() {
        const HOUR_MS: i64 = 3_600_000;
        let pair = pair(1_000_000);
        for (after_ms, due) in [(0, false), (22 * HOUR_MS, false), (23 * HOUR_MS, true), (48 * HOUR_MS, true), (-24 * HOUR_MS, true)] {
            assert_eq!(pair.is_due(1_000_000 + after_ms), due, "{after_ms}");
        }
    }

    #[test]
    fn k32_neither_a_pair_nor_a_request_tells_a_secret() {
        let request = with(&pair(0), HttpRequest::get(messages::renew_path("Kassa 1", "secret-r"), 1_000));
        let told = format!("{:?} {request:?}", pair(0));
        assert!(!told.contains("secret"), "{told}");
    }
}
