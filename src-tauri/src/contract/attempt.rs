//! A payment as the screen shows it: where it stands, what was reached, what a person may decide.

use super::text::{amount, tender_code, tender_name, time_of_day};
use super::{AmountText, Screen, TenderCode};
use checkout::payment::{AttemptKind, AttemptState as State, Reason as Why};
use checkout::ports::Stage as Reached;
use checkout::tender::TenderKind;
use serde::{Deserialize, Serialize};
use till::showing::Watched;
use till::words::Catalogue;
use ts_rs::TS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StageCode {
    Sent,
    Customer,
    Confirm,
    Pin,
    Bank,
    /// The till was switched off while the device worked.
    SwitchedOff,
    Asking,
    /// Paid or not: what the device is asked.
    Outcome,
    Approved,
    Declined,
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StageState {
    Done,
    Now,
    Todo,
    Failed,
    Doubt,
}

/// `time` is when the stage was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Stage {
    pub code: StageCode,
    pub state: StageState,
    pub time: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    Intended,
    Pending,
    Approved,
    Declined,
    Cancelled,
    NotStarted,
    Unknown,
}

/// Why an attempt is where it is. The screen has words for each.
#[derive(Debug, Clone, Copy, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Unreachable,
    CertificateOutOfTime,
    CertificateName,
    CertificateUnknown,
    CertificateChanged,
    NoTls,
    WrongUnit,
    RefusedBusy,
    RefusedBlocked,
    RefusedAuthorisation,
    RefusedRequest,
    NoReference,
    RefusedAmount,
    NotWritten,
    NoReply,
    Cut,
    Unreadable,
    DeviceError,
    NotAnswering,
    TimedOut,
    DeviceUnsure,
    ResultLost,
    CannotAsk,
    WrongAmount,
    ProcessLost,
    DriverStopped,
    DeclinedByBank,
    CancelledOnDevice,
    ByHand,
}

/// When the device is asked again by itself. `next_in_ms` counts from the moment this view was made; none: no
/// question is planned, a person decides.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Asking {
    #[ts(type = "number")]
    pub count: i64,
    pub last_at: Option<String>,
    #[ts(type = "number | null")]
    pub next_in_ms: Option<i64>,
}

#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    pub id: String,
    /// Ticket and place among the sale's attempts: what a person reads to support.
    pub number: String,
    pub tender: TenderCode,
    pub tender_name: String,
    /// Money goes back to the customer.
    pub refund: bool,
    pub amount: AmountText,
    pub state: AttemptState,
    pub reason: Option<Reason>,
    /// The device's own words, shown as they came.
    pub device_message: Option<String>,
    /// The amount the device answered, where it differs from the amount asked.
    pub answered: Option<AmountText>,
    pub address: Option<String>,
    pub stages: Vec<Stage>,
    /// Milliseconds from the start of the attempt to the moment this view was made.
    #[ts(type = "number")]
    pub elapsed_ms: i64,
    /// The same for the stage under way.
    #[ts(type = "number")]
    pub stage_elapsed_ms: i64,
    /// Time of day of the last change.
    pub changed_at: String,
    pub asking: Option<Asking>,
    /// The cashier asked to stop waiting; the device still works.
    pub stop_asked: bool,
    /// The till was switched off while the payment was under way, and the device has not been heard of it since.
    pub after_restart: bool,
    /// What a person may decide by evidence; empty where there is nothing to decide.
    pub decisions: Vec<Decision>,
    /// The device holds money that is not on the sale: it came late, or was more than asked.
    pub late: bool,
    /// It came when the sale had been paid otherwise: one of the two goes back.
    pub paid_twice: bool,
    /// It was decided that it is paid, and the device says otherwise.
    pub contradicted: bool,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Approved,
    Declined,
    Returned,
}

pub(super) fn attempt_screen(watched: &Watched, words: &Catalogue) -> Screen {
    let attempt = Box::new(attempt_view(watched, words));
    if watched.stored.attempt.late_success || watched.stored.attempt.is_contradicted() {
        return Screen::Doubt { attempt };
    }
    match watched.stored.attempt.state {
        // Nobody talks to the device any more: whatever was written last, nobody knows how it ended.
        State::Intended | State::Pending if !watched.talking => Screen::Doubt { attempt },
        State::Intended | State::Pending | State::Approved => Screen::Paying { attempt },
        State::Unknown => Screen::Doubt { attempt },
        State::Declined | State::Cancelled | State::NotStarted => Screen::Refused { attempt },
    }
}

