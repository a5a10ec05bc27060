//! What keys and scans do, and above all what they do not.

use crate::{Desk, scan_two};
use acceptance::window::{Window, key};
use simulators::kaspi::Customer;

#[tokio::test(flavor = "multi_thread")]
async fn enter_never_pays() {
    let desk = Desk::new(Customer::held(), "en").await;
    let window = desk.window().await;
    scan_two(&window).await;
    for name in ["payment-kaspi", "payment-cash", "note-take"] {
        window.run(&format!("document.querySelector(\"[data-test='{name}']\").focus()")).await;
        window.press(key::ENTER).await;
        window.reaches("sale", "lines").await;
    }
    window.press(key::ENTER).await;
    window.reaches("sale", "lines").await;
    assert!(desk.terminal.requests().is_empty());
    window.run("document.querySelector(\"[data-test='payment-kaspi']\").focus()").await;
    window.press(key::SPACE).await;
    window.shows("[data-screen='paying']").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paying_takes_as_few_presses_as_promised() {
    let desk = Desk::new(Customer::default(), "kk").await;
    let window = desk.window().await;
    scan_two(&window).await;
    assert_eq!(window.presses(), 0);
    window.press(key::F10).await;
    window.reaches("done", "cash").await;
    assert_eq!(window.presses(), 1, "exact cash");
    // The next sale takes none: the scan opens it.
    for (typed, pay, ends, presses) in [("5000", key::F10, "cash", 5), ("", key::F9, "device", 1), ("", key::F10, "cash", 1)] {
        window.scan("4870003100016").await;
        window.reaches("sale", "lines").await;
        window.pay_ready().await;
        window.type_text(typed).await;
        window.press(pay).await;
        window.reaches("done", ends).await;
        assert_eq!(window.presses(), presses, "{typed} {ends}");
    }
    // A part in cash, the rest by Kaspi.
    window.scan("4870003100016").await;
    window.reaches("sale", "lines").await;
    window.pay_ready().await;
    window.type_text("100").await;
    window.press(key::F10).await;
    window.shows("[data-test='cart-tender']").await;
    window.pay_ready().await;
    window.press(key::F9).await;
    window.reaches("done", "cash").await;
    assert_eq!(window.presses(), 5, "three figures, cash, Kaspi");
    assert_eq!(desk.terminal.ledger().len(), 2);
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_goes_into_the_cart_wherever_the_cashier_is_and_pays_nowhere() {
    let desk = Desk::new(Customer::held(), "en").await;
    let window = desk.window().await;
    scan_two(&window).await;
    // Two scans that run together are two goods.
    window.scan_together(&["4870003200044", "4870001250010"]).await;
    window.shows("li:nth-child(4) [data-test='line-choose']").await;
    // With a pay key in focus, with a sum typed, in the pads, in the editor and in the list: each time one loaf more.
    window.run("document.querySelector(\"[data-test='payment-cash']\").focus()").await;
    loaves(&window, 2).await;
    window.type_text("5000").await;
    loaves(&window, 3).await;
    window.touch("note-other").await;
    window.type_text("5000").await;
    loaves(&window, 4).await;
    window.press(key::F4).await;
    window.type_text("10").await;
    loaves(&window, 5).await;
    window.press(key::F7).await;
    window.reaches("parked", "empty").await;
    loaves(&window, 6).await;
    assert!(desk.terminal.requests().is_empty());
    window.close().await;
}

/// Scans a loaf and waits until the cart has so many.
async fn loaves(window: &Window, count: usize) {
    window.scan("4870003100016").await;
    window.reaches("sale", "lines").await;
    window.shows("li:nth-child(4) [data-test='line-choose']").await;
    let quantity = format!("//li[2]//*[@class='q' or contains(@class, 'q ')][normalize-space()='{count}']");
    window.shows_path(&quantity).await;
}
