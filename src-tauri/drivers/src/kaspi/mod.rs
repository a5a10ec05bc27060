//! Kaspi Smart POS: HTTP on the shop's network, one operation at a time, asked once a second.
//!
//! | | |
//! |---|---|
//! | the words | [`messages`] |
//! | the conversation | [`session`] |
//! | the device side | `simulators::kaspi` |

pub mod messages;
pub mod session;

use crate::link::HttpLink;
use checkout::payment::{Attempt, CommittedIntent, Device, Event};
use checkout::ports::{Abilities, Answering, CardTerminal, Conversation, JournalRefused, Woken};
use session::{Session, Step, Times};

pub struct Kaspi<L> {
    link: L,
    times: Times,
    /// The till prints the bank slip; otherwise the terminal does.
    own_receipt: bool,
}

impl<L: HttpLink> Kaspi<L> {
    pub fn new(link: L, times: Times, own_receipt: bool) -> Kaspi<L> {
        Kaspi { link, times, own_receipt }
    }

    /// Makes a fact durable, however often it takes: it is known only here, and nothing is sent meanwhile.
    async fn write_down(&self, event: Event, talk: &mut dyn Conversation) {
        while talk.record(event.clone()).await.is_err() {
            talk.wait_until(talk.now_ms() + self.times.poll_ms).await;
        }
    }

    /// Takes the session's steps one by one: a fact is durable before the next request leaves.
    async fn converse(&self, mut session: Session, talk: &mut dyn Conversation) -> Result<(), JournalRefused> {
        loop {
            match session.next(talk.now_ms()) {
                Step::Record(event) => self.write_down(event, talk).await,
                Step::Show(stage) => talk.show(stage),
                Step::Send(request) => {
                    let outcome = self.link.get(request).await;
                    session.handle(outcome, talk.now_ms());
                }
                Step::SendRationed(request) => {
                    // A question that is not counted is not asked.
                    while talk.asking().await.is_err() {
                        talk.wait_until(talk.now_ms() + self.times.poll_ms).await;
                    }
                    let outcome = self.link.get(request).await;
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
        Box::pin(self.converse(session, talk))
    }

    fn ask<'a>(
        &'a self,
        attempt: Attempt,
        last_question_ms: Option<i64>,
        talk: &'a mut dyn Conversation,
    ) -> Answering<'a, Result<(), JournalRefused>> {
        let session = Session::resume(&attempt, last_question_ms, self.times, talk.now_ms());
        Box::pin(self.converse(session, talk))
    }
}
