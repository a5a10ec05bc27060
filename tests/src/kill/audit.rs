//! An auditor with an arithmetic of its own: the terminal's ledger beside the till's exported journal. It knows neither the
//! till's types nor its rules. Each sale of a shop under audit has another amount, so charges and intents are matched by it.

use serde_json::Value;
use simulators::ledger::{Entry, State};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::ctl;

/// An attempt as the journal tells it.
#[derive(Debug, Clone, Default)]
pub struct Attempt {
    pub sale: String,
    pub amount_minor: i64,
    pub state: String,
}

/// A till's books, added up from its journal alone.
#[derive(Debug, Default)]
pub struct Books {
    pub attempts: BTreeMap<String, Attempt>,
    /// Receipt number and total of each closed sale.
    pub closed: BTreeMap<String, (i64, i64)>,
}

/// The journal's chain holds.
pub fn verify(data: &Path) {
    let (code, verified) = ctl::run(data, &["journal", "verify"]);
    assert_eq!(code, 0, "the chain is broken: {verified}");
}

/// Reads the journal as it is exported.
pub fn books(data: &Path) -> Books {
    let (_, exported) = ctl::run(data, &["journal", "export"]);
    add_up(exported["entries"].as_array().unwrap())
}

pub fn add_up(entries: &[Value]) -> Books {
    let mut books = Books::default();
    for (seq, entry) in (1_i64..).zip(entries) {
        assert_eq!(entry["seq"].as_i64(), Some(seq), "a gap in the journal");
        let (subject, body) = (entry["subject"].as_str().unwrap(), &entry["body"]);
        match (entry["kind"].as_str().unwrap(), body["event"].as_str()) {
            ("attempt", Some("intended")) => {
                let sale = body["sale"].as_str().unwrap().to_owned();
                let amount_minor = body["amount_minor"].as_i64().unwrap();
                let before = books.attempts.insert(subject.to_owned(), Attempt { sale, amount_minor, state: "intended".to_owned() });
                assert!(before.is_none(), "attempt {subject} was intended twice");
            }
            ("attempt", _) => {
                let attempt = books.attempts.get_mut(subject).expect("a fact about an attempt that nobody intended");
                assert_ne!(attempt.state, "approved", "an approved attempt went on: {entry}");
                attempt.state = body["state"].as_str().unwrap().to_owned();
            }
            ("sale_closed", _) => {
                let total_minor = close(&books, body);
                let before = books.closed.insert(subject.to_owned(), (body["number"].as_i64().unwrap(), total_minor));
                assert!(before.is_none(), "sale {subject} was closed twice");
            }
            ("wrong_amount" | "return_one_of_them" | "decision_contradicted", _) => panic!("an alarm nobody caused: {entry}"),
            _ => {}
        }
    }
    let numbers: BTreeSet<i64> = books.closed.values().map(|(number, _)| *number).collect();
    assert!(numbers.iter().copied().eq(1..=books.closed.len() as i64), "receipt numbers have a gap or a double: {numbers:?}");
    books
}

/// What a sale was closed with: its lines, its tenders and its total say the same.
fn close(books: &Books, body: &Value) -> i64 {
    let minor = |value: &Value, field: &str| value[field].as_i64().unwrap();
    let total_minor = minor(body, "total_minor");
    let tenders = body["tenders"].as_array().unwrap();
    let taken: i64 = tenders.iter().map(|tender| minor(tender, "received_minor") - minor(tender, "change_minor")).sum();
    assert_eq!(taken, total_minor + minor(body, "rounding_minor"), "tenders less change are not the total: {body}");
    let sold: i64 = body["lines"].as_array().unwrap().iter().map(|line| minor(line, "sold_minor")).sum();
    assert_eq!(sold + minor(body, "tax_added_minor"), total_minor, "the lines are not the total: {body}");
    for attempt in tenders.iter().filter_map(|tender| tender["attempt"].as_str()) {
        let attempt = books.attempts.get(attempt).expect("a tender of an attempt that nobody intended");
        assert_eq!(attempt.state, "approved", "a sale closed on what was not approved: {body}");
    }
    total_minor
}

