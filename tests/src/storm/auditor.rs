//! The auditor: holds the ledger file against the terminals' own ledgers and against itself, with arithmetic of its own.
//! What it finds is named by the number of the rule in the reliability sheet (J1–J16).

use super::books::Books;
use super::world::World;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use simulators::ledger::State;
use std::collections::{BTreeMap, BTreeSet};

/// What was charged on the terminals, by whomever.
pub fn charges(world: &World) -> u64 {
    let entries = world.terminals.iter().flat_map(|terminal| terminal.ledger().entries());
    entries.filter(|entry| entry.state == State::Approved).count() as u64
}

pub fn audit(books: &Books, world: &World, acknowledged: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    money_on_the_device(books, world, &mut found);
    attempts(books, world, &mut found);
    one_at_a_time(books, &mut found);
    sales(books, &mut found);
    refunds(books, &mut found);
    totals(books, &mut found);
    chain(books, &mut found);
    let known: BTreeSet<&String> = books.commands.iter().collect();
    for lost in acknowledged.iter().filter(|command| !known.contains(command)) {
        found.push(format!("J14: the answered command {lost} is not in the ledger"));
    }
    if books.integrity != "ok" {
        found.push(format!("the file is damaged: {}", books.integrity));
    }
    found
}

/// J4, J5: every charge belongs to one intent, and none is made twice.
fn money_on_the_device(books: &Books, world: &World, found: &mut Vec<String>) {
    let intents: BTreeMap<&str, i64> = books.attempts.iter().map(|row| (row.id.as_str(), row.amount_minor)).collect();
    let mut charged: BTreeMap<String, u32> = BTreeMap::new();
    for (number, terminal) in world.terminals.iter().enumerate() {
        for entry in terminal.ledger().entries().iter().filter(|entry| entry.state == State::Approved) {
            let start = world.starts.iter().find(|start| start.terminal == number && start.operation == entry.device_id);
            let Some(attempt) = start.map(|start| start.attempt.to_string()) else {
                found.push(format!("J4: the charge {} belongs to nobody", entry.device_id));
                continue;
            };
            if !intents.contains_key(attempt.as_str()) {
                found.push(format!("J1, J4: the charge {} has no intent; it was sent for {attempt}", entry.device_id));
            }
            *charged.entry(attempt).or_default() += 1;
        }
    }
    for (attempt, times) in charged.iter().filter(|(_, times)| **times > 1) {
        found.push(format!("J5: {attempt} was charged {times} times"));
    }
}

/// J2, J3, J7 and the end of each attempt: what stays with the shop is what stands on the sale.
fn attempts(books: &Books, world: &World, found: &mut Vec<String>) {
    for row in &books.attempts {
        let mut charged_minor = 0;
        let mut returned_minor = 0;
        for start in world.starts.iter().filter(|start| start.attempt.to_string() == row.id && !world.is_untold(start)) {
            returned_minor = world.returned.get(&start.attempt).copied().unwrap_or(0);
            let taken = world.entry(start).filter(|entry| entry.state == State::Approved);
            charged_minor += taken.map_or(0, |entry| entry.amount_minor);
        }
        // Money goes one way by a payment and the other by a refund; what a device moved stands in the books either way.
        let taken = books.tenders.iter().filter(|tender| tender.attempt.as_deref() == Some(&row.id)).map(|tender| tender.amount_minor);
        let given = books.refund_tenders.iter().filter(|tender| tender.given && tender.attempt.as_deref() == Some(&row.id));
        let counted: Vec<i64> = taken.chain(given.map(|tender| tender.amount_minor)).collect();
        let counted_minor: i64 = counted.iter().sum();
        let began: Vec<&str> =
            world.starts.iter().filter(|start| start.attempt.to_string() == row.id).map(|start| start.operation.as_str()).collect();
        let told = format!(
            "{} of {} ({}, by hand: {}, known as {:?}, in truth {began:?})",
            row.id, row.amount_minor, row.state, row.by_hand, row.operation
        );
        if !row.by_hand && row.state == "approved" && charged_minor != row.amount_minor {
            found.push(format!("J7: {told} is approved and the device took {charged_minor}"));
        }
        if ["declined", "cancelled", "not_started"].contains(&row.state.as_str()) && charged_minor != returned_minor {
            found.push(format!("J4: {told} is over and the device took {charged_minor}, of which {returned_minor} went back"));
        }
        if charged_minor - returned_minor != counted_minor || counted.len() > 1 {
            found.push(format!("J5: {told}: {charged_minor} taken, {returned_minor} returned, {counted:?} counted"));
        }
        if ["intended", "pending", "unknown"].contains(&row.state.as_str()) {
            found.push(format!("J3: {told} is still open"));
        }
        if row.late_success {
            found.push(format!("{told} still waits for a return; the device named {:?}", row.answered_minor));
        }
    }
}

