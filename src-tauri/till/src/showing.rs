//! What the screen shows, as facts: the face turns it into words and pictures.

use crate::conversation::StageAt;
use crate::{Held, State, StoredAttempt, Till, TillError};
use checkout::money::Money;
use checkout::payment::{Attempt, AttemptId, AttemptKind, AttemptState, Device, Reason, SaleId};
use checkout::receipt::Receipt;
use checkout::sale::Sale;
use checkout::tender::{TenderKind, note_suggestions};
use checkout::total::Figures;
use database::attempt::Recorded;
use jiff::Timestamp;

/// The left half of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Showing {
    /// Goods go in.
    Sale,
    /// A payment: under way, in doubt, or just refused.
    Attempt { attempt: AttemptId },
    /// The sale is closed; the change stays until the next scan.
    Done { sale: SaleId },
}

/// An attempt with what is known only while it runs.
#[derive(Debug, Clone)]
pub struct Watched {
    pub stored: StoredAttempt,
    pub ticket: i64,
    /// What it was to move has still to be moved: its sale waits for money, or its refund for this part.
    pub still_wanted: bool,
    pub sale_is_paid: bool,
    /// Cash taken in part for the open sale.
    pub cash_taken: Money,
    /// Milliseconds since it began, by the wall clock.
    pub age_ms: i64,
    pub stages: Vec<StageAt>,
    /// From the start of the attempt, as far as this run of the till knows.
    pub elapsed_ms: i64,
    pub stage_elapsed_ms: i64,
    /// Until the device is asked by itself; none: not planned.
    pub next_question_in_ms: Option<i64>,
    /// A conversation about it is under way.
    pub talking: bool,
    pub stop_asked: bool,
    /// The till was switched off while it was under way, and the device has not been heard of it since.
    pub after_restart: bool,
    pub address: Option<String>,
}

#[derive(Debug, Clone)]
pub enum Shown {
    Sale,
    Attempt(Box<Watched>),
    Done { receipt: Box<Receipt>, ticket: i64 },
}

/// Why a payment stands in the strip that cannot be dismissed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Nobody knows yet whether it was paid.
    Doubt,
    /// A parked sale whose payment came to nothing: its customer still has to pay.
    Unpaid,
    /// The device holds money that is not on the sale: it is counted or goes back.
    Return,
    /// The device's yes came when the sale had been paid otherwise: one of the two goes back.
    PaidTwice,
    /// A person decided that it was paid, and the device says otherwise.
    Contradiction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    Ready,
    Busy,
    InDoubt,
    NoLink,
    /// The device's protection is on, and it has not let this till in.
    NotLetIn,
}

