//! Signing in, and the people of the shop. A try is counted before it is looked at, and after wrong ones the next is
//! not looked at for a while, also after a restart.

use crate::barcode;
use crate::keychain::{Key, KeyError};
use crate::pin::{fits, hash};
use crate::{Till, TillError};
use checkout::people::{FREE_TRIES, LEAST_BADGE, Person, PersonId, Role, tries_after, wait_ms};
use database::people::{BadgeHash, PinHash, StoredPerson, WrongTries};
use serde_json::json;
use std::sync::{Arc, PoisonError};
use uuid::Uuid;

/// The subject that unknown badges are counted under.
const BADGE: &str = "badge";
const NAME_AT_MOST: usize = 60;

/// What is left after a wrong try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    pub tries_left: u32,
    pub wait_ms: i64,
    /// What the next wrong try would make it.
    pub next_wait_ms: i64,
}

impl Wait {
    fn after(tries: u32, wait_ms: i64) -> Wait {
        Wait { tries_left: FREE_TRIES.saturating_sub(tries), wait_ms, next_wait_ms: checkout::people::wait_ms(tries + 1) }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    #[error("the PIN is not right")]
    WrongPin(Wait),
    #[error("nobody has this badge")]
    UnknownBadge(Wait),
    #[error("a PIN of at least {0} digits, and digits alone, is needed")]
    BadPin(usize),
    #[error("a name of at most {NAME_AT_MOST} letters is needed")]
    BadName,
    #[error("a badge of at least {LEAST_BADGE} signs is needed, not a barcode of goods")]
    BadBadge,
    #[error("this is a barcode of goods, and no badge")]
    NotABadge,
    #[error("a shop has at least one owner")]
    LastOwner,
    #[error("a reason is needed")]
    ReasonMissing,
}

/// By what another person allows an action.
pub enum Proof {
    Pin { person: PersonId, pin: String },
    Badge { badge: String },
}

/// A person as the page of people shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub person: Person,
    pub has_badge: bool,
    pub wait_ms: i64,
}

