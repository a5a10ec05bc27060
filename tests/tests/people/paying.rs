//! Somebody else comes to the till while a payment is under way.

use super::{CASHIER, OWNER, data, keys, with_people};
use acceptance::shop::{settings, terminal};
use checkout::payment::AttemptState;
use checkout::people::Right;
use checkout::tender::TenderKind;
use serde_json::Value;
use simulators::demo;
use simulators::kaspi::Customer;
use till::keychain::Keychain;
use till::pin::Cost;
use till::seat::{Call, Need};
use till::{Opening, Till};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_changes_nothing_in_a_payment_under_way() {
    let terminal = terminal(Customer::held()).await;
    let with_terminal: Value = serde_json::from_str(&settings(&terminal)).unwrap();
    let mut shop = with_people(demo::SHOP);
    shop["devices"] = with_terminal["devices"].clone();
    let folder = tempfile::tempdir().unwrap();
    let opening = || Opening {
        keychain: Keychain::Folder(keys(&folder)),
        pin_cost: Cost { memory_kib: 8, passes: 1, lanes: 1 },
        ..Opening::at(&data(&folder))
    };
    till::init_by(opening(), &shop.to_string(), None).await.unwrap();
    let till = Till::open(opening()).await.unwrap();
    till.sign_in_by_name(CASHIER.0, CASHIER.1).await.unwrap();
    till.sell_by_price("285", None).await.unwrap();
    let call = Call { command: "payment_device".to_owned(), arguments: String::new() };
    let pass = till.admit(Need::Right(Right::Sell), call).unwrap();
    let attempt = till.with(pass, till.pay_by_device(Uuid::now_v7(), TenderKind::Kaspi, None)).await.unwrap();
    let mut changes = till.changes();
    while till.records().attempt(attempt).await.unwrap().attempt.state != AttemptState::Pending {
        changes.changed().await.unwrap();
    }
    till.lock().await.unwrap();
    till.sign_in_by_name(OWNER.0, OWNER.1).await.unwrap();
    terminal.scan().unwrap();
    terminal.confirm().unwrap();
    let settled = till.settled(attempt, till.patience_ms()).await.unwrap();
    assert_eq!(settled.attempt.state, AttemptState::Approved);
    let facts = till.records().history(&attempt.to_string()).await.unwrap();
    let who: Vec<Option<&str>> = facts.iter().map(|fact| fact.who.as_ref().map(|who| who.name.as_str())).collect();
    assert_eq!(who[0], Some(CASHIER.0), "who asked for the money");
    assert!(who.len() > 1 && who[1..].iter().all(Option::is_none), "the terminal's answers are nobody's: {who:?}");
}