/// J2, J6 by the journal: legal steps alone, and the next attempt only when the last is final.
fn one_at_a_time(books: &Books, found: &mut Vec<String>) {
    const LEGAL: [(&str, &[&str]); 7] = [
        ("intended", &["pending", "not_started", "unknown", "approved", "declined", "cancelled"]),
        ("pending", &["pending", "unknown", "approved", "declined", "cancelled"]),
        ("unknown", &["unknown", "approved", "declined", "cancelled"]),
        ("approved", &["approved"]),
        ("declined", &["declined", "approved"]),
        ("cancelled", &["cancelled", "approved"]),
        ("not_started", &["not_started", "approved"]),
    ];
    let mut states: BTreeMap<&str, &str> = BTreeMap::new();
    for fact in books.journal.iter().filter(|fact| fact.kind == "attempt") {
        let event = fact.body["event"].as_str().unwrap_or_default();
        if event == "intended" {
            let open = states.iter().find(|(_, state)| ["intended", "pending", "unknown"].contains(*state));
            if let Some((open, state)) = open {
                found.push(format!("J6: {} begins while {open} is {state}", fact.subject));
            }
            if states.insert(&fact.subject, "intended").is_some() {
                found.push(format!("J2: {} was intended twice", fact.subject));
            }
            continue;
        }
        let after = fact.body["state"].as_str().unwrap_or_default();
        let before = states.insert(&fact.subject, after).unwrap_or("nothing");
        let legal = LEGAL.iter().any(|(from, to)| *from == before && to.contains(&after));
        let by_person = event == "resolved" || !["declined", "cancelled", "not_started"].contains(&before) || after != "approved";
        if !legal || !by_person {
            found.push(format!("J2: {} went from {before} to {after} by {event}", fact.subject));
        }
    }
    for row in &books.attempts {
        if states.get(row.id.as_str()) != Some(&row.state.as_str()) {
            found.push(format!("J2: {} is {} and the journal says {:?}", row.id, row.state, states.get(row.id.as_str())));
        }
    }
}

/// J8: a sale is what its lines come to, and what was paid for it; receipt numbers have no gap.
fn sales(books: &Books, found: &mut Vec<String>) {
    let of_sales = books.sales.iter().filter_map(|sale| sale.number);
    let mut numbers: Vec<i64> = of_sales.chain(books.refunds.iter().filter_map(|refund| refund.number)).collect();
    numbers.sort_unstable();
    if let Some((place, number)) = (1..).zip(&numbers).find(|(place, number)| place != *number) {
        found.push(format!("receipt {number} stands where {place} should"));
    }
    for sale in &books.sales {
        let sold_minor = books.sold_minor.get(&sale.id).copied().unwrap_or(0);
        if sold_minor != sale.total_minor {
            found.push(format!("J8: sale {} is {} and its lines {sold_minor}", sale.id, sale.total_minor));
        }
        let tenders: Vec<_> = books.tenders.iter().filter(|tender| tender.sale == sale.id).collect();
        let paid_minor: i64 = tenders.iter().map(|tender| tender.received_minor - tender.change_minor).sum();
        let rounding_minor: i64 = tenders.iter().map(|tender| tender.rounding_minor).sum();
        if tenders.iter().any(|tender| tender.received_minor - tender.change_minor != tender.amount_minor) {
            found.push(format!("J8: a tender of {} does not add up", sale.id));
        }
        if sale.state == "closed" {
            if sale.number.is_none() {
                found.push(format!("sale {} is closed without a number", sale.id));
            }
            if paid_minor != sale.total_minor + sale.rounding_minor || rounding_minor != sale.rounding_minor {
                found.push(format!("J8: sale {} of {} was closed with {paid_minor}", sale.id, sale.total_minor));
            }
        } else if sale.state == "open" {
            found.push(format!("sale {} is still open with {paid_minor} paid", sale.id));
        }
    }
}

