//! Selling and paying as people see them: each state, in each size and language, light and dark.

use crate::Desk;
use crate::look::{Look, in_every_size};
use acceptance::window::{Window, key};
use simulators::faults::{Fault, Verb};
use simulators::kaspi::Customer;

/// Six lines as in the design: pieces, a weight, a discount.
async fn six_lines(window: &Window) {
    window.reaches("sale", "empty").await;
    for code in ["4870003200037", "4870003200037", "4870003100016", "2100123007462", "4870003200068", "4870001250010", "4870003200105"] {
        window.scan(code).await;
    }
    window.shows("li:nth-child(6) [data-test='line-choose']").await;
    window.pay_ready().await;
}

async fn the_sale(size: (u32, u32), locale: &str) {
    let desk = Desk::new(Customer::held(), locale).await;
    let mut look = Look::open(&desk, size, locale).await;
    look.at("02-empty").await;
    six_lines(&look.window).await;
    look.at("02-six-lines").await;
    look.window.press(key::UP).await;
    for _ in 0..2 {
        look.window.press(key::UP).await;
    }
    look.window.press(key::F4).await;
    look.window.reaches("sale", "discount").await;
    look.window.touch("percent-10").await;
    look.window.touch("reason-damaged").await;
    look.window.shows("[data-test='edit-preview']").await;
    look.at("02-line-discount").await;
    look.window.touch("edit-apply").await;
    look.window.reaches("sale", "lines").await;
    look.window.touch("line-quantity").await;
    look.at("02-line-quantity").await;
    look.window.touch("edit-price").await;
    look.window.type_text("800").await;
    look.window.shows("[data-test='edit-preview']").await;
    look.at("02-line-price").await;
    look.window.press(key::ENTER).await;
    look.window.shows("[data-test='reason-missing']").await;
    look.at("02-reason-missing").await;
    look.window.touch("reason-shelf_price").await;
    look.window.press(key::ENTER).await;
    look.window.reaches("sale", "lines").await;
    look.window.touch("line-price").await;
    look.window.touch("edit-cart_discount").await;
    look.at("02-cart-discount").await;
    look.window.touch("percent-5").await;
    look.window.touch("reason-regular_customer").await;
    look.window.press(key::ENTER).await;
    look.window.shows("[data-test='cart-discount']").await;
    look.at("02-discounted").await;
    look.window.type_text("\u{430}\u{440}").await;
    look.window.shows("[role='option']").await;
    look.at("02-search").await;
    look.window.press(key::ESCAPE).await;
    look.window.scan("4870011223349").await;
    look.window.reaches("sale", "unknown").await;
    look.at("02-unknown").await;
    look.window.touch("price-type").await;
    look.window.type_text("450").await;
    look.at("02-by-price").await;
    look.window.press(key::ESCAPE).await;
    look.window.press(key::DELETE).await;
    look.window.shows("[data-test='cart-removed']").await;
    look.at("02-removed").await;
    look.window.type_text("5000").await;
    look.window.shows("[data-test='cash-offer']").await;
    look.at("03-cash-typed").await;
    look.window.press(key::ESCAPE).await;
    look.window.touch("note-other").await;
    look.window.type_text("10000").await;
    look.window.shows("[data-test='cash-preview']").await;
    look.at("03-tendered").await;
    look.window.press(key::ESCAPE).await;
    look.window.touch("note-other").await;
    look.window.type_text("2000").await;
    look.window.shows("[data-test='cash-preview']").await;
    look.at("03-tendered-short").await;
    look.window.press(key::F10).await;
    look.window.shows("[data-test='part-paid']").await;
    look.at("03-split").await;
    look.window.touch("cash-return").await;
    look.window.shows("[data-test='quick-add']").await;
    look.window.press(key::F6).await;
    look.window.reaches("sale", "empty").await;
    look.window.touch("quick-add").await;
    look.window.press(key::F7).await;
    look.window.reaches("parked", "list").await;
    look.at("06-parked").await;
    look.window.touch("sale-discard").await;
    look.at("06-parked-discard").await;
    // First the question is taken back, then the list is left.
    look.window.press(key::ESCAPE).await;
    look.window.press(key::ESCAPE).await;
    look.window.pay_ready().await;
    look.window.press(key::F10).await;
    look.window.reaches("done", "cash").await;
    look.at("04-exact-cash").await;
    look.close().await;
}

