//! `kassactl refund`: a receipt given back, whole or in part, the way it was paid.

use crate::answer::{Answer, Failed, attempt_object, exit_of};
use crate::asker::Asker;
use checkout::money::Money;
use checkout::payment::{AttemptState, Decision, Resolution};
use checkout::people::Right;
use checkout::quantity::Quantity;
use checkout::refund::{RefundId, Wanted};
use clap::Args;
use serde_json::{Value, json};
use std::sync::Arc;
use till::receipt::COLUMNS;
use till::refund::Way;
use till::{StoredAttempt, StoredRefund, Till};
use uuid::Uuid;

#[derive(Args)]
pub struct Refund {
    /// The number of the receipt the money goes back of.
    #[arg(long, value_name = "NO")]
    receipt: i64,
    /// A line of the receipt, with a quantity: 1, 2x3, 1x0.5. Without any, all that is left goes back.
    #[arg(long = "line", value_name = "L[xQTY]")]
    lines: Vec<String>,
    /// So much money in place of what the goods were sold for; without lines no goods come back.
    #[arg(long)]
    amount: Option<String>,
    /// The refund's own id: a repeat goes on where the first call ended and gives nothing twice.
    #[arg(long, value_name = "UUID")]
    id: Option<Uuid>,
    /// What the terminal was to give back is paid out of the drawer: the card is gone, or the terminal refuses.
    #[arg(long, conflicts_with = "on_terminal")]
    in_cash: bool,
    /// What the terminal was to give back was given by hand on the terminal: its number for it, or “-”.
    #[arg(long, value_name = "REFERENCE", requires_all = ["by", "reason"])]
    on_terminal: Option<String>,
    /// Who saw it given back on the terminal.
    #[arg(long)]
    by: Option<String>,
    /// Why it was given back there.
    #[arg(long)]
    reason: Option<String>,
}

pub async fn refund(asker: &Asker, refund: Refund) -> Result<Answer, Failed> {
    asker.at_till(Right::Refund, "refund", async |till| run(till, refund).await).await
}

async fn run(till: &Arc<Till>, asked: Refund) -> Result<Answer, Failed> {
    let id = RefundId(asked.id.unwrap_or_else(Uuid::now_v7));
    match till.records().refund(id).await? {
        Some(known) => heard_out(till, &known).await?,
        None => {
            let wanted = wanted(till, &asked).await?;
            till.open_refund(Uuid::now_v7(), id, asked.receipt, &wanted).await?;
        }
    }
    // From here on something may have gone back: the answer is what became of the refund, never a bare refusal.
    match give(till, id, &asked).await {
        Ok(ended) => answer(till, id, ended).await,
        Err(error) => {
            give_up(till, id).await?;
            let mut answer = answer(till, id, None).await?;
            answer.text.push_str(&error.text());
            answer.code = error.exit();
            answer.object["error"] = error.object();
            Ok(answer)
        }
    }
}

/// A call before this one may have left a device at work.
async fn heard_out(till: &Arc<Till>, known: &StoredRefund) -> Result<(), Failed> {
    for stored in attempts(till, known).await? {
        if stored.attempt.state.is_open() {
            till.settled(stored.attempt.id, till.patience_ms()).await?;
        }
    }
    Ok(())
}

/// Gives back what is left. Answers how a device's part ended that was not given; none where all is given.
async fn give(till: &Arc<Till>, id: RefundId, asked: &Refund) -> Result<Option<AttemptState>, Failed> {
    let way = match &asked.on_terminal {
        Some(reference) => Way::OnDevice(Resolution {
            decision: Decision::Approved,
            by: asked.by.clone().unwrap_or_default(),
            reason: asked.reason.clone().unwrap_or_default(),
            reference: reference.clone(),
            evidence: String::new(),
        }),
        None if asked.in_cash => Way::Cash,
        None => Way::Device,
    };
    let ended = till.give_refund(id, &way).await?;
    if ended.is_some_and(|ended| !ended.is_open()) {
        give_up(till, id).await?;
    }
    Ok(ended)
}

