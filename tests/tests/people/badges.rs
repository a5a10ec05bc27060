//! Badges, and guessing them.

use super::{CASHIER, Shop};
use till::TillError;
use till::people::PeopleError;
use till::seat::Standing;

#[tokio::test(flavor = "multi_thread")]
async fn a_badge_signs_in_and_unknown_ones_are_slowed_down_too() {
    let shop = Shop::open().await;
    let senior = shop.id("Мадина");
    shop.till.set_badge(senior, Some("90-0000-1717")).await.unwrap();
    assert!(matches!(shop.till.set_badge(senior, Some("1717")).await, Err(TillError::People(PeopleError::BadBadge))));
    let shop = shop.reopen().await;
    shop.till.sign_in_by_badge("90-0000-1717").await.unwrap();
    shop.till.lock().await.unwrap();
    for _ in 0..5 {
        assert!(shop.till.sign_in_by_badge("90-0000-1718").await.is_err());
    }
    assert!(shop.till.sign_in_by_badge("90-0000-1717").await.is_err(), "a wait is on");
    shop.sign_in(CASHIER).await;
    shop.clock.pass(1);
    shop.till.sign_in_by_badge("90-0000-1717").await.unwrap();
    assert!(matches!(shop.till.standing(), Standing::Signed(person) if person.name == "Мадина"), "whoever comes takes the seat");
}

const HERS: &str = "90-0000-1717";

impl Shop {
    /// What is left after an unknown badge: tries, and minutes to wait.
    async fn guess_badge(&self) -> (u32, i64) {
        match self.till.sign_in_by_badge("90-0000-1718").await {
            Err(TillError::People(PeopleError::UnknownBadge(wait))) => (wait.tries_left, wait.wait_ms / 60_000),
            other => panic!("it was let in, or failed otherwise: {other:?}"),
        }
    }

    async fn comes_in_by_badge(&self) -> bool {
        let came = self.till.sign_in_by_badge(HERS).await.is_ok();
        self.till.lock().await.unwrap();
        came
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_badge_guesses_others_no_faster() {
    let mut shop = Shop::open().await;
    shop.till.set_badge(shop.id("Мадина"), Some(HERS)).await.unwrap();
    for left in [4, 3, 2, 1] {
        assert_eq!(shop.guess_badge().await, (left, 0));
        assert!(shop.comes_in_by_badge().await);
    }
    assert_eq!(shop.guess_badge().await, (0, 1), "the known one in between has made nothing good");
    shop = shop.reopen().await;
    assert!(!shop.comes_in_by_badge().await, "the wait goes on after a restart");
    shop.clock.pass(1);
    assert!(shop.comes_in_by_badge().await);
    shop = shop.reopen().await;
    for wait in [2, 4, 8] {
        assert_eq!(shop.guess_badge().await, (0, wait), "the count has outlasted the right badge and the restart");
        shop = shop.reopen().await;
        shop.clock.pass(wait);
        assert!(shop.comes_in_by_badge().await);
    }
    shop.clock.reboot();
    shop = shop.reopen().await;
    assert!(!shop.comes_in_by_badge().await, "of the time the machine was off nothing is known");
    shop.clock.pass(8);
    assert_eq!(shop.guess_badge().await, (0, 16));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_makes_up_for_one_unknown_badge() {
    let shop = Shop::open().await;
    shop.till.set_badge(shop.id("Мадина"), Some(HERS)).await.unwrap();
    for left in [4, 3, 2] {
        assert_eq!(shop.guess_badge().await, (left, 0));
    }
    shop.clock.pass(59);
    assert_eq!(shop.guess_badge().await, (1, 0));
    shop.clock.pass(40);
    assert!(shop.comes_in_by_badge().await, "a known one does not put the hour off");
    shop.clock.pass(20);
    assert_eq!(shop.guess_badge().await, (1, 0), "three were left of four");
    shop.clock.pass(10 * 60);
    assert_eq!(shop.guess_badge().await, (4, 0), "after a day of peace all are forgiven");
    // A PIN is somebody's: its tries are forgiven by the right one alone.
    let cashier = shop.id(CASHIER.0);
    assert_eq!(shop.guess(cashier, "0000").await, (4, 0));
    shop.clock.pass(10 * 60);
    assert_eq!(shop.guess(cashier, "0000").await, (3, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_scanned_at_a_locked_till_are_no_tries_at_badges() {
    let shop = Shop::open().await;
    let senior = shop.id("Мадина");
    shop.till.set_badge(senior, Some(HERS)).await.unwrap();
    assert!(matches!(shop.till.set_badge(senior, Some("4870003100016")).await, Err(TillError::People(PeopleError::BadBadge))));
    for _ in 0..20 {
        let scanned = shop.till.sign_in_by_badge("4870003100016").await;
        assert!(matches!(scanned, Err(TillError::People(PeopleError::NotABadge))), "{scanned:?}");
    }
    assert!(shop.comes_in_by_badge().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_badge_scanned_among_goods_is_written_nowhere() {
    let shop = Shop::open().await;
    shop.till.set_badge(shop.id("Мадина"), Some(HERS)).await.unwrap();
    shop.sign_in(CASHIER).await;
    assert!(matches!(shop.till.scan(HERS).await, Err(TillError::UnknownCode(_))));
    shop.till.sell_by_price("500", Some(HERS)).await.unwrap();
    shop.till.sell_by_price("300", Some("4870009999997")).await.unwrap();
    let codes: Vec<String> = shop.till.snapshot().await.unwrap().sale.lines.into_iter().map(|line| line.good.code).collect();
    assert_eq!(codes, ["", "4870009999997"]);
    shop.till.pay_cash(uuid::Uuid::now_v7(), None).await.unwrap();
    assert!(!format!("{:?}", shop.facts(None).await).contains(HERS));
}
