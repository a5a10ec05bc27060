//! The journal: an append-only list of facts, each chained to the one before by SHA-256.
//!
//! `hash(n) = SHA-256(hash(n−1) ‖ canonical JSON of the fact n)`; before the first fact stand 32 zero bytes.

use crate::batch::Batch;
use crate::text::{canonical, damaged, id};
use crate::{DatabaseError, Ledger, stamp};
use checkout::people::PersonId;
use jiff::Zoned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

/// A person as the journal names them: the name as it was then, so that a removed person's facts stay readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    pub id: PersonId,
    pub name: String,
}

/// When something is done, and by whom; by nobody where a device or the till itself does it.
#[derive(Debug, Clone)]
pub struct Act {
    pub at: Zoned,
    pub who: Option<Who>,
}

impl Act {
    pub fn by_nobody(at: Zoned) -> Act {
        Act { at, who: None }
    }
}

/// One fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub seq: i64,
    pub at: String,
    pub kind: String,
    /// The id of what the fact is about.
    pub subject: String,
    pub body: Value,
    pub who: Option<Who>,
    /// SHA-256, 32 bytes.
    pub hash: Vec<u8>,
}

impl Entry {
    /// As it stands in an export, without its hash.
    pub(crate) fn fact(&self) -> Value {
        let who = self.who.as_ref().map(|who| json!({"id": who.id.to_string(), "name": who.name}));
        json!({"seq": self.seq, "at": self.at, "kind": self.kind, "subject": self.subject, "body": self.body, "who": who})
    }
}

/// What a check of the whole chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub entries: i64,
    /// The hash of the last fact, in hexadecimal; what is printed or kept elsewhere to show a later cut.
    pub head: String,
    /// The first fact that does not fit the chain.
    pub broken_at: Option<i64>,
}

pub(crate) const BEFORE_THE_FIRST: [u8; 32] = [0; 32];

/// The end of the chain as a transaction found it; facts are added behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: i64,
    pub(crate) hash: Vec<u8>,
}

impl Head {
    /// The last fact's number and hash, or none of them.
    pub(crate) fn new(seq: Option<i64>, hash: Option<Vec<u8>>) -> Head {
        match (seq, hash) {
            (Some(seq), Some(hash)) => Head { seq, hash },
            _ => Head { seq: 0, hash: BEFORE_THE_FIRST.to_vec() },
        }
    }

    /// Adds a fact to the batch of the transaction in which the head was read.
    pub(crate) fn append(&mut self, batch: &mut Batch, act: &Act, kind: &str, subject: &str, body: Value) {
        let mut entry = Entry {
            seq: self.seq + 1,
            at: stamp(&act.at),
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            body,
            who: act.who.clone(),
            hash: Vec::new(),
        };
        entry.hash = chained(&self.hash, &entry.fact());
        (self.seq, self.hash) = (entry.seq, entry.hash.clone());
        batch
            .then("INSERT INTO journal (seq, at, kind, subject, body, who, who_name, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(entry.seq)
            .bind(entry.at)
            .bind(entry.kind)
            .bind(entry.subject)
            .bind(canonical(&entry.body))
            .bind(entry.who.as_ref().map(|who| who.id.to_string()))
            .bind(entry.who.map(|who| who.name))
            .bind(entry.hash);
    }
}

/// Appends a fact inside the caller's transaction.
pub(crate) async fn append(
    connection: &mut SqliteConnection,
    act: &Act,
    kind: &str,
    subject: &str,
    body: Value,
) -> Result<Head, DatabaseError> {
    let last: Option<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetch_optional(&mut *connection).await?;
    let (seq, hash) = last.unzip();
    let mut batch = Batch::default();
    let mut head = Head::new(seq, hash);
    head.append(&mut batch, act, kind, subject, body);
    batch.run(connection).await?;
    Ok(head)
}

pub(crate) fn chained(previous: &[u8], fact: &Value) -> Vec<u8> {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(canonical(fact));
    hasher.finalize().to_vec()
}

pub(crate) fn entry(row: &SqliteRow) -> Result<Entry, DatabaseError> {
    let body: String = row.try_get("body")?;
    let who = match (row.try_get::<Option<String>, _>("who")?, row.try_get::<Option<String>, _>("who_name")?) {
        (Some(who), Some(name)) => Some(Who { id: PersonId(id(&who)?), name }),
        _ => None,
    };
    Ok(Entry {
        seq: row.try_get("seq")?,
        at: row.try_get("at")?,
        kind: row.try_get("kind")?,
        subject: row.try_get("subject")?,
        body: serde_json::from_str(&body).map_err(|_| damaged("the body of a journal entry"))?,
        who,
        hash: row.try_get("hash")?,
    })
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Ledger {
    /// The facts about one subject, oldest first.
    pub async fn history(&self, subject: &str) -> Result<Vec<Entry>, DatabaseError> {
        let rows = sqlx::query("SELECT * FROM journal WHERE subject = ? ORDER BY seq").bind(subject).fetch_all(&self.reader).await?;
        rows.iter().map(entry).collect()
    }

    /// A page of the journal after `seq`, of everybody or of one person, oldest first: bounded memory however long it is.
    async fn page(&self, after: i64, of: Option<PersonId>) -> Result<Vec<SqliteRow>, DatabaseError> {
        let page = match of {
            None => sqlx::query("SELECT * FROM journal WHERE seq > ? ORDER BY seq LIMIT 1000").bind(after),
            Some(person) => {
                sqlx::query("SELECT * FROM journal WHERE seq > ? AND who = ? ORDER BY seq LIMIT 1000").bind(after).bind(person.to_string())
            }
        };
        Ok(page.fetch_all(&self.reader).await?)
    }

    /// Walks the whole chain: an edited, removed or swapped fact breaks it at its place, and so does a body that means the
    /// same in other bytes.
    pub async fn verify_journal(&self) -> Result<Verified, DatabaseError> {
        let mut previous = BEFORE_THE_FIRST.to_vec();
        let mut entries = 0;
        loop {
            let page = self.page(entries, None).await?;
            if page.is_empty() {
                return Ok(Verified { entries, head: hexadecimal(&previous), broken_at: None });
            }
            for row in page {
                let entry = entry(&row).ok().filter(|entry| {
                    let as_written = canonical(&entry.body) == row.get::<String, _>("body");
                    as_written && entry.seq == entries + 1 && entry.hash == chained(&previous, &entry.fact())
                });
                let Some(entry) = entry else {
                    return Ok(Verified { entries, head: hexadecimal(&previous), broken_at: Some(entries + 1) });
                };
                previous = entry.hash;
                entries = entry.seq;
            }
        }
    }
}
