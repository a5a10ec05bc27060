//! The trial that ends a set-up: a payment of 1 ₸ and its refund, beside the cart in hand.

use acceptance::shop::{TestShop, reopened};
use checkout::payment::{AttemptKind, AttemptState};
use simulators::faults::{Fault, Verb};
use simulators::kaspi::{Customer, Ending, Op};
use simulators::ledger::State;
use till::TillError;
use till::kaspi::Trial;
use uuid::Uuid;

async fn tried(shop: &TestShop) -> Option<Trial> {
    shop.till.try_kaspi(Uuid::now_v7()).await.unwrap().trial
}

async fn is_sound(shop: &TestShop) {
    assert_eq!(shop.till.records().check().await.unwrap(), Vec::<String>::new());
    shop.till.records().report_x().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_tenge_goes_there_and_back_beside_the_cart_in_hand() {
    let shop = TestShop::open(Customer::default()).await;
    shop.ring_up().await;
    let before = shop.till.snapshot().await.unwrap();
    assert_eq!(tried(&shop).await, Some(Trial::Paid { receipt: 1, said: String::new() }));
    assert_eq!(tried(&shop).await, Some(Trial::Returned { receipt: 1, refund: 2 }));
    let told: Vec<_> = shop.terminal.ledger().iter().map(|line| (line.op.clone(), line.amount_minor, line.state)).collect();
    assert_eq!(told, [("payment".to_owned(), 100, State::Approved), ("refund".to_owned(), 100, State::Approved)]);
    let after = shop.till.snapshot().await.unwrap();
    assert_eq!((after.sale, after.tasks.len()), (before.sale, 0), "the cart is as it was");
    let last = shop.till.records().history("kaspi").await.unwrap().pop().unwrap();
    assert_eq!((last.kind.as_str(), &last.body["receipt"], &last.body["refund"]), ("terminal_tried", &1.into(), &2.into()));
    is_sound(&shop).await;
    assert_eq!(tried(&shop).await, Some(Trial::Paid { receipt: 3, said: String::new() }), "another trial is another sale");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_that_is_not_paid_leaves_nothing_behind() {
    let shop = TestShop::open(Customer::who(Ending::Declines)).await;
    assert!(matches!(tried(&shop).await, Some(Trial::NotPaid { .. })));
    let seen = shop.till.snapshot().await.unwrap();
    assert_eq!((seen.tasks.len(), seen.open.len()), (0, 0), "no sale waits for its money");
    is_sound(&shop).await;
    shop.terminal.set_customer(Customer::default());
    assert_eq!(tried(&shop).await, Some(Trial::Paid { receipt: 1, said: String::new() }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_in_doubt_is_not_paid_again() {
    let shop = TestShop::open(Customer::default()).await;
    shop.terminal.set_faults(vec![Fault::new("payment", Verb::DropReply)]).unwrap();
    assert_eq!(tried(&shop).await, Some(Trial::PaymentOpen));
    assert_eq!(tried(&shop).await, Some(Trial::PaymentOpen));
    assert_eq!(shop.requests(Op::Payment), 1);
    assert_eq!(shop.till.snapshot().await.unwrap().tasks.len(), 1, "it stands in the strip");
    is_sound(&shop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_a_trial_in_doubt_is_not_asked_for_again() {
    let shop = TestShop::open(Customer::default()).await;
    assert!(matches!(tried(&shop).await, Some(Trial::Paid { .. })));
    shop.terminal.set_faults(vec![Fault::new("refund", Verb::DropReply)]).unwrap();
    assert_eq!(tried(&shop).await, Some(Trial::RefundOpen { receipt: 1 }));
    assert_eq!(tried(&shop).await, Some(Trial::RefundOpen { receipt: 1 }));
    assert_eq!(shop.requests(Op::Refund), 1);
    let attempts = shop.till.records().attempts(true).await.unwrap();
    let open: Vec<_> = attempts.iter().map(|stored| (stored.attempt.kind, stored.attempt.state)).collect();
    assert_eq!(open, [(AttemptKind::Refund, AttemptState::Unknown)]);
    is_sound(&shop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_waits_for_a_terminal_that_is_busy_with_another_payment() {
    let shop = TestShop::open(Customer::held()).await;
    shop.ring_up().await;
    shop.till.pay_by_device(Uuid::now_v7(), checkout::tender::TenderKind::Kaspi, None).await.unwrap();
    let refused = shop.till.try_kaspi(Uuid::now_v7()).await;
    assert!(matches!(refused, Err(TillError::DeviceBusy)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_trial_is_given_back_after_a_restart() {
    let shop = TestShop::open(Customer::default()).await;
    assert!(matches!(tried(&shop).await, Some(Trial::Paid { .. })));
    shop.till.close().await;
    let till = reopened(shop.folder.path()).await;
    let state = till.try_kaspi(Uuid::now_v7()).await.unwrap();
    assert_eq!(state.trial, Some(Trial::Returned { receipt: 1, refund: 2 }));
    till.close().await;
}
