//! Taking money. A device is asked only after the intent is on the disk; the rest of its story is told by
//! the conversation.

use crate::conversation::{Talk, Watch};
use crate::recovery::last_question_ms;
use crate::seat::decider;
use crate::showing::Showing;
use crate::{StoredAttempt, Till, TillError};
use checkout::money::Money;
use checkout::payment::{Attempt, AttemptId, AttemptKind, AttemptState, CommittedIntent, Device, Event, Reason, Resolution};
use checkout::ports::JournalRefused;
use checkout::sale::SaleError;
use checkout::tender::TenderKind;
use database::DatabaseError;
use std::sync::Arc;
use uuid::Uuid;

/// What the disk refuses is written again so often.
const WRITE_AGAIN_MS: i64 = 1_000;

impl Till {
    /// Takes cash: the exact amount where `received` is none. Less than due is a part payment.
    /// `command` makes a repeat harmless.
    pub async fn pay_cash(&self, command: Uuid, received: Option<Money>) -> Result<(), TillError> {
        let mut state = self.state().await;
        if let Some(answer) = self.ledger.answered(command).await? {
            return self.of_a_payment(&answer).await.map_or(Ok(()), |_| Err(TillError::CommandReused));
        }
        let given = self.allow_prices(&state)?;
        let attempts = self.attempts_of(&state.sale).await?;
        self.sound()?;
        let mut paid = state.sale.clone();
        paid.take_cash(received, &attempts)?;
        if paid.is_paid()? {
            self.ledger.close_sale(&paid, &self.act(), command).await?;
            state.showing = Showing::Done { sale: paid.id };
        } else {
            self.ledger.take_part(&paid, &self.act(), command).await?;
            self.remember_allowed(&mut state, paid.id, given).await;
            state.showing = Showing::Sale;
        }
        state.sale = paid;
        self.keep_what_is_committed(&state).await;
        Ok(())
    }

    /// Starts a device payment of `wanted`, or of all that is due. Answers once the intent is committed;
    /// what follows is shown by the snapshot.
    pub async fn pay_by_device(self: &Arc<Self>, command: Uuid, kind: TenderKind, wanted: Option<Money>) -> Result<AttemptId, TillError> {
        let device = kind.device().ok_or(TillError::NoDevice("device for cash"))?;
        let mut state = self.state().await;
        if let Some(answer) = self.ledger.answered(command).await? {
            return self.of_a_payment(&answer).await.ok_or(TillError::CommandReused);
        }
        self.sound()?;
        if !self.has_terminal(device) {
            return Err(TillError::NoDevice(device.code()));
        }
        let given = self.allow_prices(&state)?;
        let attempts = self.attempts_of(&state.sale).await?;
        let amount = state.sale.ask_device(kind, wanted, &attempts)?;
        if self.is_taken(device, &self.ledger.attempts(true).await?) {
            return Err(TillError::DeviceBusy);
        }
        let ordinal = attempts.len() as u32 + 1;
        let attempt = Attempt::intend(AttemptId(self.clock.new_id()), state.sale.id, ordinal, device, amount);
        let id = attempt.id;
        tracing::trace!(target: "step", "before the draft is stored");
        self.keep(&state).await?;
        tracing::trace!(target: "step", "the draft is stored");
        let intent = match self.ledger.intend(&state.sale, attempt, &self.act(), command).await {
            Ok(intent) => intent,
            Err(error) => {
                self.not_begun(id).await;
                return Err(error.into());
            }
        };
        state.showing = Showing::Attempt { attempt: id };
        self.begin_watch(id);
        let sale = state.sale.id;
        self.remember_allowed(&mut state, sale, given).await;
        drop(state);
        self.changed();
        self.converse(id, device, Question::Pay(intent)).await;
        Ok(id)
    }

    /// Refuses a device that is not set up, or is still at work on another attempt.
    pub(crate) async fn is_free(&self, device: Device) -> Result<(), TillError> {
        if !self.has_terminal(device) {
            return Err(TillError::NoDevice(device.code()));
        }
        if self.is_taken(device, &self.ledger.attempts(true).await?) {
            return Err(TillError::DeviceBusy);
        }
        Ok(())
    }

