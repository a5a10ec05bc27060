//! What keys and scans do, and above all what they do not.

use crate::{Desk, scan_two};
use acceptance::window::key;
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