fn attempt_view(watched: &Watched, words: &Catalogue) -> Attempt {
    let attempt = &watched.stored.attempt;
    let kind = TenderKind::of(attempt.device);
    let unknown = attempt.state == State::Unknown;
    Attempt {
        id: attempt.id.to_string(),
        number: format!("{}-{}", watched.ticket, attempt.ordinal),
        tender: tender_code(kind),
        tender_name: tender_name(kind, words),
        refund: attempt.kind == AttemptKind::Refund,
        amount: amount(attempt.amount),
        state: state(attempt.state),
        reason: attempt.reason.map(reason),
        device_message: attempt.message.clone(),
        answered: attempt.answered.map(amount),
        address: watched.address.clone(),
        stages: stages(watched),
        elapsed_ms: watched.elapsed_ms,
        stage_elapsed_ms: if watched.after_restart { watched.elapsed_ms } else { watched.stage_elapsed_ms },
        changed_at: time_of_day(&watched.stored.changed_at),
        asking: unknown.then(|| Asking {
            count: watched.stored.asked.as_ref().map_or(0, |asked| asked.count),
            last_at: watched.stored.asked.as_ref().map(|asked| time_of_day(&asked.at)),
            next_in_ms: watched.next_question_in_ms,
        }),
        stop_asked: watched.stop_asked,
        after_restart: watched.after_restart,
        decisions: decisions(watched),
        late: attempt.late_success,
        paid_twice: attempt.kind == AttemptKind::Payment
            && attempt.late_success
            && attempt.state != State::Approved
            && watched.sale_is_paid,
        contradicted: attempt.is_contradicted(),
    }
}

/// What the rules of the payment let a person decide now.
fn decisions(watched: &Watched) -> Vec<Decision> {
    let attempt = &watched.stored.attempt;
    match attempt.state {
        State::Unknown => vec![Decision::Approved, Decision::Declined],
        State::Declined | State::Cancelled | State::NotStarted if attempt.late_success && watched.still_wanted => {
            vec![Decision::Approved, Decision::Returned]
        }
        _ if attempt.late_success => vec![Decision::Returned],
        State::Approved if attempt.is_contradicted() => vec![Decision::Approved],
        _ => Vec::new(),
    }
}

fn state(state: State) -> AttemptState {
    match state {
        State::Intended => AttemptState::Intended,
        State::Pending => AttemptState::Pending,
        State::Approved => AttemptState::Approved,
        State::Declined => AttemptState::Declined,
        State::Cancelled => AttemptState::Cancelled,
        State::NotStarted => AttemptState::NotStarted,
        State::Unknown => AttemptState::Unknown,
    }
}

fn reason(reason: Why) -> Reason {
    match reason {
        Why::Unreachable => Reason::Unreachable,
        Why::CertificateOutOfTime => Reason::CertificateOutOfTime,
        Why::CertificateName => Reason::CertificateName,
        Why::CertificateUnknown => Reason::CertificateUnknown,
        Why::CertificateChanged => Reason::CertificateChanged,
        Why::NoTls => Reason::NoTls,
        Why::WrongUnit => Reason::WrongUnit,
        Why::RefusedBusy => Reason::RefusedBusy,
        Why::RefusedBlocked => Reason::RefusedBlocked,
        Why::RefusedAuthorisation => Reason::RefusedAuthorisation,
        Why::RefusedRequest => Reason::RefusedRequest,
        Why::NoReference => Reason::NoReference,
        Why::RefusedAmount => Reason::RefusedAmount,
        Why::NotWritten => Reason::NotWritten,
        Why::NoReply => Reason::NoReply,
        Why::Cut => Reason::Cut,
        Why::Unreadable => Reason::Unreadable,
        Why::DeviceError => Reason::DeviceError,
        Why::NotAnswering => Reason::NotAnswering,
        Why::TimedOut => Reason::TimedOut,
        Why::DeviceUnsure => Reason::DeviceUnsure,
        Why::ResultLost => Reason::ResultLost,
        Why::CannotAsk => Reason::CannotAsk,
        Why::WrongAmount => Reason::WrongAmount,
        Why::ProcessLost => Reason::ProcessLost,
        Why::DriverStopped => Reason::DriverStopped,
        Why::DeclinedByBank => Reason::DeclinedByBank,
        Why::CancelledOnDevice => Reason::CancelledOnDevice,
        Why::ByHand => Reason::ByHand,
    }
}