/// What went back is what was planned, and never more than was sold or paid, whatever is under way or in doubt.
fn refunds(books: &Books, found: &mut Vec<String>) {
    let mut of_lines: BTreeMap<(String, i64), (i64, i64)> = BTreeMap::new();
    let mut of_payments: BTreeMap<String, i64> = BTreeMap::new();
    for refund in books.refunds.iter().filter(|refund| refund.state != "void") {
        let tenders: Vec<_> = books.refund_tenders.iter().filter(|tender| tender.refund == refund.id).collect();
        let ways_minor: i64 = tenders.iter().map(|tender| tender.amount_minor).sum();
        let rounding_minor: i64 = tenders.iter().map(|tender| tender.rounding_minor).sum();
        let mut lines_minor = 0;
        for line in books.refund_lines.iter().filter(|line| line.refund == refund.id) {
            let sum = of_lines.entry((refund.sale.clone(), line.line)).or_default();
            *sum = (sum.0 + line.quantity_milli, sum.1 + line.sold_minor);
            lines_minor += line.sold_minor;
        }
        for tender in &tenders {
            if let Some(payment) = &tender.payment {
                *of_payments.entry(payment.clone()).or_default() += tender.amount_minor;
            }
        }
        if lines_minor != refund.total_minor
            || ways_minor != refund.total_minor + refund.rounding_minor
            || rounding_minor != refund.rounding_minor
        {
            found.push(format!("J8: refund {} of {}: lines {lines_minor}, ways {ways_minor}", refund.id, refund.total_minor));
        }
        match refund.state.as_str() {
            "closed" if tenders.iter().any(|tender| !tender.given) => found.push(format!("J8: refund {} was closed ungiven", refund.id)),
            "closed" => {}
            state => found.push(format!("refund {} is still {state}", refund.id)),
        }
        if books.sales.iter().any(|sale| sale.id == refund.sale && sale.state != "closed") {
            found.push(format!("refund {} is of a sale that is not closed", refund.id));
        }
    }
    for (line, back) in &of_lines {
        let sold = books.sold_lines.get(line).copied().unwrap_or_default();
        if back.0 > sold.0 || back.1 > sold.1 {
            found.push(format!("J8: of line {line:?} went back {back:?}, and {sold:?} was sold"));
        }
    }
    for (payment, back_minor) in &of_payments {
        let paid_minor: i64 =
            books.tenders.iter().filter(|tender| tender.attempt.as_ref() == Some(payment)).map(|tender| tender.amount_minor).sum();
        if *back_minor > paid_minor {
            found.push(format!("J8: of payment {payment} of {paid_minor} went back {back_minor}"));
        }
    }
    let voided = books.refunds.iter().filter(|refund| refund.state == "void").map(|refund| refund.id.as_str());
    for id in voided {
        if books.refund_tenders.iter().any(|tender| tender.refund == id && tender.given) {
            found.push(format!("J8: refund {id} was given up though some of it had gone back"));
        }
    }
}