/// The till is switched off in the middle of a payment and started again; the terminal does not answer yet.
async fn switched_off(size: (u32, u32), locale: &str) {
    let desk = Desk::at_pace(Customer::held(), locale, 1).await;
    let look = Look::open(&desk, size, locale).await;
    six_lines(&look.window).await;
    look.window.press(key::F9).await;
    look.window.shows("[data-test='stage-customer'][data-state='now']").await;
    desk.terminal.set_faults(vec![Fault::new("status", Verb::DropReply)]).unwrap();
    let mut look = look.cut_off(&desk, size).await;
    look.window.reaches("paying", "restart").await;
    look.at("03-restart").await;
    look.close().await;
}

/// Slow enough that a customer's time does not end while a state is looked at.
pub const PACE: u32 = 4;

async fn paying(size: (u32, u32), locale: &str) {
    let desk = Desk::at_pace(Customer::held(), locale, PACE).await;
    let mut look = Look::open(&desk, size, locale).await;
    six_lines(&look.window).await;
    look.window.press(key::F9).await;
    look.window.shows("[data-test='stage-customer'][data-state='now']").await;
    look.at("03-kaspi-waiting").await;
    desk.terminal.scan().unwrap();
    look.window.shows("[data-test='stage-confirm'][data-state='now']").await;
    look.at("03-kaspi-scanned").await;
    look.window.press(key::ESCAPE).await;
    look.window.shows("[data-test='attempt-stopped']").await;
    look.at("03-kaspi-stopped").await;
    desk.terminal.decline().unwrap();
    look.window.reaches("paying", "declined").await;
    look.at("03-declined").await;
    desk.terminal.set_faults(vec![Fault::new("payment", Verb::Busy)]).unwrap();
    look.window.pay_ready().await;
    look.window.press(key::F9).await;
    look.window.reaches("paying", "not_started").await;
    look.at("03-busy").await;
    desk.terminal.set_faults(Vec::new()).unwrap();
    look.window.pay_ready().await;
    look.window.press(key::F9).await;
    look.window.shows("[data-test='stage-customer'][data-state='now']").await;
    desk.terminal.stop().await;
    look.window.reaches("paying", "doubt").await;
    look.at("03-doubt").await;
    look.window.touch("attempt-decide").await;
    look.window.touch("decision-approved").await;
    look.at("03-doubt-resolve").await;
    look.window.press(key::ESCAPE).await;
    look.window.shows("body:not(:has([role='dialog']))").await;
    look.window.touch("attempt-park").await;
    look.window.reaches("sale", "empty").await;
    look.at("02-doubt-parked").await;
    look.window.touch("attempt-open").await;
    look.window.touch("attempt-decide").await;
    look.window.touch("decision-declined").await;
    look.window.fill("resolve-reason", "Тарихта жоқ").await;
    look.window.touch("attempt-resolve").await;
    look.window.reaches("paying", "declined").await;
    look.at("03-decided-unpaid").await;
    look.window.pay_ready().await;
    look.window.press(key::F9).await;
    look.window.shows("[data-test='light-kaspi'][data-state='down']").await;
    look.window.reaches("paying", "not_started").await;
    look.at("03-unreachable").await;
    desk.terminal.cancel_on_terminal().unwrap();
    desk.terminal.set_customer(Customer::default());
    desk.terminal.start_again_on_same_port().await.unwrap();
    look.window.pay_ready().await;
    look.window.press(key::F9).await;
    look.window.reaches("done", "device").await;
    look.at("04-kaspi-done").await;
    look.window.scan("4870003100016").await;
    look.window.reaches("sale", "lines").await;
    look.window.pay_ready().await;
    look.window.type_text("1000").await;
    look.window.press(key::F10).await;
    look.window.reaches("done", "cash").await;
    look.at("04-change").await;
    look.window.touch("receipt-qr").await;
    look.window.shows("[data-test='receipt-code']").await;
    look.at("04-receipt-qr").await;
    look.close().await;
}

in_every_size!(the_sale, paying, switched_off);
