//! How far prices go down: what was allowed, what is measured together, and goods at a typed price.

use super::{CASHIER, OWNER, Shop, kinds};
use checkout::people::Right;
use serde_json::json;
use till::TillError;
use till::discount::PriceChange;
use till::lift::Approval;
use till::people::Proof;
use uuid::Uuid;

fn off_line(line: u32, discount: &str) -> PriceChange {
    PriceChange::LineDiscount { line, discount: Some(discount.to_owned()) }
}

fn off_cart(discount: &str) -> PriceChange {
    PriceChange::CartDiscount { discount: Some(discount.to_owned()) }
}

impl Shop {
    async fn price(&self, change: &PriceChange) -> Result<(), TillError> {
        self.as_seated("price_change", self.till.change_price(change, None)).await
    }

    async fn pay(&self, received: Option<&str>) -> Result<(), TillError> {
        let received = received.map(|text| checkout::money::Money::parse_major(text, self.till.settings().currency).unwrap());
        self.as_seated("payment_cash", self.till.pay_cash(Uuid::now_v7(), received)).await
    }

    async fn allows(&self, (name, pin): (&str, &str), approval: &Approval) {
        let person = approval.people.iter().find(|person| person.name == name).unwrap().id;
        self.till.give_lift(approval.refusal, &Proof::Pin { person, pin: pin.to_owned() }, "agreed").await.unwrap();
    }

    async fn used_lifts(&self) -> (usize, usize) {
        (kinds(&self.facts(None).await, "lifted"), self.till.records().report_x().await.unwrap().lifts.len())
    }
}

