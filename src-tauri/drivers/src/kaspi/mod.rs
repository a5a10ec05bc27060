//! Kaspi Smart POS: HTTP on the shop's network, one operation at a time, asked once a second.
//!
//! | | |
//! |---|---|
//! | the words | [`messages`] |
//! | the conversation | [`session`] |
//! | being let in, in protected mode | [`tokens`] |
//! | the device side | `simulators::kaspi` |

pub mod messages;
pub mod session;
pub mod tokens;

use crate::link::{HttpLink, HttpReply, HttpRequest, LinkFailure};
use checkout::payment::{Attempt, CommittedIntent, Device, Event};
use checkout::ports::{Abilities, Answering, CardTerminal, Conversation, JournalRefused, Unit, Woken};
use session::{Session, Step, Times};
use std::sync::Arc;
use tokens::{Standing, Tokens};

pub struct Kaspi<L> {
    link: L,
    times: Times,
    /// The till prints the bank slip; otherwise the terminal does.
    own_receipt: bool,
    /// None in open mode.
    tokens: Option<Arc<Tokens>>,
    /// Asks which unit answers before anything else.
    looks_who: bool,
}

/// What comes of the question who answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    Unit(Unit),
    /// A terminal in protected mode that does not know the asker.
    NotAllowed,
    /// Nothing, or nothing that a terminal says.
    Nothing(LinkFailure),
}

impl Heard {
    fn of(outcome: Result<HttpReply, LinkFailure>) -> Heard {
        let reply = match outcome {
            Ok(reply) => reply,
            Err(failure) => return Heard::Nothing(failure),
        };
        match messages::read(&reply) {
            Ok(envelope) if matches!(envelope.http, 401 | 403) => Heard::NotAllowed,
            Ok(envelope) => messages::unit(&envelope).map_or_else(|| Heard::unclear(reply.status), Heard::Unit),
            Err(_) => Heard::unclear(reply.status),
        }
    }

    fn unclear(status: u16) -> Heard {
        Heard::Nothing(LinkFailure::Cut(format!("HTTP {status}, and not a terminal's words")))
    }
}

/// Asks who answers, and nothing more.
pub async fn who_answers(link: &dyn HttpLink, tokens: Option<&Tokens>, timeout_ms: u64) -> Heard {
    let request = HttpRequest::get(messages::DEVICE_INFO, timeout_ms);
    Heard::of(match tokens {
        Some(tokens) => tokens.ask(link, request).await,
        None => link.get(request).await,
    })
}

impl<L: HttpLink> Kaspi<L> {
    pub fn new(link: L, times: Times, own_receipt: bool) -> Kaspi<L> {
        Kaspi { link, times, own_receipt, tokens: None, looks_who: false }
    }

    /// The same in protected mode.
    pub fn let_in_by(self, tokens: Arc<Tokens>) -> Kaspi<L> {
        Kaspi { tokens: Some(tokens), ..self }
    }

    /// The same for one unit alone: another at its address is asked nothing.
    pub fn of_one_unit(self) -> Kaspi<L> {
        Kaspi { looks_who: true, ..self }
    }

    /// Sends the start: once, whatever comes of it.
    async fn begin(&self, request: HttpRequest) -> Result<HttpReply, LinkFailure> {
        match &self.tokens {
            Some(tokens) => tokens.start(&self.link, request).await,
            None => self.link.get(request).await,
        }
    }

    async fn ask_terminal(&self, request: HttpRequest) -> Result<HttpReply, LinkFailure> {
        match &self.tokens {
            Some(tokens) => tokens.ask(&self.link, request).await,
            None => self.link.get(request).await,
        }
    }

    /// Makes a fact durable, however often it takes: it is known only here, and nothing is sent meanwhile.
    async fn write_down(&self, event: Event, talk: &mut dyn Conversation) {
        while talk.record(event.clone()).await.is_err() {
            talk.wait_until(talk.now_ms() + self.times.poll_ms).await;
        }
    }

    async fn start(&self, mut session: Session, talk: &mut dyn Conversation) -> Result<(), JournalRefused> {
        if self.tokens.as_ref().is_some_and(|tokens| tokens.standing() == Standing::Unknown) {
            session.not_let_in();
        }
        self.converse(session.of_one_unit(self.looks_who), talk).await
    }

    /// Takes the session's steps one by one: a fact is durable before the next request leaves.
    async fn converse(&self, mut session: Session, talk: &mut dyn Conversation) -> Result<(), JournalRefused> {
        loop {
            match session.next(talk.now_ms()) {
                Step::Record(event) => self.write_down(event, talk).await,
                Step::Identify(unit) => {
                    let known = talk.identify(&unit).await;
                    session.identified(known, talk.now_ms());
                }
                Step::Show(stage) => talk.show(stage),
                Step::Start(request) => {
                    let outcome = self.begin(request).await;
                    session.handle(outcome, talk.now_ms());
                }
                Step::Send(request) => {
                    let outcome = self.ask_terminal(request).await;
                    session.handle(outcome, talk.now_ms());
                }
                Step::SendRationed(request) => {
                    // A question that is not counted is not asked.
                    while talk.asking().await.is_err() {
                        talk.wait_until(talk.now_ms() + self.times.poll_ms).await;
                    }
                    let outcome = self.ask_terminal(request).await;
                    session.handle(outcome, talk.now_ms());
                }
                Step::WaitUntil(at_ms) => {
                    talk.next_question(session.next_question_ms());
                    if talk.wait_until(at_ms).await == Woken::AskNow {
                        session.ask_now(talk.now_ms());
                    }
                }
                Step::Finished => {
                    talk.next_question(None);
                    return Ok(());
                }
            }
        }
    }
}

impl<L: HttpLink> CardTerminal for Kaspi<L> {
    fn device(&self) -> Device {
        Device::Kaspi
    }

    fn abilities(&self) -> Abilities {
        Abilities {
            query: true,
            cancel: false,
            amount_step_minor: 100,
            amount_max_minor: i64::from(i32::MAX) * 100,
            customer_limit_ms: 240_000,
        }
    }

    fn address(&self) -> String {
        self.link.address()
    }

    fn pay<'a>(&'a self, intent: CommittedIntent, talk: &'a mut dyn Conversation) -> Answering<'a, Result<(), JournalRefused>> {
        let session = Session::start(intent.attempt().amount, self.own_receipt, self.times, talk.now_ms());
        Box::pin(self.start(session, talk))
    }

    fn refund<'a>(
        &'a self,
        intent: CommittedIntent,
        payment: Attempt,
        talk: &'a mut dyn Conversation,
    ) -> Answering<'a, Result<(), JournalRefused>> {
        let session = Session::refund(intent.attempt().amount, &payment, self.own_receipt, self.times, talk.now_ms());
        Box::pin(self.start(session, talk))
    }

    fn ask<'a>(
        &'a self,
        attempt: Attempt,
        last_question_ms: Option<i64>,
        talk: &'a mut dyn Conversation,
    ) -> Answering<'a, Result<(), JournalRefused>> {
        let session = Session::resume(&attempt, last_question_ms, self.times, talk.now_ms());
        Box::pin(self.converse(session.of_one_unit(self.looks_who), talk))
    }
}