    /// A payment on it is not final: the next waits.
    pub(crate) fn is_taken(&self, device: Device, open: &[StoredAttempt]) -> bool {
        #[cfg(feature = "broken")]
        if checkout::broken::Broken::NextBeforeFinal.is_on() {
            return false;
        }
        open.iter().any(|open| open.attempt.device == device)
    }

    /// The attempt that a command was answered with; none where it was another kind of command.
    pub(crate) async fn of_a_payment(&self, answer: &str) -> Option<AttemptId> {
        let id = AttemptId(Uuid::parse_str(answer).ok()?);
        self.ledger.attempt(id).await.ok().map(|stored| stored.attempt.id)
    }

    /// A commit that failed may have reached the disk all the same. Nothing was sent, so the attempt can be ended.
    pub(crate) async fn not_begun(self: &Arc<Self>, attempt: AttemptId) {
        if self.begin_watch(attempt) {
            self.write_the_end(attempt, Event::NotStarted { reason: Reason::NotWritten, message: None }).await;
        }
    }

    /// Writes the last fact of a conversation, and tries again until the disk takes it: the attempt would stay open for ever.
    async fn write_the_end(self: &Arc<Self>, attempt: AttemptId, event: Event) {
        if self.wrote(attempt, &event).await {
            return;
        }
        let till = self.clone();
        let trying = tokio::spawn(async move {
            loop {
                till.clock.sleep_until(till.clock.now_ms() + WRITE_AGAIN_MS).await;
                if till.wrote(attempt, &event).await {
                    till.note_unwritten(attempt, false);
                    return;
                }
            }
        });
        if let Some(watch) = self.watches().get_mut(&attempt) {
            watch.driver = Some(trying.abort_handle());
        }
    }

    async fn wrote(&self, attempt: AttemptId, event: &Event) -> bool {
        match self.ledger.record(attempt, event, &self.act()).await {
            // One that never reached the disk needs no end, and one that has ended meanwhile has it.
            Ok(_) | Err(DatabaseError::NotFound(_) | DatabaseError::Illegal(_)) => {
                self.end_watch(attempt);
                self.changed();
                true
            }
            Err(error) => {
                tracing::error!(%attempt, event = event.code(), %error, "the end of a conversation could not be written; it is tried again");
                false
            }
        }
    }

    /// Begins to watch a conversation, where none about the attempt is under way. Those that have ended are forgotten.
    pub(crate) fn begin_watch(&self, attempt: AttemptId) -> bool {
        let mut watches = self.watches();
        watches.retain(|_, watch| !watch.ended);
        if watches.contains_key(&attempt) {
            return false;
        }
        watches.insert(attempt, Watch::starting(self.clock.now_ms()));
        true
    }

    fn end_watch(&self, attempt: AttemptId) {
        if let Some(watch) = self.watches().get_mut(&attempt) {
            watch.ended = true;
            watch.next_question_ms = None;
        }
    }

    fn is_talking(&self, attempt: AttemptId) -> bool {
        self.watches().get(&attempt).is_some_and(|watch| !watch.ended)
    }

    pub async fn has_open_payments(&self) -> bool {
        // What cannot be read is not taken for nothing.
        self.ledger.attempts(true).await.map_or(true, |open| !open.is_empty())
    }

    /// A payment has been written down and the device has not answered its start yet. Over in seconds, one way or another.
    pub async fn is_starting_a_payment(&self) -> bool {
        let Ok(open) = self.ledger.attempts(true).await else { return false };
        let starting = |stored: &StoredAttempt| stored.attempt.state == AttemptState::Intended && self.is_talking(stored.attempt.id);
        // What the device answered and the disk refuses is past its start.
        open.iter().any(|stored| starting(stored) && !self.is_unwritten(stored.attempt.id))
    }

    pub async fn past_the_start(&self) {
        let mut changes = self.changes();
        while self.is_starting_a_payment().await && changes.changed().await.is_ok() {}
    }

