//! Who is at the till, and the one guard every command of a face passes. What a command does under it is done by its
//! person: facts it writes carry their name. Outside it the till itself acts: recovery, a device's answers.

use crate::{Till, TillError};
use checkout::money::Currency;
use checkout::payment::SaleId;
use checkout::people::{Extent, Person, PersonId, Reach, Right};
use database::journal::{Act, Who};
use serde_json::{Value, json};
use std::sync::{Arc, MutexGuard, PoisonError};
use uuid::Uuid;

/// What a command asks of who is at the till.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: it goes while nobody is signed in, too.
    Open,
    /// That the shop has nobody yet.
    Nobody,
    Right(Right),
}

/// Who is at the till.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// A real shop without people asks for its owner first.
    FirstOwner,
    Locked {
        people: Vec<Person>,
        last: Option<PersonId>,
    },
    /// A training shop without people: everything is allowed.
    Training,
    Signed(Person),
}

/// A command exactly as it was given: a lift is for this one alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub command: String,
    pub arguments: String,
}

/// Who a command of `kassactl` is given by.
#[derive(Clone, Copy)]
pub struct User<'a> {
    pub name: &'a str,
    pub pin: &'a str,
}

/// The guard's leave for one command.
#[derive(Debug, Clone)]
pub struct Pass {
    need: Need,
    call: Call,
    /// None in a training shop, and before anybody is signed in.
    person: Option<Person>,
    /// Who allowed what is beyond the person's reach.
    lifter: Option<Person>,
}

impl Pass {
    /// A name typed on the screen counts only where the till knows nobody better.
    pub fn name_or_typed(&self, typed: String) -> String {
        if self.person.is_some() { String::new() } else { typed }
    }
}

tokio::task_local! {
    static PASS: Pass;
}

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

struct Refusal {
    id: Uuid,
    asked: Asked,
    at_ms: i64,
    /// Who allowed it, and why.
    given: Option<(Person, String)>,
}

const REFUSAL_LASTS_MS: i64 = 60_000;

#[derive(Default)]
pub(crate) struct Seat {
    person: Option<PersonId>,
    last: Option<PersonId>,
    /// When the person last gave a command.
    last_ms: i64,
    /// Counts the sign-ins, so that the watch over one does not end the next.
    turn: u64,
    /// The refusal that a prompt may stand open for.
    refusal: Option<Refusal>,
}

impl Till {
    fn seat(&self) -> MutexGuard<'_, Seat> {
        self.seat.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who is at the till now. Someone who was removed, or has long given no command, is not.
    pub fn standing(&self) -> Standing {
        let people: Vec<Person> = self.people_now().iter().map(|stored| stored.person.clone()).collect();
        if people.is_empty() {
            return if self.records().training() { Standing::Training } else { Standing::FirstOwner };
        }
        let (seated, last, idle_ms) = {
            let seat = self.seat();
            (seat.person, seat.last, self.clock.now_ms() - seat.last_ms)
        };
        match people.iter().find(|person| Some(person.id) == seated && idle_ms < self.idle_limit_ms()) {
            Some(person) => Standing::Signed(person.clone()),
            None => Standing::Locked { people, last },
        }
    }

    fn idle_limit_ms(&self) -> i64 {
        i64::from(self.settings().lock_minutes) * 60_000
    }

    /// The guard. A right that is measured is looked at again by [`Till::allow`] when it is known how much is asked.
    pub fn admit(&self, need: Need, call: Call) -> Result<Pass, TillError> {
        let person = match (self.standing(), need) {
            (Standing::Signed(person), Need::Open) => Some(person),
            (_, Need::Open) | (Standing::FirstOwner | Standing::Training, Need::Nobody) | (Standing::Training, Need::Right(_)) => None,
            (Standing::FirstOwner, Need::Right(_)) | (Standing::Locked { .. }, Need::Right(_) | Need::Nobody) => {
                return Err(TillError::SignInNeeded);
            }
            (Standing::Signed(_), Need::Nobody) => return Err(TillError::NotAllowed(Right::People)),
            (Standing::Signed(person), Need::Right(right)) => {
                if person.role.reach(right) == Reach::No && !right.is_liftable() {
                    return Err(TillError::NotAllowed(right));
                }
                self.seat().last_ms = self.clock.now_ms();
                Some(person)
            }
        };
        Ok(Pass { need, call, person, lifter: None })
    }

