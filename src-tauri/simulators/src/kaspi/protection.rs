//! The protected mode: who may ask. Pairings by name, the press on the terminal's screen, tokens and their end.
//!
//! Source: protocol sheet §1.3 (`register`, `revoke`), §1.5 and §1.7; vendor file §4.6, §4.20 and §4.21. The vendor does
//! not say whether a refresh token serves twice, nor what a denied registration is told: the first is an option, the
//! words of the second are ours.

use std::collections::BTreeMap;

use super::options::Scale;
use super::replies::{Data, Reply, TokenData};
use super::request::{Op, Request};
use super::terminal::{NotPossible, Terminal};

const TOKEN_LIFE_MS: u64 = 24 * 60 * 60 * 1000;
const SERVICE_ERROR: &str = "Error acquired in service process";

/// Who presses «Разрешить» when a till asks to be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Approval {
    /// Somebody, at once.
    #[default]
    AtOnce,
    /// Somebody, after this many milliseconds (scaled).
    AfterMs(u64),
    /// Whoever holds the terminal: see [`Terminal::press`].
    ByHand,
}

/// What is pressed on the screen while a till waits for its registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// «Разрешить»
    Allow,
    /// «Запретить»
    Deny,
}

/// How `expirationDate` is written (§1.7).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DateText {
    /// `Mar 7, 2023 15:02:56`
    #[default]
    Java,
    /// `2026-07-23 12:00:00`
    Iso,
    /// Whatever this says.
    Other(String),
}

/// The protected mode of a terminal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Protection {
    /// Who lets a till in.
    pub approval: Approval,
    /// How the end of a token is written.
    pub date: DateText,
    /// A refresh token serves once, also when the reply was lost.
    pub one_time_refresh: bool,
    /// An expired token is answered 401 instead of 403; the vendor writes both.
    pub expired_is_401: bool,
}

#[derive(Debug, Clone)]
struct Pair {
    access: String,
    refresh: String,
    ends_ms: i64,
}

/// A till that may ask.
#[derive(Debug, Clone)]
struct Pairing {
    current: Pair,
    /// Good until the current one is used for the first time.
    before: Option<Pair>,
}

/// A till in front of the closed door.
#[derive(Debug, Clone)]
struct Waiting {
    ticket: u64,
    name: String,
    allowed_at_ms: Option<i64>,
}

#[derive(Debug, Clone)]
pub(super) struct Guard {
    protection: Protection,
    pairings: BTreeMap<String, Pairing>,
    waiting: Option<Waiting>,
    /// What those who waited are told.
    told: BTreeMap<u64, Reply>,
    issued: u64,
}

/// What a till that asks to be registered gets.
pub(super) enum Registration {
    Told(Reply),
    /// The reply comes when somebody has pressed.
    Waits(u64),
}

impl Guard {
    pub(super) fn new(protection: Protection) -> Self {
        Self { protection, pairings: BTreeMap::new(), waiting: None, told: BTreeMap::new(), issued: 0 }
    }

    /// May this request be answered? `register` is open to all.
    pub(super) fn admit(&mut self, request: &Request, now_ms: i64) -> Result<(), Reply> {
        if matches!(request.op, Op::Register | Op::Renew) {
            return Ok(());
        }
        let refused = Err(Reply::general(401));
        let Some(token) = request.token.as_deref() else { return refused };
        for pairing in self.pairings.values_mut() {
            let current = pairing.current.access == token;
            let before = pairing.before.as_ref().is_some_and(|pair| pair.access == token);
            if current {
                pairing.before = None;
            }
            let ends_ms = if current { Some(pairing.current.ends_ms) } else { pairing.before.as_ref().map(|pair| pair.ends_ms) };
            if current || before {
                let alive = ends_ms.is_some_and(|ends_ms| now_ms < ends_ms);
                return if alive { Ok(()) } else { Err(self.expired()) };
            }
        }
        refused
    }

    fn expired(&self) -> Reply {
        let mut reply = Reply::general(403);
        if self.protection.expired_is_401 {
            reply.http = 401;
        }
        reply
    }

    fn issue(&mut self, now_ms: i64, scale: Scale) -> Pair {
        let ends_ms = now_ms.saturating_add(scale.of(TOKEN_LIFE_MS));
        Pair { access: self.token(now_ms), refresh: self.token(now_ms), ends_ms }
    }