    /// Takes an open attempt up again: asks what became of it, starts nothing.
    pub(crate) async fn resume(self: &Arc<Self>, open: StoredAttempt) {
        let (id, device) = (open.attempt.id, open.attempt.device);
        let last_question_ms = last_question_ms(self.clock.as_ref(), open.asked.as_ref());
        if !self.begin_watch(id) {
            return;
        }
        self.converse(id, device, Question::Ask(Box::new(open.attempt), last_question_ms)).await;
    }

    /// Runs the driver in a task of its own. A driver that fails leaves its attempt in doubt and the till running.
    pub(crate) async fn converse(self: &Arc<Self>, attempt: AttemptId, device: Device, question: Question) {
        let Some(ask_now) = self.watches().get(&attempt).map(|watch| watch.ask_now.clone()) else { return };
        let Some(terminal) = self.terminal(device) else {
            // The device has gone from the settings: only a person can tell what became of the attempt.
            let ended = Ok(Err(JournalRefused("the device is no longer set up".to_owned())));
            self.conversation_ended(attempt, ended).await;
            return;
        };
        let mut talk = Talk { till: self.clone(), attempt, ask_now, astray: false };
        let driver = tokio::spawn(async move {
            match question {
                Question::Pay(intent) => terminal.pay(intent, &mut talk).await,
                Question::Refund(intent, payment) => terminal.refund(intent, *payment, &mut talk).await,
                Question::Ask(attempt, last_question_ms) => terminal.ask(*attempt, last_question_ms, &mut talk).await,
            }
        });
        if let Some(watch) = self.watches().get_mut(&attempt) {
            watch.driver = Some(driver.abort_handle());
        }
        let till = self.clone();
        tokio::spawn(async move {
            let ended = driver.await;
            till.conversation_ended(attempt, ended).await;
        });
    }

    async fn conversation_ended(self: &Arc<Self>, attempt: AttemptId, ended: Result<Result<(), JournalRefused>, tokio::task::JoinError>) {
        let fault = match &ended {
            // The till is closing; the next start takes the attempt up again.
            Err(stopped) if stopped.is_cancelled() => return,
            Err(fault) => Some(fault.to_string()),
            Ok(Err(refused)) => Some(refused.to_string()),
            Ok(Ok(())) => None,
        };
        if let Some(fault) = fault {
            tracing::error!(%attempt, %fault, "a driver stopped");
            self.note_unwritten(attempt, false);
            return self.write_the_end(attempt, Event::Doubt { reason: Reason::DriverStopped, message: None }).await;
        }
        self.end_watch(attempt);
        self.changed();
    }

    /// A person asks to check now. Where no conversation is under way, one is begun.
    pub async fn check(self: &Arc<Self>, attempt: AttemptId) -> Result<(), TillError> {
        let asking = self.watches().get(&attempt).filter(|watch| !watch.ended).map(|watch| watch.ask_now.notify_one()).is_some();
        if !asking {
            let stored = self.ledger.attempt(attempt).await?;
            if stored.attempt.state.is_open() {
                self.resume(stored).await;
            }
        }
        self.changed();
        Ok(())
    }

    /// The cashier stops waiting: the till keeps watching, and says that only the device can cancel.
    pub async fn stop_waiting(&self, attempt: AttemptId) -> Result<(), TillError> {
        let known = self.watches().get_mut(&attempt).filter(|watch| !watch.ended).map(|watch| watch.stop_asked = true).is_some();
        if !known {
            return Err(TillError::NotFound("payment under way".to_owned()));
        }
        self.changed();
        Ok(())
    }

    /// Puts a sale whose payment is open aside and serves the next customer. The device stays taken.
    pub async fn park(&self, attempt: AttemptId) -> Result<(), TillError> {
        let mut state = self.state().await;
        let stored = self.ledger.attempt(attempt).await?;
        if stored.attempt.sale == state.sale.id && stored.attempt.is_for_a_person() {
            self.next_sale(&mut state).await?;
        }
        Ok(())
    }