    /// Signs a user of `kassactl` in and gives leave for one command. Where the shop has nobody, nobody is asked.
    pub async fn enter(self: &Arc<Self>, user: Option<User<'_>>, right: Right, command: &str) -> Result<Pass, TillError> {
        let call = Call { command: command.to_owned(), arguments: String::new() };
        if self.people_now().is_empty() {
            return Ok(Pass { need: Need::Open, call, person: None, lifter: None });
        }
        let user = user.ok_or(TillError::SignInNeeded)?;
        self.sign_in_by_name(user.name, user.pin).await?;
        self.admit(Need::Right(right), call)
    }

    /// Does what a pass is for, in its person's name.
    pub async fn with<T, E: From<TillError>>(&self, mut pass: Pass, act: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        if let Need::Right(right) = pass.need
            && !right.is_measured()
        {
            pass.lifter = self.allowed(&pass, right, Extent::Whole, None).await?;
        }
        PASS.scope(pass, act).await
    }

    /// The guard for what is measured: so much of a right, for the sale in hand.
    pub(crate) async fn allow(&self, right: Right, extent: Extent, sale: SaleId) -> Result<(), TillError> {
        let Ok(pass) = PASS.try_with(Clone::clone) else { return Ok(()) };
        self.allowed(&pass, right, extent, Some(sale)).await.map(drop)
    }

    /// Whether the person may, alone or lifted; then by whom. A lift is used up here, and written down before it is used.
    async fn allowed(&self, pass: &Pass, right: Right, extent: Extent, sale: Option<SaleId>) -> Result<Option<Person>, TillError> {
        let Some(person) = &pass.person else { return Ok(None) };
        if person.role.may(right, extent) {
            return Ok(None);
        }
        if !right.is_liftable() {
            return Err(TillError::NotAllowed(right));
        }
        let asked = Asked { person: person.id, call: pass.call.clone(), right, extent, sale };
        let known = self.seat().refusal.take().filter(|refusal| refusal.asked == asked && self.is_young(refusal));
        if let Some(Refusal { id, asked, given: Some((by, reason)), .. }) = known {
            self.ledger.note("lifted", &subject(id, &asked), told(&asked, &by, &reason), &self.act_of(Some(person))).await?;
            return Ok(Some(by));
        }
        let people = self.people_now().iter().map(|stored| stored.person.clone()).filter(|other| other.role.may(right, extent)).collect();
        let refusal = Refusal { id: self.clock.new_id(), asked, at_ms: self.clock.now_ms(), given: None };
        let approval =
            Approval { refusal: refusal.id, right, reach: person.role.reach(right), extent, currency: self.settings().currency, people };
        self.seat().refusal = Some(refusal);
        Err(TillError::NeedsApproval(Box::new(approval)))
    }

    fn is_young(&self, refusal: &Refusal) -> bool {
        self.clock.now_ms() - refusal.at_ms < REFUSAL_LASTS_MS
    }

    /// Another person allows what was refused, once, to who asked for it.
    pub(crate) async fn lift(&self, refusal: Uuid, by: Person, reason: &str) -> Result<(), TillError> {
        let asked = self.refused(refusal)?;
        if !by.role.may(asked.right, asked.extent) {
            return Err(TillError::NotAllowed(asked.right));
        }
        let body = told(&asked, &by, reason);
        self.ledger.note("lift_given", &subject(refusal, &asked), body, &self.act()).await?;
        match self.seat().refusal.as_mut().filter(|known| known.id == refusal) {
            Some(known) => {
                known.given = Some((by, reason.to_owned()));
                known.at_ms = self.clock.now_ms();
                Ok(())
            }
            None => Err(TillError::ApprovalGone),
        }
    }

