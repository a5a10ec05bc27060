//! The conversation about one payment or refund, pure: replies and time go in, requests and facts come out.
//!
//! The driver asks [`Session::next`] what to do, does it, and tells the session how it went. A fact is
//! recorded before the next request leaves, because the driver takes one step at a time.
//!
//! Times and codes: protocol sheet §1.5–1.7.

mod start;
mod unit;

use super::messages::{self, Envelope, Progress};
use crate::link::{HttpReply, HttpRequest, LinkFailure};
#[cfg(feature = "broken")]
use checkout::broken::Broken;
use checkout::money::Money;
#[cfg(feature = "broken")]
use checkout::payment::Answer;
use checkout::payment::{Attempt, AttemptState, Event, Reason};
use checkout::ports::{Stage, Unit};
use start::{Direction, distrusted};
use std::collections::VecDeque;
use unit::Who;

/// The protocol's times in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Between two questions about a payment under way (§1.1).
    pub poll_ms: i64,
    /// The least time between two `actualize` (§1.7).
    pub actualize_ms: i64,
    /// Scan 180 s and confirm 60 s, with a margin: after it a payment that still waits is in doubt (§1.7).
    pub customer_ms: i64,
    /// A payment under way whose terminal has not answered for so long is in doubt.
    pub silence_ms: i64,
    /// The terminal forgets an operation after 24 h (§1.7).
    pub retention_ms: i64,
    /// A start that is not answered in this time is in doubt.
    pub start_timeout_ms: u64,
    /// A question that is not answered in this time is asked again.
    pub question_timeout_ms: u64,
}

impl Times {
    /// The real times divided by `scale`, for a simulator with the same scale. Network time-outs keep a floor.
    pub fn scaled(scale: u32) -> Times {
        let scale = scale.max(1);
        let divided = |ms: i64| (ms / i64::from(scale)).max(1);
        let timeout = |ms: u64| (ms / u64::from(scale)).max(700);
        Times {
            poll_ms: divided(1_000),
            actualize_ms: divided(10_000),
            customer_ms: divided(255_000),
            silence_ms: divided(10_000),
            retention_ms: divided(24 * 3_600_000),
            start_timeout_ms: timeout(15_000),
            question_timeout_ms: timeout(5_000),
        }
    }
}

/// What the driver does next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// The start: sent once, whatever comes of it.
    Start(HttpRequest),
    /// A question, which may be asked again.
    Send(HttpRequest),
    /// As `Send`, after noting the time: the terminal allows this question only every ten seconds.
    SendRationed(HttpRequest),
    /// Make the fact durable before anything else.
    Record(Event),
    /// Ask whether this is the unit the till was set up with, and tell [`Session::identified`].
    Identify(Unit),
    Show(Stage),
    WaitUntil(i64),
    Finished,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The start has not been sent.
    Start,
    /// The start is on its way.
    Starting,
    /// `status` is asked every second.
    Watching,
    /// The terminal is unsure: `actualize` is asked every ten seconds.
    Actualizing,
    Finished,
}

/// How often "no such process" is taken for "not yet" in the first moments (§3 item 19).
const NOT_FOUND_TRIES: u32 = 5;
/// Questions that go unanswered come at most eight times slower.
const BACKOFF_LIMIT: u32 = 3;

pub struct Session {
    times: Times,
    amount: Money,
    direction: Direction,
    /// What the start asks; none where nothing is started.
    start: Option<String>,
    process_id: Option<String>,
    phase: Phase,
    todo: VecDeque<Step>,
    /// When the next question may leave.
    next_at_ms: i64,
    /// When the last one left.
    asked_at_ms: i64,
    started_at_ms: i64,
    heard_at_ms: i64,
    last_actualize_ms: Option<i64>,
    misses: u32,
    not_found: u32,
    in_doubt: bool,
    shown: Option<Stage>,
    who: Who,
    /// "No such operation" was answered, and the unit was asked for its name again.
    looked_again: bool,
}

impl Session {
    /// An attempt that is open in the journal: ask what became of it, start nothing.
    /// Without a process id there is nothing to ask: a person must look (§3 item 7).
    pub fn resume(attempt: &Attempt, last_actualize_ms: Option<i64>, times: Times, now_ms: i64) -> Session {
        let mut session = Session::blank(attempt.amount, Direction::of(attempt.kind), times, now_ms);
        session.last_actualize_ms = last_actualize_ms;
        session.in_doubt = attempt.reason.is_some();
        session.process_id = attempt.operation_id.clone();
        match session.process_id {
            Some(_) => session.phase = Phase::Watching,
            None if attempt.state == AttemptState::Intended => session.finish(Event::Doubt { reason: Reason::ProcessLost, message: None }),
            // Why nobody knows has been written down.
            None => session.phase = Phase::Finished,
        }
        session
    }

    fn blank(amount: Money, direction: Direction, times: Times, now_ms: i64) -> Session {
        Session {
            times,
            amount,
            direction,
            start: None,
            process_id: None,
            phase: Phase::Start,
            todo: VecDeque::new(),
            next_at_ms: now_ms,
            asked_at_ms: now_ms - times.poll_ms,
            started_at_ms: now_ms,
            heard_at_ms: now_ms,
            last_actualize_ms: None,
            misses: 0,
            not_found: 0,
            in_doubt: false,
            shown: None,
            who: Who::Anyone,
            looked_again: false,
        }
    }

