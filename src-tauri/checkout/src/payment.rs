//! The payment machine: what an attempt to move money may become, and what must follow.
//!
//! ```text
//! intended ─ refused before any byte, or a clear "no" to the start → not_started
//! intended ─ device id answered → pending
//! intended | pending ─ clear yes → approved ─ clear no → declined | cancelled
//! intended | pending ─ anything else after the first byte → unknown
//! unknown ─ the device answers, or a person decides on evidence → approved | declined | cancelled
//! ended without money, then a late yes ─ a person counts it → approved ─ a person gave it back → as it was
//! ```
//!
//! An explicit yes is the only yes, an explicit no the only no. Applying an event twice is harmless.

mod attempt;

pub use attempt::*;

/// What must be done because of an event, in the same commit that stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The money counts towards the sale; the sale closes when nothing is due.
    TakeTender,
    /// The device named another amount: a person must look.
    RaiseWrongAmount,
    /// The device holds money that is not on the sale: it must be counted or returned.
    RaiseReturn,
    /// The device contradicts a person's decision.
    RaiseContradiction,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    pub attempt: Attempt,
    /// False where the event told nothing new; then nothing is stored.
    pub changed: bool,
    pub effects: Vec<Effect>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    #[error("an attempt that is {state} cannot take the event {event}")]
    Event { state: &'static str, event: &'static str },
    #[error("the device gave a second id {new} to an operation it had named {old}")]
    SecondOperation { old: String, new: String },
    #[error("the device named the operation {0}, which is the operation of another payment")]
    OperationOfAnother(String),
    #[error("a decision needs a name and a reason")]
    DecisionIncomplete,
    #[error("a decision that money was taken needs the device's reference, or “-” where it shows none")]
    ReferenceMissing,
}

/// Applies an event. The only way an attempt changes, for the running till, recovery and people alike.
pub fn apply(attempt: &Attempt, event: &Event) -> Result<Transition, Illegal> {
    match event {
        Event::NotStarted { reason, message } => not_started(attempt, event, *reason, message),
        Event::Accepted { operation_id } => accepted(attempt, event, operation_id),
        Event::Doubt { reason, message } => Ok(doubt(attempt, *reason, message)),
        Event::Approved { answer } => Ok(approved(attempt, answer)),
        Event::Declined { reason, message } => Ok(refused(attempt, AttemptState::Declined, *reason, message)),
        Event::Cancelled { reason, message } => Ok(refused(attempt, AttemptState::Cancelled, *reason, message)),
        Event::Resolved { resolution } => resolved(attempt, event, resolution),
    }
}

fn changed(attempt: Attempt, effects: Vec<Effect>) -> Transition {
    Transition { attempt, changed: true, effects }
}

fn unchanged(attempt: &Attempt) -> Transition {
    Transition { attempt: attempt.clone(), changed: false, effects: Vec::new() }
}

fn illegal(attempt: &Attempt, event: &Event) -> Illegal {
    Illegal::Event { state: attempt.state.code(), event: event.code() }
}

/// Only an attempt of which nothing was heard can prove not to have started.
fn not_started(attempt: &Attempt, event: &Event, reason: Reason, message: &Option<String>) -> Result<Transition, Illegal> {
    match attempt.state {
        AttemptState::Intended => Ok(changed(
            Attempt { state: AttemptState::NotStarted, reason: Some(reason), message: message.clone(), ..attempt.clone() },
            Vec::new(),
        )),
        AttemptState::NotStarted => Ok(unchanged(attempt)),
        AttemptState::Pending | AttemptState::Unknown | AttemptState::Approved | AttemptState::Declined | AttemptState::Cancelled => {
            Err(illegal(attempt, event))
        }
    }
}

