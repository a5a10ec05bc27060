//! `kassactl demo`: the demo shop without a window. Two sales, one by cash and one on the simulated terminal.

use crate::answer::{Answer, Failed};
use checkout::money::Money;
use checkout::payment::{AttemptState, SaleId};
use checkout::tender::TenderKind;
use serde_json::json;
use simulators::demo;
use simulators::kaspi::KaspiSimulator;
use std::sync::Arc;
use till::receipt::COLUMNS;
use till::{Opening, Till};
use uuid::Uuid;

/// The goods of the two sales, by code with their quantities.
const CASH_SALE: [(&str, &str); 3] = [("1001", "1"), ("1003", "2"), ("1002", "1")];
const KASPI_SALE: [(&str, &str); 2] = [("1004", "1"), ("1001", "2")];

pub async fn run(json: bool) -> Result<Answer, Failed> {
    let say = |text: &str| {
        if !json {
            println!("{text}");
        }
    };
    let folder = tempfile::tempdir().map_err(|error| Failed::internal(&error.to_string()))?;
    let terminal = KaspiSimulator::start(demo::kaspi_options()).await.map_err(|error| Failed::internal(&error.to_string()))?;
    till::init(folder.path(), &demo::shop_at(terminal.address())).await?;
    let till = Till::open(Opening { training: true, ..Opening::at(folder.path()) }).await?;
    till.import(demo::GOODS.as_bytes(), false).await?;

    say("A demo shop with a simulated Kaspi terminal; nothing here is real money.\n");
    ring_up(&till, &CASH_SALE).await?;
    let received = Money::parse_major("5000", till.settings().currency).map_err(till::TillError::from)?;
    till.pay_cash(Uuid::now_v7(), Some(received)).await?;
    say("Cash, 5 000 handed over:\n");
    let first = receipt_text(&till, 1).await?;
    say(&first);

    ring_up(&till, &KASPI_SALE).await?;
    say("Kaspi: the terminal waits for the customer…\n");
    let attempt = till.pay_by_device(Uuid::now_v7(), TenderKind::Kaspi, None).await?;
    let settled = till.settled(attempt, till.patience_ms()).await?;
    if settled.attempt.state != AttemptState::Approved {
        return Err(Failed::internal(&format!("the simulated payment ended as {}", settled.attempt.state.code())));
    }
    let second = receipt_text(&till, 2).await?;
    say(&second);
    let verified = till.records().verify_journal().await?;
    till.close().await;
    let object =
        json!({ "demo": { "receipts": [first, second], "journal_entries": verified.entries, "terminal_ledger": terminal.ledger().len() } });
    Ok(Answer::done(object, format!("Journal: {} entries, unbroken.\n", verified.entries)))
}

async fn ring_up(till: &Arc<Till>, goods: &[(&str, &str)]) -> Result<(), Failed> {
    till.start_sale(SaleId(Uuid::now_v7())).await?;
    for (code, quantity) in goods {
        till.add_by_code(code, Some(quantity)).await?;
    }
    Ok(())
}

async fn receipt_text(till: &Till, number: i64) -> Result<String, Failed> {
    let receipt = till.records().receipt(number).await?;
    Ok(checkout::layout::text(&till.records().rows(&receipt, COLUMNS)))
}