const BY_PHONE: [StageCode; 3] = [StageCode::Sent, StageCode::Customer, StageCode::Confirm];
const BY_CARD: [StageCode; 3] = [StageCode::Sent, StageCode::Customer, StageCode::Bank];
const BY_CARD_WITH_PIN: [StageCode; 4] = [StageCode::Sent, StageCode::Customer, StageCode::Pin, StageCode::Bank];

fn stage_code(stage: Reached) -> StageCode {
    match stage {
        Reached::Sent => StageCode::Sent,
        Reached::Customer => StageCode::Customer,
        Reached::Confirm => StageCode::Confirm,
        Reached::Pin => StageCode::Pin,
        Reached::Bank => StageCode::Bank,
    }
}

/// The way the payment takes, as far as it is known: what was reached, what is under way, what is to come.
fn stages(watched: &Watched) -> Vec<Stage> {
    if watched.after_restart {
        return stages_after_restart(watched);
    }
    let reached: Vec<StageCode> = watched.stages.iter().map(|stage| stage_code(stage.stage)).collect();
    let path: &[StageCode] = match (reached.contains(&StageCode::Pin), reached.contains(&StageCode::Bank)) {
        (true, _) => &BY_CARD_WITH_PIN,
        (false, true) => &BY_CARD,
        (false, false) => &BY_PHONE,
    };
    // What the device reported last is under way; before it has answered, the first stage is.
    let current = path.iter().position(|code| reached.last() == Some(code)).unwrap_or(0);
    let time = |code: &StageCode| watched.stages.iter().find(|stage| stage_code(stage.stage) == *code).map(|stage| stage.time.clone());
    let (at_current, last) = match watched.stored.attempt.state {
        State::Intended | State::Pending | State::NotStarted => (StageState::Now, Some((StageCode::Approved, StageState::Todo))),
        State::Unknown => (StageState::Doubt, Some((StageCode::Approved, StageState::Todo))),
        State::Approved => (StageState::Done, Some((StageCode::Approved, StageState::Done))),
        State::Declined => (StageState::Done, Some((StageCode::Declined, StageState::Failed))),
        State::Cancelled => (StageState::Done, Some((StageCode::Cancelled, StageState::Failed))),
    };
    let refused = matches!(last, Some((_, StageState::Failed)));
    let ended = matches!(last, Some((_, StageState::Done | StageState::Failed)));
    let mut stages = Vec::new();
    for (place, code) in path.iter().enumerate() {
        let state = match place.cmp(&current) {
            std::cmp::Ordering::Less => StageState::Done,
            // What was under way when it was refused did not happen.
            std::cmp::Ordering::Equal if refused && place > 0 => break,
            std::cmp::Ordering::Equal => at_current,
            std::cmp::Ordering::Greater if ended => break,
            std::cmp::Ordering::Greater => StageState::Todo,
        };
        stages.push(Stage { code: *code, state, time: time(code) });
    }
    if let Some((code, state)) = last {
        let time = ended.then(|| time_of_day(&watched.stored.changed_at));
        stages.push(Stage { code, state, time });
    }
    stages
}

fn stages_after_restart(watched: &Watched) -> Vec<Stage> {
    let sent = watched.stored.attempt.operation_id.is_some();
    let sent = (if sent { StageState::Done } else { StageState::Doubt }, Some(time_of_day(&watched.stored.changed_at)));
    let stages = [
        (StageCode::Sent, sent),
        (StageCode::SwitchedOff, (StageState::Doubt, None)),
        (StageCode::Asking, (StageState::Now, None)),
        (StageCode::Outcome, (StageState::Todo, None)),
    ];
    stages.map(|(code, (state, time))| Stage { code, state, time }).into()
}