    /// What to do now.
    pub fn next(&mut self, now_ms: i64) -> Step {
        if let Some(step) = self.todo.pop_front() {
            return step;
        }
        match self.phase {
            Phase::Finished => Step::Finished,
            Phase::Start if self.who == Who::Unasked => self.look_who(now_ms),
            // As in `Starting` below, but nothing of the payment has left.
            Phase::Start if self.who == Who::Asked => {
                self.finish(Event::NotStarted { reason: Reason::Unreachable, message: None });
                self.next(now_ms)
            }
            Phase::Start => self.send_start(),
            // The driver asked without telling the outcome of the start: it can only be in doubt.
            Phase::Starting => {
                self.finish(Event::Doubt { reason: Reason::NoReply, message: None });
                self.next(now_ms)
            }
            Phase::Watching | Phase::Actualizing => self.question(now_ms),
        }
    }

    /// When the terminal is asked next; none where nothing is planned.
    pub fn next_question_ms(&self) -> Option<i64> {
        matches!(self.phase, Phase::Watching | Phase::Actualizing).then_some(self.next_at_ms)
    }

    /// A person asked to check now. A rationed question still waits for its time.
    pub fn ask_now(&mut self, now_ms: i64) {
        if self.phase == Phase::Watching {
            self.next_at_ms = self.next_at_ms.min(now_ms.max(self.asked_at_ms + self.times.poll_ms));
        }
    }

    /// How the request of the last step went.
    pub fn handle(&mut self, outcome: Result<HttpReply, LinkFailure>, now_ms: i64) {
        match self.phase {
            Phase::Start | Phase::Watching | Phase::Actualizing if self.who == Who::Asked => self.told_unit(outcome, now_ms),
            Phase::Starting => self.started(outcome),
            Phase::Watching => self.told_status(outcome, now_ms),
            Phase::Actualizing => self.told_actual(outcome, now_ms),
            Phase::Start | Phase::Finished => {}
        }
    }

    fn question(&mut self, now_ms: i64) -> Step {
        let Some(process_id) = self.process_id.clone() else {
            self.phase = Phase::Finished;
            return Step::Finished;
        };
        if now_ms - self.started_at_ms >= self.times.retention_ms {
            self.finish(Event::Doubt { reason: Reason::ResultLost, message: None });
            return self.next(now_ms);
        }
        if now_ms < self.next_at_ms {
            return Step::WaitUntil(self.next_at_ms);
        }
        if self.who == Who::Unasked {
            self.next_at_ms = now_ms + self.pace();
            return self.look_who(now_ms);
        }
        let timeout_ms = self.times.question_timeout_ms;
        self.asked_at_ms = now_ms;
        // The grid starts at the send, so that slow replies neither pile up nor drift (sheet §4.3 of the goals).
        if self.phase == Phase::Actualizing {
            self.last_actualize_ms = Some(now_ms);
            self.next_at_ms = now_ms + self.times.actualize_ms;
            return Step::SendRationed(HttpRequest::get(messages::actualize_path(&process_id), timeout_ms));
        }
        self.next_at_ms = now_ms + self.pace();
        Step::Send(HttpRequest::get(messages::status_path(&process_id), timeout_ms))
    }

    fn next_actualize_ms(&self, now_ms: i64) -> i64 {
        self.last_actualize_ms.map_or(now_ms, |last| last + self.times.actualize_ms).max(now_ms)
    }

    /// A second between questions; slower while the terminal does not answer or has kept us past its own time.
    fn pace(&self) -> i64 {
        if self.in_doubt {
            return self.times.actualize_ms;
        }
        self.times.poll_ms << self.misses.min(BACKOFF_LIMIT)
    }

    fn told_status(&mut self, outcome: Result<HttpReply, LinkFailure>, now_ms: i64) {
        if outcome.is_err() {
            self.look_again();
        }
        let Some(envelope) = heard(outcome) else { return self.missed(now_ms) };
        match envelope.code {
            0 => self.told_progress(&envelope, now_ms),
            101 if self.looks_again() => {}
            101 => self.not_found(now_ms),
            _ => self.missed(now_ms),
        }
    }