impl Till {
    pub(crate) fn people_now(&self) -> Arc<Vec<StoredPerson>> {
        self.people.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// After a change: it holds from the next command on.
    async fn read_people(&self) -> Result<(), TillError> {
        let people = Arc::new(self.ledger.people().await?);
        *self.people.write().unwrap_or_else(PoisonError::into_inner) = people;
        self.changed();
        Ok(())
    }

    /// The shop's key; made where the shop has none yet.
    async fn key(&self) -> Result<Key, TillError> {
        let key = self.key.get_or_try_init(async || {
            let mark = self.ledger.setting("pin_key").await?;
            let keychain = self.keychain.clone();
            let asked = mark.clone();
            let key = blocking(move || keychain.key(asked.as_deref())).await??;
            if mark.is_none() {
                self.ledger.set_setting("pin_key", &key.mark(), &self.act()).await?;
            }
            Ok::<_, TillError>(key)
        });
        key.await.cloned()
    }

    pub(crate) async fn has_lost_its_key(&self) -> bool {
        matches!(self.key().await, Err(TillError::Key(KeyError::Lost)))
    }

    /// Takes another key into use in the place of a lost one. Every PIN and badge was kept with that, so these people get new
    /// ones, and nobody else has any until an owner gives it. The shop knows the new key last: cut off before, it is done again.
    pub(crate) async fn replace_lost_key(&self, people: &[crate::settings::NewPerson], reason: &str) -> Result<(), TillError> {
        if reason.trim().is_empty() {
            return Err(PeopleError::ReasonMissing.into());
        }
        if !self.has_lost_its_key().await {
            return Err(KeyError::NotLost.into());
        }
        let keychain = self.keychain.clone();
        let key = blocking(move || keychain.key(None)).await??;
        let mark = key.mark();
        self.ledger.note("pin_key_replaced", "pin_key", json!({ "reason": reason.trim() }), &self.act()).await?;
        // Nothing but a key that was found is ever in the cell.
        let _ = self.key.set(key);
        self.take_people(people).await?;
        Ok(self.ledger.set_setting("pin_key", &mark, &self.act()).await?)
    }

    async fn hashed(&self, pin: &str, role: Role) -> Result<PinHash, TillError> {
        if !role.takes_pin(pin) {
            return Err(PeopleError::BadPin(role.least_pin_digits()).into());
        }
        let (key, cost, pin) = (self.key().await?, self.pin_cost, pin.to_owned());
        blocking(move || hash(&pin, role, &key, cost)).await?.ok_or_else(|| TillError::Key(KeyError::Unusable("no hash".to_owned())))
    }

    /// The first person of a shop that has nobody, signed in at once.
    pub async fn make_owner(self: &Arc<Self>, name: &str, pin: &str) -> Result<(), TillError> {
        let owner = Person { id: PersonId(self.clock.new_id()), name: proper(name)?, role: Role::Owner };
        let pin = self.hashed(pin, Role::Owner).await?;
        let mut act = self.act();
        act.who = self.act_of(Some(&owner)).who;
        self.ledger.add_first_person(&owner, &pin, &act).await?;
        self.read_people().await?;
        self.take_seat(&owner, json!({ "role": owner.role.code(), "by": "first" })).await
    }

    /// Signs in by PIN; whoever was signed in goes.
    pub async fn sign_in(self: &Arc<Self>, person: PersonId, pin: &str) -> Result<(), TillError> {
        let (person, tries) = self.checked(person, pin).await?;
        self.take_seat(&person, json!({ "role": person.role.code(), "by": "pin", "wrong_tries": tries })).await
    }

    pub async fn sign_in_by_badge(self: &Arc<Self>, badge: &str) -> Result<(), TillError> {
        let (person, tries) = self.recognised(badge).await?;
        self.take_seat(&person, json!({ "role": person.role.code(), "by": "badge", "wrong_tries": tries })).await
    }

    /// Signs in by name, for `kassactl`.
    pub async fn sign_in_by_name(self: &Arc<Self>, name: &str, pin: &str) -> Result<(), TillError> {
        let known = self.people_now().iter().find(|stored| stored.person.name == name.trim()).map(|stored| stored.person.id);
        self.sign_in(known.ok_or_else(|| TillError::NotFound(format!("person called “{name}”")))?, pin).await
    }

    /// Another person allows what was refused; who is signed in stays so.
    pub async fn give_lift(&self, refusal: Uuid, proof: &Proof, reason: &str) -> Result<(), TillError> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(PeopleError::ReasonMissing.into());
        }
        self.may_still_be_lifted(refusal)?;
        let (by, _) = match proof {
            Proof::Pin { person, pin } => self.checked(*person, pin).await?,
            Proof::Badge { badge } => self.recognised(badge).await?,
        };
        self.lift(refusal, by, reason).await
    }

    /// Whose PIN it is, and how many tries were wrong before it.
    async fn checked(&self, person: PersonId, pin: &str) -> Result<(Person, u32), TillError> {
        // One try at a time: many at once would be looked at before any was counted.
        let _turn = self.trying.lock().await;
        let stored = self.people_now().iter().find(|stored| stored.person.id == person).cloned();
        let stored = stored.ok_or_else(|| TillError::NotFound("such person".to_owned()))?;
        let (key, pin, hash) = (self.key().await?, pin.to_owned(), stored.pin);
        let fitting = blocking(move || fits(&pin, &hash, &key));
        let tried = self.tried(&person.to_string(), fitting).await?;
        tried.map(|tries| (stored.person, tries)).map_err(|wait| PeopleError::WrongPin(wait).into())
    }

    /// A barcode of goods, scanned where a badge is meant, is no try at one.
    async fn recognised(&self, badge: &str) -> Result<(Person, u32), TillError> {
        if barcode::is_of_goods(badge.trim()) {
            return Err(PeopleError::NotABadge.into());
        }
        let _turn = self.trying.lock().await;
        let scanned = BadgeHash(self.key().await?.keyed(BADGE, badge.trim()));
        let known = self.people_now().iter().find(|stored| stored.badge.as_ref() == Some(&scanned)).map(|stored| stored.person.clone());
        let tried = self.tried(BADGE, async { Ok(known.is_some()) }).await?;
        match (known, tried) {
            (Some(person), Ok(tries)) => Ok((person, tries)),
            (_, Err(wait)) => Err(PeopleError::UnknownBadge(wait).into()),
            (None, Ok(_)) => Err(TillError::NotFound("such person".to_owned())),
        }
    }

    /// Looks at one try of a subject, if no wait is on. Answers how many were wrong before a right one, or what is left.
    async fn tried(&self, subject: &str, look: impl Future<Output = Result<bool, TillError>>) -> Result<Result<u32, Wait>, TillError> {
        let (boot, up_ms) = self.clock.uptime();
        let before = self.ledger.wrong_tries(subject).await?;
        let left_ms = before.as_ref().map_or(0, |before| still_to_wait_ms(before, &boot, up_ms));
        let wrong = before.as_ref().map_or(0, |before| still_counted(subject, before, &boot, up_ms));
        if left_ms > 0 {
            return Ok(Err(Wait::after(wrong, left_ms)));
        }
        let tries = wrong + 1;
        self.ledger.keep_tries(subject, Some(&WrongTries { tries, boot, up_ms })).await?;
        if look.await? {
            // The right PIN ends the run of wrong ones. A known badge does not: who has one could try others for ever.
            self.ledger.keep_tries(subject, before.as_ref().filter(|_| subject == BADGE)).await?;
            return Ok(Ok(wrong));
        }
        if tries >= FREE_TRIES {
            self.ledger.note("wrong_tries", subject, json!({ "tries": tries, "wait_ms": wait_ms(tries) }), &self.act()).await?;
        }
        Ok(Err(Wait::after(tries, wait_ms(tries))))
    }

    pub async fn listed_people(&self) -> Result<Vec<Listed>, TillError> {
        let (boot, up_ms) = self.clock.uptime();
        let mut listed = Vec::new();
        for stored in self.people_now().iter() {
            let wrong = self.ledger.wrong_tries(&stored.person.id.to_string()).await?;
            let wait_ms = wrong.map_or(0, |wrong| still_to_wait_ms(&wrong, &boot, up_ms));
            listed.push(Listed { person: stored.person.clone(), has_badge: stored.badge.is_some(), wait_ms });
        }
        Ok(listed)
    }

    pub async fn add_person(&self, name: &str, role: Role, pin: &str) -> Result<(), TillError> {
        let person = Person { id: PersonId(self.clock.new_id()), name: proper(name)?, role };
        let pin = self.hashed(pin, role).await?;
        self.ledger.add_person(&person, &pin, &self.act()).await?;
        self.read_people().await
    }

    /// A role that wants a longer PIN than the person has comes with a new one.
    pub async fn change_person(&self, id: PersonId, name: &str, role: Role, pin: Option<&str>) -> Result<(), TillError> {
        let stored = self.people_now().iter().find(|stored| stored.person.id == id).cloned();
        let stored = stored.ok_or_else(|| TillError::NotFound("such person".to_owned()))?;
        let pin = match pin {
            Some(pin) => Some(self.hashed(pin, role).await?),
            None if stored.pin.digits < role.least_pin_digits() => return Err(PeopleError::BadPin(role.least_pin_digits()).into()),
            None => None,
        };
        self.ledger.change_person(&Person { id, name: proper(name)?, role }, pin.as_ref(), &self.act()).await?;
        self.read_people().await
    }

    pub async fn set_pin(&self, id: PersonId, pin: &str) -> Result<(), TillError> {
        let role = self.people_now().iter().find(|stored| stored.person.id == id).map(|stored| stored.person.role);
        let pin = self.hashed(pin, role.ok_or_else(|| TillError::NotFound("such person".to_owned()))?).await?;
        self.ledger.set_pin(id, &pin, &self.act()).await?;
        self.read_people().await
    }

    pub async fn set_badge(&self, id: PersonId, badge: Option<&str>) -> Result<(), TillError> {
        let badge = match badge.map(str::trim) {
            Some(badge) if badge.chars().count() < LEAST_BADGE || barcode::is_of_goods(badge) => return Err(PeopleError::BadBadge.into()),
            Some(badge) => Some(BadgeHash(self.key().await?.keyed(BADGE, badge))),
            None => None,
        };
        self.ledger.set_badge(id, badge.as_ref(), &self.act()).await?;
        self.read_people().await
    }

    /// What they did stays, in their name.
    pub async fn remove_person(&self, id: PersonId) -> Result<(), TillError> {
        self.ledger.remove_person(id, &self.act()).await?;
        self.read_people().await
    }

    /// The people of a settings file: new ones are added, known names get the role and the PIN of the file. Owners who are to
    /// be less come last, so that there is one at every moment.
    pub(crate) async fn take_people(&self, people: &[crate::settings::NewPerson]) -> Result<(), TillError> {
        let before = self.people_now();
        let owns = |name: &str| before.iter().any(|stored| stored.person.name == name && stored.person.role == Role::Owner);
        let (last, first): (Vec<_>, Vec<_>) = people.iter().partition(|new| new.role != Role::Owner && owns(&new.name));
        for new in first.into_iter().chain(last) {
            let known = self.people_now().iter().find(|stored| stored.person.name == new.name).map(|stored| stored.person.id);
            match known {
                Some(id) => self.change_person(id, &new.name, new.role, Some(&new.pin)).await?,
                None => self.add_person(&new.name, new.role, &new.pin).await?,
            }
        }
        Ok(())
    }
}

