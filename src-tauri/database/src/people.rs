//! The people of the shop. PINs and badges come here as hashes and never leave but to be compared.

use crate::journal::{Act, Head, append};
use crate::text::{coded, id};
use crate::{DatabaseError, Ledger, stamp};
use checkout::people::{Person, PersonId, Role};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use std::fmt;

/// What a person signs in by, hashed.
#[derive(Clone, PartialEq, Eq)]
pub struct PinHash {
    pub text: String,
    /// What the PIN was long enough for.
    pub digits: usize,
}

impl fmt::Debug for PinHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinHash")
    }
}

/// A person who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPerson {
    pub person: Person,
    pub pin: PinHash,
    pub badge: Option<BadgeHash>,
}

#[derive(Clone, PartialEq, Eq)]
pub struct BadgeHash(pub Vec<u8>);

impl fmt::Debug for BadgeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BadgeHash")
    }
}

/// Wrong tries in a row and when the last was, on the clock of one run of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongTries {
    pub tries: u32,
    pub boot: String,
    pub up_ms: i64,
}

impl Ledger {
    /// Those who may sign in, in the order they came.
    pub async fn people(&self) -> Result<Vec<StoredPerson>, DatabaseError> {
        let rows = sqlx::query("SELECT * FROM person WHERE removed_at IS NULL ORDER BY rowid").fetch_all(&self.reader).await?;
        rows.iter().map(stored).collect()
    }

    /// Everybody there ever was with this name, the removed ones too: whose facts a filter looks for.
    pub async fn people_named(&self, name: &str) -> Result<Vec<PersonId>, DatabaseError> {
        let found: Vec<String> =
            sqlx::query_scalar("SELECT id FROM person WHERE name = ? ORDER BY rowid").bind(name).fetch_all(&self.reader).await?;
        found.iter().map(|found| Ok(PersonId(id(found)?))).collect()
    }

    pub async fn add_person(&self, person: &Person, pin: &PinHash, act: &Act) -> Result<(), DatabaseError> {
        let mut transaction = self.begin().await?;
        let head = add(&mut transaction, person, pin, act).await?;
        self.commit(transaction, &head).await
    }

    /// Adds the first person of a shop; refused where it has one.
    pub async fn add_first_person(&self, person: &Person, pin: &PinHash, act: &Act) -> Result<(), DatabaseError> {
        let mut transaction = self.begin().await?;
        let known: i64 = sqlx::query_scalar("SELECT count(*) FROM person WHERE removed_at IS NULL").fetch_one(&mut *transaction).await?;
        if known > 0 {
            return Err(DatabaseError::HasPeople);
        }
        let head = add(&mut transaction, person, pin, act).await?;
        self.commit(transaction, &head).await
    }

    /// Another name, another role, another PIN: what is none stays.
    pub async fn change_person(&self, person: &Person, pin: Option<&PinHash>, act: &Act) -> Result<(), DatabaseError> {
        let mut transaction = self.begin().await?;
        let before = load(&mut transaction, person.id).await?.person;
        if before.role == Role::Owner && person.role != Role::Owner {
            another_owner(&mut transaction, person.id).await?;
        }
        sqlx::query("UPDATE person SET name = ?, role = ? WHERE id = ?")
            .bind(&person.name)
            .bind(person.role.code())
            .bind(person.id.to_string())
            .execute(&mut *transaction)
            .await
            .map_err(|error| taken(error, &person.name))?;
        if let Some(pin) = pin {
            set_pin(&mut transaction, person.id, pin).await?;
        }
        let body = json!({
            "name": person.name, "role": person.role.code(), "name_before": before.name, "role_before": before.role.code(),
            "pin_changed": pin.is_some(),
        });
        let head = append(&mut transaction, act, "person_changed", &person.id.to_string(), body).await?;
        self.commit(transaction, &head).await
    }

    pub async fn set_pin(&self, person: PersonId, pin: &PinHash, act: &Act) -> Result<(), DatabaseError> {
        let mut transaction = self.begin().await?;
        let name = load(&mut transaction, person).await?.person.name;
        set_pin(&mut transaction, person, pin).await?;
        let head = append(&mut transaction, act, "pin_changed", &person.to_string(), json!({ "name": name })).await?;
        self.commit(transaction, &head).await
    }

    pub async fn set_badge(&self, person: PersonId, badge: Option<&BadgeHash>, act: &Act) -> Result<(), DatabaseError> {
        let mut transaction = self.begin().await?;
        let name = load(&mut transaction, person).await?.person.name;
        sqlx::query("UPDATE person SET badge_hash = ? WHERE id = ?")
            .bind(badge.map(|badge| badge.0.as_slice()))
            .bind(person.to_string())
            .execute(&mut *transaction)
            .await
            .map_err(|error| taken(error, &name))?;
        let body = json!({ "name": name, "badge": badge.is_some() });
        let head = append(&mut transaction, act, "badge_changed", &person.to_string(), body).await?;
        self.commit(transaction, &head).await
    }

