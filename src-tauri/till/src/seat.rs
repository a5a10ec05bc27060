//! Who is at the till, and the one guard every command of a face passes. What a command does under it is done by its
//! person: facts it writes carry their name. Outside it the till itself acts: recovery, a device's answers.

use crate::lift::{Refusal, Used};
use crate::{Till, TillError};
use checkout::people::{Person, PersonId, Reach, Right};
use database::journal::{Act, Who};
use serde_json::{Value, json};
use std::sync::{Arc, MutexGuard, PoisonError};

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
    pub(crate) call: Call,
    /// None in a training shop, and before anybody is signed in.
    pub(crate) person: Option<Person>,
    /// Who allowed what is beyond the person's reach.
    pub(crate) lifter: Option<Person>,
    /// The lifts that what it does rests on.
    pub(crate) used: Used,
}

impl Pass {
    /// A name typed on the screen counts only where the till knows nobody better.
    pub fn name_or_typed(&self, typed: String) -> String {
        if self.person.is_some() { String::new() } else { typed }
    }
}

tokio::task_local! {
    pub(crate) static PASS: Pass;
}

/// The watch over the seat looks up so often: timers stand still while a machine sleeps, and the till of one that wakes
/// must not stay open until they have run on.
const WATCH_MS: i64 = 1_000;

#[derive(Default)]
pub(crate) struct Seat {
    pub(crate) person: Option<PersonId>,
    last: Option<PersonId>,
    /// When the person last gave a command, on the machine's uptime: what it has slept counts.
    last_ms: i64,
    /// Counts the sign-ins, so that the watch over one does not end the next.
    pub(crate) turn: u64,
    /// What was refused to the last command that went too far; a prompt may stand open for it.
    pub(crate) refusals: Vec<Refusal>,
}

impl Till {
    pub(crate) fn seat(&self) -> MutexGuard<'_, Seat> {
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
            (seat.person, seat.last, self.clock.up_ms() - seat.last_ms)
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
                self.seat().last_ms = self.clock.up_ms();
                Some(person)
            }
        };
        Ok(Pass { need, call, person, lifter: None, used: Used::default() })
    }

    /// Signs a user of `kassactl` in and gives leave for one command. Where the shop has nobody, nobody is asked.
    pub async fn enter(self: &Arc<Self>, user: Option<User<'_>>, right: Right, command: &str) -> Result<Pass, TillError> {
        let call = Call { command: command.to_owned(), arguments: String::new() };
        if self.people_now().is_empty() {
            return Ok(Pass { need: Need::Open, call, person: None, lifter: None, used: Used::default() });
        }
        let user = user.ok_or(TillError::SignInNeeded)?;
        self.sign_in_by_name(user.name, user.pin).await?;
        self.admit(Need::Right(right), call)
    }

    /// Does what a pass is for, in its person's name. A lift is used up by what was done, and stays where it failed.
    pub async fn with<T, E: From<TillError>>(&self, mut pass: Pass, act: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        if let Need::Right(right) = pass.need
            && !right.is_measured()
        {
            let (extent, sale) = self.about(&pass.call).await;
            pass.lifter = self.allowed(&pass, right, extent, sale)?;
        }
        let done = PASS.scope(pass.clone(), act).await;
        match &done {
            Ok(_) => self.tell_used(&pass).await,
            Err(_) => self.give_back(&pass),
        }
        done
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
            *seat = Seat { person: Some(person.id), last: Some(person.id), last_ms: self.clock.up_ms(), turn, refusals: Vec::new() };
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
            seat.refusals.clear();
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
                let Some(left_ms) = till.upgrade().and_then(|till| till.lock_left_ms(turn)) else { return };
                clock.sleep_until(clock.now_ms() + left_ms.min(WATCH_MS)).await;
                let Some(till) = till.upgrade() else { return };
                let due = till.lock_left_ms(turn).is_some_and(|left_ms| left_ms <= 0);
                if due && let Err(error) = till.leave_seat("idle").await {
                    tracing::error!(%error, "the till is locked, but the journal does not say so");
                }
            }
        });
    }

    /// How long until the person of this turn has been idle for long enough; none where they no longer sit there.
    fn lock_left_ms(&self, turn: u64) -> Option<i64> {
        let seat = self.seat();
        (seat.turn == turn && seat.person.is_some()).then(|| seat.last_ms + self.idle_limit_ms() - self.clock.up_ms())
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
