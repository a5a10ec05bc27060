//! `kassactl sell`: one sale from goods to receipt.

use crate::answer::{Answer, Failed, attempt_object, exit_of};
use crate::asker::Asker;
use checkout::money::Money;
use checkout::payment::{AttemptState, SaleId};
use checkout::people::Right;
use checkout::tender::TenderKind;
use clap::Args;
use serde_json::{Value, json};
use std::sync::Arc;
use till::barcode::Scanned;
use till::receipt::COLUMNS;
use till::{StoredSale, Till};
use uuid::Uuid;

#[derive(Args)]
pub struct Sell {
    /// A good by code or barcode, with a quantity: 1001, 1011x0.746; or one marked unit by its whole marking code.
    #[arg(long = "item", required = true, value_name = "CODE[xQTY]")]
    items: Vec<String>,
    /// A way to pay, in order: cash, cash:5000, kaspi, kaspi:1000. Without an amount it takes what is due.
    #[arg(long = "pay", required = true, value_name = "TENDER[:AMOUNT]")]
    pays: Vec<String>,
    /// The sale's own id: a repeat answers with the first result and charges nothing.
    #[arg(long, value_name = "UUID")]
    id: Option<Uuid>,
}

struct Pay {
    kind: TenderKind,
    amount: Option<Money>,
}

pub async fn sell(asker: &Asker, sell: Sell) -> Result<Answer, Failed> {
    asker.at_till(Right::Sell, "sell", async |till| run(till, sell).await).await
}

async fn run(till: &Arc<Till>, sell: Sell) -> Result<Answer, Failed> {
    let sale = SaleId(sell.id.unwrap_or_else(Uuid::now_v7));
    let pays = sell.pays.iter().map(|text| pay(till, text)).collect::<Result<Vec<_>, _>>()?;
    if let Some(known) = till.records().sale(sale).await? {
        return repeat(till, known, &pays).await;
    }
    till.start_sale(sale).await?;
    for item in &sell.items {
        if let Ok(Scanned::Marked { .. }) = till::barcode::read(item, &till.settings().own_codes) {
            till.scan(item).await?;
            continue;
        }
        let (code, quantity) = code_and_quantity(item);
        till.add_by_code(code, quantity).await?;
    }
    check_sum(till, &pays).await?;
    take(till, sale, &pays).await
}

/// Takes the tenders in their order until one is not paid. Once anything may have been taken, the answer is always
/// what became of the sale, never a bare refusal.
async fn take(till: &Arc<Till>, sale: SaleId, pays: &[Pay]) -> Result<Answer, Failed> {
    for pay in pays {
        let ended = match take_one(till, pay).await {
            Ok(ended) => ended,
            Err(error) if till.records().sale(sale).await?.is_none() => return Err(error),
            Err(error) => {
                let mut answer = answer(till, sale).await?;
                answer.text.push_str(&error.text());
                answer.code = error.exit();
                answer.object["error"] = error.object();
                return Ok(answer);
            }
        };
        match ended {
            AttemptState::Approved => {}
            AttemptState::Declined | AttemptState::Cancelled | AttemptState::NotStarted => {
                give_up(till).await?;
                break;
            }
            AttemptState::Intended | AttemptState::Pending | AttemptState::Unknown => break,
        }
    }
    answer(till, sale).await
}

/// How a tender ended; cash is always taken.
async fn take_one(till: &Arc<Till>, pay: &Pay) -> Result<AttemptState, Failed> {
    match pay.kind {
        TenderKind::Cash => till.pay_cash(Uuid::now_v7(), pay.amount).await?,
        TenderKind::Kaspi => {
            let attempt = till.pay_by_device(Uuid::now_v7(), pay.kind, pay.amount).await?;
            return Ok(till.settled(attempt, till.patience_ms()).await?.attempt.state);
        }
    }
    Ok(AttemptState::Approved)
}

