//! Every order of events to a depth, and the sentences of the machine one by one.

use super::*;
use crate::money::{Currency, Money};
use std::collections::BTreeMap;
use uuid::Uuid;

fn money(major: i64) -> Money {
    Money::new(major * 100, Currency::Kzt).unwrap()
}

fn attempt() -> Attempt {
    Attempt::intend(AttemptId(Uuid::nil()), SaleId(Uuid::nil()), 1, Device::Kaspi, money(4870))
}

fn answer(major: i64) -> Answer {
    Answer {
        amount: money(major),
        references: BTreeMap::from([("transaction_id".to_owned(), "504711333".to_owned())]),
        slip: Slip { fields: vec![("orderNumber".to_owned(), "504711333".to_owned())] },
    }
}

fn accepted() -> Event {
    Event::Accepted { operation_id: "1678090451700".to_owned() }
}

fn doubt(reason: Reason) -> Event {
    Event::Doubt { reason, message: None }
}

fn approved(major: i64) -> Event {
    Event::Approved { answer: answer(major) }
}

fn declined() -> Event {
    Event::Declined { reason: Reason::DeclinedByBank, message: Some("not enough funds".to_owned()) }
}

fn not_started() -> Event {
    Event::NotStarted { reason: Reason::Unreachable, message: None }
}

fn resolution(decision: Decision) -> Event {
    Event::Resolved {
        resolution: Resolution {
            decision,
            by: "Айгерім".to_owned(),
            reason: "slip seen".to_owned(),
            reference: "504711333".to_owned(),
            evidence: String::new(),
        },
    }
}

fn after(events: &[Event]) -> Attempt {
    events.iter().fold(attempt(), |attempt, event| apply(&attempt, event).unwrap().attempt)
}

#[test]
fn the_straight_path_is_intended_pending_approved() {
    let pending = apply(&attempt(), &accepted()).unwrap();
    assert_eq!(pending.attempt.state, AttemptState::Pending);
    let paid = apply(&pending.attempt, &approved(4870)).unwrap();
    assert_eq!(paid.attempt.state, AttemptState::Approved);
    assert_eq!(paid.effects, [Effect::TakeTender]);
}

#[test]
fn a_wrong_amount_is_neither_yes_nor_no() {
    let told = apply(&after(&[accepted()]), &approved(487)).unwrap();
    assert_eq!((told.attempt.state, told.attempt.reason), (AttemptState::Unknown, Some(Reason::WrongAmount)));
    assert_eq!(told.attempt.answered, Some(money(487)));
    assert_eq!(told.effects, [Effect::RaiseWrongAmount]);
    let later = apply(&told.attempt, &doubt(Reason::NotAnswering)).unwrap();
    assert_eq!(later.attempt.reason, Some(Reason::WrongAmount), "a later doubt must not hide it");
}

#[test]
fn once_a_byte_may_have_left_nothing_proves_that_it_did_not_start() {
    for events in [vec![accepted()], vec![doubt(Reason::NoReply)]] {
        assert!(apply(&after(&events), &not_started()).is_err());
    }
}

#[test]
fn a_late_start_reply_names_the_operation_in_doubt() {
    let told = apply(&after(&[doubt(Reason::NoReply)]), &accepted()).unwrap();
    assert_eq!(told.attempt.state, AttemptState::Unknown);
    assert!(told.attempt.operation_id.is_some());
}

#[test]
fn a_late_yes_after_a_no_by_hand_asks_for_a_return() {
    let settled = after(&[accepted(), doubt(Reason::NotAnswering), resolution(Decision::Declined)]);
    let late = apply(&settled, &approved(4870)).unwrap();
    assert_eq!(late.attempt.state, AttemptState::Declined, "the sale may be paid otherwise by now");
    assert!(late.attempt.late_success);
    assert_eq!(late.effects, [Effect::RaiseReturn]);
    assert!(!apply(&late.attempt, &approved(4870)).unwrap().changed, "told twice, raised once");
}

