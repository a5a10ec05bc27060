//! Money that a terminal tells of too late, or in another amount than was asked: counted for the sale or given back by a
//! person, and never forgotten.

use acceptance::shop::{TestShop, by_hand};
use checkout::money::{Currency, Money};
use checkout::payment::Decision;
use checkout::sale::SaleError;
use simulators::faults::{Fault, Verb};
use simulators::kaspi::{Customer, Op};
use till::TillError;
use till::showing::{PayBlock, Shown, Task};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn a_late_yes_on_an_open_sale_stops_a_second_charge_and_is_counted() {
    let shop = TestShop::open(Customer::held()).await;
    let attempt = shop.decided_unpaid().await;
    shop.pays_after_all(attempt).await;
    let snapshot = shop.till.snapshot().await.unwrap();
    assert!(snapshot.pay_keys.iter().all(|(_, blocked)| *blocked == Some(PayBlock::InDoubt)), "{:?}", snapshot.pay_keys);
    assert!(matches!(shop.till.pay_cash(Uuid::now_v7(), None).await, Err(TillError::Sale(SaleError::InDoubt))));
    assert!(matches!(shop.pay().await, Err(TillError::Sale(SaleError::InDoubt))));
    assert_eq!(snapshot.tasks.iter().map(|(task, _)| *task).collect::<Vec<_>>(), [Task::Return]);
    shop.till.resolve(attempt, by_hand(Decision::Approved)).await.unwrap();
    let receipt = shop.till.records().receipt(1).await.unwrap();
    assert_eq!(receipt.bill.tenders.len(), 1);
    assert_eq!(receipt.bill.tenders[0].attempt, Some(attempt));
    let snapshot = shop.till.snapshot().await.unwrap();
    assert!(snapshot.tasks.is_empty() && matches!(snapshot.shown, Shown::Done { .. }));
    assert_eq!(shop.requests(Op::Payment), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_yes_that_went_back_leaves_the_sale_to_be_paid() {
    let shop = TestShop::open(Customer::held()).await;
    let attempt = shop.decided_unpaid().await;
    shop.pays_after_all(attempt).await;
    shop.till.resolve(attempt, by_hand(Decision::Returned)).await.unwrap();
    let snapshot = shop.till.snapshot().await.unwrap();
    assert!(snapshot.tasks.is_empty() && matches!(snapshot.shown, Shown::Sale));
    shop.till.pay_cash(Uuid::now_v7(), None).await.unwrap();
    let history = shop.till.records().history(&attempt.to_string()).await.unwrap();
    assert_eq!(history.last().unwrap().body["decision"], "returned", "the journal says that it went back, and by whom");
    assert!(shop.till.resolve(attempt, by_hand(Decision::Approved)).await.is_err(), "what went back cannot be counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_yes_on_a_closed_sale_can_only_go_back() {
    let shop = TestShop::open(Customer::held()).await;
    let attempt = shop.decided_unpaid().await;
    shop.till.pay_cash(Uuid::now_v7(), None).await.unwrap();
    shop.pays_after_all(attempt).await;
    assert!(matches!(shop.till.resolve(attempt, by_hand(Decision::Approved)).await, Err(TillError::MoreThanDue)));
    assert_eq!(shop.till.records().receipt(1).await.unwrap().bill.tenders.len(), 1);
    shop.till.unpark(attempt).await.unwrap();
    assert!(matches!(shop.till.snapshot().await.unwrap().shown, Shown::Attempt(_)), "the task opens on the screen");
    shop.till.resolve(attempt, by_hand(Decision::Returned)).await.unwrap();
    let snapshot = shop.till.snapshot().await.unwrap();
    assert!(snapshot.tasks.is_empty() && matches!(snapshot.shown, Shown::Sale) && snapshot.sale.lines.is_empty(), "the next sale");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_amount_that_is_decided_is_counted_or_given_back_but_not_forgotten() {
    let tenge = |minor| Money::new(minor, Currency::Kzt).unwrap();
    for decision in [Decision::Approved, Decision::Declined] {
        let shop = TestShop::open(Customer::default()).await;
        let sale = shop.ring_up().await;
        shop.terminal.set_faults(vec![Fault::new("status", Verb::Amount("100 ₸".into()))]).unwrap();
        let attempt = shop.pay_and_settle().await.attempt.id;
        shop.till.resolve(attempt, by_hand(decision)).await.unwrap();
        let stored = shop.till.records().sale(sale).await.unwrap().unwrap();
        assert!(stored.closed.is_none());
        let due = stored.sale.due().unwrap();
        let tasks: Vec<Task> = shop.till.snapshot().await.unwrap().tasks.into_iter().map(|(task, _)| task).collect();
        match decision {
            Decision::Approved => assert_eq!((due, tasks), (tenge(18_500), vec![]), "100 of 285 were taken"),
            _ => assert_eq!((due, tasks), (tenge(28_500), vec![Task::Return]), "the 100 must go back"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_yes_for_more_than_is_still_due_goes_back() {
    let shop = TestShop::open(Customer::held()).await;
    let attempt = shop.decided_unpaid().await;
    let part = Money::parse_major("100", shop.till.settings().currency).unwrap();
    shop.till.pay_cash(Uuid::now_v7(), Some(part)).await.unwrap();
    shop.pays_after_all(attempt).await;
    let counted = shop.till.resolve(attempt, by_hand(Decision::Approved)).await;
    assert!(matches!(counted, Err(TillError::MoreThanDue)), "it is not called a wrong amount: {counted:?}");
    shop.till.resolve(attempt, by_hand(Decision::Returned)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_put_aside_is_not_given_up_while_a_terminal_holds_its_money() {
    let shop = TestShop::open(Customer::held()).await;
    let attempt = shop.decided_unpaid().await;
    shop.till.dismiss().await.unwrap();
    let sale = shop.till.snapshot().await.unwrap().sale.id;
    shop.till.hold().await.unwrap();
    shop.pays_after_all(attempt).await;
    assert!(matches!(shop.till.discard(sale).await, Err(TillError::Sale(SaleError::InDoubt))));
    shop.till.resolve(attempt, by_hand(Decision::Returned)).await.unwrap();
    shop.till.discard(sale).await.unwrap();
}