    fn told_progress(&mut self, envelope: &Envelope, now_ms: i64) {
        let progress = messages::progress(envelope);
        // An answer about another operation, or one that the terminal sends as an error, says nothing of this one.
        let about_other = envelope.process_id().is_some() && envelope.process_id() != self.process_id;
        if about_other || !(200..=299).contains(&envelope.http) || matches!(progress, Progress::Unheard { .. }) {
            return self.missed(now_ms);
        }
        self.heard_at_ms = now_ms;
        self.misses = 0;
        self.not_found = 0;
        self.looked_again = false;
        match progress {
            Progress::Wait { sub_status } => {
                if let Some(stage) = stage(&sub_status) {
                    self.show(stage);
                }
                if self.phase == Phase::Actualizing {
                    self.watch(now_ms);
                }
                self.in_doubt &= self.is_past_its_time(now_ms);
                self.past_its_time(now_ms);
            }
            #[cfg(feature = "broken")]
            Progress::Unsure { .. } if Broken::UnsureIsYes.is_on() => {
                let answer = Answer { amount: self.amount, references: Default::default(), slip: Default::default() };
                self.finish(Event::Approved { answer });
            }
            #[cfg(feature = "broken")]
            Progress::Success { answer: Some(answer) } if Broken::AmountNotCompared.is_on() => {
                self.finish(Event::Approved { answer: Answer { amount: self.amount, ..answer } });
            }
            Progress::Unsure { message } => {
                self.doubt(Reason::DeviceUnsure, message);
                self.phase = Phase::Actualizing;
                self.next_at_ms = self.next_actualize_ms(now_ms);
            }
            Progress::Success { answer: Some(answer) } => {
                let answer = match self.direction {
                    Direction::ToShop => answer,
                    Direction::ToCustomer => messages::given_back(answer),
                };
                self.finish(Event::Approved { answer });
            }
            Progress::Success { answer: None } => {
                let message = Some("the terminal says paid, but names no amount that can be read".to_owned());
                self.finish(Event::Doubt { reason: Reason::Unreadable, message });
            }
            Progress::Fail { sub_status, message } => self.finish(refusal(&sub_status, message)),
            Progress::Unheard { .. } => {}
        }
    }

    /// The replies to `actualize` (§3 item 18): none of the codes is a no.
    fn told_actual(&mut self, outcome: Result<HttpReply, LinkFailure>, now_ms: i64) {
        if outcome.is_err() {
            self.look_again();
        }
        let Some(envelope) = heard(outcome) else { return };
        match envelope.code {
            0 => self.told_progress(&envelope, now_ms),
            // Already final: `status` tells which.
            103 => self.watch(now_ms),
            102 | 104 => self.finish(Event::Doubt { reason: Reason::CannotAsk, message: envelope.words() }),
            101 if self.looks_again() => {}
            101 => self.finish(Event::Doubt { reason: Reason::ResultLost, message: envelope.words() }),
            // 100 is "no internet"; it and everything else is asked again in its time.
            _ => {}
        }
    }

    fn watch(&mut self, now_ms: i64) {
        self.phase = Phase::Watching;
        self.next_at_ms = now_ms;
    }

    /// No useful answer: ask again, slower; after a while the payment is in doubt (§3 item 13).
    fn missed(&mut self, now_ms: i64) {
        self.misses += 1;
        if now_ms - self.heard_at_ms >= self.times.silence_ms && !self.in_doubt {
            self.doubt(Reason::NotAnswering, None);
        }
        self.past_its_time(now_ms);
    }

    fn not_found(&mut self, now_ms: i64) {
        self.not_found += 1;
        if self.not_found < NOT_FOUND_TRIES {
            return self.past_its_time(now_ms);
        }
        self.finish(Event::Doubt { reason: Reason::ResultLost, message: Some("Process not found".to_owned()) });
    }

    /// Past the terminal's own time the payment is in doubt; the watch goes on (§3 item 14).
    fn past_its_time(&mut self, now_ms: i64) {
        if self.is_past_its_time(now_ms) && !self.in_doubt {
            self.doubt(Reason::TimedOut, None);
        }
    }

    fn is_past_its_time(&self, now_ms: i64) -> bool {
        now_ms - self.started_at_ms >= self.times.customer_ms
    }

    fn doubt(&mut self, reason: Reason, message: Option<String>) {
        self.in_doubt = true;
        self.todo.push_back(Step::Record(Event::Doubt { reason, message }));
    }

    fn show(&mut self, stage: Stage) {
        if self.shown != Some(stage) {
            self.shown = Some(stage);
            self.todo.push_back(Step::Show(stage));
        }
    }

    fn finish(&mut self, event: Event) {
        self.todo.push_back(Step::Record(event));
        self.phase = Phase::Finished;
    }
}

fn heard(outcome: Result<HttpReply, LinkFailure>) -> Option<Envelope> {
    messages::read(&outcome.ok()?).ok()
}

fn stage(sub_status: &str) -> Option<Stage> {
    match sub_status {
        "Initialize" => Some(Stage::Sent),
        "WaitUser" => Some(Stage::Customer),
        "WaitForQrConfirmation" => Some(Stage::Confirm),
        "WaitForPinCode" => Some(Stage::Pin),
        "ProcessingCard" | "ProcessRefund" => Some(Stage::Bank),
        _ => None,
    }
}

/// `fail` is final: no money moved. Whether the customer or the bank said no is in the terminal's own
/// words alone (`QrTransactionFailure` stands for both), and those are shown as they came.
fn refusal(sub_status: &str, message: Option<String>) -> Event {
    match sub_status {
        "ProcessCancelled" => Event::Cancelled { reason: Reason::CancelledOnDevice, message },
        _ => Event::Declined { reason: Reason::DeclinedByBank, message },
    }
}
