//! `kassactl report`: what the shift has come to.

use crate::answer::{Answer, Failed, resolution_object};
use clap::Subcommand;
use serde_json::{Value, json};
use std::path::Path;
use till::TaxTotals;
use till::records::Records;
use till::report::XReport;
use till::{Entry, StoredAttempt};

#[derive(Subcommand)]
pub enum Report {
    /// The open shift so far; ends nothing. Works beside a running till.
    X,
    /// The end of a shift.
    Z,
}

pub async fn report(data: &Path, kind: Report) -> Result<Answer, Failed> {
    match kind {
        Report::Z => not_closed(&Records::open(data).await?).await,
        Report::X => {
            let records = Records::open(data).await?;
            let report = records.report_x().await?;
            Ok(Answer::done(json!({ "report": object(&report) }), records.report_x_text(&report)))
        }
    }
}

/// Until shifts are closed here, whoever closes the day by hand is told which payments outlive it.
async fn not_closed(records: &Records) -> Result<Answer, Failed> {
    let attempts = records.attempts(true).await?;
    let open: Vec<Value> = attempts.iter().map(open_object).collect();
    let refused = Failed::refused("not_built", "this version closes no shift yet; report x shows what it has come to");
    match open.len() {
        0 => Err(refused),
        many => Err(refused
            .hint(&format!(
                "{many} payment(s) have no answer yet and outlive the day: {}; kassactl attempts --open, kassactl recover",
                attempts.iter().map(open_text).collect::<Vec<_>>().join(", ")
            ))
            .details(json!({ "open_attempts": open }))),
    }
}

fn open_text(open: &StoredAttempt) -> String {
    let attempt = &open.attempt;
    format!("{} {} {} since {}", attempt.device.code(), attempt.amount, attempt.state.code(), open.started_at)
}

fn open_object(open: &StoredAttempt) -> Value {
    let attempt = &open.attempt;
    json!({
        "id": attempt.id.to_string(), "device": attempt.device.code(), "state": attempt.state.code(), "amount_minor": attempt.amount.minor(),
        "started_at": open.started_at,
    })
}

fn object(report: &XReport) -> Value {
    let held: Vec<Value> =
        report.held.iter().map(|(kind, amount)| json!({ "kind": kind.code(), "amount_minor": amount.minor() })).collect();
    let lift = |lift: &Entry| {
        json!({
            "at": lift.at, "who": lift.who.as_ref().map(|who| who.name.clone()), "by": lift.body["by"]["name"], "right": lift.body["right"],
            "extent": lift.body["extent"], "reason": lift.body["reason"],
        })
    };
    let lifts: Vec<Value> = report.lifts.iter().map(lift).collect();
    let open: Vec<Value> = report.open.iter().map(open_object).collect();
    let open_refunds: Vec<Value> = report
        .open_refunds
        .iter()
        .map(|open| json!({ "id": open.refund.id.to_string(), "total_minor": open.refund.portion.total.minor(), "opened_at": open.opened_at }))
        .collect();
    let resolutions: Vec<Value> = report.resolutions.iter().map(resolution_object).collect();
    let mut object = json!({
        "kind": "x", "currency": report.currency.facts().code, "shift": null, "held": held, "lifts": lifts, "resolutions": resolutions,
        "open_attempts": open, "open_refunds": open_refunds,
    });
    if let Some(shift) = &report.shift {
        let totals = &shift.totals;
        let taxes = |rows: &[TaxTotals]| -> Vec<Value> {
            let row =
                |row: &TaxTotals| json!({ "vat_bp": row.rate.basis_points(), "net_minor": row.net.minor(), "tax_minor": row.tax.minor() });
            rows.iter().map(row).collect()
        };
        let refund_tenders: Vec<Value> = totals
            .refund_tenders
            .iter()
            .map(|row| {
                json!({
                    "kind": row.kind.code(), "count": row.count, "amount_minor": row.amount.minor(), "rounding_minor": row.rounding.minor(),
                })
            })
            .collect();
        let tenders: Vec<Value> = totals
            .tenders
            .iter()
            .map(|row| {
                json!({
                    "kind": row.kind.code(), "count": row.count, "amount_minor": row.amount.minor(), "received_minor": row.received.minor(),
                    "change_minor": row.change.minor(), "rounding_minor": row.rounding.minor(),
                })
            })
            .collect();
        object["shift"] = json!({
            "number": shift.number, "opened_at": shift.opened_at, "sales": totals.sales, "total_minor": totals.total.minor(),
            "discount_minor": totals.discount.minor(), "taxes": taxes(&totals.taxes), "tenders": tenders, "voids": totals.voids,
            "refunds": totals.refunds, "refunded_minor": totals.refunded.minor(), "refund_taxes": taxes(&totals.refund_taxes),
            "refund_tenders": refund_tenders,
            "voided_minor": totals.voided.minor(),
        });
    }
    object
}
