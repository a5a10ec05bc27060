//! A till that nobody stands at.

use super::{CASHIER, OWNER, Shop};
use checkout::people::Right;
use serde_json::Value;
use till::seat::Standing;

#[tokio::test(flavor = "multi_thread")]
async fn a_till_left_alone_locks_itself_and_keeps_the_cart() {
    let shop = Shop::open().await;
    shop.sign_in(CASHIER).await;
    shop.till.add_by_code("1001", None).await.unwrap();
    shop.clock.pass(9);
    shop.lets_in(Right::Sell).unwrap();
    shop.clock.pass(9);
    assert!(matches!(shop.till.standing(), Standing::Signed(_)), "a command was given nine minutes ago");
    let mut changes = shop.till.changes();
    changes.mark_unchanged();
    shop.clock.pass(1);
    assert!(shop.lets_in(Right::Sell).is_err(), "from the very moment");
    changes.changed().await.unwrap();
    assert!(matches!(shop.till.standing(), Standing::Locked { last: Some(_), .. }));
    let shop = shop.reopen().await;
    assert!(matches!(shop.till.standing(), Standing::Locked { .. }), "a restart signs nobody in");
    shop.sign_in(OWNER).await;
    assert_eq!(shop.till.snapshot().await.unwrap().sale.lines.len(), 1);
    let out: Vec<Value> = shop.facts(Some(CASHIER.0)).await.into_iter().filter(|fact| fact["kind"] == "signed_out").collect();
    assert_eq!(out[0]["body"]["why"], "idle");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_a_machine_sleeps_is_idle_time() {
    let shop = Shop::open().await;
    shop.sign_in(CASHIER).await;
    shop.clock.suspend(9);
    shop.lets_in(Right::Sell).unwrap();
    let mut changes = shop.till.changes();
    changes.mark_unchanged();
    shop.clock.suspend(10);
    assert!(shop.lets_in(Right::Sell).is_err(), "with the lid it was opened for anybody");
    assert!(matches!(shop.till.standing(), Standing::Locked { .. }));
    // The timers run on, and the screen is told long before they would have come to ten minutes.
    shop.clock.pass(1);
    changes.changed().await.unwrap();
    let shop = shop.reopen().await;
    let out: Vec<Value> = shop.facts(Some(CASHIER.0)).await.into_iter().filter(|fact| fact["kind"] == "signed_out").collect();
    assert_eq!((out.len(), &out[0]["body"]["why"]), (1, &Value::from("idle")));
}