/// A script's refund of which nothing has gone back is over; one given in part stays, and so does one in doubt.
async fn give_up(till: &Till, id: RefundId) -> Result<(), Failed> {
    match till.give_up_refund(id).await {
        Ok(()) | Err(till::TillError::Refund(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn stored(till: &Till, id: RefundId) -> Result<StoredRefund, Failed> {
    till.records().refund(id).await?.ok_or_else(|| Failed::internal("the refund is not in the ledger"))
}

async fn attempts(till: &Till, refund: &StoredRefund) -> Result<Vec<StoredAttempt>, Failed> {
    let all = till.records().attempts_of(refund.refund.of).await?;
    Ok(all.into_iter().filter(|stored| stored.attempt.refund == Some(refund.refund.id)).collect())
}

/// Lines are named as the receipt shows them, from 1.
async fn wanted(till: &Till, asked: &Refund) -> Result<Wanted, Failed> {
    let (sold, _) = till.refundable(asked.receipt).await?;
    let mut wanted = Wanted::default();
    for text in &asked.lines {
        let (place, quantity) = text.split_once('x').map_or((text.as_str(), None), |(place, quantity)| (place, Some(quantity)));
        let place: usize = place.parse().map_err(|_| Failed::usage(&format!("“{text}” is not a line; 1 or 1x2 is")))?;
        let Some(line) = place.checked_sub(1).and_then(|place| sold.sale.lines.get(place)) else {
            return Err(Failed::refused(
                "refund",
                format!("receipt {} has {} lines; there is no line {place}", asked.receipt, sold.sale.lines.len()),
            ));
        };
        let quantity_milli = match quantity {
            Some(quantity) => Some(Quantity::parse(quantity, line.good.unit).map_err(|error| Failed::usage(&error.to_string()))?.milli()),
            None => None,
        };
        wanted.lines.push((line.id, quantity_milli));
    }
    if let Some(amount) = &asked.amount {
        wanted.amount = Some(Money::parse_major(amount, sold.sale.currency()).map_err(|error| Failed::usage(&error.to_string()))?);
    }
    Ok(wanted)
}

/// What became of the refund, for a first call and for its repeats alike.
async fn answer(till: &Till, id: RefundId, ended: Option<AttemptState>) -> Result<Answer, Failed> {
    let records = till.records();
    let stored = stored(till, id).await?;
    let (mut objects, mut unsettled) = (Vec::new(), false);
    for attempt in attempts(till, &stored).await? {
        unsettled |= attempt.attempt.is_unsettled();
        objects.push(attempt_object(records, &attempt).await?);
    }
    let state = match (&stored.closed, stored.void) {
        (Some(_), _) => "closed",
        (None, true) => "void",
        (None, false) => "open",
    };
    let (receipt, mut text) = match &stored.closed {
        Some(closed) => {
            let rows = records.rows(&records.receipt(closed.number).await?, COLUMNS);
            let lines: Vec<String> = rows.iter().map(|row| row.text().trim_end().to_owned()).collect();
            (json!({ "number": closed.number, "columns": COLUMNS, "lines": lines }), checkout::layout::text(&rows))
        }
        None => (Value::Null, format!("the refund is {state}; its id is {id}\n")),
    };
    if unsettled {
        text.push_str("  do not give this money back again; kassactl recover asks the device what became of it, and kassactl attempts resolve puts down what a person saw there\n");
    } else if stored.is_open() {
        text.push_str("  some of it has gone back; the same command with --id gives the rest, with --in-cash out of the drawer\n");
    }
    let code = match (&stored.closed, ended) {
        (Some(_), _) => 0,
        (None, Some(ended)) => exit_of(ended),
        (None, None) => 3,
    };
    let portion = &stored.refund.portion;
    let tenders: Vec<Value> = portion
        .tenders
        .iter()
        .map(|tender| {
            json!({
                "kind": tender.kind.code(), "amount_minor": tender.amount.minor(), "rounding_minor": tender.rounding.minor(), "given": tender.given,
                "payment_id": tender.payment.map(|payment| payment.to_string()), "attempt_id": tender.attempt.map(|attempt| attempt.to_string()),
            })
        })
        .collect();
    let lines: Vec<Value> = portion
        .lines
        .iter()
        .map(|line| json!({ "line": line.line, "quantity_milli": line.quantity_milli, "amount_minor": line.sold.minor() }))
        .collect();
    let object = json!({
        "refund": { "id": id.to_string(), "number": stored.closed.as_ref().map(|closed| closed.number), "sale_id": stored.refund.of.to_string(),
                    "state": state, "total_minor": portion.total.minor(), "currency": portion.total.currency().facts().code, "lines": lines },
        "tenders": tenders, "attempts": objects, "receipt": receipt,
    });
    Ok(Answer { object, text, code })
}
