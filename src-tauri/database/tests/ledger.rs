//! The ledger's promises, tried on a real file.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use checkout::discount::{Discount, PriceReason};
use checkout::money::{Currency, Money};
use checkout::payment::{Answer, Attempt, AttemptId, AttemptState, Device, Event, Illegal, Reason, SaleId, Slip};
use checkout::quantity::{Quantity, Unit};
use checkout::refund::Portion;
use checkout::sale::{Good, Sale};
use checkout::tax::VatRate;
use checkout::tender::TenderKind;
use checkout::terms::{Terms, Vat};
use database::draft::{Draft, Held};
use database::journal::Act;
use database::{DatabaseError, Ledger, rescue};
use jiff::Zoned;
use sqlx::SqlitePool;
use std::collections::BTreeMap;
use tempfile::TempDir;
use uuid::Uuid;

fn kzt(major: i64) -> Money {
    Money::new(major * 100, Currency::Kzt).unwrap()
}

fn sale(ticket: i64) -> Sale {
    let mut sale = Sale::new(SaleId(Uuid::now_v7()), ticket, Currency::Kzt);
    let good = Good {
        item: 1,
        code: "1001".to_owned(),
        name: "Нан".to_owned(),
        language: "kk".to_owned(),
        unit: Unit::Piece,
        price: kzt(285),
        vat: None,
    };
    sale.add(good, Quantity::ONE).unwrap();
    sale
}

fn attempt(sale: &Sale, ordinal: u32) -> Attempt {
    Attempt::intend(AttemptId(Uuid::now_v7()), sale.id, ordinal, Device::Kaspi, kzt(285))
}

fn approved() -> Event {
    Event::Approved { answer: Answer { amount: kzt(285), references: BTreeMap::new(), slip: Slip::default() } }
}

async fn open() -> (TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).await.unwrap();
    (folder, ledger)
}

/// Another hand on the file, past all the ledger's own guards.
async fn intruder(folder: &TempDir) -> SqlitePool {
    SqlitePool::connect(&format!("sqlite://{}", folder.path().join("ledger.db").display())).await.unwrap()
}

async fn cash_sales(ledger: &Ledger, count: i64) {
    for ticket in 1..=count {
        let mut sale = sale(ticket);
        sale.take_cash(None, &[]).unwrap();
        let closed = ledger.close_sale(&sale, &Act::by_nobody(Zoned::now()), Uuid::now_v7()).await.unwrap();
        assert_eq!(closed.number, ticket, "receipt numbers have no gap");
    }
}

#[tokio::test]
async fn the_journal_refuses_to_be_edited_or_cut() {
    let (folder, ledger) = open().await;
    cash_sales(&ledger, 2).await;
    let hand = intruder(&folder).await;
    for statement in ["UPDATE journal SET body = '{}' WHERE seq = 1", "DELETE FROM journal WHERE seq = 2"] {
        let refused = sqlx::query(statement).execute(&hand).await.unwrap_err();
        assert!(refused.to_string().contains("only appended"), "{refused}");
    }
}

