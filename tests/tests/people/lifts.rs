//! One action allowed by another person, and prices that are looked at again.

use super::{CASHIER, OWNER, Shop, kinds};
use checkout::people::{Extent, Right};
use serde_json::{Value, json};
use till::discount::PriceChange;
use till::people::Proof;
use till::seat::{Call, Need};
use till::{TillError, Wanted};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn an_amount_off_a_full_cart_is_looked_at_again_when_little_is_left_of_it() {
    let shop = Shop::open().await;
    let off = |amount: &str| PriceChange::CartDiscount { discount: Some(amount.to_owned()) };
    shop.sign_in(CASHIER).await;
    shop.till.sell_by_price("5000", None).await.unwrap();
    shop.till.sell_by_price("1000", None).await.unwrap();
    shop.as_seated("price_change", shop.till.change_price(&off("600"), None)).await.unwrap();
    shop.as_seated("line_remove", shop.till.remove(1)).await.unwrap();
    let refused = shop.as_seated("payment_cash", shop.till.pay_cash(Uuid::now_v7(), None)).await.unwrap_err();
    let TillError::NeedsApproval(approval) = refused else { panic!("{refused}") };
    assert_eq!(approval.extent.basis_points(), Some(6_000));
    assert_eq!(approval.people.iter().map(|person| person.name.as_str()).collect::<Vec<_>>(), [OWNER.0]);
    let proof = |(name, pin): (&str, &str)| {
        let person = approval.people.iter().find(|person| person.name == name).unwrap().id;
        Proof::Pin { person, pin: pin.to_owned() }
    };
    assert!(shop.till.give_lift(approval.refusal, &proof(OWNER), " ").await.is_err(), "a reason is needed");
    shop.till.give_lift(approval.refusal, &proof(OWNER), "the last of it").await.unwrap();
    shop.as_seated("payment_cash", shop.till.pay_cash(Uuid::now_v7(), None)).await.unwrap();
    let facts = shop.facts(Some(CASHIER.0)).await;
    let lifted: Vec<&Value> = facts.iter().filter(|fact| fact["kind"] == "lifted").collect();
    assert_eq!((&lifted[0]["body"]["by"]["name"], &lifted[0]["who"]["name"]), (&json!(OWNER.0), &json!(CASHIER.0)));
    assert_eq!(lifted[0]["body"]["extent"]["off_minor"], 60_000);
    let report = shop.till.records().report_x().await.unwrap();
    assert_eq!(report.lifts.len(), 1);
    assert!(shop.till.records().report_x_text(&report).contains("Айгерім / Ержан, the last of it"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_that_an_owner_has_given_is_paid_to_a_cashier() {
    let shop = Shop::open().await;
    shop.sign_in(OWNER).await;
    shop.till.sell_by_price("1000", None).await.unwrap();
    let half = PriceChange::Line { line: 1, price: Some("500".to_owned()) };
    shop.as_seated("price_change", shop.till.change_price(&half, None)).await.unwrap();
    shop.sign_in(CASHIER).await;
    shop.as_seated("payment_cash", shop.till.pay_cash(Uuid::now_v7(), None)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lift_is_gone_after_a_minute_and_with_its_sale() {
    let shop = Shop::open().await;
    let supervisor = shop.id("Гүлнар");
    shop.sign_in(CASHIER).await;
    shop.till.sell_by_price("1000", None).await.unwrap();
    let cut = PriceChange::LineDiscount { line: 1, discount: Some("30%".to_owned()) };
    let change = || shop.as_seated("price_change", shop.till.change_price(&cut, None));
    let refused = async || match change().await {
        Err(TillError::NeedsApproval(approval)) => approval.refusal,
        other => panic!("{other:?}"),
    };
    let proof = Proof::Pin { person: supervisor, pin: "333333".to_owned() };
    let late = refused().await;
    shop.clock.pass(1);
    assert!(matches!(shop.till.give_lift(late, &proof, "r").await, Err(TillError::ApprovalGone)));
    shop.till.give_lift(refused().await, &proof, "r").await.unwrap();
    shop.clock.pass(1);
    let stale = refused().await;
    shop.till.give_lift(stale, &proof, "r").await.unwrap();
    shop.till.hold().await.unwrap();
    shop.till.sell_by_price("1000", None).await.unwrap();
    let other_sale = refused().await;
    shop.till.give_lift(other_sale, &proof, "r").await.unwrap();
    shop.sign_in(CASHIER).await;
    refused().await;
    assert_eq!(kinds(&shop.facts(None).await, "lifted"), 0, "none was used");
    assert_eq!(kinds(&shop.facts(None).await, "lift_given"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_badge_allows_a_parked_sale_to_be_given_up_for_its_sum_alone() {
    let shop = Shop::open().await;
    let senior = shop.id("Мадина");
    shop.till.set_badge(senior, Some("90-0000-1717")).await.unwrap();
    shop.sign_in(CASHIER).await;
    shop.till.add_by_code("1001", None).await.unwrap();
    let parked = shop.till.snapshot().await.unwrap().sale.id;
    shop.till.hold().await.unwrap();
    let discard = async || {
        let call = Call { command: "sale_discard".to_owned(), arguments: json!({ "saleId": parked.to_string() }).to_string() };
        let pass = shop.till.admit(Need::Right(Right::Void), call).unwrap();
        shop.till.with(pass, shop.till.discard(parked)).await
    };
    let asked = async || match discard().await {
        Err(TillError::NeedsApproval(approval)) => approval,
        other => panic!("another person should be asked: {other:?}"),
    };
    let approval = asked().await;
    assert!(matches!(approval.extent, Extent::Amount(amount) if amount.minor() == 28_500), "{:?}", approval.extent);
    let badge = |badge: &str| Proof::Badge { badge: badge.to_owned() };
    assert!(shop.till.give_lift(approval.refusal, &badge("90-0000-1718"), "gone").await.is_err());
    shop.till.give_lift(approval.refusal, &badge("90-0000-1717"), "gone").await.unwrap();
    // More goods have come meanwhile: that is another sum.
    shop.till.recall(parked).await.unwrap();
    shop.till.add_by_code("1002", None).await.unwrap();
    shop.till.hold().await.unwrap();
    let approval = asked().await;
    shop.till.give_lift(approval.refusal, &badge("90-0000-1717"), "gone").await.unwrap();
    discard().await.unwrap();
    let facts = shop.facts(Some("Мадина")).await;
    let lifted: Vec<&Value> = facts.iter().filter(|fact| fact["kind"] == "lifted").collect();
    assert_eq!(lifted.len(), 1, "what a person allowed is found under their name, too");
    assert_eq!((&lifted[0]["subject"], &lifted[0]["body"]["extent"]["amount_minor"]), (&json!(parked.to_string()), &json!(47_500)));
    let page = shop.till.records().journal_page(&Wanted { person: Some(senior), ..Wanted::default() }).await.unwrap();
    let kinds: Vec<&str> = page.entries.iter().map(|entry| entry.kind.as_str()).collect();
    assert_eq!(kinds, ["lifted", "lift_given", "lift_given"]);
}