fn accepted(attempt: &Attempt, event: &Event, operation_id: &str) -> Result<Transition, Illegal> {
    if let Some(old) = &attempt.operation_id {
        if old == operation_id {
            return Ok(unchanged(attempt));
        }
        return Err(Illegal::SecondOperation { old: old.clone(), new: operation_id.to_owned() });
    }
    let named = Attempt { operation_id: Some(operation_id.to_owned()), ..attempt.clone() };
    match attempt.state {
        AttemptState::Intended => Ok(changed(Attempt { state: AttemptState::Pending, ..named }, Vec::new())),
        // A start reply that came late names the operation, so that it can be asked about.
        AttemptState::Unknown => Ok(changed(named, Vec::new())),
        AttemptState::Pending | AttemptState::Approved | AttemptState::Declined | AttemptState::Cancelled | AttemptState::NotStarted => {
            Err(illegal(attempt, event))
        }
    }
}

fn doubt(attempt: &Attempt, reason: Reason, message: &Option<String>) -> Transition {
    match attempt.state {
        AttemptState::Intended | AttemptState::Pending => {
            changed(Attempt { state: AttemptState::Unknown, reason: Some(reason), message: message.clone(), ..attempt.clone() }, Vec::new())
        }
        // A wrong amount stays the reason: nothing learnt later makes it less grave.
        AttemptState::Unknown if attempt.reason != Some(reason) && attempt.reason != Some(Reason::WrongAmount) => {
            changed(Attempt { reason: Some(reason), message: message.clone(), ..attempt.clone() }, Vec::new())
        }
        AttemptState::Unknown | AttemptState::Approved | AttemptState::Declined | AttemptState::Cancelled | AttemptState::NotStarted => {
            unchanged(attempt)
        }
    }
}

fn approved(attempt: &Attempt, answer: &Answer) -> Transition {
    if answer.amount != attempt.amount {
        return wrong_amount(attempt, answer);
    }
    let told = Attempt { references: answer.references.clone(), slip: answer.slip.clone(), ..attempt.clone() };
    match attempt.state {
        AttemptState::Intended | AttemptState::Pending | AttemptState::Unknown => changed(
            Attempt { state: AttemptState::Approved, reason: None, message: None, answered: None, ..told },
            vec![Effect::TakeTender],
        ),
        // The device confirms what a person decided: its references are worth keeping.
        AttemptState::Approved if attempt.by_hand && attempt.slip != answer.slip => changed(told, Vec::new()),
        AttemptState::Approved => unchanged(attempt),
        AttemptState::Declined | AttemptState::Cancelled | AttemptState::NotStarted if attempt.late_success || attempt.was_returned() => {
            unchanged(attempt)
        }
        AttemptState::Declined | AttemptState::Cancelled | AttemptState::NotStarted => {
            changed(Attempt { late_success: true, ..told }, vec![Effect::RaiseReturn])
        }
    }
}

/// The device took money, but not what was asked: never a yes, never a no.
fn wrong_amount(attempt: &Attempt, answer: &Answer) -> Transition {
    let already = attempt.answered == Some(answer.amount);
    let told =
        Attempt { answered: Some(answer.amount), references: answer.references.clone(), slip: answer.slip.clone(), ..attempt.clone() };
    match attempt.state {
        AttemptState::Unknown if already => unchanged(attempt),
        AttemptState::Intended | AttemptState::Pending | AttemptState::Unknown => changed(
            Attempt { state: AttemptState::Unknown, reason: Some(Reason::WrongAmount), message: None, ..told },
            vec![Effect::RaiseWrongAmount],
        ),
        AttemptState::Approved | AttemptState::Declined | AttemptState::Cancelled | AttemptState::NotStarted
            if already || attempt.was_returned() =>
        {
            unchanged(attempt)
        }
        // What stands on the sale stays; a person must look.
        AttemptState::Approved => {
            let reason = if attempt.by_hand { Some(Reason::WrongAmount) } else { attempt.reason };
            changed(Attempt { reason, answered: Some(answer.amount), ..attempt.clone() }, vec![Effect::RaiseWrongAmount])
        }
        AttemptState::Declined | AttemptState::Cancelled | AttemptState::NotStarted => {
            changed(Attempt { late_success: true, ..told }, vec![Effect::RaiseReturn])
        }
    }
}