    /// 32 hexadecimal digits, as in the vendor's examples; no two alike.
    fn token(&mut self, now_ms: i64) -> String {
        self.issued += 1;
        let seed = now_ms.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(self.issued);
        let mixed = (seed ^ (seed >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        format!("{mixed:016x}{:016x}", self.issued)
    }

    fn describe(&self, pair: &Pair) -> Reply {
        let moment = jiff::Timestamp::from_millisecond(pair.ends_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let local = moment.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(5)));
        let expiration_date = match &self.protection.date {
            DateText::Java => local.strftime("%b %-d, %Y %H:%M:%S").to_string(),
            DateText::Iso => local.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            DateText::Other(text) => text.clone(),
        };
        let (access_token, refresh_token) = (pair.access.clone(), pair.refresh.clone());
        Reply::done(Data::Tokens(TokenData { access_token, expiration_date, refresh_token }))
    }

    pub(super) fn register(&mut self, request: &Request, now_ms: i64, scale: Scale) -> Registration {
        let name = match super::methods::required(request, "name") {
            Ok(name) => name.to_owned(),
            Err(reply) => return Registration::Told(reply),
        };
        if self.waiting.is_some() {
            return Registration::Told(service_error("Register Error. Last register request not completed"));
        }
        if self.pairings.contains_key(&name) {
            return Registration::Told(service_error("Register Error. This name is already allowed"));
        }
        let allowed_at_ms = match self.protection.approval {
            Approval::AtOnce => Some(now_ms),
            Approval::AfterMs(delay_ms) => Some(now_ms.saturating_add(scale.of(delay_ms))),
            Approval::ByHand => None,
        };
        self.issued += 1;
        let ticket = self.issued;
        self.waiting = Some(Waiting { ticket, name, allowed_at_ms });
        self.advance(now_ms, scale);
        match self.told.remove(&ticket) {
            Some(reply) => Registration::Told(reply),
            None => Registration::Waits(ticket),
        }
    }

    /// What the till with this ticket is told, once somebody has pressed.
    pub(super) fn told(&mut self, ticket: u64) -> Option<Reply> {
        self.told.remove(&ticket)
    }

    pub(super) fn is_told(&self, ticket: u64) -> bool {
        self.told.contains_key(&ticket)
    }

    pub(super) fn next_due_ms(&self) -> Option<i64> {
        self.waiting.as_ref()?.allowed_at_ms
    }

    pub(super) fn advance(&mut self, now_ms: i64, scale: Scale) {
        if self.next_due_ms().is_some_and(|due_ms| due_ms <= now_ms) {
            let _ = self.press(Press::Allow, now_ms, scale);
        }
    }

    fn press(&mut self, press: Press, now_ms: i64, scale: Scale) -> Result<(), NotPossible> {
        let waiting = self.waiting.take().ok_or(NotPossible("no till asks to be registered"))?;
        let reply = match press {
            Press::Allow => {
                let pair = self.issue(now_ms, scale);
                let reply = self.describe(&pair);
                self.pairings.insert(waiting.name, Pairing { current: pair, before: None });
                reply
            }
            Press::Deny => service_error("Register Error. Denied on the terminal"),
        };
        self.told.insert(waiting.ticket, reply);
        Ok(())
    }

    /// `revoke`: the vendor's word for a new pair of tokens in place of the old one.
    fn renew(&mut self, request: &Request, now_ms: i64, scale: Scale) -> Result<Reply, Reply> {
        let name = super::methods::required(request, "name")?;
        let refresh = super::methods::required(request, "refreshToken")?;
        let wrong = || service_error("Revoke Error. Wrong refresh token");
        let pairing = self.pairings.get(name).cloned().ok_or_else(wrong)?;
        let known = |token: &str| pairing.current.access == token || pairing.before.as_ref().is_some_and(|pair| pair.access == token);
        if !request.token.as_deref().is_some_and(known) {
            return Err(Reply::general(401));
        }
        let again = !self.protection.one_time_refresh && pairing.before.as_ref().is_some_and(|pair| pair.refresh == refresh);
        let before = match (pairing.current.refresh == refresh, again) {
            (true, _) => pairing.current,
            (false, true) => pairing.before.ok_or_else(wrong)?,
            (false, false) => return Err(wrong()),
        };
        let pair = self.issue(now_ms, scale);
        let reply = self.describe(&pair);
        self.pairings.insert(name.to_owned(), Pairing { current: pair, before: Some(before) });
        Ok(reply)
    }
}

fn service_error(message: &str) -> Reply {
    let mut reply = Reply::error(200, 105, SERVICE_ERROR);
    reply.envelope.data = Some(Data::Message { message: message.to_owned() });
    reply
}

impl Terminal {
    /// Somebody presses on the screen that asks whether a till may be let in.
    ///
    /// # Errors
    /// [`NotPossible`] if no till waits.
    pub fn press(&mut self, press: Press, now_ms: i64) -> Result<(), NotPossible> {
        let scale = self.scale;
        self.guard.as_mut().ok_or(NotPossible("the terminal is in open mode"))?.press(press, now_ms, scale)
    }

    /// «Запретить» in the list of tills: this one's tokens are worth nothing from now on.
    pub fn forbid(&mut self, name: &str) {
        if let Some(guard) = &mut self.guard {
            guard.pairings.remove(name);
        }
    }

    /// All tokens end now, as after a day.
    pub fn expire_tokens(&mut self, now_ms: i64) {
        let pairings = self.guard.iter_mut().flat_map(|guard| guard.pairings.values_mut());
        for pairing in pairings {
            pairing.current.ends_ms = now_ms;
            if let Some(before) = &mut pairing.before {
                before.ends_ms = now_ms;
            }
        }
    }

    /// A till asks to be let in. In open mode there is no such URL.
    pub(super) fn register(&mut self, request: &Request, now_ms: i64) -> Registration {
        self.advance(now_ms);
        let scale = self.scale;
        match &mut self.guard {
            Some(guard) => guard.register(request, now_ms, scale),
            None => Registration::Told(Reply::general(404)),
        }
    }

    pub(super) fn renew(&mut self, request: &Request, now_ms: i64) -> Result<Reply, Reply> {
        let scale = self.scale;
        self.guard.as_mut().ok_or_else(|| Reply::general(404))?.renew(request, now_ms, scale)
    }
}
