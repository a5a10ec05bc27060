//! Closing the window while payments are open, and what is told of payments that do not end by themselves.

use crate::look::{Look, looks};
use crate::paying::decide;
use crate::{Desk, scan_two};
use acceptance::close_key;
use acceptance::disk::Held;
use acceptance::shop::reopened;
use acceptance::window::{Window, key};
use checkout::payment::AttemptState;
use simulators::faults::{Fault, Verb};
use simulators::kaspi::{Customer, Op};
use till::records::Records;

async fn under_way(window: &Window) {
    scan_two(window).await;
    window.press(key::F9).await;
    window.shows("[data-test='stage-customer'][data-state='now']").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_with_an_open_payment_asks_before_it_closes() {
    let desk = Desk::new(Customer::held(), "en").await;
    let window = desk.window().await;
    under_way(&window).await;
    close_key::press(&window.display);
    window.shows("[data-test='closing-dialog']").await;
    assert_eq!(window.text("[data-test='closing-dialog'] [data-dialog-title]").await, "1 payment has no answer yet");
    let row = window.text("[data-test='closing-payment']").await;
    assert!(row.contains("Kaspi") && row.contains("895 ₸") && row.contains("just now"), "{row}");
    // Enter does the default: it stays. So does Esc.
    for stay in [key::ENTER, key::ESCAPE] {
        window.shows("[data-test='closing-stay']:focus").await;
        window.press(stay).await;
        window.shows("body:not(:has([role='dialog']))").await;
        close_key::press(&window.display);
        window.shows("[data-test='closing-dialog']").await;
    }
    window.touch_and_leave("window-close").await;
    let till = reopened(desk.folder.path()).await;
    assert_eq!(till.snapshot().await.unwrap().open.len(), 1, "it is still open, and asked about again");
    till.close().await;
    drop(till);
    desk.terminal.scan().unwrap();
    desk.terminal.confirm().unwrap();
    let window = desk.window().await;
    window.reaches("done", "device").await;
    let starts = desk.terminal.requests().iter().filter(|request| request.op == Op::Payment).count();
    assert_eq!((starts, desk.terminal.ledger().len()), (1, 1), "nothing was lost and nothing charged twice");
    // With nothing open it closes at once.
    close_key::press(&window.display);
    reopened(desk.folder.path()).await.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_ends_while_the_window_asks_is_told() {
    let desk = Desk::new(Customer::held(), "en").await;
    let window = desk.window().await;
    under_way(&window).await;
    close_key::press(&window.display);
    window.shows("[data-test='closing-payment']").await;
    desk.terminal.scan().unwrap();
    desk.terminal.confirm().unwrap();
    window.reads("closing-dialog", "All payments have an answer now").await;
    window.touch("closing-stay").await;
    window.reaches("done", "device").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_till_does_not_say_which_payment_is_open() {
    let desk = Desk::new(Customer::held(), "en").await;
    let window = desk.window().await;
    under_way(&window).await;
    desk.terminal.stop().await;
    window.reaches("paying", "doubt").await;
    window.touch("attempt-park").await;
    window.reaches("sale", "empty").await;
    window.touch("session-lock").await;
    window.reaches("sign_in", "tiles").await;
    close_key::press(&window.display);
    window.reads("closing-dialog", "Sign in to see which").await;
    let page = window.run("return document.body.innerText").await;
    assert!(!page.as_str().unwrap().contains("895"));
    window.touch_and_leave("window-close").await;
    reopened(desk.folder.path()).await.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unpaid_sale_is_given_up_from_the_strip() {
    let desk = Desk::new(Customer::held(), "en").await;
    let window = desk.window().await;
    unpaid(&desk, &window).await;
    window.touch("unpaid-discard").await;
    window.touch("unpaid-keep").await;
    window.touch("unpaid-discard").await;
    window.reads("task-strip", "100 ₸ in cash back").await;
    window.touch("unpaid-discard-sure").await;
    window.shows("body:not(:has([data-test='task-strip']))").await;
    let records = Records::open(desk.folder.path()).await.unwrap();
    assert!(records.open_sales().await.unwrap().is_empty());
    window.close().await;
}

/// A sale that cash was taken for and whose payment came to nothing while it was put aside.
async fn unpaid(desk: &Desk, window: &Window) {
    scan_two(window).await;
    window.type_text("100").await;
    window.press(key::F10).await;
    window.shows("[data-test='cart-tender']").await;
    window.pay_ready().await;
    window.press(key::F9).await;
    window.shows("[data-test='stage-customer'][data-state='now']").await;
    desk.terminal.scan().unwrap();
    desk.terminal.set_faults(vec![Fault::new("status", Verb::DropReply)]).unwrap();
    window.reaches("paying", "doubt").await;
    window.touch("attempt-park").await;
    window.reaches("sale", "empty").await;
    desk.terminal.set_faults(Vec::new()).unwrap();
    desk.terminal.decline().unwrap();
    window.shows("[data-test='task-strip'][data-kind='unpaid']").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_takes_nothing_is_told_until_it_does() {
    let desk = Desk::new(Customer::held(), "en").await;
    let window = desk.window().await;
    under_way(&window).await;
    let held = Held::of(desk.folder.path()).await;
    desk.terminal.scan().unwrap();
    desk.terminal.confirm().unwrap();
    window.shows("[data-test='unwritten-strip']").await;
    window.picture("unwritten").await;
    assert_eq!(window.flaws().await, Vec::<String>::new());
    held.let_go().await;
    window.reaches("done", "device").await;
    window.shows("body:not(:has([data-test='unwritten-strip']))").await;
    let records = Records::open(desk.folder.path()).await.unwrap();
    let attempts = records.attempts(false).await.unwrap();
    assert_eq!((attempts.len(), attempts[0].attempt.state), (1, AttemptState::Approved));
    window.close().await;
}

/// The question, the sale given up, and money that came when the goods were paid otherwise.
async fn way_out(size: (u32, u32), locale: &str) {
    let desk = Desk::at_pace(Customer::held(), locale, 4).await;
    let mut look = Look::open(&desk, size, locale).await;
    unpaid(&desk, &look.window).await;
    look.at("06-unpaid").await;
    look.window.touch("unpaid-discard").await;
    look.at("06-unpaid-give-up").await;
    look.window.touch("unpaid-discard-sure").await;
    look.window.shows("body:not(:has([data-test='task-strip']))").await;
    under_way(&look.window).await;
    desk.terminal.stop().await;
    look.window.reaches("paying", "doubt").await;
    close_key::press(&look.window.display);
    look.window.shows("[data-test='closing-payment']").await;
    look.at("06-closing").await;
    look.window.press(key::ESCAPE).await;
    look.window.shows("body:not(:has([role='dialog']))").await;
    look.window.touch("attempt-decide").await;
    decide(&look.window, "declined").await;
    look.window.shows("[data-test='refused-say']").await;
    look.window.pay_ready().await;
    look.window.press(key::F10).await;
    look.window.reaches("done", "cash").await;
    desk.terminal.start_again_on_same_port().await.unwrap();
    desk.terminal.scan().unwrap();
    desk.terminal.confirm().unwrap();
    look.window.shows("[data-test='task-strip'][data-kind='paid_twice']").await;
    look.at("06-paid-twice").await;
    look.window.touch("attempt-open").await;
    look.window.reaches("paying", "doubt").await;
    look.at("03-paid-twice").await;
    look.window.touch("attempt-decide").await;
    look.window.touch("decision-returned").await;
    decide(&look.window, "returned").await;
    look.window.shows("body:not(:has([data-test='task-strip']))").await;
    look.close().await;
}

looks! {
    [way_out]
    kazakh_on_a_small_screen: (1024, 768), "kk";
    kazakh: (1366, 768), "kk";
    russian: (1366, 768), "ru";
    russian_at_double_zoom: (683, 384), "ru";
}
