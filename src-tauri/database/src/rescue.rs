//! The journal written out, from a ledger in whatever state: what can be read of a damaged one, and what is missing.

use crate::journal::{BEFORE_THE_FIRST, Entry, chained, entry, hexadecimal};
use crate::text::canonical;
use crate::{DatabaseError, head};
use checkout::people::PersonId;
use serde_json::Value;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use std::io::Write;
use std::path::Path;

/// How much of a journal was written out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exported {
    pub entries: i64,
    /// Facts that were written once and cannot be read, from and to.
    pub missing: Vec<(i64, i64)>,
    /// Facts that can be read but are not what was written.
    pub changed: Vec<i64>,
}

impl Exported {
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty() && self.changed.is_empty()
    }
}

/// So many facts are read at once; where one of them cannot be, by halves.
const A_STRETCH: i64 = 1_000;

/// Writes the journal, or the facts of some people, as JSON Lines, each with its hash, and reads on behind what is damaged.
pub async fn export_journal(directory: &Path, of: Option<&[PersonId]>, out: &mut (dyn Write + Send)) -> Result<Exported, DatabaseError> {
    let kept = head::read(directory).map_or(0, |kept| kept.seq);
    let options = SqliteConnectOptions::new().filename(directory.join("ledger.db")).read_only(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options);
    let found: Option<i64> = sqlx::query_scalar("SELECT max(seq) FROM journal").fetch_one(&pool).await.unwrap_or_default();
    // A number that Kassa cannot have given is damage, too.
    let last = kept.max(found.filter(|seq| kept == 0 || *seq < kept + A_STRETCH).unwrap_or(0));
    let mut walk = Walk { of, exported: Exported::default(), previous: Some(BEFORE_THE_FIRST.to_vec()) };
    let mut stretches: Vec<(i64, i64)> = vec![(1, last)];
    while let Some((from, to)) = stretches.pop() {
        if from > to {
            continue;
        }
        let end = to.min(from + A_STRETCH - 1);
        if end < to {
            stretches.push((end + 1, to));
        }
        match read(&pool, from, end).await {
            Ok(entries) => walk.write(entries, (from, end), out)?,
            Err(_) if from == end => walk.misses(from, end),
            Err(_) => {
                let middle = from + (end - from) / 2;
                stretches.extend([(middle + 1, end), (from, middle)]);
            }
        }
    }
    pool.close().await;
    Ok(walk.exported)
}

async fn read(pool: &SqlitePool, from: i64, to: i64) -> Result<Vec<Entry>, DatabaseError> {
    let rows = sqlx::query("SELECT * FROM journal WHERE seq BETWEEN ? AND ? ORDER BY seq").bind(from).bind(to).fetch_all(pool).await?;
    rows.iter().map(entry).collect()
}

/// The way along the chain.
struct Walk<'a> {
    /// None for everybody.
    of: Option<&'a [PersonId]>,
    exported: Exported,
    /// The hash of the fact before; none where that one is missing.
    previous: Option<Vec<u8>>,
}

impl Walk<'_> {
    fn misses(&mut self, from: i64, to: i64) {
        match self.exported.missing.last_mut() {
            Some((_, end)) if *end + 1 == from => *end = to,
            _ => self.exported.missing.push((from, to)),
        }
        self.previous = None;
    }

    fn write(&mut self, entries: Vec<Entry>, (from, to): (i64, i64), out: &mut (dyn Write + Send)) -> Result<(), DatabaseError> {
        let mut next = from;
        for entry in entries {
            if entry.seq > next {
                self.misses(next, entry.seq - 1);
            }
            next = entry.seq + 1;
            let mut fact = entry.fact();
            if self.previous.as_ref().is_some_and(|previous| entry.hash != chained(previous, &fact)) {
                self.exported.changed.push(entry.seq);
            }
            if self.is_wanted(&entry) {
                fact["hash"] = Value::from(hexadecimal(&entry.hash));
                writeln!(out, "{}", canonical(&fact))?;
                self.exported.entries += 1;
            }
            self.previous = Some(entry.hash);
        }
        if next <= to {
            self.misses(next, to);
        }
        Ok(())
    }

    fn is_wanted(&self, entry: &Entry) -> bool {
        let allowed_by = entry.body.pointer("/by/id").and_then(Value::as_str);
        self.of.is_none_or(|people| {
            entry.who.as_ref().is_some_and(|who| people.contains(&who.id)) || people.iter().any(|id| allowed_by == Some(&id.to_string()))
        })
    }
}
