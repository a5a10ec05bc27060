//! Fault scripts: what a simulator does wrong, on which call.
//!
//! ```json
//! [{"on": "payment", "nth": 1, "do": "drop_reply"},
//!  {"on": "status", "do": "delay_ms", "value": 300, "times": 2}]
//! ```
//!
//! `on` names the operation. `nth` is the call on which the fault begins,
//! counted per operation from 1; `times` is how many calls in a row it hits.
//! Without `times` a fault with `nth` hits once, and one without `nth` hits
//! every call. All faults that fit a call take effect together. Durations in a
//! script are real milliseconds: the time scale does not divide them.

mod reading;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

pub use reading::{ScriptError, check_ops, parse};

/// One line of a fault script.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "reading::Line")]
pub struct Fault {
    /// The operation the fault is for, such as `payment`.
    pub on: String,
    /// The first call it hits, counted from 1; absent: from the first.
    pub nth: Option<u32>,
    /// How many calls in a row it hits; see the module's page for the default.
    pub times: Option<u32>,
    /// What goes wrong.
    pub verb: Verb,
}

impl Fault {
    /// A fault on every call of the operation.
    pub fn new(on: &str, verb: Verb) -> Self {
        Self { on: on.to_owned(), nth: None, times: None, verb }
    }

    /// The same fault, on the nth call only (counted from 1).
    pub fn nth(mut self, nth: u32) -> Self {
        self.nth = Some(nth);
        self
    }

    /// The same fault, on this many calls in a row.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    fn hits(&self, call: u32) -> bool {
        let first = self.nth.unwrap_or(1);
        let times = match (self.times, self.nth) {
            (Some(times), _) => times,
            (None, Some(_)) => 1,
            (None, None) => u32::MAX,
        };
        call >= first && call - first < times
    }
}

/// What goes wrong on a call.
///
/// "Processed" means that the device does what the request asks, whatever the
/// caller then hears of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Verb {
    /// `drop_reply`: processed; the connection closes without a byte.
    DropReply,
    /// `cut_at`: processed; the connection closes after this many bytes of the
    /// whole reply, head included.
    CutAt(usize),
    /// `delay_ms`: processed at once; the reply leaves this much later.
    DelayMs(u64),
    /// `duplicate`: processed once; the reply is written twice.
    Duplicate,
    /// `forget`: answered properly; afterwards the device no longer knows the
    /// operation, though the customer may still finish it.
    Forget,
    /// `busy`: not processed; the device says that it is busy.
    Busy,
    /// `amount`: this text or number stands where the amount should.
    Amount(Value),
    /// `http_status`: this HTTP status with the vendor's general error body.
    /// Value: the number, or `{"status": 500, "processed": true}`.
    HttpStatus {
        /// The HTTP status.
        status: u16,
        /// Whether the request takes effect all the same.
        processed: bool,
    },
    /// `error`: the vendor's error envelope with these contents.
    /// Value: `{"http": 200, "status_code": 108, "text": "…", "processed": false}`.
    Error {
        /// The HTTP status.
        http: u16,
        /// The vendor's own code.
        status_code: i32,
        /// The vendor's text.
        text: String,
        /// Whether the request takes effect all the same.
        processed: bool,
    },
    /// `approve_then_drop`: processed, the customer pays at once, and the
    /// connection closes without a byte.
    ApproveThenDrop,
    /// `garbage`: processed; the body is no JSON.
    Garbage,
    /// `empty`: processed; the body is empty.
    Empty,
    /// `slow_loris`: processed; this many milliseconds before each byte.
    SlowLoris(u64),
    /// `flip_bit`: processed; this bit of the body is turned over (bit 0 is
    /// the lowest of the first byte; counted round when past the end).
    FlipBit(usize),
    /// `refuse`: the connection closes before the request is processed.
    Refuse,
    /// `status_word`: this word stands where the status should.
    StatusWord(String),
    /// `other_operation`: the reply names this operation in place of the one
    /// asked about.
    OtherOperation(String),
    /// `sub_status`: this word stands where the sub-status should.
    SubStatus(String),
}

/// A script being played: it counts the calls of each operation.
#[derive(Debug, Clone, Default)]
pub struct FaultScript {
    faults: Vec<Fault>,
    calls: BTreeMap<String, u32>,
}

impl FaultScript {
    /// A script from its first call.
    pub fn new(faults: Vec<Fault>) -> Self {
        Self { faults, calls: BTreeMap::new() }
    }

    /// Counts one call of the operation and gives all that goes wrong with it.
    pub fn next(&mut self, op: &str) -> Vec<Verb> {
        let call = self.calls.entry(op.to_owned()).or_insert(0);
        *call = call.saturating_add(1);
        let call = *call;
        self.faults.iter().filter(|fault| fault.on == op && fault.hits(call)).map(|fault| fault.verb.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(fault: Fault) -> Vec<u32> {
        let mut script = FaultScript::new(vec![fault]);
        (1..=5).filter(|_| !script.next("status").is_empty()).collect()
    }

    #[test]
    fn nth_and_times_choose_the_calls() {
        let busy = || Fault::new("status", Verb::Busy);
        assert_eq!(hits(busy()), [1, 2, 3, 4, 5]);
        assert_eq!(hits(busy().nth(2)), [2]);
        assert_eq!(hits(busy().times(2)), [1, 2]);
        assert_eq!(hits(busy().nth(3).times(2)), [3, 4]);
    }

    #[test]
    fn calls_are_counted_for_each_operation_apart() {
        let mut script = FaultScript::new(vec![Fault::new("status", Verb::Busy).nth(1)]);
        assert!(script.next("payment").is_empty());
        assert_eq!(script.next("status"), [Verb::Busy]);
    }
}
