//! People in the real window: the first owner, signing in, handing the till over, locking it, and one person allowing another's
//! action. How it looks: `looks_people.rs`.

use crate::{Desk, scan_two};
use acceptance::scanner::Scanner;
use acceptance::shop::{settings, terminal};
use acceptance::window::{OWNER, Window, give_people, key};
use checkout::people::Role;
use serde_json::{Value, json};
use simulators::kaspi::Customer;
use till::records::export_journal;

/// A shop with the owner who opens the window, a cashier and a supervisor.
async fn with_people(locale: &str) -> Desk {
    let desk = Desk::new(Customer::default(), locale).await;
    let people = [(OWNER.0, Role::Owner, OWNER.1), ("Айгерім", Role::Cashier, "4711"), ("Гүлнар", Role::Supervisor, "551820")];
    give_people(desk.folder.path(), &people).await;
    desk
}

async fn facts(desk: &Desk) -> Vec<Value> {
    let mut text = Vec::new();
    export_journal(desk.folder.path(), None, &mut text).await.unwrap();
    String::from_utf8(text).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Each fact's kind, and in whose name it stands.
pub async fn kinds(desk: &Desk) -> Vec<(String, Option<String>)> {
    facts(desk)
        .await
        .into_iter()
        .map(|fact| (fact["kind"].as_str().unwrap().to_owned(), fact["who"]["name"].as_str().map(str::to_owned)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_till_is_handed_over_and_locked_and_keeps_the_cart() {
    let desk = with_people("kk").await;
    let window = desk.window().await;
    scan_two(&window).await;
    window.touch("session-lock").await;
    window.reaches("sign_in", "tiles").await;
    let page = window.run("return document.body.innerText").await;
    assert!(!page.as_str().unwrap().contains("610"), "a locked till shows nothing of the sale");
    // A scan is a badge here, and goes nowhere else.
    Scanner::at(&window.display).scan(&["4870003100016"]);
    window.shows("[data-test='pin-refused']").await;
    // A wrong PIN says how many tries are left; the digits are dots.
    window.sign_in_as("Айгерім", "1111").await;
    window.shows("[data-state='pin'] [data-test='pin-refused']").await;
    window.press(key::ESCAPE).await;
    window.reaches("sign_in", "tiles").await;
    window.sign_in_as("Айгерім", "4711").await;
    window.reaches("sale", "lines").await;
    window.reads("cart-total", "895").await;
    window.reads("session-name", "Айгерім").await;
    // Her page shows no settings; the list of keys is everybody's.
    assert_eq!(window.run("return document.querySelector(`[data-test='settings-open']`)").await, Value::Null);
    window.pay_ready().await;
    window.press(key::F10).await;
    window.reaches("done", "cash").await;
    window.close().await;
    let paid = kinds(&desk).await.into_iter().rfind(|(kind, _)| kind == "sale_closed").unwrap();
    assert_eq!(paid.1.as_deref(), Some("Айгерім"), "the sale is closed in her name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_allows_one_price_at_the_cashiers_till() {
    let desk = with_people("ru").await;
    let window = desk.window().await;
    window.touch("session-lock").await;
    window.reaches("sign_in", "tiles").await;
    window.sign_in_as("Айгерім", "4711").await;
    scan_two(&window).await;
    window.press(key::UP).await;
    window.press(key::F4).await;
    window.reaches("sale", "discount").await;
    window.type_text("15").await;
    window.touch("reason-damaged").await;
    window.touch("edit-apply").await;
    window.shows("[data-test='lift-dialog']").await;
    // Esc closes without effect.
    window.press(key::ESCAPE).await;
    window.shows("[data-screen]:not(:has([data-test='lift-dialog']))").await;
    window.reads("cart-total", "895").await;
    window.touch("edit-apply").await;
    window.touch_path("//*[@data-test='lift-person'][contains(., 'Гүлнар')]").await;
    window.give_pin("551820").await;
    window.touch("lift-reason-goods").await;
    window.touch("lift-give").await;
    window.shows("[data-screen]:not(:has([data-test='lift-dialog']))").await;
    window.shows("[data-test='cart-saved']").await;
    window.reads("session-name", "Айгерім").await;
    window.close().await;
    let lifted = facts(&desk).await.into_iter().find(|fact| fact["kind"] == "lifted").unwrap();
    assert_eq!((&lifted["who"]["name"], &lifted["body"]["by"]["name"]), (&json!("Айгерім"), &json!("Гүлнар")));
    assert_eq!((&lifted["body"]["right"], &lifted["body"]["reason"]), (&json!("discount"), &json!("goods")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_makes_an_owner_who_adds_a_cashier() {
    let terminal = terminal(Customer::default()).await;
    let folder = tempfile::tempdir().unwrap();
    till::init(folder.path(), &settings(&terminal)).await.unwrap();
    let window = Window::open_locked(folder.path(), 1366, 768).await;
    window.reaches("sign_in", "owner").await;
    window.fill("owner-name", "Ержан").await;
    window.fill("owner-pin", "908172").await;
    window.fill("owner-pin-again", "908172").await;
    window.touch("owner-make").await;
    window.reaches("sale", "empty").await;
    window.touch("settings-open").await;
    window.touch("page-people").await;
    window.reaches("settings", "people").await;
    window.touch("person-add").await;
    window.fill("person-name", "Айгерім").await;
    window.fill("person-pin", "4711").await;
    window.fill("person-pin-again", "4711").await;
    window.touch("person-save").await;
    window.shows_path("//*[@data-test='person-row'][contains(., 'Айгерім')]").await;
    window.press(key::ESCAPE).await;
    window.touch("session-switch").await;
    window.sign_in_as("Айгерім", "4711").await;
    window.reads("session-name", "Айгерім").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pins_and_badges_are_in_no_log_of_the_window() {
    const UNKNOWN: &str = "991122334455";
    const HERS: &str = "881122334455";
    let desk = with_people("en").await;
    let logs = tempfile::tempdir().unwrap();
    let log = logs.path().join("window.log");
    let window = Window::open_logged(desk.folder.path(), &log).await;
    window.scan(UNKNOWN).await;
    window.shows("[data-test='pin-refused']").await;
    window.sign_in_as("Айгерім", "192837").await;
    window.shows("[data-state='pin'] [data-test='pin-refused']").await;
    window.press(key::ESCAPE).await;
    window.sign_in_as(OWNER.0, OWNER.1).await;
    window.reaches("sale", "empty").await;
    window.touch("settings-open").await;
    window.touch("page-people").await;
    window.touch_path("//*[@data-test='person-row'][contains(., 'Айгерім')]//button").await;
    window.touch("person-badge-set").await;
    window.scan(HERS).await;
    window.shows("[data-test='person-badge-remove']").await;
    window.press(key::ESCAPE).await;
    window.press(key::ESCAPE).await;
    window.touch("session-lock").await;
    window.reaches("sign_in", "tiles").await;
    window.scan(HERS).await;
    window.reads("session-name", "Айгерім").await;
    // Beyond her right: the badge and the PIN of who allows it pass through another command.
    scan_two(&window).await;
    window.press(key::F4).await;
    window.type_text("15").await;
    window.touch("reason-damaged").await;
    window.touch("edit-apply").await;
    window.shows("[data-test='lift-dialog']").await;
    window.touch("lift-reason-goods").await;
    window.scan(UNKNOWN).await;
    window.touch("lift-give").await;
    window.shows("[data-test='lift-dialog'] [data-test='pin-refused']").await;
    window.touch_path("//*[@data-test='lift-person'][contains(., 'Гүлнар')]").await;
    window.give_pin("551820").await;
    window.touch("lift-give").await;
    window.shows("[data-screen]:not(:has([data-test='lift-dialog']))").await;
    window.close().await;
    let logged = std::fs::read_to_string(&log).unwrap();
    assert!(logged.contains("sqlx") && logged.len() > 10_000, "everything that can be logged is");
    for secret in [UNKNOWN, HERS, OWNER.1, "192837", "551820", "argon2id"] {
        assert!(!logged.contains(secret), "{secret} is logged");
    }
}