#[tokio::test]
async fn the_chain_shows_an_edited_deleted_or_swapped_fact() {
    let tampering = [
        ("edited", "UPDATE journal SET body = replace(body, '28500', '28400') WHERE seq = 3", 3),
        ("deleted", "DELETE FROM journal WHERE seq = 3", 3),
        ("swapped", "UPDATE journal SET seq = CASE seq WHEN 3 THEN -4 WHEN 4 THEN -3 END WHERE seq IN (3, 4)", 3),
        ("its last number", "UPDATE journal SET seq = 9 WHERE seq = 5", 5),
        ("another kind", "UPDATE journal SET kind = 'sale_voided' WHERE seq = 4", 4),
        ("another subject", "UPDATE journal SET subject = (SELECT subject FROM journal WHERE seq = 1) WHERE seq = 4", 4),
        ("not JSON", "UPDATE journal SET body = 'x' WHERE seq = 3", 3),
        ("the same in other bytes", "UPDATE journal SET body = replace(body, '{', '{ ') WHERE seq = 2", 2),
        ("a figure before the figure", "UPDATE journal SET body = '{\"total_minor\":1,' || substr(body, 2) WHERE seq = 2", 2),
        ("dated back", "UPDATE journal SET at = '2020-01-01T00:00:00+05:00' WHERE seq = 5", 5),
        ("hash rewritten", "UPDATE journal SET hash = x'00' WHERE seq = 2", 2),
    ];
    for (name, statement, broken_at) in tampering {
        let (folder, ledger) = open().await;
        cash_sales(&ledger, 5).await;
        assert_eq!(ledger.verify_journal().await.unwrap().broken_at, None);
        let hand = intruder(&folder).await;
        sqlx::query("DROP TRIGGER journal_is_not_edited").execute(&hand).await.unwrap();
        sqlx::query("DROP TRIGGER journal_is_not_cut").execute(&hand).await.unwrap();
        sqlx::query(statement).execute(&hand).await.unwrap();
        if name == "swapped" {
            sqlx::query("UPDATE journal SET seq = -seq WHERE seq < 0").execute(&hand).await.unwrap();
        }
        assert_eq!(ledger.verify_journal().await.unwrap().broken_at, Some(broken_at), "{name}");
    }
}

#[tokio::test]
async fn a_cut_at_the_end_shows_against_the_head_kept_elsewhere() {
    let (folder, ledger) = open().await;
    cash_sales(&ledger, 3).await;
    let kept = ledger.verify_journal().await.unwrap();
    let mut exported = Vec::new();
    rescue::export_journal(folder.path(), None, &mut exported).await.unwrap();
    let last: serde_json::Value = serde_json::from_str(String::from_utf8(exported).unwrap().lines().last().unwrap()).unwrap();
    assert_eq!((last["seq"].as_i64(), last["hash"].as_str()), (Some(kept.entries), Some(kept.head.as_str())), "an export holds the head");
    let hand = intruder(&folder).await;
    sqlx::query("DROP TRIGGER journal_is_not_cut").execute(&hand).await.unwrap();
    sqlx::query("DELETE FROM journal WHERE seq = 3").execute(&hand).await.unwrap();
    let now = ledger.verify_journal().await.unwrap();
    assert_eq!(now.broken_at, None, "what is left is a whole chain");
    assert_ne!((now.entries, now.head), (kept.entries, kept.head));
}

#[tokio::test]
async fn one_open_attempt_per_device_whoever_writes() {
    let (folder, first) = open().await;
    let second = Ledger::open(folder.path()).await.unwrap();
    let (one, two) = (sale(1), sale(2));
    let at = Act::by_nobody(Zoned::now());
    first.intend(&one, attempt(&one, 1), &at, Uuid::now_v7()).await.unwrap();
    let refused = second.intend(&two, attempt(&two, 1), &at, Uuid::now_v7()).await.unwrap_err();
    assert!(matches!(refused, DatabaseError::DeviceBusy), "{refused}");
    assert!(second.sale(two.id).await.unwrap().is_none(), "the refused intent left nothing behind");
}

#[tokio::test]
async fn the_result_is_not_stored_where_the_sale_cannot_be_closed() {
    let (folder, ledger) = open().await;
    let sale = sale(1);
    let at = Act::by_nobody(Zoned::now());
    let intent = ledger.intend(&sale, attempt(&sale, 1), &at, Uuid::now_v7()).await.unwrap();
    let id = intent.attempt().id;
    ledger.record(id, &Event::Accepted { operation_id: "1".to_owned() }, &at).await.unwrap();
    let hand = intruder(&folder).await;
    sqlx::query("CREATE TRIGGER stop BEFORE UPDATE OF number ON sale BEGIN SELECT RAISE(ABORT, 'no'); END").execute(&hand).await.unwrap();
    let entries = ledger.verify_journal().await.unwrap().entries;
    ledger.record(id, &approved(), &at).await.unwrap_err();
    assert_eq!(ledger.attempt(id).await.unwrap().attempt.state, AttemptState::Pending, "either both or neither");
    assert_eq!(ledger.verify_journal().await.unwrap().entries, entries);
    sqlx::query("DROP TRIGGER stop").execute(&hand).await.unwrap();
    let recorded = ledger.record(id, &approved(), &at).await.unwrap();
    assert_eq!(recorded.closed.unwrap().number, 1, "the number was not used up by the failed try");
}

