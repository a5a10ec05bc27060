//! The receipt is one: text, PDF and the file a cashier saves say the same, line by line.

use acceptance::shop::TestShop;
use simulators::kaspi::Customer;
use std::path::Path;
use std::process::Command;
use till::discount::PriceChange;

/// The words of each line that is not empty.
fn words(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|line| !line.is_empty()).collect()
}

fn pdf_words(file: &Path) -> Vec<String> {
    let read = Command::new("pdftotext")
        .args(["-layout", "-nopgbrk"])
        .arg(file)
        .arg("-")
        .output()
        .expect("pdftotext is needed; `make setup` installs it");
    words(&String::from_utf8(read.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn text_and_pdf_are_the_same_line_by_line() {
    let shop = TestShop::open(Customer::default()).await;
    shop.ring_up().await;
    shop.till.add_by_code("00123", Some("0.746")).await.unwrap();
    shop.pay_and_settle().await;
    let records = shop.till.records();
    let receipt = records.receipt(1).await.unwrap();
    let text = checkout::layout::text(&records.rows(&receipt, 48));
    assert!(text.contains("Алма «Апорт»") && text.contains("0,746 кг × 890") && text.contains('₸'), "{text}");
    let file = records.save_receipt_pdf(1).await.unwrap();
    assert_eq!(pdf_words(&file), words(&text));
    assert!(std::fs::metadata(&file).unwrap().len() < 60_000, "a receipt is not a book");
}

#[tokio::test(flavor = "multi_thread")]
async fn discounts_survive_a_restart_and_stand_on_text_and_pdf_alike() {
    let shop = TestShop::open(Customer::default()).await;
    shop.ring_up().await;
    shop.till.add_by_code("00123", Some("0.746")).await.unwrap();
    for change in [
        PriceChange::LineDiscount { line: 1, discount: Some("10%".to_owned()) },
        PriceChange::Line { line: 2, price: Some("800".to_owned()) },
        PriceChange::CartDiscount { discount: Some("50".to_owned()) },
    ] {
        shop.till.change_price(&change, None).await.unwrap();
    }
    let shop = shop.reopen().await;
    shop.pay_and_settle().await;
    let records = shop.till.records();
    let receipt = records.receipt(1).await.unwrap();
    let text = checkout::layout::text(&records.rows(&receipt, 48));
    // 285 less 28,50 (whole tenge: 29) is 256; 0,746 × 800 is 597; less 50.
    for expected in ["−10% (−29)", "0,746 кг × 800", "−50", "803 ₸"] {
        assert!(text.contains(expected), "{expected} is not on\n{text}");
    }
    let file = records.save_receipt_pdf(1).await.unwrap();
    assert_eq!(pdf_words(&file), words(&text));
}
