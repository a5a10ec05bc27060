//! The journal: an append-only list of facts, each chained to the one before by SHA-256.
//!
//! `hash(n) = SHA-256(hash(n−1) ‖ canonical JSON of the fact n)`; before the first fact stand 32 zero bytes.

use crate::batch::Batch;
use crate::text::{canonical, damaged};
use crate::{DatabaseError, Ledger, stamp};
use jiff::Zoned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection};

/// One fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub seq: i64,
    pub at: String,
    pub kind: String,
    /// The id of what the fact is about.
    pub subject: String,
    pub body: Value,
    /// SHA-256, 32 bytes.
    pub hash: Vec<u8>,
}

impl Entry {
    /// As it stands in an export, without its hash.
    pub(crate) fn fact(&self) -> Value {
        json!({"seq": self.seq, "at": self.at, "kind": self.kind, "subject": self.subject, "body": self.body})
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
    pub(crate) fn append(&mut self, batch: &mut Batch, at: &Zoned, kind: &str, subject: &str, body: Value) {
        let mut entry =
            Entry { seq: self.seq + 1, at: stamp(at), kind: kind.to_owned(), subject: subject.to_owned(), body, hash: Vec::new() };
        entry.hash = chained(&self.hash, &entry.fact());
        (self.seq, self.hash) = (entry.seq, entry.hash.clone());
        batch
            .then("INSERT INTO journal (seq, at, kind, subject, body, hash) VALUES (?, ?, ?, ?, ?, ?)")
            .bind(entry.seq)
            .bind(entry.at)
            .bind(entry.kind)
            .bind(entry.subject)
            .bind(canonical(&entry.body))
            .bind(entry.hash);
    }
}

/// Appends a fact inside the caller's transaction.
pub(crate) async fn append(
    connection: &mut SqliteConnection,
    at: &Zoned,
    kind: &str,
    subject: &str,
    body: Value,
) -> Result<Head, DatabaseError> {
    let last: Option<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetch_optional(&mut *connection).await?;
    let (seq, hash) = last.unzip();
    let mut batch = Batch::default();
    let mut head = Head::new(seq, hash);
    head.append(&mut batch, at, kind, subject, body);
    batch.run(connection).await?;
    Ok(head)
}

pub(crate) fn chained(previous: &[u8], fact: &Value) -> Vec<u8> {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(canonical(fact));
    hasher.finalize().to_vec()
}

pub(crate) fn entry(row: &sqlx::sqlite::SqliteRow) -> Result<Entry, DatabaseError> {
    let body: String = row.try_get("body")?;
    Ok(Entry {
        seq: row.try_get("seq")?,
        at: row.try_get("at")?,
        kind: row.try_get("kind")?,
        subject: row.try_get("subject")?,
        body: serde_json::from_str(&body).map_err(|_| damaged("the body of a journal entry"))?,
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

    /// A page of the journal after `seq`, oldest first: bounded memory however long it is.
    async fn page(&self, after: i64) -> Result<Vec<Entry>, DatabaseError> {
        let rows = sqlx::query("SELECT * FROM journal WHERE seq > ? ORDER BY seq LIMIT 1000").bind(after).fetch_all(&self.reader).await?;
        rows.iter().map(entry).collect()
    }

    /// Walks the whole chain: an edited, removed or swapped fact breaks it at its place.
    pub async fn verify_journal(&self) -> Result<Verified, DatabaseError> {
        let mut previous = BEFORE_THE_FIRST.to_vec();
        let mut entries = 0;
        loop {
            let page = self.page(entries).await?;
            if page.is_empty() {
                return Ok(Verified { entries, head: hexadecimal(&previous), broken_at: None });
            }
            for entry in page {
                if entry.seq != entries + 1 || entry.hash != chained(&previous, &entry.fact()) {
                    return Ok(Verified { entries, head: hexadecimal(&previous), broken_at: Some(entries + 1) });
                }
                previous = entry.hash;
                entries = entry.seq;
            }
        }
    }
}
