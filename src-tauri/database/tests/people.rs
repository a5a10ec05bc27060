//! People in the ledger: what is kept of them, and whose name a fact carries.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use checkout::people::{Person, PersonId, Role};
use database::journal::{Act, Who};
use database::people::{BadgeHash, PinHash, WrongTries};
use database::{DatabaseError, Ledger, rescue};
use jiff::Zoned;
use serde_json::{Value, json};
use sqlx::SqlitePool;
use tempfile::TempDir;
use uuid::Uuid;

fn person(name: &str, role: Role) -> Person {
    Person { id: PersonId(Uuid::now_v7()), name: name.to_owned(), role }
}

fn pin() -> PinHash {
    PinHash { text: "a hash".to_owned(), digits: 6 }
}

fn by(person: &Person) -> Act {
    Act { at: Zoned::now(), who: Some(Who { id: person.id, name: person.name.clone() }) }
}

async fn open() -> (TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).await.unwrap();
    (folder, ledger)
}

async fn exported(folder: &TempDir, of: Option<PersonId>) -> Vec<Value> {
    let mut bytes = Vec::new();
    rescue::export_journal(folder.path(), of.as_ref().map(std::slice::from_ref), &mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_fact_carries_who_and_the_chain_holds_it() {
    let (folder, ledger) = open().await;
    let owner = person("Ержан", Role::Owner);
    ledger.add_first_person(&owner, &pin(), &by(&owner)).await.unwrap();
    ledger.note("signed_in", "x", json!({}), &by(&owner)).await.unwrap();
    ledger.note("device", "x", json!({}), &Act::by_nobody(Zoned::now())).await.unwrap();
    let facts = exported(&folder, None).await;
    assert_eq!(facts[1]["who"], json!({ "id": owner.id.to_string(), "name": "Ержан" }));
    assert_eq!(facts[2]["who"], Value::Null);
    assert_eq!(ledger.verify_journal().await.unwrap().broken_at, None);
    // Another hand puts the deed in another's name.
    let intruder = SqlitePool::connect(&format!("sqlite://{}", folder.path().join("ledger.db").display())).await.unwrap();
    sqlx::raw_sql("DROP TRIGGER journal_is_not_edited; UPDATE journal SET who_name = 'Айгерім' WHERE seq = 2")
        .execute(&intruder)
        .await
        .unwrap();
    assert_eq!(ledger.verify_journal().await.unwrap().broken_at, Some(2));
}

#[tokio::test]
async fn a_removed_person_stays_readable_and_leaves_no_hash() {
    let (folder, ledger) = open().await;
    let (owner, cashier) = (person("Ержан", Role::Owner), person("Айгерім", Role::Cashier));
    ledger.add_first_person(&owner, &pin(), &by(&owner)).await.unwrap();
    ledger.add_person(&cashier, &pin(), &by(&owner)).await.unwrap();
    ledger.set_badge(cashier.id, Some(&BadgeHash(vec![7; 32])), &by(&owner)).await.unwrap();
    ledger.note("signed_in", "x", json!({}), &by(&cashier)).await.unwrap();
    ledger.remove_person(cashier.id, &by(&owner)).await.unwrap();
    assert_eq!(ledger.people().await.unwrap().len(), 1);
    assert!(matches!(ledger.set_pin(cashier.id, &pin(), &by(&owner)).await, Err(DatabaseError::NotFound(_))));
    assert_eq!(ledger.people_named("Айгерім").await.unwrap(), [cashier.id], "a filter still finds them");
    let hers = exported(&folder, Some(cashier.id)).await;
    assert_eq!(hers.iter().map(|fact| &fact["kind"]).collect::<Vec<_>>(), ["signed_in"]);
    assert_eq!(hers[0]["who"]["name"], "Айгерім");
    let file = SqlitePool::connect(&format!("sqlite://{}", folder.path().join("ledger.db").display())).await.unwrap();
    let left: (Option<String>, Option<Vec<u8>>) =
        sqlx::query_as("SELECT pin_hash, badge_hash FROM person WHERE removed_at IS NOT NULL").fetch_one(&file).await.unwrap();
    assert_eq!(left, (None, None));
    // The name is free again.
    ledger.add_person(&person("Айгерім", Role::Senior), &pin(), &by(&owner)).await.unwrap();
}

#[tokio::test]
async fn a_shop_keeps_its_last_owner() {
    let (_folder, ledger) = open().await;
    let owner = person("Ержан", Role::Owner);
    ledger.add_first_person(&owner, &pin(), &by(&owner)).await.unwrap();
    let second = ledger.add_first_person(&person("Q", Role::Owner), &pin(), &by(&owner)).await;
    assert!(matches!(second, Err(DatabaseError::HasPeople)));
    assert!(matches!(ledger.remove_person(owner.id, &by(&owner)).await, Err(DatabaseError::LastOwner)));
    let demoted = Person { role: Role::Supervisor, ..owner.clone() };
    assert!(matches!(ledger.change_person(&demoted, None, &by(&owner)).await, Err(DatabaseError::LastOwner)));
    ledger.add_person(&person("Мадина", Role::Owner), &pin(), &by(&owner)).await.unwrap();
    ledger.change_person(&demoted, None, &by(&owner)).await.unwrap();
}

#[tokio::test]
async fn names_and_badges_are_one_person_s() {
    let (_folder, ledger) = open().await;
    let (owner, other) = (person("Ержан", Role::Owner), person("Айгерім", Role::Cashier));
    ledger.add_first_person(&owner, &pin(), &by(&owner)).await.unwrap();
    ledger.add_person(&other, &pin(), &by(&owner)).await.unwrap();
    assert!(matches!(ledger.add_person(&person("Ержан", Role::Cashier), &pin(), &by(&owner)).await, Err(DatabaseError::NameTaken(_))));
    let badge = BadgeHash(vec![7; 32]);
    ledger.set_badge(owner.id, Some(&badge), &by(&owner)).await.unwrap();
    assert!(matches!(ledger.set_badge(other.id, Some(&badge), &by(&owner)).await, Err(DatabaseError::BadgeTaken)));
    assert_eq!(ledger.verify_journal().await.unwrap().entries, 3, "a refused change is no fact");
}

#[tokio::test]
async fn tries_are_counted_until_they_are_forgotten() {
    let (folder, ledger) = open().await;
    for (tries, up_ms) in [(1, 10), (3, 30)] {
        let wrong = WrongTries { tries, boot: "boot".to_owned(), up_ms };
        ledger.keep_tries("badge", Some(&wrong)).await.unwrap();
    }
    ledger.close().await;
    let ledger = Ledger::open(folder.path()).await.unwrap();
    let kept = ledger.wrong_tries("badge").await.unwrap().unwrap();
    assert_eq!((kept.tries, kept.up_ms), (3, 30));
    ledger.begin_waits_anew("boot", 1).await.unwrap();
    assert_eq!(ledger.wrong_tries("badge").await.unwrap().unwrap().up_ms, 30, "the same run of the machine");
    ledger.begin_waits_anew("another", 1).await.unwrap();
    assert_eq!(ledger.wrong_tries("badge").await.unwrap().unwrap().up_ms, 1);
    ledger.keep_tries("badge", None).await.unwrap();
    assert_eq!(ledger.wrong_tries("badge").await.unwrap(), None);
}