    /// What the person signed in by is gone; the name stays with what they did.
    pub async fn remove_person(&self, person: PersonId, act: &Act) -> Result<(), DatabaseError> {
        let mut transaction = self.begin().await?;
        let before = load(&mut transaction, person).await?.person;
        if before.role == Role::Owner {
            another_owner(&mut transaction, person).await?;
        }
        sqlx::query("UPDATE person SET removed_at = ?, pin_hash = NULL, badge_hash = NULL WHERE id = ?")
            .bind(stamp(&act.at))
            .bind(person.to_string())
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM wrong_try WHERE subject = ?").bind(person.to_string()).execute(&mut *transaction).await?;
        let body = json!({ "name": before.name, "role": before.role.code() });
        let head = append(&mut transaction, act, "person_removed", &person.to_string(), body).await?;
        self.commit(transaction, &head).await
    }

    /// A fact about people that changes no table: a sign-in, a lift, a run of wrong PINs.
    pub async fn note(&self, kind: &str, subject: &str, body: Value, act: &Act) -> Result<(), DatabaseError> {
        let mut transaction = self.begin().await?;
        let head = append(&mut transaction, act, kind, subject, body).await?;
        self.commit(transaction, &head).await
    }

    pub async fn wrong_tries(&self, subject: &str) -> Result<Option<WrongTries>, DatabaseError> {
        let row = sqlx::query("SELECT * FROM wrong_try WHERE subject = ?").bind(subject).fetch_optional(&self.writer).await?;
        Ok(row.map(|row| WrongTries { tries: row.get("tries"), boot: row.get("boot"), up_ms: row.get("up_ms") }))
    }

    /// Keeps the wrong tries of a subject; none forgets them. A try is counted before it is looked at: a till that is killed
    /// while it looks must not give one for nothing.
    pub async fn keep_tries(&self, subject: &str, wrong: Option<&WrongTries>) -> Result<(), DatabaseError> {
        let kept = match wrong {
            Some(wrong) => sqlx::query("INSERT OR REPLACE INTO wrong_try VALUES (?, ?, ?, ?)")
                .bind(subject)
                .bind(wrong.tries)
                .bind(&wrong.boot)
                .bind(wrong.up_ms),
            None => sqlx::query("DELETE FROM wrong_try WHERE subject = ?").bind(subject),
        };
        kept.execute(&self.writer).await?;
        Ok(())
    }

    /// The machine has been started again since: of the time between nothing is known, so each wait begins anew.
    pub async fn begin_waits_anew(&self, boot: &str, up_ms: i64) -> Result<(), DatabaseError> {
        sqlx::query("UPDATE wrong_try SET boot = ?, up_ms = ? WHERE boot <> ?")
            .bind(boot)
            .bind(up_ms)
            .bind(boot)
            .execute(&self.writer)
            .await?;
        Ok(())
    }
}

async fn add(connection: &mut SqliteConnection, person: &Person, pin: &PinHash, act: &Act) -> Result<Head, DatabaseError> {
    sqlx::query("INSERT INTO person (id, name, role, pin_hash, pin_digits) VALUES (?, ?, ?, ?, ?)")
        .bind(person.id.to_string())
        .bind(&person.name)
        .bind(person.role.code())
        .bind(&pin.text)
        .bind(pin.digits as i64)
        .execute(&mut *connection)
        .await
        .map_err(|error| taken(error, &person.name))?;
    let body = json!({ "name": person.name, "role": person.role.code() });
    append(connection, act, "person_added", &person.id.to_string(), body).await
}

async fn set_pin(connection: &mut SqliteConnection, person: PersonId, pin: &PinHash) -> Result<(), DatabaseError> {
    sqlx::query("UPDATE person SET pin_hash = ?, pin_digits = ? WHERE id = ?")
        .bind(&pin.text)
        .bind(pin.digits as i64)
        .bind(person.to_string())
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM wrong_try WHERE subject = ?").bind(person.to_string()).execute(connection).await?;
    Ok(())
}

async fn another_owner(connection: &mut SqliteConnection, than: PersonId) -> Result<(), DatabaseError> {
    let others: i64 = sqlx::query_scalar("SELECT count(*) FROM person WHERE role = 'owner' AND removed_at IS NULL AND id <> ?")
        .bind(than.to_string())
        .fetch_one(connection)
        .await?;
    if others == 0 { Err(DatabaseError::LastOwner) } else { Ok(()) }
}

fn taken(error: sqlx::Error, name: &str) -> DatabaseError {
    match &error {
        sqlx::Error::Database(cause) if cause.is_unique_violation() && cause.message().contains("person.name") => {
            DatabaseError::NameTaken(name.to_owned())
        }
        sqlx::Error::Database(cause) if cause.is_unique_violation() => DatabaseError::BadgeTaken,
        _ => error.into(),
    }
}

async fn load(connection: &mut SqliteConnection, person: PersonId) -> Result<StoredPerson, DatabaseError> {
    let row =
        sqlx::query("SELECT * FROM person WHERE id = ? AND removed_at IS NULL").bind(person.to_string()).fetch_optional(connection).await?;
    stored(&row.ok_or_else(|| DatabaseError::NotFound("such person".to_owned()))?)
}

fn stored(row: &SqliteRow) -> Result<StoredPerson, DatabaseError> {
    let person = Person {
        id: PersonId(id(&row.get::<String, _>("id"))?),
        name: row.get("name"),
        role: coded(&row.get::<String, _>("role"), Role::from_code)?,
    };
    let pin = PinHash { text: row.get("pin_hash"), digits: row.get::<i64, _>("pin_digits") as usize };
    Ok(StoredPerson { person, pin, badge: row.get::<Option<Vec<u8>>, _>("badge_hash").map(BadgeHash) })
}