/// The terminal's ledger beside the till's books, when everything is settled: one intent for each charge, of the same amount,
/// none charged twice, nothing approved that was not, nothing declined that was, and closed exactly what was paid.
pub fn compare(charges: &[Entry], books: &Books) {
    let mut charged: BTreeMap<i64, usize> = BTreeMap::new();
    for charge in charges {
        let intents = books.attempts.values().filter(|attempt| attempt.amount_minor == charge.amount_minor);
        assert!(intents.count() >= 1, "an operation of the terminal that nobody intended: {charge:?}");
        if charge.state == State::Approved {
            *charged.entry(charge.amount_minor).or_default() += 1;
        }
    }
    let mut approved: BTreeMap<i64, usize> = BTreeMap::new();
    for attempt in books.attempts.values() {
        assert!(!["intended", "pending", "unknown"].contains(&attempt.state.as_str()), "left open: {attempt:?}");
        if attempt.state == "approved" {
            *approved.entry(attempt.amount_minor).or_default() += 1;
            let (_, total_minor) = books.closed.get(&attempt.sale).expect("paid, and the sale was not closed");
            assert_eq!(*total_minor, attempt.amount_minor, "closed on another amount");
        }
    }
    assert_eq!(charged, approved, "what the terminal charged is not what the till has approved");
    assert!(charged.values().all(|times| *times == 1), "charged twice: {charged:?}");
    assert_eq!(books.closed.len(), approved.len(), "a sale was closed that nobody paid");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn charge(amount_minor: i64, state: State) -> Entry {
        let (op, device_id) = ("payment".to_owned(), "1".to_owned());
        Entry { seq: 1, op, device_id, amount_minor, state, method: None, reference: None }
    }

    fn fact(seq: i64, kind: &str, subject: &str, body: Value) -> Value {
        json!({ "seq": seq, "kind": kind, "subject": subject, "body": body })
    }

    /// A sale of 285 ₸ whose attempt ended so.
    fn sold(state: &str) -> Vec<Value> {
        let mut facts = vec![
            fact(1, "attempt", "a", json!({ "event": "intended", "sale": "s", "amount_minor": 28_500 })),
            fact(2, "attempt", "a", json!({ "event": state, "state": state })),
        ];
        if state == "approved" {
            let tender = json!({ "attempt": "a", "received_minor": 28_500, "change_minor": 0 });
            let body = json!({ "number": 1, "total_minor": 28_500, "rounding_minor": 0, "tax_added_minor": 0,
                               "lines": [{ "sold_minor": 28_500 }], "tenders": [tender] });
            facts.push(fact(3, "sale_closed", "s", body));
        }
        facts
    }

    /// What the auditor says, where it refuses.
    fn refusal(charges: &[Entry], facts: &[Value]) -> Option<String> {
        let audited = std::panic::catch_unwind(|| compare(charges, &add_up(facts)));
        let said = audited.err()?;
        Some(
            said.downcast_ref::<String>()
                .cloned()
                .or_else(|| said.downcast_ref::<&str>().map(|said| (*said).to_owned()))
                .unwrap_or_default(),
        )
    }

    #[test]
    fn the_auditor_passes_what_agrees_and_nothing_else() {
        let (yes, no) = (charge(28_500, State::Approved), charge(28_500, State::Declined));
        let check = |charges: &[Entry], facts: &[Value], expected: Option<&str>| {
            let said = refusal(charges, facts);
            let as_expected = match (expected, &said) {
                (Some(expected), Some(said)) => said.contains(expected),
                (expected, said) => expected.is_none() && said.is_none(),
            };
            assert!(as_expected, "{expected:?} was expected, not {said:?}");
        };
        check(std::slice::from_ref(&yes), &sold("approved"), None);
        check(std::slice::from_ref(&no), &sold("declined"), None);
        check(&[], &sold("declined"), None);
        check(&[yes.clone(), yes.clone()], &sold("approved"), Some("not what the till has approved"));
        check(std::slice::from_ref(&no), &sold("approved"), Some("not what the till has approved"));
        check(std::slice::from_ref(&yes), &sold("declined"), Some("not what the till has approved"));
        check(std::slice::from_ref(&yes), &[], Some("nobody intended"));
        check(std::slice::from_ref(&yes), &sold("approved")[..2], Some("was not closed"));
        check(&[], &sold("unknown"), Some("left open"));
        let mut twice = sold("approved");
        twice.push(fact(4, "sale_closed", "s", twice[2]["body"].clone()));
        check(&[yes], &twice, Some("closed twice"));
    }
}