#[test]
fn a_late_yes_is_counted_or_given_back_by_a_person() {
    let late = after(&[accepted(), doubt(Reason::NotAnswering), resolution(Decision::Declined), approved(4870)]);
    let counted = apply(&late, &resolution(Decision::Approved)).unwrap();
    assert_eq!((counted.attempt.state, counted.attempt.late_success), (AttemptState::Approved, false));
    assert_eq!(counted.effects, [Effect::TakeTender]);
    let returned = apply(&late, &resolution(Decision::Returned)).unwrap();
    assert_eq!((returned.attempt.state, returned.attempt.late_success), (AttemptState::Declined, false));
    assert!(returned.effects.is_empty());
    assert!(!apply(&returned.attempt, &approved(4870)).unwrap().changed, "told again after the return, nothing is raised");
    assert!(apply(&returned.attempt, &resolution(Decision::Approved)).is_err(), "what went back does not count");
    let settled = after(&[accepted(), doubt(Reason::NotAnswering), resolution(Decision::Declined)]);
    assert!(apply(&settled, &resolution(Decision::Returned)).is_err(), "there is nothing to return");
}

#[test]
fn a_wrong_amount_that_is_decided_counts_what_was_taken_or_goes_back() {
    let less = after(&[accepted(), approved(487)]);
    let counted = apply(&less, &resolution(Decision::Approved)).unwrap();
    assert_eq!((counted.attempt.counted(), counted.attempt.late_success), (money(487), false), "the rest of the sale stays due");
    let not = apply(&less, &resolution(Decision::Declined)).unwrap();
    assert!(not.attempt.late_success, "487 were taken and are on no sale");
    assert_eq!(not.effects, [Effect::RaiseReturn]);
    let more = apply(&after(&[accepted(), approved(48_700)]), &resolution(Decision::Approved)).unwrap();
    assert_eq!((more.attempt.counted(), more.attempt.late_success), (money(4870), true), "what is too much goes back");
    assert_eq!(more.effects, [Effect::TakeTender, Effect::RaiseReturn]);
}

#[test]
fn a_no_does_not_unsay_money_that_was_reported() {
    let told = apply(&after(&[accepted(), approved(487)]), &declined()).unwrap();
    assert_eq!((told.attempt.state, told.attempt.answered), (AttemptState::Unknown, Some(money(487))));
}

#[test]
fn a_no_after_a_yes_by_hand_is_a_contradiction_to_look_at() {
    let settled = after(&[accepted(), doubt(Reason::NotAnswering), resolution(Decision::Approved)]);
    let told = apply(&settled, &declined()).unwrap();
    assert_eq!(told.attempt.state, AttemptState::Approved, "approved never leaves");
    assert_eq!(told.effects, [Effect::RaiseContradiction]);
    assert!(told.attempt.is_contradicted());
    let looked_at = apply(&told.attempt, &resolution(Decision::Approved)).unwrap();
    assert!(!looked_at.attempt.is_contradicted() && looked_at.effects.is_empty());
}

#[test]
fn decisions_need_a_name_a_reason_and_a_reference() {
    let in_doubt = after(&[doubt(Reason::NoReply)]);
    let decide = |by: &str, reason: &str, reference: &str, decision| {
        let resolution =
            Resolution { decision, by: by.to_owned(), reason: reason.to_owned(), reference: reference.to_owned(), evidence: String::new() };
        apply(&in_doubt, &Event::Resolved { resolution })
    };
    assert_eq!(decide("", "seen", "1", Decision::Approved), Err(Illegal::DecisionIncomplete));
    assert_eq!(decide("A", " ", "1", Decision::Approved), Err(Illegal::DecisionIncomplete));
    assert_eq!(decide("A", "seen", "", Decision::Approved), Err(Illegal::ReferenceMissing));
    assert!(decide("A", "seen", "-", Decision::Approved).unwrap().attempt.by_hand);
    assert!(decide("A", "seen", "", Decision::Declined).unwrap().attempt.by_hand);
    assert!(apply(&attempt(), &resolution(Decision::Approved)).is_err(), "only what is in doubt is decided");
}

