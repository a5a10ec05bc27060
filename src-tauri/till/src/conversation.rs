//! The till's side of a conversation between a driver and a device: facts go to the ledger first, then to
//! the screen.

use crate::Till;
use checkout::payment::{AttemptId, Event, Illegal, Reason};
use checkout::ports::{Answering, Conversation, JournalRefused, Stage, Unit, Woken};
use database::DatabaseError;
use database::attempt::Recorded;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// A stage and when it was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageAt {
    pub stage: Stage,
    /// On the till's monotonic clock.
    pub at_ms: i64,
    /// Local time of day, `14:05:02`.
    pub time: String,
}

/// A conversation under way, as the screen sees it.
pub(crate) struct Watch {
    pub started_ms: i64,
    pub stages: Vec<StageAt>,
    /// On the till's monotonic clock.
    pub next_question_ms: Option<i64>,
    pub stop_asked: bool,
    /// The conversation has ended; its stages stay for the screen until the next one begins.
    pub ended: bool,
    /// Stops the driver when the till closes.
    pub driver: Option<AbortHandle>,
    /// A person's wish to check now.
    pub ask_now: Arc<Notify>,
}

impl Watch {
    pub(crate) fn starting(now_ms: i64) -> Watch {
        Watch {
            started_ms: now_ms,
            stages: Vec::new(),
            next_question_ms: None,
            stop_asked: false,
            ended: false,
            driver: None,
            ask_now: Arc::new(Notify::new()),
        }
    }
}

pub(crate) struct Talk {
    pub till: Arc<Till>,
    pub attempt: AttemptId,
    pub ask_now: Arc<Notify>,
    /// The device named the operation of another payment: what it says from here on is not about this one.
    pub astray: bool,
}

impl Talk {
    /// An event the machine calls impossible is a fault of the driver or the device: the attempt is in doubt.
    async fn store(&mut self, event: &Event) -> Result<Recorded, DatabaseError> {
        let at = self.till.act();
        match self.till.ledger.record(self.attempt, event, &at).await {
            Err(DatabaseError::Illegal(illegal)) => {
                self.astray |= matches!(illegal, Illegal::OperationOfAnother(_));
                let event = Event::Doubt { reason: Reason::Unreadable, message: Some(illegal.to_string()) };
                self.till.ledger.record(self.attempt, &event, &at).await
            }
            answer => answer,
        }
    }

    async fn tell(&mut self, event: Event) -> Result<(), JournalRefused> {
        if self.astray {
            return Ok(());
        }
        tracing::trace!(target: "step", "{} is in", event.code());
        // The sale in hand stands still until the fact is both written and shown: no tender is taken in between.
        let till = self.till.clone();
        let mut state = till.state().await;
        let recorded = self.store(&event).await.map_err(|error| {
            tracing::error!(attempt = %self.attempt, event = event.code(), %error, "a fact could not be written down; it is tried again");
            till.note_unwritten(self.attempt, true);
            JournalRefused(error.to_string())
        })?;
        till.note_unwritten(self.attempt, false);
        self.till.follow(&mut state, &recorded).await.map_err(|error| JournalRefused(error.to_string()))?;
        self.till.changed();
        tracing::trace!(target: "step", "{} is shown", event.code());
        Ok(())
    }

    fn watch(&self, change: impl FnOnce(&mut Watch)) {
        if let Some(watch) = self.till.watches().get_mut(&self.attempt) {
            change(watch);
        }
        self.till.changed();
    }
}

impl Conversation for Talk {
    fn now_ms(&self) -> i64 {
        self.till.clock.now_ms()
    }

    fn record(&mut self, event: Event) -> Answering<'_, Result<(), JournalRefused>> {
        Box::pin(self.tell(event))
    }

    fn asking(&mut self) -> Answering<'_, Result<(), JournalRefused>> {
        Box::pin(async {
            let (boot, up_ms) = self.till.clock.uptime();
            let noted = self.till.ledger.note_question(self.attempt, &self.till.act(), &boot, up_ms).await;
            self.till.changed();
            noted.map_err(|error| JournalRefused(error.to_string()))
        })
    }

    fn identify<'a>(&'a mut self, unit: &'a Unit) -> Answering<'a, Result<bool, JournalRefused>> {
        Box::pin(async { self.till.is_own_unit(unit).await.map_err(|error| JournalRefused(error.to_string())) })
    }

    fn show(&mut self, stage: Stage) {
        let time = self.till.clock.wall().strftime("%H:%M:%S").to_string();
        let at_ms = self.till.clock.now_ms();
        self.watch(move |watch| watch.stages.push(StageAt { stage, at_ms, time }));
    }

    fn next_question(&mut self, at_ms: Option<i64>) {
        self.watch(move |watch| watch.next_question_ms = at_ms);
    }

    fn wait_until(&mut self, at_ms: i64) -> Answering<'_, Woken> {
        Box::pin(async move {
            tokio::select! {
                () = self.till.clock.sleep_until(at_ms) => Woken::Time,
                () = self.ask_now.notified() => Woken::AskNow,
            }
        })
    }
}
