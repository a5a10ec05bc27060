//! Scans as the system brings them, under the Kazakh layout, which has letters on the digit row.

use crate::{Desk, scan_two};
use acceptance::scanner::{Scanner, place};
use acceptance::window::key;
use simulators::kaspi::{Customer, Op};

const TEA: &str = "4870001250010";
const LOAF: &str = "4870003100016";

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_read_by_the_place_of_their_keys() {
    let desk = Desk::new(Customer::default(), "kk").await;
    let window = desk.window().await;
    window.reaches("sale", "empty").await;
    let scanner = Scanner::at(&window.display);
    scanner.layout("kz");
    // The layout holds: the key of the 4 writes a letter.
    scanner.press([place::DIGITS[4]]);
    window.shows_path("//*[@data-screen='sale'][@data-state='search']").await;
    assert_eq!(window.run("return document.querySelector(`[data-test='item-search']`).value").await, "ң");
    window.press(key::ESCAPE).await;
    window.reaches("sale", "empty").await;

    scanner.scan(&[TEA, LOAF]);
    window.shows("li:nth-child(2) [data-test='line-choose']").await;
    assert_eq!(window.run("return document.querySelector(`[data-test='item-search']`).value").await, "");
    // A lock key beside the code, as scanners press it.
    scanner.press([place::CAPS_LOCK]);
    scanner.scan(&[LOAF]);
    scanner.press([place::CAPS_LOCK]);
    window.reads("cart-total", "1 760").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_goes_to_the_sale_whatever_has_the_focus_and_never_pays() {
    let desk = Desk::new(Customer::held(), "kk").await;
    let window = desk.window().await;
    scan_two(&window).await;
    let scanner = Scanner::at(&window.display);
    scanner.layout("kz");
    // The pay key has the focus; the scanner's Enter is not a press of it.
    window.run("document.querySelector(`[data-test='payment-kaspi']`).focus()").await;
    scanner.scan(&[TEA]);
    window.shows("li:nth-child(3) [data-test='line-choose']").await;
    // The settings' field keeps its text, the good is in the cart.
    window.touch("settings-open").await;
    window.reaches("settings", "shop").await;
    window.run("document.querySelector(`[data-test='shop-name']`).focus()").await;
    scanner.scan(&[LOAF]);
    window.reaches("sale", "lines").await;
    window.reads("cart-total", "2 370").await;
    window.touch("settings-open").await;
    window.reaches("settings", "shop").await;
    assert_eq!(window.run("return document.querySelector(`[data-test='shop-name']`).value").await, "«Көктем» дүкені");
    window.press(key::ESCAPE).await;
    assert!(desk.terminal.requests().iter().all(|request| request.op != Op::Payment));
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_while_money_moves_is_refused_also_in_the_supervisors_dialog() {
    let desk = Desk::new(Customer::held(), "kk").await;
    let window = desk.window().await;
    scan_two(&window).await;
    let scanner = Scanner::at(&window.display);
    scanner.layout("kz");
    window.press(key::F9).await;
    window.shows("[data-test='stage-customer'][data-state='now']").await;
    scanner.scan(&[TEA]);
    window.shows("[data-test='scan-refused']").await;
    desk.terminal.stop().await;
    window.reaches("paying", "doubt").await;
    window.touch("attempt-decide").await;
    window.touch("decision-declined").await;
    window.fill("resolve-reason", "Wi-Fi").await;
    window.run("document.querySelector(`[data-test='resolve-reason']`).focus()").await;
    scanner.scan(&[TEA, LOAF]);
    // The keys come in their order: when Tab has moved on, the scans are over.
    scanner.press([place::TAB]);
    window.shows("[role='dialog']:not(:has([data-test='resolve-reason']:focus))").await;
    assert_eq!(window.run("return document.querySelector(`[data-test='resolve-reason']`).value").await, "Wi-Fi");
    window.reaches("paying", "doubt").await;
    let lines = window.run("return document.querySelectorAll(`[data-test='line-choose']`).length").await;
    assert_eq!(lines, 2, "nothing was added");
    window.close().await;
}
