//! How a conversation begins: the one request that moves money, and what its reply can mean.

use super::{Phase, Session, Step, Times};
use crate::kaspi::messages::{self, Envelope, Reference};
use crate::link::trust::Distrust;
use crate::link::{HttpReply, HttpRequest, LinkFailure};
#[cfg(feature = "broken")]
use checkout::broken::Broken;
use checkout::money::Money;
use checkout::payment::{Attempt, AttemptKind, Event, Reason};
use checkout::ports::Stage;

/// Which way the money goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    ToShop,
    ToCustomer,
}

impl Direction {
    pub(super) fn of(kind: AttemptKind) -> Direction {
        match kind {
            AttemptKind::Payment => Direction::ToShop,
            AttemptKind::Refund => Direction::ToCustomer,
        }
    }
}

impl Session {
    /// A new payment. Refused amounts end it before a byte leaves (§3 item 10).
    pub fn start(amount: Money, own_receipt: bool, times: Times, now_ms: i64) -> Session {
        let mut session = Session::blank(amount, Direction::ToShop, times, now_ms);
        session.begin(|amount_tenge| messages::payment_path(amount_tenge, own_receipt));
        session
    }

    /// A payment given back, whole or in part. One that the terminal cannot find ends before a byte leaves.
    pub fn refund(amount: Money, payment: &Attempt, own_receipt: bool, times: Times, now_ms: i64) -> Session {
        let mut session = Session::blank(amount, Direction::ToCustomer, times, now_ms);
        match Reference::of(&payment.references) {
            Some(of) => session.begin(|amount_tenge| messages::refund_path(amount_tenge, &of, own_receipt)),
            None => session.finish(Event::NotStarted { reason: Reason::NoReference, message: None }),
        }
        session
    }

    fn begin(&mut self, path: impl FnOnce(i64) -> String) {
        self.start = tenge(self.amount).map(path);
        if self.start.is_none() {
            let message = Some(format!("a terminal takes whole tenge from 1 to {}", i32::MAX));
            self.finish(Event::NotStarted { reason: Reason::RefusedAmount, message });
        }
    }

    pub(super) fn send_start(&mut self) -> Step {
        let Some(path) = self.start.clone() else { return Step::Finished };
        self.phase = Phase::Starting;
        Step::Start(HttpRequest::get(path, self.times.start_timeout_ms))
    }

    /// The reply to the start (§1.5): a clear yes, a clear no, or doubt. Never sent again.
    pub(super) fn started(&mut self, outcome: Result<HttpReply, LinkFailure>) {
        #[cfg(feature = "broken")]
        if matches!(outcome, Err(LinkFailure::NoReply(_) | LinkFailure::Cut(_))) {
            if Broken::StartSentAgain.is_on() {
                self.phase = Phase::Start;
                return;
            }
            if Broken::SilenceIsNo.is_on() {
                return self.finish(Event::NotStarted { reason: Reason::Unreachable, message: None });
            }
        }
        let doubt = |reason, message: String| Event::Doubt { reason, message: Some(message) };
        let reply = match outcome {
            Ok(reply) => reply,
            Err(LinkFailure::NotSent(why)) => {
                return self.finish(Event::NotStarted { reason: Reason::Unreachable, message: Some(why) });
            }
            Err(LinkFailure::Distrusted(distrust)) => {
                return self.finish(Event::NotStarted { reason: distrusted(distrust), message: None });
            }
            Err(LinkFailure::NoReply(why)) => return self.finish(doubt(Reason::NoReply, why)),
            Err(LinkFailure::Cut(why)) => return self.finish(doubt(Reason::Cut, why)),
        };
        let envelope = match messages::read(&reply) {
            Ok(envelope) => envelope,
            Err(unreadable) if unreadable.http >= 500 => return self.finish(doubt(Reason::DeviceError, unreadable.to_string())),
            Err(unreadable) => return self.finish(doubt(Reason::Unreadable, unreadable.to_string())),
        };
        let no = |reason| Event::NotStarted { reason, message: envelope.words() };
        match (envelope.http, envelope.code) {
            (200..=299, 0) => self.accepted(&envelope),
            (500.., _) | (_, 108) => {
                let message = envelope.words();
                self.finish(Event::Doubt { reason: Reason::DeviceError, message });
            }
            (_, 107) => self.finish(no(Reason::RefusedBusy)),
            (_, 106) => self.finish(no(Reason::RefusedBlocked)),
            (401 | 403, _) => self.finish(no(Reason::RefusedAuthorisation)),
            (400..=499, 999) => self.finish(no(Reason::RefusedRequest)),
            (_, code) => self.finish(doubt(Reason::Unreadable, format!("status code {code} to a payment start"))),
        }
    }

    fn accepted(&mut self, envelope: &Envelope) {
        let Some(operation_id) = envelope.process_id().filter(|id| !id.is_empty()) else {
            let message = Some("the terminal began without naming the operation".to_owned());
            return self.finish(Event::Doubt { reason: Reason::Unreadable, message });
        };
        self.process_id = Some(operation_id.clone());
        self.todo.push_back(Step::Record(Event::Accepted { operation_id }));
        self.show(Stage::Sent);
        self.phase = Phase::Watching;
    }
}

pub(super) fn distrusted(distrust: Distrust) -> Reason {
    match distrust {
        Distrust::OutOfTime => Reason::CertificateOutOfTime,
        Distrust::WrongName => Reason::CertificateName,
        Distrust::KeyChanged => Reason::CertificateChanged,
        Distrust::NoTls => Reason::NoTls,
        Distrust::UnknownAuthority | Distrust::Other => Reason::CertificateUnknown,
    }
}

/// Whole tenge within 32 bits, or none.
fn tenge(amount: Money) -> Option<i64> {
    let per_major = amount.currency().minor_per_major();
    let whole = amount.minor() % per_major == 0 && amount.is_positive();
    let tenge = amount.minor() / per_major;
    (whole && tenge <= i64::from(i32::MAX)).then_some(tenge)
}
