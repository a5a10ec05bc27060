//! What a scanned code does: labels of scales, customer cards, marked goods.

use acceptance::ctl;
use acceptance::shop::{TestShop, settings, terminal};
use checkout::marking::MarkingError;
use checkout::quantity::Quantity;
use checkout::sale::{Sale, SaleError};
use serde_json::Value;
use simulators::kaspi::Customer;
use std::sync::Arc;
use till::barcode::{BarcodeError, Scanned, check_digit_holds};
use till::{Opening, Till, TillError};
use uuid::Uuid;

/// A code with the check digit that belongs to it.
fn ean(body: &str) -> String {
    (0..10).map(|digit| format!("{body}{digit}")).find(|code| check_digit_holds(code)).unwrap()
}

async fn cart(shop: &TestShop) -> Sale {
    shop.till.snapshot().await.unwrap().sale
}

async fn add_goods(till: &Till, rows: &str) {
    till.import(format!("code,barcode,name,price,marked\n{rows}").as_bytes(), false).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scales_label_puts_the_weight_into_the_cart() {
    let shop = TestShop::open(Customer::default()).await;
    let scanned = shop.till.scan("]E02100123012503").await.unwrap();
    assert_eq!(scanned, Scanned::Weighed { item: "00123".to_owned(), grams: 1250, label: "2100123012503".to_owned() });
    let sale = cart(&shop).await;
    let line = &sale.lines[0];
    // 1,250 kg at 890 ₸ is 1112,50 ₸, rounded once to a whole tenge.
    assert_eq!((line.quantity.milli(), line.amount(&sale.terms).unwrap().minor()), (1250, 111_300));
    // 23, item, price: the line costs what the label says.
    for (label, amount) in [("230012300445", 44_500), ("230012399999", 9_999_900)] {
        shop.till.scan(&ean(label)).await.unwrap();
        let sale = cart(&shop).await;
        assert_eq!(sale.lines.last().unwrap().amount(&sale.terms).unwrap().minor(), amount);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_code_is_told_apart() {
    let shop = TestShop::open(Customer::default()).await;
    let refused = async |code: &str| shop.till.scan(code).await.unwrap_err();
    assert!(matches!(refused("2100123012504").await, TillError::Barcode(BarcodeError::CheckDigit(_))), "a label");
    assert!(matches!(refused("4870003100017").await, TillError::Barcode(BarcodeError::CheckDigit(_))), "a plain barcode");
    assert!(matches!(refused(&ean("210012300000")).await, TillError::Barcode(BarcodeError::Zero(_))));
    assert!(matches!(refused(&ean("219998801250")).await, TillError::UnknownLabel(item) if item == "99988"));
    assert!(matches!(refused(&ean("290000000001")).await, TillError::CustomerCard(_)));
    assert!(matches!(refused("]d20104870003100016").await, TillError::Barcode(BarcodeError::Marking)));
    assert!(matches!(refused(&ean("487999999999")).await, TillError::UnknownCode(_)));
    assert!(matches!(refused("777").await, TillError::UnknownCode(_)));
    assert!(cart(&shop).await.lines.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_s_own_barcode_wins_over_a_label_only_where_the_item_is_unknown() {
    let shop = TestShop::open(Customer::default()).await;
    let (known, unknown, card) = (ean("210012300777"), ean("219998800777"), ean("290000000777"));
    add_goods(&shop.till, &format!("P1,{known},Бірінші,100,\nP2,{unknown},Екінші,200,\nP3,{card},Үшінші,300,\n")).await;
    assert!(matches!(shop.till.scan(&known).await, Ok(Scanned::Weighed { grams: 777, .. })));
    assert_eq!(shop.till.scan(&unknown).await.unwrap(), Scanned::Plain { code: unknown });
    assert!(matches!(shop.till.scan(&card).await, Err(TillError::CustomerCard(_))), "cards come before goods");
    let codes: Vec<String> = cart(&shop).await.lines.into_iter().map(|line| line.good.code).collect();
    assert_eq!(codes, ["00123", "P2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_and_labels_follow_the_settings() {
    let (folder, terminal) = (tempfile::tempdir().unwrap(), terminal(Customer::default()).await);
    let mut shop: Value = serde_json::from_str(&settings(&terminal)).unwrap();
    shop["codes"] = serde_json::json!({ "customer_cards": ["99"], "labels": ["27IIIIWWWWWWC"] });
    till::init(folder.path(), &shop.to_string()).await.unwrap();
    let till = Till::open(Opening::at(folder.path())).await.unwrap();
    till.import("code,name,price,unit\n42,Алма,890,kg\n".as_bytes(), false).await.unwrap();
    assert!(matches!(till.scan(&ean("270042001250")).await, Ok(Scanned::Weighed { grams: 1250, .. })));
    assert!(matches!(till.scan(&ean("990000000001")).await, Err(TillError::CustomerCard(_))));
    assert!(matches!(till.scan(&ean("290000000001")).await, Err(TillError::UnknownCode(_))));
    assert!(matches!(till.scan(&ean("210012301250")).await, Err(TillError::UnknownCode(_))));
}

const RAW: &str = "21a%Bc\u{1d}91EE07\u{1d}92abcd=";

/// A shop with a marked beer, and the marking code of one bottle as a scanner sends it.
async fn with_beer() -> (TestShop, String) {
    let shop = TestShop::open(Customer::default()).await;
    let barcode = ean("487000000001");
    add_goods(&shop.till, &format!("B1,{barcode},Сыра 0.5 л,650,1\n")).await;
    (shop, format!("010{barcode}{RAW}"))
}

async fn sell(till: &Arc<Till>) {
    till.pay_cash(Uuid::now_v7(), None).await.unwrap();
}

fn marking_error(refused: Result<impl std::fmt::Debug, TillError>) -> MarkingError {
    match refused {
        Err(TillError::Sale(SaleError::Marking(error))) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marking_code_is_kept_byte_for_byte_from_the_scan_to_the_journal() {
    let (shop, raw) = with_beer().await;
    let scanned = shop.till.scan(&format!("]d2{raw}")).await.unwrap();
    assert!(matches!(&scanned, Scanned::Marked { raw: kept, .. } if *kept == raw), "{scanned:?}");
    let shop = shop.reopen().await;
    let sale = cart(&shop).await;
    assert_eq!(sale.lines[0].marking.as_ref().map(|marking| &marking.raw), Some(&raw), "in the open cart, after a restart too");
    sell(&shop.till).await;
    let stored = shop.till.records().sale(sale.id).await.unwrap().unwrap();
    assert_eq!(stored.sale.lines, sale.lines);
    let facts = shop.till.records().history(&sale.id.to_string()).await.unwrap();
    assert_eq!(facts.last().unwrap().body["lines"][0]["marking"].as_str(), Some(raw.as_str()));
    assert!(shop.till.records().verify_journal().await.unwrap().broken_at.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_unit_is_sold_once() {
    let (shop, raw) = with_beer().await;
    shop.till.scan(&raw).await.unwrap();
    assert!(matches!(marking_error(shop.till.scan(&raw).await), MarkingError::InCart(_)));
    let other_end = format!("\u{1d}{}", raw.replace("abcd=", "wxyz="));
    assert!(matches!(marking_error(shop.till.scan(&other_end).await), MarkingError::InCart(_)), "the unit is the serial, not the bytes");
    let line = cart(&shop).await.lines[0].id;
    shop.till.remove(line).await.unwrap();
    shop.till.scan(&raw).await.unwrap();
    sell(&shop.till).await;
    assert!(matches!(marking_error(shop.till.scan(&raw).await), MarkingError::Sold(_)));
    assert!(cart(&shop).await.lines.is_empty());
    shop.till.scan(&raw.replace("21a%Bc", "21a%Bd")).await.unwrap();
    assert_eq!(cart(&shop).await.lines.len(), 1, "another bottle of the same beer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_in_an_open_cart_that_was_sold_meanwhile_takes_no_money() {
    let (shop, raw) = with_beer().await;
    shop.till.scan(&raw).await.unwrap();
    let TestShop { folder, terminal, till } = shop;
    till.close().await;
    drop(till);
    let sold = loop {
        let (code, answer) = ctl::run(folder.path(), &["sell", "--item", &raw, "--pay", "cash"]);
        match code {
            13 => tokio::task::yield_now().await,
            code => break (code, answer["sale"]["total_minor"].as_i64()),
        }
    };
    assert_eq!(sold, (0, Some(65_000)));
    let (code, refused) = ctl::run(folder.path(), &["sell", "--item", &raw, "--pay", "cash"]);
    assert_eq!((code, refused["error"]["code"].as_str()), (3, Some("marking")));
    let till = acceptance::shop::reopened(folder.path()).await;
    let shop = TestShop { folder, terminal, till };
    assert_eq!(cart(&shop).await.lines.len(), 1);
    assert!(matches!(marking_error(shop.till.pay_cash(Uuid::now_v7(), None).await), MarkingError::Sold(_)));
    assert!(cart(&shop).await.tenders.is_empty());
    let by_device = shop.pay().await;
    assert!(matches!(marking_error(by_device), MarkingError::Sold(_)));
    assert!(shop.terminal.requests().is_empty(), "the terminal is not asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_of_a_sale_that_was_given_up_can_be_sold() {
    let (shop, raw) = with_beer().await;
    shop.till.scan(&raw).await.unwrap();
    let part = checkout::money::Money::parse_major("100", checkout::money::Currency::Kzt).unwrap();
    shop.till.pay_cash(Uuid::now_v7(), Some(part)).await.unwrap();
    shop.till.void().await.unwrap();
    shop.till.scan(&raw).await.unwrap();
    sell(&shop.till).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marked_good_goes_in_by_its_square_code_alone() {
    let (shop, raw) = with_beer().await;
    let barcode = raw[3..16].to_owned();
    let item = shop.till.search(&barcode).await.unwrap()[0].good.item;
    assert!(matches!(marking_error(shop.till.scan(&barcode).await), MarkingError::CodeNeeded(_)));
    assert!(matches!(marking_error(shop.till.add_by_code("B1", None).await), MarkingError::CodeNeeded(_)));
    assert!(matches!(marking_error(shop.till.add(item, Quantity::ONE).await), MarkingError::CodeNeeded(_)));
    shop.till.scan(&raw).await.unwrap();
    let line = cart(&shop).await.lines[0].id;
    assert_eq!(marking_error(shop.till.set_quantity(line, "2").await), MarkingError::OneByOne);
    shop.till.set_quantity(line, "1").await.unwrap();
    assert_eq!(cart(&shop).await.lines.len(), 1);
}
