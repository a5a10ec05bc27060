//! The head of the journal's chain, kept in a small file beside the ledger. By it yesterday's copy of the ledger, a lost
//! log and a cut end are noticed at the start: none of them shows in the file itself.
//!
//! It is written behind each commit and not synced: a crash may leave it behind the ledger, never before it.

use crate::DatabaseError;
use crate::journal::{Head, hexadecimal};
use crate::text::damaged;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

pub const FILE: &str = "ledger.head";

/// The number and the hash, in hexadecimal, of the last fact that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub seq: i64,
    pub hash: String,
}

/// What is kept; none where nothing was kept yet, or it cannot be read.
pub fn read(directory: &Path) -> Option<Kept> {
    let text = std::fs::read_to_string(directory.join(FILE)).ok()?;
    let mut words = text.split_ascii_whitespace();
    let kept = Kept { seq: words.next()?.parse().ok()?, hash: words.next()?.to_owned() };
    (line(kept.seq, &kept.hash) == text).then_some(kept)
}

/// With a sum of its own: half of a line that a power cut left says nothing.
fn line(seq: i64, hash: &str) -> String {
    let fact = format!("{seq:020} {hash}");
    let sum = hexadecimal(&Sha256::digest(&fact)[..8]);
    format!("{fact} {sum}\n")
}

/// A folder that has had facts has a ledger.
pub fn expect_ledger(directory: &Path, kept: Option<&Kept>) -> Result<(), DatabaseError> {
    match kept {
        Some(kept) if !directory.join("ledger.db").exists() => {
            Err(damaged(format!("ledger.db is not in the folder, though {} facts had been written", kept.seq)))
        }
        _ => Ok(()),
    }
}

/// Held open while the ledger is.
pub(crate) struct HeadFile {
    file: Mutex<(i64, File)>,
}

impl HeadFile {
    /// None where it cannot be written: the ledger is worth more than its second witness.
    pub(crate) fn open(directory: &Path, last: &Head) -> Option<HeadFile> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(directory.join(FILE));
        let file = file.inspect_err(|error| tracing::warn!(%error, "the head of the journal cannot be kept beside it")).ok()?;
        let kept = HeadFile { file: Mutex::new((-1, file)) };
        kept.keep(last);
        Some(kept)
    }

    /// Of two commits told of out of their order the later one stays.
    pub(crate) fn keep(&self, head: &Head) {
        let mut guard = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, file) = &mut *guard;
        if head.seq <= *last {
            return;
        }
        *last = head.seq;
        let line = line(head.seq, &hexadecimal(&head.hash));
        if let Err(error) = file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(line.as_bytes())) {
            tracing::warn!(%error, "the head of the journal could not be kept beside it");
        }
    }
}
