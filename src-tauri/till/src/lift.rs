//! What one person allows another beyond their right: one command, once, for a minute.

use crate::seat::{Call, PASS, Pass};
use crate::{Till, TillError};
use checkout::money::{Currency, Money};
use checkout::payment::{AttemptId, SaleId};
use checkout::people::{Extent, Person, PersonId, Reach, Right};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// What another person is asked to allow.
#[derive(Debug, Clone)]
pub struct Approval {
    pub refusal: Uuid,
    pub right: Right,
    /// How far the person signed in goes alone.
    pub reach: Reach,
    pub extent: Extent,
    /// The shop's: limits are told in it.
    pub currency: Currency,
    /// Those who may.
    pub people: Vec<Person>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    person: PersonId,
    call: Call,
    right: Right,
    extent: Extent,
    sale: Option<SaleId>,
}

#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    id: Uuid,
    asked: Asked,
    /// On the machine's uptime.
    at_ms: i64,
    /// The sitting it belongs to.
    turn: u64,
    /// Who allowed it, and why.
    given: Option<(Person, String)>,
}

/// The lifts a command rests on, as long as it has not come to its end.
pub(crate) type Used = Arc<Mutex<Vec<Refusal>>>;

const REFUSAL_LASTS_MS: i64 = 60_000;

impl Till {
    /// The guard for what is measured: so much of a right, for the sale in hand.
    pub(crate) fn allow(&self, right: Right, extent: Extent, sale: SaleId) -> Result<(), TillError> {
        let Ok(pass) = PASS.try_with(Clone::clone) else { return Ok(()) };
        self.allowed(&pass, right, extent, Some(sale)).map(drop)
    }

    /// Whether the person may, alone or lifted; then by whom. A lift leaves the seat with the command that takes it.
    pub(crate) fn allowed(&self, pass: &Pass, right: Right, extent: Extent, sale: Option<SaleId>) -> Result<Option<Person>, TillError> {
        let Some(person) = &pass.person else { return Ok(None) };
        if person.role.may(right, extent) {
            return Ok(None);
        }
        if !right.is_liftable() {
            return Err(TillError::NotAllowed(right));
        }
        let asked = Asked { person: person.id, call: pass.call.clone(), right, extent, sale };
        let mut seat = self.seat();
        seat.refusals.retain(|known| known.asked.call == asked.call && known.asked.person == asked.person && self.is_young(known));
        if let Some(place) = seat.refusals.iter().position(|known| known.asked == asked && known.given.is_some()) {
            let lift = seat.refusals.remove(place);
            let by = lift.given.as_ref().map(|(by, _)| by.clone());
            used(pass).push(lift);
            return Ok(by);
        }
        seat.refusals.retain(|known| known.asked != asked);
        let refusal = Refusal { id: self.clock.new_id(), asked, at_ms: self.clock.up_ms(), turn: seat.turn, given: None };
        let people = self.people_now().iter().map(|stored| stored.person.clone()).filter(|other| other.role.may(right, extent)).collect();
        let approval =
            Approval { refusal: refusal.id, right, reach: person.role.reach(right), extent, currency: self.settings().currency, people };
        seat.refusals.push(refusal);
        Err(TillError::NeedsApproval(Box::new(approval)))
    }

    /// What was done by leave of another is told when it has been done. That leave was given is written down already, so
    /// a disk that is full now takes nothing back.
    pub(crate) async fn tell_used(&self, pass: &Pass) {
        let lifts = std::mem::take(&mut *used(pass));
        for Refusal { id, asked, given, .. } in lifts {
            let Some((by, reason)) = given else { continue };
            let act = self.act_of(pass.person.as_ref());
            if let Err(error) = self.ledger.note("lifted", &subject(id, &asked), told(&asked, &by, &reason), &act).await {
                tracing::error!(%error, "the journal does not say that a lift was used");
            }
        }
    }