/// A script's sale that was refused is over; part payments by a device stay, and so does the sale.
async fn give_up(till: &Till) -> Result<(), Failed> {
    match till.void().await {
        Ok(()) | Err(till::TillError::Sale(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The sale is known: what is open is asked about, and what was taken is not taken again. Tenders that were not yet
/// tried are taken now.
async fn repeat(till: &Arc<Till>, known: StoredSale, pays: &[Pay]) -> Result<Answer, Failed> {
    let id = known.sale.id;
    let mut last = None;
    for stored in till.records().attempts_of(id).await? {
        let settled = if stored.attempt.state.is_open() { till.settled(stored.attempt.id, till.patience_ms()).await? } else { stored };
        last = Some(settled.attempt.state);
    }
    let now = till.records().sale(id).await?.ok_or_else(|| Failed::internal("the sale is not in the ledger"))?;
    let unfinished = now.closed.is_none() && !now.void && last.is_none_or(|state| state == AttemptState::Approved);
    let rest = pays.get(now.sale.tenders.len()..).unwrap_or_default();
    if unfinished && !rest.is_empty() {
        till.take_up(id).await?;
        return take(till, id, rest).await;
    }
    answer(till, id).await
}

fn pay(till: &Till, text: &str) -> Result<Pay, Failed> {
    let (code, amount) = match text.split_once(':') {
        Some((code, amount)) => (code, Some(amount)),
        None => (text, None),
    };
    let kind = TenderKind::from_code(code).ok_or_else(|| {
        let known: Vec<&str> = TenderKind::ALL.into_iter().map(TenderKind::code).collect();
        Failed::usage(&format!("“{code}” is not a tender; known are {}", known.join(", ")))
    })?;
    let amount = match amount {
        Some(amount) => Some(Money::parse_major(amount, till.settings().currency).map_err(|error| Failed::usage(&error.to_string()))?),
        None => None,
    };
    Ok(Pay { kind, amount })
}

/// `1011x0.746` is good 1011; a code that itself ends in x and figures is written with its quantity.
fn code_and_quantity(item: &str) -> (&str, Option<&str>) {
    match item.rsplit_once('x') {
        Some((code, quantity)) if !code.is_empty() && quantity.starts_with(|c: char| c.is_ascii_digit()) => (code, Some(quantity)),
        _ => (item, None),
    }
}

/// Refuses before anything is taken where the tenders do not fit the sale.
async fn check_sum(till: &Till, pays: &[Pay]) -> Result<(), Failed> {
    let snapshot = till.snapshot().await?;
    let mut due = snapshot.due;
    for (index, pay) in pays.iter().enumerate() {
        if index > 0 && !due.is_positive() {
            return Err(Failed::refused("nothing_due", "a tender is left over: nothing would be due by then; nothing was taken"));
        }
        // A tender pays the rest as it can take it; the difference is a rounding.
        let rest = due.rounded_to(snapshot.sale.terms.step_of(pay.kind)).map_err(till::TillError::from)?;
        let asked = pay.amount.unwrap_or(rest);
        let paid = asked.least(rest).map_err(till::TillError::from)?;
        let nothing = asked.is_zero() && !rest.is_zero();
        if asked.minor() < 0 || nothing || (pay.kind != TenderKind::Cash && paid != asked) {
            return Err(Failed::refused("bad_amount", format!("{asked} cannot be taken where {due} is due; nothing was taken")));
        }
        due = if paid == rest { due.minus(due) } else { due.minus(paid) }.map_err(till::TillError::from)?;
    }
    if due.is_positive() {
        return Err(Failed::refused("too_little", format!("the tenders leave {due} due; nothing was taken")));
    }
    Ok(())
}

/// What became of the sale, for a first call and for its repeats alike.
async fn answer(till: &Till, sale: SaleId) -> Result<Answer, Failed> {
    let records = till.records();
    let stored = records.sale(sale).await?.ok_or_else(|| Failed::internal("the sale is not in the ledger"))?;
    let attempts = records.attempts_of(sale).await?;
    let code = match (&stored.closed, attempts.last()) {
        (Some(_), _) => 0,
        // Paid in part: the sale is open, and a repeat with the tenders that are missing finishes it.
        (None, Some(last)) if last.attempt.state == AttemptState::Approved => 3,
        (None, Some(last)) => exit_of(last.attempt.state),
        (None, None) => 3,
    };
    let mut objects = Vec::new();
    for attempt in &attempts {
        objects.push(attempt_object(records, attempt).await?);
    }
    let state = match (&stored.closed, stored.void) {
        (Some(_), _) => "closed",
        (None, true) => "void",
        (None, false) => "open",
    };
    let number = stored.closed.as_ref().map(|closed| closed.number);
    let (receipt, mut text) = match number {
        Some(number) => {
            let receipt = records.receipt(number).await?;
            let rows = records.rows(&receipt, COLUMNS);
            let lines: Vec<String> = rows.iter().map(|row| row.text().trim_end().to_owned()).collect();
            (json!({ "number": number, "columns": COLUMNS, "lines": lines }), checkout::layout::text(&rows))
        }
        None => (Value::Null, String::new()),
    };
    if let (None, Some(last)) = (number, attempts.last()) {
        let reason = last.attempt.reason.map_or("", |reason| reason.code());
        text = format!("the sale is {state}; its last payment: {} {reason}\n", last.attempt.state.code());
        if attempts.iter().any(|stored| stored.attempt.is_unsettled()) {
            text.push_str("  do not charge this customer again; kassactl recover asks the device what became of it, and kassactl attempts resolve puts down what a person saw there\n");
        }
    }
    let tenders: Vec<Value> = stored
        .sale
        .tenders
        .iter()
        .map(|tender| {
            json!({
                "kind": tender.kind.code(), "amount_minor": tender.amount.minor(), "received_minor": tender.received.minor(),
                "change_minor": tender.change.minor(), "attempt_id": tender.attempt.map(|attempt| attempt.to_string()),
            })
        })
        .collect();
    let total = stored.sale.total().map_err(till::TillError::from)?;
    let object = json!({
        "sale": { "id": sale.to_string(), "number": number, "ticket": stored.sale.ticket, "state": state,
                  "total_minor": total.minor(), "currency": stored.sale.currency().facts().code },
        "tenders": tenders, "attempts": objects, "receipt": receipt,
    });
    Ok(Answer { object, text, code })
}

#[cfg(test)]
mod tests {
    use super::code_and_quantity;

    #[test]
    fn items_are_codes_with_quantities() {
        assert_eq!(code_and_quantity("1001"), ("1001", None));
        assert_eq!(code_and_quantity("1011x0.746"), ("1011", Some("0.746")));
        assert_eq!(code_and_quantity("4870003100016x2"), ("4870003100016", Some("2")));
        assert_eq!(code_and_quantity("boxes"), ("boxes", None));
        assert_eq!(code_and_quantity("max12x3"), ("max12", Some("3")));
    }
}