    /// Brings a parked sale back on the screen; the cart in hand must be empty.
    pub async fn unpark(&self, attempt: AttemptId) -> Result<(), TillError> {
        let mut state = self.state().await;
        let stored = self.ledger.attempt(attempt).await?;
        if stored.attempt.sale != state.sale.id {
            let in_hand = !state.sale.lines.is_empty() && !matches!(state.showing, Showing::Done { .. });
            if in_hand {
                return Err(SaleError::Locked.into());
            }
        }
        let is_refund = stored.attempt.kind == AttemptKind::Refund;
        let parked = self.ledger.sale(stored.attempt.sale).await?.ok_or_else(|| TillError::NotFound("sale".to_owned()))?;
        let undecided = stored.attempt.late_success || stored.attempt.is_contradicted();
        state.showing = match (parked.closed.is_some(), stored.attempt.state) {
            _ if undecided || is_refund => Showing::Attempt { attempt },
            (true, _) => Showing::Done { sale: parked.sale.id },
            (false, AttemptState::Approved) => Showing::Sale,
            (false, _) => Showing::Attempt { attempt },
        };
        state.sale = parked.sale;
        self.keep(&state).await
    }

    /// A decision is recorded under the name of who is in charge of it.
    pub(crate) fn in_the_name_of(&self, resolution: Resolution) -> Resolution {
        match decider(&resolution.by) {
            Some(by) => Resolution { by, ..resolution },
            None => resolution,
        }
    }

    /// A person's decision about an attempt in doubt, with what it rests on.
    pub async fn resolve(&self, attempt: AttemptId, resolution: Resolution) -> Result<Attempt, TillError> {
        let event = Event::Resolved { resolution: self.in_the_name_of(resolution) };
        let mut state = self.state().await;
        let was_open = self.ledger.attempt(attempt).await?.attempt.state.is_open();
        let recorded = match self.ledger.record(attempt, &event, &self.act()).await {
            Err(DatabaseError::Sale(SaleError::TooMuch { .. } | SaleError::NothingDue)) => return Err(TillError::MoreThanDue),
            answer => answer?,
        };
        self.note_unwritten(attempt, false);
        self.follow(&mut state, &recorded).await?;
        // What was in doubt says on the screen how it was decided; what came later is done with.
        let shown_here = matches!(state.showing, Showing::Attempt { attempt: shown } if shown == attempt);
        if shown_here && !was_open && !recorded.attempt.is_for_a_person() {
            self.leave_attempt(&mut state).await?;
        }
        self.changed();
        Ok(recorded.attempt)
    }

    /// Waits until an attempt is final, or nothing more is planned for it, or `limit_ms` has passed.
    pub async fn settled(&self, attempt: AttemptId, limit_ms: i64) -> Result<StoredAttempt, TillError> {
        let mut changes = self.changes();
        let deadline_ms = self.clock.now_ms() + limit_ms;
        loop {
            changes.mark_unchanged();
            let talking = self.is_talking(attempt);
            let stored = self.ledger.attempt(attempt).await?;
            let told = !stored.attempt.state.is_open() && !stored.attempt.by_hand;
            if told || !talking {
                return Ok(stored);
            }
            tokio::select! {
                _ = changes.changed() => {}
                () = self.clock.sleep_until(deadline_ms) => return Ok(self.ledger.attempt(attempt).await?),
            }
        }
    }

    /// Waits, at most `limit_ms`, until nothing is left of the moment in which an attempt may or may not have been sent.
    pub async fn left_the_start(&self, attempt: AttemptId, limit_ms: i64) -> Result<(), TillError> {
        let mut changes = self.changes();
        let deadline_ms = self.clock.now_ms() + limit_ms;
        loop {
            changes.mark_unchanged();
            if self.ledger.attempt(attempt).await?.attempt.state != AttemptState::Intended {
                return Ok(());
            }
            tokio::select! {
                _ = changes.changed() => {}
                () = self.clock.sleep_until(deadline_ms) => return Ok(()),
            }
        }
    }

    /// How long a customer may take on a device, with its margin: what a script waits for.
    pub fn patience_ms(&self) -> i64 {
        let scale = self.settings().kaspi.as_ref().map_or(1, |kaspi| i64::from(kaspi.time_scale));
        (255_000 / scale).max(3_000)
    }
}

/// What a driver is asked.
pub(crate) enum Question {
    Pay(CommittedIntent),
    /// With the payment that goes back.
    Refund(CommittedIntent, Box<Attempt>),
    Ask(Box<Attempt>, Option<i64>),
}
