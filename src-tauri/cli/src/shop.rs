//! Setting up, and looking at what was written down.

use crate::answer::{Answer, Failed, attempt_lines, attempt_object};
use crate::asker::Asker;
use checkout::payment::{AttemptId, Decision, Resolution};
use checkout::people::Right;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use till::receipt::COLUMNS;
use till::records::{Records, export_journal};
use till::{Exported, Opening, Till, TillError};
use uuid::Uuid;

#[derive(Args)]
pub struct Attempts {
    /// Only those without a final answer.
    #[arg(long)]
    open: bool,
    #[command(subcommand)]
    action: Option<AttemptAction>,
}

#[derive(Subcommand)]
enum AttemptAction {
    /// Decide an attempt in doubt, on evidence.
    Resolve {
        id: Uuid,
        #[arg(long = "as", value_enum)]
        decision: As,
        /// Who decides; where the shop has people, the user unless another is named.
        #[arg(long)]
        by: Option<String>,
        #[arg(long)]
        reason: String,
        /// The device's number for the operation; `-` where it shows none.
        #[arg(long)]
        reference: Option<String>,
        /// What was seen.
        #[arg(long, default_value = "")]
        evidence: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum As {
    Approved,
    Declined,
    /// Money that came too late, or too much of it, went back to the customer.
    Returned,
}

#[derive(Args)]
pub struct ReceiptArguments {
    number: i64,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write to a file instead of standard output.
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Pdf,
    Json,
    Escpos,
}

#[derive(Subcommand)]
pub enum JournalAction {
    /// Walk the chain of hashes from the first fact to the last.
    Verify,
    /// Write the journal as JSON Lines.
    Export {
        /// Only what this person did; the name of somebody who was removed will do.
        #[arg(long, value_name = "NAME")]
        person: Option<String>,
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

pub async fn init(asker: &Asker, settings: &Path, lost_key: Option<&str>) -> Result<Answer, Failed> {
    let text = std::fs::read_to_string(settings).map_err(|error| Failed::file(settings, &error))?;
    let opening = Opening { keeps_draft: false, ..Opening::at(&asker.data) };
    let settings = match lost_key {
        Some(reason) => till::init_with_new_key(opening, &text, reason).await?,
        None => till::init_by(opening, &text, asker.user()).await?,
    };
    let object = json!({ "shop": { "name": settings.shop.name, "till": settings.till, "currency": settings.currency.facts().code } });
    Ok(Answer::done(object, format!("{}, till {}: ready\n", settings.shop.name, settings.till)))
}

pub async fn attempts(asker: &Asker, arguments: Attempts) -> Result<Answer, Failed> {
    match arguments.action {
        Some(AttemptAction::Resolve { id, decision, by, reason, reference, evidence }) => {
            let decision = match decision {
                As::Approved => Decision::Approved,
                As::Declined => Decision::Declined,
                As::Returned => Decision::Returned,
            };
            if decision != Decision::Declined && reference.is_none() {
                return Err(Failed::usage("--reference is required with --as approved and returned (- where the device shows none)"));
            }
            if by.is_none() && asker.user().is_none() {
                return Err(Failed::usage("--by names who decides"));
            }
            let by = by.unwrap_or_default();
            let resolution = Resolution { decision, by, reason, reference: reference.unwrap_or_default(), evidence };
            resolve(asker, AttemptId(id), resolution).await
        }
        None => list(&Records::open(&asker.data).await?, arguments.open).await,
    }
}

async fn list(records: &Records, open_only: bool) -> Result<Answer, Failed> {
    let mut objects = Vec::new();
    let mut text = String::new();
    for stored in records.attempts(open_only).await? {
        objects.push(attempt_object(records, &stored).await?);
        text.push_str(&attempt_lines(records, &stored).await?);
    }
    if text.is_empty() {
        text = if open_only { "no attempt is open\n".to_owned() } else { "no attempt has been made\n".to_owned() };
    }
    Ok(Answer::done(json!({ "attempts": objects }), text))
}

/// A start cut short becomes a doubt as soon as the till opens; the decision waits for that.
async fn resolve(asker: &Asker, attempt: AttemptId, resolution: Resolution) -> Result<Answer, Failed> {
    const OPENING_MS: i64 = 2_000;
    let decide = async |till: &Arc<Till>| {
        till.left_the_start(attempt, OPENING_MS).await?;
        till.resolve(attempt, resolution).await?;
        let stored = till.records().attempt(attempt).await?;
        let object = json!({ "attempt": attempt_object(till.records(), &stored).await? });
        Ok(Answer::done(object, attempt_lines(till.records(), &stored).await?))
    };
    asker.at_till(Right::Doubt, "attempts resolve", decide).await
}

/// Opening the till asks about every attempt that may still be told of; here we wait for the answers.
pub async fn recover(asker: &Asker) -> Result<Answer, Failed> {
    asker.at_till(Right::Sell, "recover", async |till| asked(till).await).await
}

async fn asked(till: &Till) -> Result<Answer, Failed> {
    let mut objects = Vec::new();
    let mut text = String::new();
    let mut code = 0;
    for attempt in till.taken_up() {
        let settled = till.settled(*attempt, till.patience_ms()).await?;
        if settled.attempt.state.is_open() {
            code = 11;
        }
        objects.push(attempt_object(till.records(), &settled).await?);
        text.push_str(&attempt_lines(till.records(), &settled).await?);
    }
    if text.is_empty() {
        text = "nothing was left open\n".to_owned();
    }
    Ok(Answer { object: json!({ "attempts": objects }), text, code })
}

pub async fn receipt(data: &Path, arguments: ReceiptArguments) -> Result<Answer, Failed> {
    let records = Records::open(data).await?;
    let receipt = records.receipt(arguments.number).await?;
    let rows = records.rows(&receipt, COLUMNS);
    let text = checkout::layout::text(&rows);
    let lines: Vec<String> = rows.iter().map(|row| row.text().trim_end().to_owned()).collect();
    let object = json!({ "receipt": {
        "number": receipt.number, "total_minor": receipt.bill.total.minor(), "currency": receipt.bill.currency.facts().code,
        "closed_at": receipt.closed_at.to_string(), "columns": COLUMNS, "lines": lines,
    }});
    let bytes = match arguments.format {
        Format::Text => text.clone().into_bytes(),
        Format::Json => format!("{object}\n").into_bytes(),
        Format::Pdf => records.receipt_pdf(&receipt)?,
        Format::Escpos => return Err(Failed::refused("not_built", "this version drives no receipt printer yet; use text or pdf")),
    };
    match (&arguments.out, arguments.format) {
        (Some(out), _) => {
            std::fs::write(out, bytes).map_err(|error| Failed::file(out, &error))?;
            Ok(Answer::done(json!({ "file": out.display().to_string() }), format!("{}\n", out.display())))
        }
        (None, Format::Pdf) => Err(Failed::usage("a PDF needs --out FILE")),
        (None, Format::Json) => Ok(Answer::done(object.clone(), format!("{object}\n"))),
        (None, Format::Text | Format::Escpos) => Ok(Answer::done(object, text)),
    }
}

pub async fn journal(data: &Path, action: JournalAction) -> Result<Answer, Failed> {
    match action {
        JournalAction::Verify => verify(&Records::open(data).await?).await,
        JournalAction::Export { person, out: Some(out) } => {
            let mut file = std::fs::File::create(&out).map_err(|error| Failed::file(&out, &error))?;
            let exported = export_journal(data, person.as_deref(), &mut file).await?;
            let object = json!({ "file": out.display().to_string(), "entries": exported.entries });
            Ok(of_export(Answer::done(object, format!("{} entries\n", exported.entries)), &exported))
        }
        JournalAction::Export { person, out: None } => {
            let mut lines = Vec::new();
            let exported = export_journal(data, person.as_deref(), &mut lines).await?;
            let text = String::from_utf8_lossy(&lines).into_owned();
            let entries: Vec<serde_json::Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            Ok(of_export(Answer::done(json!({ "entries": entries }), text), &exported))
        }
    }
}

/// The chain, then whatever else the ledger holds against it.
async fn verify(records: &Records) -> Result<Answer, Failed> {
    let verified = records.verify_journal().await?;
    let object = json!({ "journal": { "entries": verified.entries, "head": verified.head, "broken_at": verified.broken_at } });
    if let Some(seq) = verified.broken_at {
        return Err(Failed::refused("journal_broken", format!("the chain breaks at entry {seq}")).details(object));
    }
    if let Some(fault) = records.check().await?.into_iter().next() {
        return Err(Failed::from(TillError::Damaged(fault)).details(object));
    }
    Ok(Answer::done(object, format!("{} entries, unbroken; head {}\n", verified.entries, verified.head)))
}

/// An export that is not whole says so and what is missing, beside what could be read.
fn of_export(mut answer: Answer, exported: &Exported) -> Answer {
    if exported.is_whole() {
        return answer;
    }
    let missing: Vec<_> = exported.missing.iter().map(|(from, to)| json!({ "from": from, "to": to })).collect();
    let list = |facts: &[String]| facts.join(", ");
    let gone = list(&exported.missing.iter().map(|(from, to)| format!("{from}–{to}")).collect::<Vec<_>>());
    let changed = list(&exported.changed.iter().map(i64::to_string).collect::<Vec<_>>());
    let what = format!("{} facts were read; missing: {gone}; not as they were written: {changed}", exported.entries);
    let failed = Failed::from(TillError::Damaged(what));
    answer.object["missing"] = missing.into();
    answer.object["changed"] = json!(exported.changed);
    answer.object["error"] = failed.object();
    answer.code = failed.exit();
    eprint!("{}", failed.text());
    answer
}