    /// What was refused, as long as it may still be allowed.
    fn refused(&self, refusal: Uuid) -> Result<Asked, TillError> {
        let seat = self.seat();
        let known = seat.refusal.as_ref().filter(|known| known.id == refusal && self.is_young(known));
        known.filter(|known| Some(known.asked.person) == seat.person).map(|known| known.asked.clone()).ok_or(TillError::ApprovalGone)
    }

    pub(crate) fn may_still_be_lifted(&self, refusal: Uuid) -> Result<(), TillError> {
        self.refused(refusal).map(drop)
    }

    /// When something is done, and by whom.
    pub(crate) fn act(&self) -> Act {
        self.act_of(PASS.try_with(|pass| pass.person.clone()).ok().flatten().as_ref())
    }

    pub(crate) fn act_of(&self, person: Option<&Person>) -> Act {
        Act { at: self.clock.wall(), who: person.map(|person| Who { id: person.id, name: person.name.clone() }) }
    }

    /// Seats a person; whoever sat there goes. The sale and its payments stay as they are.
    pub(crate) async fn take_seat(self: &Arc<Self>, person: &Person, body: Value) -> Result<(), TillError> {
        self.leave_seat("switched").await?;
        self.ledger.note("signed_in", &person.id.to_string(), body, &self.act_of(Some(person))).await?;
        let turn = {
            let mut seat = self.seat();
            let turn = seat.turn + 1;
            *seat = Seat { person: Some(person.id), last: Some(person.id), last_ms: self.clock.now_ms(), turn, refusal: None };
            turn
        };
        self.watch_seat(turn);
        self.changed();
        Ok(())
    }

    /// Locks the till; the cart stays.
    pub async fn lock(&self) -> Result<(), TillError> {
        self.leave_seat("locked").await
    }

    /// The seat is empty before the fact is written: a full disk must not keep a till open.
    pub(crate) async fn leave_seat(&self, why: &str) -> Result<(), TillError> {
        let left = {
            let mut seat = self.seat();
            seat.refusal = None;
            seat.person.take()
        };
        let Some(left) = left else { return Ok(()) };
        self.changed();
        let person = self.people_now().iter().find(|stored| stored.person.id == left).map(|stored| stored.person.clone());
        self.ledger.note("signed_out", &left.to_string(), json!({ "why": why }), &self.act_of(person.as_ref())).await?;
        Ok(())
    }

    /// Locks the till when its person has given no command for long.
    fn watch_seat(self: &Arc<Self>, turn: u64) {
        let (till, clock) = (Arc::downgrade(self), self.clock.clone());
        tokio::spawn(async move {
            loop {
                let Some(due_ms) = till.upgrade().and_then(|till| till.lock_due_ms(turn)) else { return };
                clock.sleep_until(due_ms).await;
                let Some(till) = till.upgrade() else { return };
                let due = till.lock_due_ms(turn).is_some_and(|due_ms| clock.now_ms() >= due_ms);
                if due && let Err(error) = till.leave_seat("idle").await {
                    tracing::error!(%error, "the till is locked, but the journal does not say so");
                }
            }
        });
    }

    /// When the person of this turn has been idle for long enough; none where they no longer sit there.
    fn lock_due_ms(&self, turn: u64) -> Option<i64> {
        let seat = self.seat();
        (seat.turn == turn && seat.person.is_some()).then(|| seat.last_ms + self.idle_limit_ms())
    }
}

/// In whose name a decision is recorded: who allowed it; where nobody is named, who made it.
pub(crate) fn decider(named: &str) -> Option<String> {
    let in_charge = |pass: &Pass| {
        let alone = pass.person.as_ref().filter(|_| named.trim().is_empty());
        pass.lifter.as_ref().or(alone).map(|person| person.name.clone())
    };
    PASS.try_with(in_charge).ok().flatten()
}

/// A task of its own that goes on in the name of who began it.
pub(crate) async fn in_the_same_name<T>(pass: Option<Pass>, task: impl Future<Output = T>) -> T {
    match pass {
        Some(pass) => PASS.scope(pass, task).await,
        None => task.await,
    }
}

pub(crate) fn pass_now() -> Option<Pass> {
    PASS.try_with(Clone::clone).ok()
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