    /// The command failed: who may try it again need not ask again.
    pub(crate) fn give_back(&self, pass: &Pass) {
        let lifts = std::mem::take(&mut *used(pass));
        let mut seat = self.seat();
        let turn = seat.turn;
        seat.refusals.extend(lifts.into_iter().filter(|lift| lift.turn == turn));
    }

    /// The sum and the sale of what a call names: who allows it sees how much it is, and allows no more.
    pub(crate) async fn about(&self, call: &Call) -> (Extent, Option<SaleId>) {
        let arguments: Value = serde_json::from_str(&call.arguments).unwrap_or_default();
        let named = |name: &str| arguments.get(name).and_then(Value::as_str).and_then(|id| Uuid::parse_str(id).ok());
        if let Some(id) = named("attemptId")
            && let Ok(stored) = self.ledger.attempt(AttemptId(id)).await
        {
            return (Extent::Amount(stored.attempt.amount), Some(stored.attempt.sale));
        }
        if let Some(sale) = named("saleId").map(SaleId)
            && let Some(total) = self.total_of(sale).await
        {
            return (Extent::Amount(total), Some(sale));
        }
        (Extent::Whole, None)
    }

    /// The total of a sale put aside, or of one that the ledger knows.
    async fn total_of(&self, sale: SaleId) -> Option<Money> {
        let held = self.state().await.held.iter().find(|held| held.sale.id == sale).map(|held| held.sale.total());
        match held {
            Some(total) => total.ok(),
            None => self.ledger.sale(sale).await.ok()??.sale.total().ok(),
        }
    }

    fn is_young(&self, refusal: &Refusal) -> bool {
        self.clock.up_ms() - refusal.at_ms < REFUSAL_LASTS_MS
    }

    /// Another person allows what was refused, once, to who asked for it.
    pub(crate) async fn lift(&self, refusal: Uuid, by: Person, reason: &str) -> Result<(), TillError> {
        let asked = self.refused(refusal)?;
        if !by.role.may(asked.right, asked.extent) {
            return Err(TillError::NotAllowed(asked.right));
        }
        let body = told(&asked, &by, reason);
        self.ledger.note("lift_given", &subject(refusal, &asked), body, &self.act()).await?;
        match self.seat().refusals.iter_mut().find(|known| known.id == refusal) {
            Some(known) => {
                known.given = Some((by, reason.to_owned()));
                known.at_ms = self.clock.up_ms();
                Ok(())
            }
            None => Err(TillError::ApprovalGone),
        }
    }

    /// What was refused, as long as it may still be allowed.
    fn refused(&self, refusal: Uuid) -> Result<Asked, TillError> {
        let seat = self.seat();
        let known = seat.refusals.iter().find(|known| known.id == refusal && self.is_young(known));
        known.filter(|known| Some(known.asked.person) == seat.person).map(|known| known.asked.clone()).ok_or(TillError::ApprovalGone)
    }

    pub(crate) fn may_still_be_lifted(&self, refusal: Uuid) -> Result<(), TillError> {
        self.refused(refusal).map(drop)
    }
}

fn used(pass: &Pass) -> std::sync::MutexGuard<'_, Vec<Refusal>> {
    pass.used.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The sale it is about; without one, the refusal.
fn subject(refusal: Uuid, asked: &Asked) -> String {
    asked.sale.map_or_else(|| refusal.to_string(), |sale| sale.to_string())
}

fn told(asked: &Asked, by: &Person, reason: &str) -> Value {
    let amount = match asked.extent {
        Extent::Whole => json!({}),
        Extent::Off { usual, off, .. } => {
            json!({ "usual_minor": usual.minor(), "off_minor": off.minor(), "off_bp": asked.extent.basis_points() })
        }
        Extent::Amount(amount) => json!({ "amount_minor": amount.minor() }),
    };
    json!({
        "right": asked.right.code(), "command": asked.call.command, "extent": amount, "reason": reason,
        "by": { "id": by.id.to_string(), "name": by.name, "role": by.role.code() },
    })
}