fn refused(attempt: &Attempt, state: AttemptState, reason: Reason, message: &Option<String>) -> Transition {
    match attempt.state {
        // It said before that it took another amount: a no does not unsay that.
        AttemptState::Unknown if attempt.answered.is_some() => unchanged(attempt),
        AttemptState::Intended | AttemptState::Pending | AttemptState::Unknown => {
            changed(Attempt { state, reason: Some(reason), message: message.clone(), ..attempt.clone() }, Vec::new())
        }
        // A person said "paid", the device says "not paid": the money is on the sale, so someone must look.
        AttemptState::Approved if attempt.by_hand && attempt.reason != Some(reason) => {
            changed(Attempt { reason: Some(reason), message: message.clone(), ..attempt.clone() }, vec![Effect::RaiseContradiction])
        }
        AttemptState::Approved | AttemptState::Declined | AttemptState::Cancelled | AttemptState::NotStarted => unchanged(attempt),
    }
}

fn resolved(attempt: &Attempt, event: &Event, resolution: &Resolution) -> Result<Transition, Illegal> {
    let reference = resolution.reference.trim();
    if resolution.by.trim().is_empty() || resolution.reason.trim().is_empty() {
        return Err(Illegal::DecisionIncomplete);
    }
    if resolution.decision != Decision::Declined && reference.is_empty() {
        return Err(Illegal::ReferenceMissing);
    }
    let with_reference = |name: &str| {
        let mut references = attempt.references.clone();
        if name == RETURNED || !(reference.is_empty() || reference == "-") {
            references.insert(name.to_owned(), reference.to_owned());
        }
        references
    };
    let by_hand =
        |state| Attempt { state, reason: Some(Reason::ByHand), by_hand: true, references: with_reference("by_hand"), ..attempt.clone() };
    let took_other = attempt.answered.filter(|answered| answered.is_positive());
    match (attempt.state, resolution.decision) {
        (AttemptState::Unknown, Decision::Approved) => {
            // What the device took beyond what was asked does not belong to the sale.
            let too_much = took_other.is_some_and(|took| took.minor() > attempt.amount.minor());
            let mut effects = vec![Effect::TakeTender];
            effects.extend(too_much.then_some(Effect::RaiseReturn));
            Ok(changed(Attempt { late_success: too_much, ..by_hand(AttemptState::Approved) }, effects))
        }
        (AttemptState::Unknown, Decision::Declined) => {
            // The device said that it took money, if not what was asked: not counting it means giving it back.
            let effects = if took_other.is_some() { vec![Effect::RaiseReturn] } else { Vec::new() };
            Ok(changed(Attempt { late_success: took_other.is_some(), ..by_hand(AttemptState::Declined) }, effects))
        }
        (_, Decision::Returned) if attempt.late_success => {
            Ok(changed(Attempt { late_success: false, references: with_reference(RETURNED), ..attempt.clone() }, Vec::new()))
        }
        (_, Decision::Returned) if attempt.was_returned() => Ok(unchanged(attempt)),
        // A late yes on a sale that still waits for its money.
        (AttemptState::Declined | AttemptState::Cancelled | AttemptState::NotStarted, Decision::Approved) if attempt.late_success => {
            Ok(changed(Attempt { late_success: false, ..by_hand(AttemptState::Approved) }, vec![Effect::TakeTender]))
        }
        // A person looked at the contradiction and stays with "paid".
        (AttemptState::Approved, Decision::Approved) if attempt.is_contradicted() => {
            Ok(changed(by_hand(AttemptState::Approved), Vec::new()))
        }
        (AttemptState::Approved, Decision::Approved) | (AttemptState::Declined, Decision::Declined) if attempt.by_hand => {
            Ok(unchanged(attempt))
        }
        _ => Err(illegal(attempt, event)),
    }
}

#[cfg(test)]
mod tests;
