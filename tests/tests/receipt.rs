//! The receipt is one: text, PDF and the file a cashier saves say the same, line by line.

use acceptance::shop::TestShop;
use simulators::kaspi::Customer;
use std::process::Command;

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
    let read = Command::new("pdftotext")
        .args(["-layout", "-nopgbrk"])
        .arg(&file)
        .arg("-")
        .output()
        .expect("pdftotext is needed; `make setup` installs it");
    let words = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|line| !line.is_empty()).collect()
    };
    assert_eq!(words(&String::from_utf8(read.stdout).unwrap()), words(&text));
    assert!(std::fs::metadata(&file).unwrap().len() < 60_000, "a receipt is not a book");
}