pub(crate) fn is_proper(name: &str) -> bool {
    !name.is_empty() && name.chars().count() <= NAME_AT_MOST && !name.chars().any(char::is_control)
}

fn proper(name: &str) -> Result<String, TillError> {
    let name = name.trim();
    is_proper(name).then(|| name.to_owned()).ok_or_else(|| PeopleError::BadName.into())
}

/// On the clock of this run of the machine; of another run nothing has passed.
fn passed_ms(wrong: &WrongTries, boot: &str, up_ms: i64) -> i64 {
    if wrong.boot == boot { (up_ms - wrong.up_ms).max(0) } else { 0 }
}

fn still_to_wait_ms(wrong: &WrongTries, boot: &str, up_ms: i64) -> i64 {
    (wait_ms(wrong.tries) - passed_ms(wrong, boot, up_ms)).max(0)
}

/// Unknown badges are nobody's, so only time makes up for them.
fn still_counted(subject: &str, wrong: &WrongTries, boot: &str, up_ms: i64) -> u32 {
    if subject == BADGE { tries_after(wrong.tries, passed_ms(wrong, boot, up_ms)) } else { wrong.tries }
}

/// Hashing takes a processor for a while: never on the threads that serve the screen.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, TillError> {
    let stopped = |error: tokio::task::JoinError| TillError::Key(KeyError::Unusable(error.to_string()));
    tokio::task::spawn_blocking(work).await.map_err(stopped)
}
