//! Looking things up in the journal: a page at a time, newest first, by person, topic and day.

use crate::journal::{Entry, entry};
use crate::text::id;
use crate::{DatabaseError, Ledger};
use checkout::people::PersonId;
use sqlx::{QueryBuilder, Row, Sqlite};

/// What a fact is about. The table of the journal says which kinds belong where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    Sales,
    Payments,
    /// What a person decided, allowed, gave up or gave back, and what waits for that.
    Corrections,
    People,
    /// The settings and the goods.
    Shop,
}

impl Topic {
    pub const fn code(self) -> &'static str {
        match self {
            Topic::Sales => "sales",
            Topic::Payments => "payments",
            Topic::Corrections => "corrections",
            Topic::People => "people",
            Topic::Shop => "shop",
        }
    }
}

/// Which facts are looked for; none of a thing stands for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Who did it, or allowed it to another.
    pub person: Option<PersonId>,
    pub topic: Option<Topic>,
    /// `2026-11-23`, as the till's clock had it.
    pub day: Option<String>,
    /// Only what is older than the fact with this number.
    pub before: Option<i64>,
}

/// Somebody who works or has worked in the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub id: PersonId,
    pub name: String,
    pub removed: bool,
}

impl Ledger {
    /// The newest facts that fit, at most `limit`.
    pub async fn newest(&self, wanted: &Wanted, limit: u32) -> Result<Vec<Entry>, DatabaseError> {
        let mut query = QueryBuilder::<Sqlite>::new("");
        match wanted.person {
            None => newest_of(&mut query, wanted, None, limit),
            // The newest of each kind, each along its own index.
            Some(person) => {
                newest_of(&mut query, wanted, Some(("who", person)), limit);
                query.push(" UNION ");
                newest_of(&mut query, wanted, Some(("allowed_by", person)), limit);
                query.push(" ORDER BY seq DESC LIMIT ").push_bind(i64::from(limit));
            }
        }
        let rows = query.build().fetch_all(&self.reader).await?;
        rows.iter().map(entry).collect()
    }

    /// The days that have facts, newest first. Each is found by one step in the index, however long the journal is.
    pub async fn days(&self, limit: u32) -> Result<Vec<String>, DatabaseError> {
        let days = sqlx::query_scalar(
            "WITH RECURSIVE days (day) AS (
               SELECT max(day) FROM journal UNION ALL SELECT (SELECT max(day) FROM journal WHERE day < days.day) FROM days WHERE day NOT NULL
             ) SELECT day FROM days WHERE day NOT NULL LIMIT ?",
        );
        Ok(days.bind(i64::from(limit)).fetch_all(&self.reader).await?)
    }

    /// Everybody the shop has had, by name.
    pub async fn everybody(&self) -> Result<Vec<Known>, DatabaseError> {
        let rows = sqlx::query("SELECT id, name, removed_at NOT NULL AS removed FROM person ORDER BY removed, name, id")
            .fetch_all(&self.reader)
            .await?;
        let known = |row: &sqlx::sqlite::SqliteRow| {
            Ok(Known { id: PersonId(id(&row.try_get::<String, _>("id")?)?), name: row.try_get("name")?, removed: row.try_get("removed")? })
        };
        rows.iter().map(known).collect()
    }

    /// What one person allowed another beyond their right, oldest first.
    pub async fn lifts(&self) -> Result<Vec<Entry>, DatabaseError> {
        self.corrections("lifted").await
    }

    /// The payments a person decided by hand, oldest first.
    pub async fn resolutions(&self) -> Result<Vec<Entry>, DatabaseError> {
        self.corrections("attempt").await
    }

    async fn corrections(&self, kind: &str) -> Result<Vec<Entry>, DatabaseError> {
        let facts = sqlx::query("SELECT * FROM journal WHERE topic = 'corrections' AND kind = ? ORDER BY seq");
        let rows = facts.bind(kind).fetch_all(&self.reader).await?;
        rows.iter().map(entry).collect()
    }
}

fn newest_of(query: &mut QueryBuilder<Sqlite>, wanted: &Wanted, person: Option<(&str, PersonId)>, limit: u32) {
    query.push("SELECT * FROM (SELECT * FROM journal WHERE seq < ").push_bind(wanted.before.unwrap_or(i64::MAX));
    if let Some((column, person)) = person {
        query.push(format!(" AND {column} = ")).push_bind(person.to_string());
    }
    if let Some(topic) = wanted.topic {
        query.push(" AND topic = ").push_bind(topic.code());
    }
    if let Some(day) = &wanted.day {
        query.push(" AND day = ").push_bind(day.clone());
    }
    query.push(" ORDER BY seq DESC LIMIT ").push_bind(i64::from(limit)).push(")");
}
