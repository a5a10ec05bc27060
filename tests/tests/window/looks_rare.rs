//! What a cashier seldom sees, as people see it: a cart of a thousand lines, a million, a card with its PIN, the yes, an amount that is
//! not the one asked, and money that came late.

use crate::Desk;
use crate::look::{Look, in_every_size};
use crate::paying::decide;
use acceptance::window::key;
use simulators::faults::{Fault, Verb};
use simulators::kaspi::{Customer, Method};

async fn rare(size: (u32, u32), locale: &str) {
    let card = Customer { pin: true, ..Customer::paying_by(Method::Card) }.but_held();
    let desk = Desk::at_pace(card, locale, 2).await;
    desk.ring_up(1..=1_000).await;
    let mut look = Look::open(&desk, size, locale).await;
    look.window.pay_ready().await;
    look.at("02-thousand-lines").await;
    look.window.press(key::F9).await;
    look.window.shows("[data-test='stage-customer'][data-state='now']").await;
    desk.terminal.scan().unwrap();
    look.window.shows("[data-test='stage-bank'][data-state='now']").await;
    look.at("03-kaspi-bank").await;
    desk.terminal.confirm().unwrap();
    look.window.shows("[data-test='stage-pin'][data-state='now']").await;
    look.at("03-kaspi-pin").await;
    // The moment the yes stays is held until it has been looked at.
    let held = "const real = setTimeout;
        window.setTimeout = (then, ms, ...rest) => (ms === 600 ? ((window.yesIsOver = then), 0) : real(then, ms, ...rest))";
    look.window.run(held).await;
    desk.terminal.confirm().unwrap();
    look.window.reaches("paying", "approved").await;
    look.at("03-approved").await;
    look.window.run("window.yesIsOver()").await;
    look.window.reaches("done", "device").await;
    look.at("04-thousand-lines").await;

    desk.terminal.set_customer(Customer::default());
    desk.terminal.set_faults(vec![Fault::new("status", Verb::Amount("100 ₸".into()))]).unwrap();
    pay_by_kaspi(&look).await;
    look.window.reaches("paying", "doubt").await;
    look.at("03-wrong-amount").await;
    desk.terminal.set_faults(Vec::new()).unwrap();
    look.window.touch("attempt-decide").await;
    decide(&look.window, "approved").await;
    look.window.reaches("sale", "lines").await;
    look.at("03-wrong-amount-counted").await;
    look.window.pay_ready().await;
    look.window.press(key::F10).await;
    look.window.shows("[data-screen='done']").await;

    desk.terminal.set_customer(Customer::held());
    pay_by_kaspi(&look).await;
    look.window.shows("[data-test='stage-customer'][data-state='now']").await;
    desk.terminal.stop().await;
    look.window.reaches("paying", "doubt").await;
    look.window.touch("attempt-decide").await;
    decide(&look.window, "declined").await;
    look.window.shows("[data-test='refused-say']").await;
    desk.terminal.start_again_on_same_port().await.unwrap();
    desk.terminal.scan().unwrap();
    desk.terminal.confirm().unwrap();
    look.window.shows("[data-test='task-strip'][data-kind='return']").await;
    look.window.reaches("paying", "doubt").await;
    look.at("03-late").await;
    look.window.touch("attempt-decide").await;
    look.window.touch("decision-returned").await;
    look.at("03-late-decide").await;
    decide(&look.window, "returned").await;
    look.window.reaches("sale", "lines").await;
    look.at("03-late-returned").await;
    look.close().await;
}

/// A million and more: 1 234 567, some of it out of sight, then with a discount and a part paid.
async fn big(size: (u32, u32), locale: &str) {
    let desk = Desk::new(Customer::default(), locale).await;
    desk.ring_up([1_234_357]).await;
    desk.ring_up(1..=20).await;
    let mut look = Look::open(&desk, size, locale).await;
    look.window.pay_ready().await;
    look.window.reads("cart-total", "567").await;
    look.at("02-big").await;
    look.window.touch("line-price").await;
    look.window.touch("edit-cart_discount").await;
    look.window.touch("percent-5").await;
    look.window.touch("reason-regular_customer").await;
    look.window.press(key::ENTER).await;
    look.window.shows("[data-test='cart-discount']").await;
    look.at("02-big-discounted").await;
    look.window.touch("note-other").await;
    look.window.type_text("50000").await;
    look.window.shows("[data-test='cash-preview']").await;
    look.at("03-big-tendered").await;
    look.window.press(key::F10).await;
    look.window.shows("[data-test='part-paid']").await;
    look.at("03-big-split").await;
    look.window.pay_ready().await;
    look.window.press(key::F9).await;
    look.window.reaches("done", "cash").await;
    look.at("04-big").await;
    look.close().await;
}

async fn pay_by_kaspi(look: &Look) {
    look.window.scan("4870003100016").await;
    look.window.reaches("sale", "lines").await;
    look.window.pay_ready().await;
    look.window.press(key::F9).await;
}

in_every_size!(rare, big);