/// Everything the checkout shows, at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub revision: u64,
    pub language: String,
    pub training: bool,
    pub sale: Sale,
    /// Worked out once: a cart may have a thousand lines.
    pub figures: Figures,
    pub due: Money,
    /// What is due as cash can pay it, to the smallest coin.
    pub due_in_cash: Money,
    /// A payment is under way or in doubt, or money has been taken: lines do not change.
    pub locked: bool,
    /// The attempt that keeps this sale from being paid otherwise.
    pub open_attempt: bool,
    pub notes: Vec<Money>,
    pub shown: Shown,
    /// What a person must not forget: payments in doubt, parked sales that are not paid, payments to return.
    pub tasks: Vec<(Task, Watched)>,
    /// Payments without a final answer, oldest first: what is told before the window closes.
    pub open: Vec<Watched>,
    /// The disk has not taken what a device said.
    pub unwritten: bool,
    /// The ledger is not what Kassa wrote: no money is taken.
    pub damaged: bool,
    /// Sales put aside, oldest first.
    pub held: Vec<Held>,
    pub lights: Vec<(Device, Light)>,
    /// Ways to pay and why one cannot be used now.
    pub pay_keys: Vec<(TenderKind, Option<PayBlock>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayBlock {
    EmptyCart,
    InDoubt,
    DeviceBusy,
    NothingDue,
}

impl Till {
    pub async fn snapshot(&self) -> Result<Snapshot, TillError> {
        let revision = self.revision();
        let open = self.ledger.attempts(true).await?;
        let state = self.state().await;
        let sale = state.sale.clone();
        let open_attempt = open.iter().any(|stored| stored.attempt.sale == sale.id);
        let tasks = self.tasks(&open, &state).await?;
        let mut waiting = Vec::new();
        for stored in &open {
            waiting.push(self.watched(stored.clone()).await?);
        }
        let unsettled = self.attempts_of(&sale).await?.iter().any(Attempt::is_unsettled);
        let shown = match state.showing {
            Showing::Sale => Shown::Sale,
            Showing::Attempt { attempt } => {
                let stored = self.ledger.attempt(attempt).await?;
                Shown::Attempt(Box::new(self.watched(stored).await?))
            }
            Showing::Done { sale } => {
                let stored = self.ledger.sale(sale).await?.ok_or_else(|| TillError::NotFound(format!("sale {sale}")))?;
                let ticket = stored.sale.ticket;
                Shown::Done { receipt: Box::new(self.records().receipt_of(stored).await?), ticket }
            }
        };
        let figures = sale.figures()?;
        let due = sale.due_of(figures.total)?;
        let due_in_cash = due.rounded_to(sale.terms.step_of(TenderKind::Cash))?;
        let lights = self.devices().map(|device| (device, light(device, &open, &state.unreachable, self.is_let_in(device)))).collect();
        let pay_keys = self
            .tender_kinds()
            .into_iter()
            .map(|kind| (kind, blocked(kind, &sale, due, unsettled, kind.device().is_some_and(|device| self.is_taken(device, &open)))))
            .collect();
        Ok(Snapshot {
            revision,
            language: state.language.clone(),
            training: self.records().training(),
            figures,
            due,
            due_in_cash,
            locked: open_attempt || !sale.tenders.is_empty(),
            open_attempt,
            notes: note_suggestions(due_in_cash),
            sale,
            shown,
            tasks,
            open: waiting,
            unwritten: self.has_unwritten(),
            damaged: self.sound().is_err(),
            held: state.held.clone(),
            lights,
            pay_keys,
        })
    }

    async fn tasks(&self, open: &[StoredAttempt], state: &State) -> Result<Vec<(Task, Watched)>, TillError> {
        let mut tasks = Vec::new();
        let shown = |stored: &StoredAttempt| matches!(state.showing, Showing::Attempt { attempt } if attempt == stored.attempt.id);
        let elsewhere = |stored: &&StoredAttempt| stored.attempt.state == AttemptState::Unknown || !shown(stored);
        for stored in open.iter().filter(elsewhere) {
            // Its page shows a trial under way; in doubt it is like any other.
            if stored.attempt.state != AttemptState::Unknown && self.is_trial(stored.attempt.sale).await? {
                continue;
            }
            tasks.push((Task::Doubt, self.watched(stored.clone()).await?));
        }
        for parked in self.ledger.open_sales().await? {
            let attempts = self.ledger.attempts_of(parked.sale.id).await?;
            let at_hand = parked.sale.id == state.sale.id || state.held.iter().any(|held| held.sale.id == parked.sale.id);
            let waits = !at_hand && !attempts.iter().any(|stored| stored.attempt.is_unsettled());
            if let (true, Some(last)) = (waits, attempts.last()) {
                tasks.push((Task::Unpaid, self.watched(last.clone()).await?));
            }
        }
        for stored in self.ledger.attempts_to_watch().await? {
            let (late, contradicted) = (stored.attempt.late_success, stored.attempt.is_contradicted());
            if !late && !contradicted {
                continue;
            }
            let watched = self.watched(stored).await?;
            let task = match watched.stored.attempt.state {
                AttemptState::Approved if !late => Task::Contradiction,
                // More was taken than asked: the sale was paid by this payment alone.
                AttemptState::Approved => Task::Return,
                _ if watched.stored.attempt.kind == AttemptKind::Refund => Task::Return,
                _ if watched.sale_is_paid => Task::PaidTwice,
                _ => Task::Return,
            };
            tasks.push((task, watched));
        }
        Ok(tasks)
    }

    fn devices(&self) -> impl Iterator<Item = Device> + '_ {
        Device::ALL.into_iter().filter(|device| self.has_terminal(*device))
    }

    /// The ways to pay this till has, the main one first.
    fn tender_kinds(&self) -> Vec<TenderKind> {
        let mut kinds = Vec::new();
        if self.has_terminal(Device::Kaspi) {
            kinds.push(TenderKind::Kaspi);
        }
        kinds.push(TenderKind::Cash);
        kinds
    }

    async fn watched(&self, stored: StoredAttempt) -> Result<Watched, TillError> {
        let sale = self.ledger.sale(stored.attempt.sale).await?;
        let cash_taken = match &sale {
            Some(known) if known.closed.is_none() && !known.void => known.sale.cash_held()?,
            _ => Money::zero(stored.attempt.amount.currency()),
        };
        let still_wanted = match stored.attempt.refund {
            Some(refund) => self.waits_for(refund, stored.attempt.id).await?,
            None => sale.as_ref().is_some_and(|stored| stored.closed.is_none() && !stored.void),
        };
        let age_ms =
            stored.started_at.parse::<Timestamp>().map_or(0, |began| self.clock.wall().timestamp().duration_since(began).as_millis());
        let now_ms = self.clock.now_ms();
        let watches = self.watches();
        let watch = watches.get(&stored.attempt.id);
        let under_way = matches!(stored.attempt.state, AttemptState::Intended | AttemptState::Pending);
        let unheard = under_way && watch.is_some_and(|watch| !watch.ended && watch.stages.is_empty());
        let stages = watch.map(|watch| watch.stages.clone()).unwrap_or_default();
        let stage_elapsed_ms = stages.last().map_or(0, |stage| now_ms - stage.at_ms);
        Ok(Watched {
            still_wanted,
            sale_is_paid: sale.as_ref().is_some_and(|stored| stored.closed.is_some()),
            cash_taken,
            age_ms: i64::try_from(age_ms).unwrap_or(0).max(0),
            ticket: sale.map_or(0, |stored| stored.sale.ticket),
            elapsed_ms: watch.map_or(0, |watch| now_ms - watch.started_ms),
            stage_elapsed_ms,
            next_question_in_ms: watch.and_then(|watch| watch.next_question_ms).map(|at_ms| (at_ms - now_ms).max(0)),
            talking: watch.is_some_and(|watch| !watch.ended),
            stop_asked: watch.is_some_and(|watch| watch.stop_asked),
            after_restart: unheard && self.taken_up.contains(&stored.attempt.id),
            address: self.terminal(stored.attempt.device).map(|terminal| terminal.address()),
            stages,
            stored,
        })
    }
}