/// J16: the totals kept with the shift are what the journal's closed sales add up to.
fn totals(books: &Books, found: &mut Vec<String>) {
    let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
    let mut add = |figure: &str, part: &str, amount: i64| *sums.entry((figure.to_owned(), part.to_owned())).or_default() += amount;
    let minor = |value: &Value, name: &str| value[name].as_i64().unwrap();
    for fact in &books.journal {
        match fact.kind.as_str() {
            "sale_closed" => {
                add("sales", "", 1);
                add("total", "", minor(&fact.body, "total_minor"));
                add("discount", "", minor(&fact.body, "discount_minor"));
                for line in fact.body["lines"].as_array().unwrap() {
                    add("discount", "", minor(line, "discount_minor"));
                }
                for tax in fact.body["taxes"].as_array().unwrap() {
                    let rate = tax["vat_bp"].to_string();
                    add("tax_net", &rate, minor(tax, "net_minor"));
                    add("tax", &rate, minor(tax, "tax_minor"));
                }
                for tender in fact.body["tenders"].as_array().unwrap() {
                    let kind = tender["kind"].as_str().unwrap();
                    add("tenders", kind, 1);
                    for (figure, name) in [("received", "received_minor"), ("change", "change_minor"), ("rounding", "rounding_minor")] {
                        add(figure, kind, minor(tender, name));
                    }
                }
            }
            "refund_closed" => {
                add("refunds", "", 1);
                add("refunded", "", minor(&fact.body, "total_minor"));
                for tax in fact.body["taxes"].as_array().unwrap() {
                    let rate = tax["vat_bp"].to_string();
                    add("refund_net", &rate, minor(tax, "net_minor"));
                    add("refund_tax", &rate, minor(tax, "tax_minor"));
                }
                for tender in fact.body["tenders"].as_array().unwrap() {
                    let kind = tender["kind"].as_str().unwrap();
                    add("refund_tenders", kind, 1);
                    add("refund_given", kind, minor(tender, "amount_minor"));
                    add("refund_rounding", kind, minor(tender, "rounding_minor"));
                }
            }
            "sale_voided" => {
                add("voids", "", 1);
                add("voided", "", minor(&fact.body, "total_minor"));
            }
            _ => {}
        }
    }
    if sums != books.kept {
        found.push(format!("J16: the shift keeps {:?}, its sales add up to {sums:?}", books.kept));
    }
    for kind in ["cash", "kaspi"] {
        let closed: BTreeSet<&str> = books.sales.iter().filter(|sale| sale.state == "closed").map(|sale| sale.id.as_str()).collect();
        let rows = books.tenders.iter().filter(|tender| tender.kind == kind && closed.contains(tender.sale.as_str()));
        let received_minor: i64 = rows.map(|tender| tender.received_minor).sum();
        let kept_minor = books.kept.get(&("received".to_owned(), kind.to_owned())).copied().unwrap_or(0);
        if received_minor != kept_minor {
            found.push(format!("J16: {kind}: tenders {received_minor}, kept {kept_minor}"));
        }
    }
}

/// J12: the numbers have no gap, and each hash is made of the one before and the fact.
fn chain(books: &Books, found: &mut Vec<String>) {
    let mut before = vec![0; 32];
    for (place, fact) in (1..).zip(&books.journal) {
        let quoted = |text: &str| json!(text).to_string();
        let (at, kind, subject) = (quoted(&fact.at), quoted(&fact.kind), quoted(&fact.subject));
        let who = fact.who.as_ref().map_or("null".to_owned(), |(id, name)| format!(r#"{{"id":{},"name":{}}}"#, quoted(id), quoted(name)));
        let line = format!(r#"{{"at":{at},"body":{},"kind":{kind},"seq":{},"subject":{subject},"who":{who}}}"#, fact.text, fact.seq);
        let mut hasher = Sha256::new();
        hasher.update(&before);
        hasher.update(line);
        let hash = hasher.finalize().to_vec();
        if fact.seq != place || fact.hash != hash {
            found.push(format!("J12: the chain breaks at {place}"));
            return;
        }
        before = hash;
    }
}