/// Every order of these events to depth 7, duplicates and late arrivals included. An event that changes nothing ends its branch: what would
/// follow it has been walked from the same state.
#[test]
fn every_order_of_events_keeps_the_rules() {
    let events = [
        not_started(),
        accepted(),
        doubt(Reason::NoReply),
        doubt(Reason::DeviceUnsure),
        approved(4870),
        approved(487),
        approved(48_700),
        declined(),
        Event::Cancelled { reason: Reason::CancelledOnDevice, message: None },
        resolution(Decision::Approved),
        resolution(Decision::Declined),
        resolution(Decision::Returned),
        Event::Accepted { operation_id: "another".to_owned() },
        doubt(Reason::WrongAmount),
    ];
    let mut steps = 0_u64;
    walk(&attempt(), 0, &events, 7, &mut steps);
    let refund = Attempt::intend_refund(AttemptId(Uuid::nil()), SaleId(Uuid::nil()), RefundId(Uuid::nil()), 2, Device::Kaspi, money(4870));
    walk(&refund, 0, &events, 7, &mut steps);
    assert!(steps > 10_000, "the walk must really branch, it took {steps} steps");
}

/// The states an attempt may be in after each state: the diagram of the contract, with a person's late count.
const STEPS: [(AttemptState, &[AttemptState]); 7] = {
    use AttemptState::*;
    [
        (Intended, &[Intended, Pending, Approved, Declined, Cancelled, NotStarted, Unknown]),
        (Pending, &[Pending, Approved, Declined, Cancelled, Unknown]),
        (Unknown, &[Unknown, Approved, Declined, Cancelled]),
        (Approved, &[Approved]),
        (Declined, &[Declined, Approved]),
        (Cancelled, &[Cancelled, Approved]),
        (NotStarted, &[NotStarted, Approved]),
    ]
};

fn walk(before: &Attempt, tenders: u32, events: &[Event], depth: u32, steps: &mut u64) {
    if depth == 0 {
        return;
    }
    for event in events {
        let Ok(step) = apply(before, event) else { continue };
        *steps += 1;
        let next = &step.attempt;
        let tenders = tenders + step.effects.iter().filter(|effect| **effect == Effect::TakeTender).count() as u32;
        assert!(STEPS.iter().any(|(from, to)| *from == before.state && to.contains(&next.state)), "no such step: {before:?} {event:?}");
        assert!(before.operation_id.is_none() || next.operation_id == before.operation_id, "an operation keeps its name");
        assert!(tenders <= 1, "one attempt may be counted once: {before:?} {event:?}");
        assert_eq!(tenders == 1, next.state == AttemptState::Approved, "money counts exactly when approved");
        assert_eq!((next.id, next.amount), (before.id, before.amount), "what was asked never changes");
        if before.state == AttemptState::Approved {
            assert_eq!(next.state, AttemptState::Approved, "approved never leaves");
        }
        let counted_late = before.late_success && *event == resolution(Decision::Approved);
        if !(before.state.is_open() || counted_late) {
            assert_eq!(next.state, before.state, "final states stay, but for a late yes that a person counts: {before:?} {event:?}");
        }
        if before.answered.is_some_and(|answered| answered.is_positive()) && before.state == AttemptState::Unknown {
            let safe = next.state == AttemptState::Unknown || next.state == AttemptState::Approved || next.late_success;
            assert!(safe, "money that the device reported is not forgotten: {before:?} {event:?}");
        }
        if next.state == AttemptState::NotStarted && before.state != AttemptState::NotStarted {
            assert_eq!(before.state, AttemptState::Intended);
        }
        if let Event::Approved { answer } = event {
            let taken = step.effects.contains(&Effect::TakeTender);
            assert!(!taken || answer.amount == before.amount, "only the asked amount is a yes");
        }
        let again = apply(next, event).unwrap_or_else(|illegal| panic!("twice must be harmless: {illegal}"));
        assert!(!again.changed && again.effects.is_empty(), "twice is harmless: {next:?} {event:?}");
        if step.changed {
            walk(next, tenders, events, depth - 1, steps);
        } else {
            assert_eq!(next, before);
        }
    }
}

#[test]
fn codes_are_unique_and_read_back() {
    for state in AttemptState::ALL {
        assert_eq!(AttemptState::from_code(state.code()), Some(state));
    }
    for reason in Reason::ALL {
        assert_eq!(Reason::from_code(reason.code()), Some(*reason));
    }
}