fn light(device: Device, open: &[StoredAttempt], unreachable: &[Device], let_in: bool) -> Light {
    let on_device = open.iter().find(|stored| stored.attempt.device == device);
    match on_device.map(|stored| stored.attempt.state) {
        Some(AttemptState::Unknown) => Light::InDoubt,
        Some(_) => Light::Busy,
        None if unreachable.contains(&device) => Light::NoLink,
        None if !let_in => Light::NotLetIn,
        None => Light::Ready,
    }
}

fn blocked(kind: TenderKind, sale: &Sale, due: Money, unsettled: bool, taken: bool) -> Option<PayBlock> {
    if sale.lines.is_empty() {
        return Some(PayBlock::EmptyCart);
    }
    if unsettled {
        return Some(PayBlock::InDoubt);
    }
    if taken {
        return Some(PayBlock::DeviceBusy);
    }
    let payable = match kind {
        // A sale that comes to nothing is closed as cash.
        TenderKind::Cash => due.is_positive() || (due.is_zero() && sale.tenders.is_empty()),
        TenderKind::Kaspi => due.rounded_to(sale.terms.step_of(kind)).is_ok_and(Money::is_positive),
    };
    (!payable).then_some(PayBlock::NothingDue)
}

impl Till {
    /// Brings the screen up to what the ledger now says of an attempt.
    pub(crate) async fn follow(&self, state: &mut State, recorded: &Recorded) -> Result<(), TillError> {
        let attempt = &recorded.attempt;
        match attempt.state {
            AttemptState::NotStarted if attempt.reason == Some(Reason::Unreachable) => {
                if !state.unreachable.contains(&attempt.device) {
                    state.unreachable.push(attempt.device);
                }
            }
            _ => state.unreachable.retain(|device| *device != attempt.device),
        }
        let counted = state.sale.tenders.iter().any(|tender| tender.attempt == Some(attempt.id));
        // What goes back changes no sale; where it is looked at, the next sale comes when it is done.
        if attempt.kind == AttemptKind::Refund {
            let shown = matches!(state.showing, Showing::Attempt { attempt: shown } if shown == attempt.id);
            return if shown && attempt.state == AttemptState::Approved { self.leave_attempt(state).await } else { Ok(()) };
        }
        if attempt.sale != state.sale.id || attempt.state != AttemptState::Approved || counted {
            return Ok(());
        }
        if let Some(stored) = self.ledger.sale(attempt.sale).await? {
            state.showing = if stored.closed.is_some() { Showing::Done { sale: attempt.sale } } else { Showing::Sale };
            state.sale = stored.sale;
            self.keep_what_is_committed(state).await;
        }
        Ok(())
    }
}
