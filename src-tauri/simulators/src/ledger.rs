//! The device's own record of what became of each attempt.
//!
//! It is written when the money is decided, whether or not the till ever asks,
//! so an auditor can compare it with the till's books. One line for each
//! attempt, when it becomes final; JSON Lines with exactly these keys:
//!
//! ```json
//! {"seq":1,"op":"payment","device_id":"1678090708423","amount_minor":487000,"state":"approved","method":"qr","reference":"504711333"}
//! ```

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// How an attempt ended for the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The money has moved.
    Approved,
    /// The customer or the bank said no, or nobody answered in time.
    Declined,
    /// It was stopped on the device, and no money moved.
    Cancelled,
}

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The line's number, from 1, without gaps.
    pub seq: u64,
    /// What was tried: `payment` or `refund`.
    pub op: String,
    /// The device's own id of the attempt; for Kaspi the `processId`.
    pub device_id: String,
    /// The amount in minor units (tiyn), positive for refunds too.
    pub amount_minor: i64,
    /// How it ended.
    pub state: State,
    /// How the customer paid; none if nobody got so far.
    pub method: Option<String>,
    /// The reference a refund needs and a receipt shows; none unless approved.
    pub reference: Option<String>,
}

/// What is written down about an attempt that has just become final.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// See [`Entry::op`].
    pub op: &'static str,
    /// See [`Entry::device_id`].
    pub device_id: String,
    /// See [`Entry::amount_minor`].
    pub amount_minor: i64,
    /// See [`Entry::state`].
    pub state: State,
    /// See [`Entry::method`].
    pub method: Option<&'static str>,
    /// See [`Entry::reference`].
    pub reference: Option<String>,
}

/// The record in memory.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
}

impl Ledger {
    /// All lines so far, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Writes down an attempt that has become final.
    pub fn record(&mut self, line: Line) {
        self.entries.push(Entry {
            seq: self.entries.len() as u64 + 1,
            op: line.op.to_owned(),
            device_id: line.device_id,
            amount_minor: line.amount_minor,
            state: line.state,
            method: line.method.map(str::to_owned),
            reference: line.reference,
        });
    }
}

/// A file that follows a ledger, line by line.
#[derive(Debug)]
pub struct LedgerFile {
    file: File,
    written: usize,
}

impl LedgerFile {
    /// Opens the file to append to it, creating it where there is none.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self { file, written: 0 })
    }

    /// Appends the lines that are not in the file yet, each in one write.
    ///
    /// # Errors
    /// What the system says; the lines not written are tried again next time.
    pub fn follow(&mut self, ledger: &Ledger) -> io::Result<()> {
        for entry in ledger.entries().iter().skip(self.written) {
            let mut line = serde_json::to_vec(entry)?;
            line.push(b'\n');
            self.file.write_all(&line)?;
            self.written += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        ledger.record(Line {
            op: "payment",
            device_id: "1678090708423".to_owned(),
            amount_minor: 487_000,
            state: State::Approved,
            method: Some("qr"),
            reference: Some("504711333".to_owned()),
        });
        ledger.record(Line {
            op: "refund",
            device_id: "1678090915873".to_owned(),
            amount_minor: 100,
            state: State::Cancelled,
            method: None,
            reference: None,
        });
        ledger
    }

    #[test]
    fn a_line_has_exactly_the_agreed_keys() {
        let lines: Vec<String> = ledger().entries().iter().map(|entry| serde_json::to_string(entry).unwrap()).collect();
        assert_eq!(
            lines[0],
            r#"{"seq":1,"op":"payment","device_id":"1678090708423","amount_minor":487000,"state":"approved","method":"qr","reference":"504711333"}"#
        );
        assert_eq!(
            lines[1],
            r#"{"seq":2,"op":"refund","device_id":"1678090915873","amount_minor":100,"state":"cancelled","method":null,"reference":null}"#
        );
    }

    #[test]
    fn the_file_gets_each_line_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.jsonl");
        let ledger = ledger();
        let mut file = LedgerFile::open(&path).unwrap();
        file.follow(&ledger).unwrap();
        file.follow(&ledger).unwrap();
        let read: Vec<Entry> = std::fs::read_to_string(&path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read, ledger.entries());
    }
}