#[tokio::test]
async fn an_event_told_twice_is_written_once() {
    let (_folder, ledger) = open().await;
    let sale = sale(1);
    let at = Act::by_nobody(Zoned::now());
    let intent = ledger.intend(&sale, attempt(&sale, 1), &at, Uuid::now_v7()).await.unwrap();
    let id = intent.attempt().id;
    assert!(ledger.record(id, &approved(), &at).await.unwrap().changed);
    let before = ledger.verify_journal().await.unwrap();
    assert!(!ledger.record(id, &approved(), &at).await.unwrap().changed);
    assert_eq!(ledger.verify_journal().await.unwrap(), before);
    let stored = ledger.sale(sale.id).await.unwrap().unwrap();
    assert_eq!((stored.sale.tenders.len(), stored.closed.unwrap().number), (1, 1));
}

#[tokio::test]
async fn a_repeated_command_cannot_close_a_second_sale() {
    let (_folder, ledger) = open().await;
    let command = Uuid::now_v7();
    let mut first = sale(1);
    first.take_cash(None, &[]).unwrap();
    ledger.close_sale(&first, &Act::by_nobody(Zoned::now()), command).await.unwrap();
    assert_eq!(ledger.answered(command).await.unwrap(), Some(first.id.to_string()));
    let mut second = sale(2);
    second.take_cash(None, &[]).unwrap();
    assert!(ledger.close_sale(&second, &Act::by_nobody(Zoned::now()), command).await.is_err());
    assert!(ledger.sale(second.id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_sale_that_may_hold_money_is_not_voided() {
    let (_folder, ledger) = open().await;
    let sale = sale(1);
    let at = Act::by_nobody(Zoned::now());
    let intent = ledger.intend(&sale, attempt(&sale, 1), &at, Uuid::now_v7()).await.unwrap();
    assert!(ledger.void_sale(&sale, &at).await.is_err());
    let declined = Event::Declined { reason: Reason::DeclinedByBank, message: None };
    ledger.record(intent.attempt().id, &declined, &at).await.unwrap();
    ledger.void_sale(&sale, &at).await.unwrap();
    assert!(ledger.sale(sale.id).await.unwrap().unwrap().void);
}

#[tokio::test]
async fn a_sale_that_was_only_put_aside_leaves_its_fact_when_it_is_given_up() {
    let (_folder, ledger) = open().await;
    let sale = sale(1);
    ledger.void_sale(&sale, &Act::by_nobody(Zoned::now())).await.unwrap();
    let history = ledger.history(&sale.id.to_string()).await.unwrap();
    let told: Vec<_> = history.iter().map(|entry| (entry.kind.as_str(), entry.body["ticket"].as_i64())).collect();
    assert_eq!(told, [("sale_voided", Some(1))]);
    let stored = ledger.sale(sale.id).await.unwrap().unwrap();
    assert_eq!((stored.void, stored.sale.lines), (true, sale.lines.clone()));
    assert!(ledger.void_sale(&sale, &Act::by_nobody(Zoned::now())).await.is_err(), "once");
}

#[tokio::test]
async fn a_voided_sale_says_how_much_cash_went_back() {
    let (_folder, ledger) = open().await;
    let mut sale = sale(1);
    sale.take_cash(Some(kzt(200)), &[]).unwrap();
    ledger.take_part(&sale, &Act::by_nobody(Zoned::now()), Uuid::now_v7()).await.unwrap();
    ledger.void_sale(&sale, &Act::by_nobody(Zoned::now())).await.unwrap();
    let history = ledger.history(&sale.id.to_string()).await.unwrap();
    let told: Vec<_> = history.iter().map(|entry| entry.kind.as_str()).collect();
    assert_eq!(told, ["cash_taken", "sale_voided"]);
    assert_eq!(history[1].body["returned_minor"], 20_000);
}

#[tokio::test]
async fn the_file_is_written_the_durable_way() {
    let (folder, _ledger) = open().await;
    let hand = intruder(&folder).await;
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&hand).await.unwrap();
    assert_eq!(mode, "wal");
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&hand).await.unwrap();
    assert!(version.as_str() >= "3.51.3", "{version}");
}

/// A cart with everything: a price by hand, discounts on a line and on the cart, VAT on top, a rounding.
fn discounted(ticket: i64) -> Sale {
    let terms = Terms { vat: Vat::Added, line_step_minor: 1, ..Terms::of(Currency::Kzt, "KZ") };
    let mut sale = Sale::new(SaleId(Uuid::now_v7()), ticket, terms);
    let good = |item, price, vat| Good {
        item,
        code: item.to_string(),
        name: "Нан".to_owned(),
        language: "kk".to_owned(),
        unit: Unit::Piece,
        price: kzt(price),
        vat: VatRate::parse_percent(vat),
    };
    sale.add(good(1, 300, "16"), Quantity::ONE).unwrap();
    sale.add(good(2, 200, "12"), Quantity::ONE).unwrap();
    sale.set_price(1, Some(kzt(285))).unwrap();
    sale.discount_line(1, vec![Discount::Percent(1000), Discount::Amount(kzt(5))]).unwrap();
    sale.discount_cart(vec![Discount::Percent(500)]).unwrap();
    sale.explain_line(1, Some(PriceReason::Damaged)).unwrap();
    sale.explain_cart(Some(PriceReason::Goodwill)).unwrap();
    sale
}

#[tokio::test]
async fn a_sale_comes_back_with_its_discounts_terms_and_roundings() {
    let (_folder, ledger) = open().await;
    let mut sale = discounted(1);
    sale.take_cash(Some(kzt(100)), &[]).unwrap();
    sale.take_cash(Some(kzt(1000)), &[]).unwrap();
    ledger.close_sale(&sale, &Act::by_nobody(Zoned::now()), Uuid::now_v7()).await.unwrap();
    let stored = ledger.sale(sale.id).await.unwrap().unwrap().sale;
    assert_eq!(
        (stored.terms, &stored.lines, &stored.discounts, stored.reason, &stored.tenders),
        (sale.terms, &sale.lines, &sale.discounts, sale.reason, &sale.tenders)
    );
    assert_eq!(Portion::whole(&stored).unwrap(), Portion::whole(&sale).unwrap());
}

#[tokio::test]
async fn the_journal_tells_every_figure_of_a_sale() {
    let (folder, ledger) = open().await;
    let mut sale = discounted(1);
    sale.take_cash(None, &[]).unwrap();
    ledger.close_sale(&sale, &Act::by_nobody(Zoned::now()), Uuid::now_v7()).await.unwrap();
    let body: String =
        sqlx::query_scalar("SELECT body FROM journal WHERE kind = 'sale_closed'").fetch_one(&intruder(&folder).await).await.unwrap();
    let facts: serde_json::Value = serde_json::from_str(&body).unwrap();
    // 285 less 28,50 and 5 is 251,50; with 200 it is 451,50; 5 % of that is 22,575, so 22,58, of which 12,58 and 10 by the
    // lines' weight. VAT: 16 % of 238,92 is 38,23 and 12 % of 190 is 22,80.
    let line = &facts["lines"][0];
    assert_eq!((&line["price_minor"], &line["own_price_minor"]), (&30_000.into(), &28_500.into()));
    assert_eq!(line["discounts"], serde_json::json!([{"percent_hundredths": 1000}, {"amount_minor": 500}]));
    assert_eq!((&line["reason"], &facts["reason"]), (&"damaged".into(), &"goodwill".into()));
    assert_eq!((&line["gross_minor"], &line["discount_minor"], &line["cart_share_minor"]), (&28_500.into(), &3_350.into(), &1_258.into()));
    assert_eq!((&facts["discount_minor"], &facts["tax_added_minor"]), (&2_258.into(), &6_103.into()));
    assert_eq!((&facts["total_minor"], &facts["rounding_minor"]), (&48_995.into(), &5.into()));
    assert_eq!((&facts["tenders"][0]["amount_minor"], &facts["tenders"][0]["rounding_minor"]), (&49_000.into(), &5.into()));
}

#[tokio::test]
async fn a_device_payment_rounds_and_closes_the_sale() {
    let (_folder, ledger) = open().await;
    let sale = discounted(1);
    let asked = sale.ask_device(TenderKind::Kaspi, None, &[]).unwrap();
    assert_eq!(asked, kzt(490), "489,95 in whole tenge");
    let attempt = Attempt::intend(AttemptId(Uuid::now_v7()), sale.id, 1, Device::Kaspi, asked);
    let id = attempt.id;
    ledger.intend(&sale, attempt, &Act::by_nobody(Zoned::now()), Uuid::now_v7()).await.unwrap();
    let yes = Event::Approved { answer: Answer { amount: asked, references: BTreeMap::new(), slip: Slip::default() } };
    ledger.record(id, &Event::Accepted { operation_id: "1".to_owned() }, &Act::by_nobody(Zoned::now())).await.unwrap();
    ledger.record(id, &yes, &Act::by_nobody(Zoned::now())).await.unwrap();
    let stored = ledger.sale(sale.id).await.unwrap().unwrap();
    assert_eq!(stored.closed.map(|closed| closed.number), Some(1));
    assert_eq!(stored.sale.rounding().unwrap().minor(), 5);
}

#[tokio::test]
async fn the_draft_keeps_prices_discounts_and_terms() {
    let folder = tempfile::tempdir().unwrap();
    let draft = Draft::open(folder.path()).await.unwrap();
    let mut sale = discounted(7);
    draft.save(&sale).await.unwrap();
    assert_eq!(draft.load().await.unwrap(), Some(sale.clone()));
    sale.take_cash(Some(kzt(100)), &[]).unwrap();
    draft.save(&sale).await.unwrap();
    assert!(draft.load().await.unwrap().unwrap().tenders.is_empty(), "money is in the ledger alone");
}

#[tokio::test]
async fn what_is_put_aside_and_what_is_in_the_cart_change_together() {
    let folder = tempfile::tempdir().unwrap();
    let draft = Draft::open(folder.path()).await.unwrap();
    let (mine, next) = (discounted(7), Sale::new(SaleId(Uuid::now_v7()), 8, Currency::Kzt));
    let held = Held { sale: mine.clone(), at: "2026-11-22T14:05:00+05:00".to_owned() };
    draft.swap(Some(&held), None, &next).await.unwrap();
    // A second look at the file as another process has it after a crash: nothing was closed.
    let again = Draft::open(folder.path()).await.unwrap();
    assert_eq!((again.load().await.unwrap(), again.held().await.unwrap()), (Some(next), vec![held]));
    again.swap(None, Some(mine.id), &mine).await.unwrap();
    assert_eq!((draft.load().await.unwrap(), draft.held().await.unwrap()), (Some(mine), Vec::new()));
}

#[tokio::test]
async fn an_operation_belongs_to_one_attempt() {
    let (_folder, ledger) = open().await;
    let at = Act::by_nobody(Zoned::now());
    let (first, second) = (sale(1), sale(2));
    let accepted = |id: &str| Event::Accepted { operation_id: id.to_owned() };
    let one = ledger.intend(&first, attempt(&first, 1), &at, Uuid::now_v7()).await.unwrap().attempt().id;
    ledger.record(one, &accepted("1678090451700"), &at).await.unwrap();
    assert!(!ledger.record(one, &accepted("1678090451700"), &at).await.unwrap().changed, "the same again is harmless");
    ledger.record(one, &approved(), &at).await.unwrap();
    let two = ledger.intend(&second, attempt(&second, 1), &at, Uuid::now_v7()).await.unwrap().attempt().id;
    let refused = ledger.record(two, &accepted("1678090451700"), &at).await.unwrap_err();
    assert!(matches!(refused, DatabaseError::Illegal(Illegal::OperationOfAnother(_))), "{refused}");
    assert_eq!(ledger.attempt(two).await.unwrap().attempt.operation_id, None);
    ledger.record(two, &accepted("1678090451701"), &at).await.unwrap();
}
