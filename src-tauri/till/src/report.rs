//! The X report: what the open shift has come to so far. It reads the totals kept with each sale and ends nothing.

use crate::receipt::COLUMNS;
use crate::records::Records;
use crate::words::Catalogue;
use crate::{Entry, StoredAttempt, StoredRefund, TillError};
use checkout::layout::Words;
use checkout::money::{Currency, Money};
use checkout::tender::TenderKind;
use database::shift::{Held, Shift, Totals};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq)]
pub struct XReport {
    pub currency: Currency,
    /// None before the first sale.
    pub shift: Option<Shift>,
    /// What open sales have taken in part: in the drawer or the bank, and in no total yet.
    pub held: Held,
    /// What one person allowed another beyond their right. No shift is closed yet, so all of them are of this one.
    pub lifts: Vec<Entry>,
    /// The payments that a person decided by hand; of this shift like the lifts.
    pub resolutions: Vec<Entry>,
    /// Payments and refunds without a final answer: they outlive the shift.
    pub open: Vec<StoredAttempt>,
    /// Refunds of which money has still to go back.
    pub open_refunds: Vec<StoredRefund>,
}

impl Records {
    pub async fn report_x(&self) -> Result<XReport, TillError> {
        let currency = self.settings().currency;
        self.ledger.check_shift(currency).await?;
        Ok(XReport {
            currency,
            shift: self.ledger.shift(currency).await?,
            held: self.ledger.held(currency).await?,
            lifts: self.ledger.lifts().await?,
            resolutions: self.ledger.resolutions().await?,
            open: self.ledger.attempts(true).await?,
            open_refunds: self.ledger.open_refunds().await?,
        })
    }

    /// The report in the shop's language.
    pub fn report_x_text(&self, report: &XReport) -> String {
        let words = Catalogue::of(&self.settings().language);
        let mut text = format!("{}, {} {}\n", self.settings().shop.name, words.word("receipt_till"), self.settings().till);
        match &report.shift {
            Some(shift) => {
                text.push_str(&format!("{} {}, {}\n", words.word("receipt_report_x"), shift.number, shift.opened_at));
                totals(&mut text, &shift.totals, &words);
            }
            None => text.push_str(&format!("{}\n", words.word("receipt_report_empty"))),
        }
        for (kind, amount) in &report.held {
            row(&mut text, &format!("{}: {}", words.word("receipt_report_held"), word_of(*kind, &words)), *amount);
        }
        for open in &report.open {
            let at = open.started_at.get(11..16).unwrap_or_default();
            let device = word_of(TenderKind::of(open.attempt.device), &words);
            row(&mut text, &format!("{}: {at} {device}", words.word("receipt_report_open")), open.attempt.amount);
        }
        for open in &report.open_refunds {
            row(&mut text, words.word("receipt_report_refund_open"), open.refund.portion.total.negated());
        }
        for resolution in &report.resolutions {
            resolved(&mut text, resolution, report.currency, &words);
        }
        for lift in &report.lifts {
            let name = |place: &str| lift.body.pointer(place).and_then(Value::as_str).unwrap_or_default();
            let who = lift.who.as_ref().map_or("", |who| who.name.as_str());
            let at = lift.at.get(11..16).unwrap_or_default();
            let label = format!("{}: {at} {who} / {}, {}", words.word("receipt_report_lifted"), name("/by/name"), name("/reason"));
            let minor = ["/extent/off_minor", "/extent/amount_minor"].into_iter().find_map(|place| lift.body.pointer(place)?.as_i64());
            match minor.and_then(|minor| Money::new(minor, report.currency).ok()) {
                Some(amount) => row(&mut text, &label, amount),
                None => text.push_str(&format!("{label}\n")),
            }
        }
        text
    }
}

fn totals(text: &mut String, totals: &Totals, words: &dyn Words) {
    row(text, &format!("{} ({})", words.word("receipt_report_sales"), totals.sales), totals.total);
    row(text, words.word("receipt_discount"), totals.discount);
    for tax in &totals.taxes {
        row(text, &words.word("receipt_report_vat").replace("{rate}", &tax.rate.to_string()), tax.tax);
    }
    for tender in &totals.tenders {
        row(text, &format!("{} ({})", word_of(tender.kind, words), tender.count), tender.amount);
        if !tender.rounding.is_zero() {
            row(text, &format!("  {}", words.word("receipt_rounding")), tender.rounding);
        }
    }
    if totals.refunds > 0 {
        row(text, &format!("{} ({})", words.word("receipt_report_refunds"), totals.refunds), totals.refunded.negated());
        for tax in &totals.refund_taxes {
            row(text, &format!("  {}", words.word("receipt_report_vat").replace("{rate}", &tax.rate.to_string())), tax.tax.negated());
        }
        for tender in &totals.refund_tenders {
            row(text, &format!("  {} ({})", word_of(tender.kind, words), tender.count), tender.amount.negated());
        }
    }
    row(text, &format!("{} ({})", words.word("receipt_report_voids"), totals.voids), totals.voided);
}

/// A payment decided by hand: who, what, when and on what evidence.
fn resolved(text: &mut String, resolution: &Entry, currency: Currency, words: &dyn Words) {
    let part = |name: &str| resolution.body.get(name).and_then(Value::as_str).unwrap_or_default();
    let decision = match part("decision") {
        "approved" => words.word("receipt_report_as_paid"),
        "returned" => words.word("receipt_report_as_returned"),
        _ => words.word("receipt_report_as_unpaid"),
    };
    let label = format!("{}: {} {decision}", words.word("receipt_report_by_hand"), resolution.at.get(11..16).unwrap_or_default());
    let minor = resolution.body.get("counted_minor").and_then(Value::as_i64).unwrap_or_default();
    row(text, &label, Money::new(minor, currency).unwrap_or(Money::zero(currency)));
    let signed = resolution.who.as_ref().map(|who| who.name.as_str()).filter(|name| *name != part("by"));
    let told: Vec<&str> =
        signed.into_iter().chain(["by", "why", "reference", "evidence"].into_iter().map(part)).filter(|told| !told.is_empty()).collect();
    text.push_str(&format!("  {}\n", told.join(", ")));
}

fn word_of(kind: TenderKind, words: &dyn Words) -> &str {
    match kind {
        TenderKind::Cash => words.word("receipt_cash"),
        TenderKind::Kaspi => words.word("receipt_kaspi"),
    }
}

fn row(text: &mut String, label: &str, amount: Money) {
    let amount = amount.figures(' ');
    let width = COLUMNS.saturating_sub(amount.chars().count() + 1);
    text.push_str(&format!("{label:<width$} {amount}\n"));
}
