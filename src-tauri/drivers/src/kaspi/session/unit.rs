//! Which unit answers at the terminal's address. A payment is begun on, and asked of, the one the till was set up with and
//! no other: behind a new address, or a lost link, another may stand.

use super::{Phase, Session, Step, distrusted};
use crate::kaspi::messages;
use crate::link::{HttpReply, HttpRequest, LinkFailure};
use checkout::payment::{Event, Reason};
use checkout::ports::JournalRefused;

/// Whether it is known who answers at the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Whoever answers is asked.
    Anyone,
    /// To be asked first.
    Unasked,
    /// The question is on its way, or what it told is being looked up.
    Asked,
    /// The unit the till was set up with.
    Known,
}

impl Session {
    /// Nothing is asked of a unit other than the one the till was set up with.
    pub fn of_one_unit(mut self, looks_who: bool) -> Session {
        // Whose first request is not the payment has its intent on the disk by then, late or not.
        #[cfg(feature = "broken")]
        let looks_who = looks_who && !checkout::broken::Broken::IntentAfterFirstByte.is_on();
        if looks_who {
            self.who = Who::Unasked;
        }
        self
    }

    /// The terminal has never let this till in: nothing is sent.
    pub fn not_let_in(&mut self) {
        if self.phase == Phase::Start {
            self.finish(Event::NotStarted { reason: Reason::RefusedAuthorisation, message: None });
        }
    }

    pub(super) fn look_who(&mut self, now_ms: i64) -> Step {
        self.who = Who::Asked;
        self.asked_at_ms = now_ms;
        Step::Send(HttpRequest::get(messages::DEVICE_INFO, self.times.question_timeout_ms))
    }

    /// Which unit answers. Before a start nothing of the payment has left, so whatever is not clear is "not started".
    pub(super) fn told_unit(&mut self, outcome: Result<HttpReply, LinkFailure>, now_ms: i64) {
        let told = match &outcome {
            Ok(reply) => messages::read(reply).ok(),
            Err(_) => None,
        };
        if let Some(unit) = told.as_ref().and_then(messages::unit) {
            return self.todo.push_back(Step::Identify(unit));
        }
        self.who = Who::Unasked;
        if self.phase != Phase::Start {
            return self.missed(now_ms);
        }
        let (reason, message) = match outcome {
            Err(LinkFailure::Distrusted(distrust)) => (distrusted(distrust), None),
            Err(LinkFailure::NotSent(why) | LinkFailure::NoReply(why) | LinkFailure::Cut(why)) => (Reason::Unreachable, Some(why)),
            Ok(HttpReply { status: 401 | 403, .. }) => (Reason::RefusedAuthorisation, told.and_then(|told| told.words())),
            Ok(_) => (Reason::Unreachable, told.and_then(|told| told.words())),
        };
        self.finish(Event::NotStarted { reason, message });
    }

    /// Whether the unit is the one the till was set up with. Where that could not be looked up, nothing is begun.
    pub fn identified(&mut self, known: Result<bool, JournalRefused>, now_ms: i64) {
        self.who = if known == Ok(true) { Who::Known } else { Who::Unasked };
        let starting = self.phase == Phase::Start;
        match known {
            Ok(true) => self.next_at_ms = if self.phase == Phase::Actualizing { self.next_actualize_ms(now_ms) } else { now_ms },
            Ok(false) if starting => self.finish(Event::NotStarted { reason: Reason::WrongUnit, message: None }),
            Ok(false) => {
                self.doubt(Reason::WrongUnit, None);
                self.next_at_ms = now_ms + self.times.actualize_ms;
            }
            Err(refused) if starting => {
                self.finish(Event::NotStarted { reason: Reason::NotWritten, message: Some(refused.to_string()) });
            }
            Err(_) => self.missed(now_ms),
        }
    }

    /// Behind a lost link another unit may stand at the address.
    pub(super) fn look_again(&mut self) {
        if self.who != Who::Anyone {
            self.who = Who::Unasked;
        }
    }

    /// The terminal knows of no such operation: that counts once it is sure that it is the right terminal that says so.
    pub(super) fn looks_again(&mut self) -> bool {
        let look = self.who == Who::Known && !self.looked_again;
        if look {
            self.looked_again = true;
            self.look_again();
        }
        look
    }
}