/// What is asked for, in basis points of the usual price.
fn asked(answer: Result<(), TillError>) -> (Box<Approval>, i64) {
    match answer {
        Err(TillError::NeedsApproval(approval)) => {
            let basis_points = approval.extent.basis_points().unwrap();
            (approval, basis_points)
        }
        other => panic!("another person should be asked: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_percent_that_was_allowed_is_no_more_money_when_the_cart_grows() {
    let shop = Shop::open().await;
    shop.sign_in(OWNER).await;
    shop.till.add_by_code("1003", None).await.unwrap();
    shop.price(&off_cart("50%")).await.unwrap();
    shop.sign_in(CASHIER).await;
    shop.till.add_by_code("1009", None).await.unwrap();
    let (approval, basis_points) = asked(shop.pay(None).await);
    assert_eq!((approval.right, basis_points), (Right::Discount, 5_000), "half of milk was allowed, not of butter");
    shop.till.remove(2).await.unwrap();
    shop.pay(None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raised_quantity_takes_no_discount_along() {
    let shop = Shop::open().await;
    shop.sign_in(OWNER).await;
    shop.till.add_by_code("1003", None).await.unwrap();
    shop.price(&off_line(1, "50%")).await.unwrap();
    shop.sign_in(CASHIER).await;
    shop.till.set_quantity(1, "40").await.unwrap();
    asked(shop.pay(None).await);
    shop.till.set_quantity(1, "1").await.unwrap();
    shop.pay(None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discount_within_the_cashier_s_own_right_grows_with_the_cart() {
    let shop = Shop::open().await;
    shop.sign_in(CASHIER).await;
    shop.till.add_by_code("1003", None).await.unwrap();
    shop.price(&off_cart("10%")).await.unwrap();
    shop.till.add_by_code("1009", None).await.unwrap();
    shop.pay(None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn discounts_of_a_line_and_of_the_cart_are_measured_together() {
    let shop = Shop::open().await;
    shop.sign_in(CASHIER).await;
    shop.till.sell_by_price("1000", None).await.unwrap();
    shop.price(&off_line(1, "10%")).await.unwrap();
    let (_, together) = asked(shop.price(&off_cart("10%")).await);
    assert_eq!(together, 1_900, "100 off the line and 90 off the rest");
    // In the other order it is the same.
    shop.price(&PriceChange::LineDiscount { line: 1, discount: None }).await.unwrap();
    shop.price(&off_cart("10%")).await.unwrap();
    let (approval, together) = asked(shop.price(&off_line(1, "10%")).await);
    assert_eq!(together, 1_900);
    let named: Vec<&str> = approval.people.iter().map(|person| person.name.as_str()).collect();
    assert_eq!(named, ["Мадина", "Гүлнар", OWNER.0], "a senior goes so far");
    shop.allows(("Мадина", "2222"), &approval).await;
    shop.price(&off_line(1, "10%")).await.unwrap();
    shop.pay(None).await.unwrap();
    assert_eq!(shop.used_lifts().await, (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_fails_uses_no_lift_and_is_not_reported() {
    let shop = Shop::open().await;
    shop.sign_in(CASHIER).await;
    shop.till.sell_by_price("5000", None).await.unwrap();
    shop.till.sell_by_price("1000", None).await.unwrap();
    shop.price(&off_cart("600")).await.unwrap();
    shop.till.remove(1).await.unwrap();
    let (approval, _) = asked(shop.pay(None).await);
    shop.allows(OWNER, &approval).await;
    assert!(matches!(shop.pay(Some("0")).await, Err(TillError::Sale(_))), "no cash was given");
    assert_eq!(shop.used_lifts().await, (0, 0), "nothing was done by it");
    shop.pay(Some("400")).await.unwrap();
    assert_eq!(shop.used_lifts().await, (1, 1), "it was still there");
    // A right that is not measured is given back as well.
    shop.till.sell_by_price("1000", None).await.unwrap();
    let parked = shop.till.snapshot().await.unwrap().sale.id;
    shop.till.hold().await.unwrap();
    let discard = async || {
        let call = till::seat::Call { command: "sale_discard".to_owned(), arguments: String::new() };
        let pass = shop.till.admit(till::seat::Need::Right(Right::Void), call).unwrap();
        shop.till.with(pass, shop.till.discard(parked)).await
    };
    let Err(TillError::NeedsApproval(approval)) = discard().await else { panic!("it takes another person") };
    shop.allows(OWNER, &approval).await;
    shop.till.recall(parked).await.unwrap();
    assert!(matches!(discard().await, Err(TillError::NotFound(_))));
    shop.till.hold().await.unwrap();
    discard().await.unwrap();
    assert_eq!(shop.used_lifts().await, (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_allowed_of_a_sale_holds_after_a_restart() {
    let mut shop = Shop::open().await;
    shop.sign_in(CASHIER).await;
    shop.till.sell_by_price("1000", None).await.unwrap();
    let (approval, _) = asked(shop.price(&off_line(1, "30%")).await);
    shop.allows(("Гүлнар", "333333"), &approval).await;
    shop.price(&off_line(1, "30%")).await.unwrap();
    shop = shop.reopen().await;
    shop.sign_in(CASHIER).await;
    shop.pay(Some("100")).await.unwrap();
    shop = shop.reopen().await;
    shop.sign_in(CASHIER).await;
    shop.pay(Some("600")).await.unwrap();
    assert_eq!(shop.used_lifts().await, (1, 1));
    // The next sale begins with nothing, after a restart too.
    shop = shop.reopen().await;
    shop.sign_in(CASHIER).await;
    shop.till.sell_by_price("1000", None).await.unwrap();
    asked(shop.price(&off_line(1, "30%")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_good_at_a_typed_price_is_a_price_by_hand() {
    const MILK: &str = "4870003200037";
    let shop = Shop::open().await;
    shop.sign_in(CASHIER).await;
    let sell = async |price: &str, code: Option<&str>| shop.as_seated("item_sell_by_price", shop.till.sell_by_price(price, code)).await;
    sell("100", None).await.unwrap();
    sell("100", Some("4870009999997")).await.unwrap();
    sell("610", Some(MILK)).await.unwrap();
    // Under its code too, and for more than it costs.
    for (price, code) in [("100", "1003"), ("609", MILK), ("700", MILK)] {
        let (approval, _) = asked(sell(price, Some(code)).await);
        assert_eq!(approval.right, Right::PriceChange);
    }
    let (approval, basis_points) = asked(sell("488", Some(MILK)).await);
    assert_eq!(basis_points, 2_000);
    shop.allows(("Мадина", "2222"), &approval).await;
    sell("488", Some(MILK)).await.unwrap();
    let sale = shop.till.snapshot().await.unwrap().sale;
    let lines: Vec<_> = sale.lines.iter().map(|line| json!([line.good.code, line.good.price.minor(), line.price().minor()])).collect();
    let by_price = |code: &str| json!([code, 10_000, 10_000]);
    assert_eq!(lines, [by_price(""), by_price("4870009999997"), json!(["1003", 61_000, 61_000]), json!(["1003", 61_000, 48_800])]);
    shop.pay(None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_label_of_a_scale_sells_no_piece_for_less() {
    let shop = Shop::open().await;
    shop.sign_in(CASHIER).await;
    let scan = async |amount: &str| {
        let digits = format!("2301001{amount}");
        let odd_even = |from: usize| digits.bytes().skip(from).step_by(2).map(|digit| u32::from(digit - b'0')).sum::<u32>();
        let check = (10 - (odd_even(0) + 3 * odd_even(1)) % 10) % 10;
        let code = format!("{digits}{check}");
        shop.as_seated("item_scan", async { shop.till.scan(&code).await.map(drop) }).await
    };
    let (approval, _) = asked(scan("00001").await);
    assert_eq!(approval.right, Right::PriceChange, "bread of 285 for 1");
    assert!(shop.till.snapshot().await.unwrap().sale.lines.is_empty());
    scan("00855").await.unwrap();
    let line = shop.till.snapshot().await.unwrap().sale.lines.pop().unwrap();
    assert_eq!((line.quantity.milli(), line.own_price), (3_000, None), "three at the usual price");
}
