//! Payments by the terminal: each stage, each refusal, each doubt.

use crate::{Desk, scan_two};
use acceptance::window::{Window, key};
use simulators::faults::{Fault, Verb};
use simulators::kaspi::{Customer, Ending, Op};
use till::records::Records;

#[tokio::test(flavor = "multi_thread")]
async fn a_kaspi_sale_by_keyboard_alone() {
    let desk = Desk::new(Customer::held(), "en").await;
    let window = desk.window().await;
    scan_two(&window).await;
    window.press(key::F9).await;
    window.shows("[data-test='stage-customer'][data-state='now']").await;
    window.picture("kaspi-waiting").await;
    // Scans are refused while money is moving, and nothing pays twice.
    window.scan("4870003100016").await;
    window.press(key::F9).await;
    desk.terminal.scan().unwrap();
    window.shows("[data-test='stage-confirm'][data-state='now']").await;
    window.picture("kaspi-scanned").await;
    desk.terminal.confirm().unwrap();
    window.reaches("done", "device").await;
    window.picture("done-kaspi").await;
    window.touch("receipt-qr").await;
    window.shows("[data-test='receipt-code']").await;
    window.picture("done-kaspi-qr").await;
    let preview = window.run("return document.querySelector(`[data-test='receipt-paper']`).textContent").await;
    let preview: Vec<&str> = preview.as_str().unwrap().lines().map(str::trim_end).collect();
    assert!(preview.iter().any(|line| line.contains("504711333")), "the bank slip is on the receipt");
    let records = Records::open(desk.folder.path()).await.unwrap();
    let paper = records.receipt_text(&records.receipt(1).await.unwrap());
    assert_eq!(preview, paper.lines().collect::<Vec<_>>(), "the preview is the paper, line by line");
    let starts = desk.terminal.requests().iter().filter(|request| request.op == Op::Payment).count();
    assert_eq!((starts, desk.terminal.ledger().len()), (1, 1));
    assert_eq!(desk.terminal.ledger()[0].amount_minor, 89_500);
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kaspi_sale_by_touch_alone() {
    let desk = Desk::new(Customer::default(), "ru").await;
    let window = desk.window().await;
    window.touch("quick-add").await;
    window.pay_ready().await;
    window.touch("payment-kaspi").await;
    window.reaches("done", "device").await;
    window.picture("done-kaspi-by-touch-ru").await;
    assert_eq!(desk.terminal.ledger().len(), 1);
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_split_between_cash_and_kaspi() {
    let desk = Desk::new(Customer::default(), "en").await;
    let window = desk.window().await;
    scan_two(&window).await;
    window.type_text("500").await;
    window.press(key::F10).await;
    window.shows("[data-test='cart-tender']").await;
    window.picture("split-cash-taken").await;
    // The customer thinks again: the cash goes back, and then is taken all the same.
    window.touch("cash-return").await;
    window.shows("[data-test='quick-add']").await;
    window.pay_ready().await;
    window.type_text("500").await;
    window.press(key::F10).await;
    window.shows("[data-test='cart-tender']").await;
    window.pay_ready().await;
    window.press(key::F9).await;
    window.reaches("done", "cash").await;
    assert_eq!(desk.terminal.ledger()[0].amount_minor, 39_500);
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_terminal_is_a_doubt_and_a_supervisor_decides() {
    let desk = Desk::new(Customer::held(), "en").await;
    let window = desk.window().await;
    scan_two(&window).await;
    window.press(key::F9).await;
    window.shows("[data-test='stage-customer'][data-state='now']").await;
    desk.terminal.stop().await;
    window.reaches("paying", "doubt").await;
    for (theme, locale) in [("light", "en"), ("dark", "en"), ("light", "ru"), ("light", "kk")] {
        window.touch(&format!("locale-set-{locale}")).await;
        window.shows(&format!("html[lang='{locale}']")).await;
        window.theme(theme).await;
        window.picture(&format!("doubt-{locale}-{theme}")).await;
    }
    window.touch("locale-set-en").await;
    window.touch("attempt-park").await;
    window.reaches("sale", "empty").await;
    window.shows("[data-test='task-strip'][data-kind='doubt']").await;
    window.picture("sale-with-doubt-parked").await;
    window.touch("attempt-open").await;
    window.reaches("paying", "doubt").await;
    window.touch("attempt-decide").await;
    window.picture("doubt-decide").await;
    decide(&window, "approved").await;
    window.shows("[data-screen='done']").await;
    window.close().await;
}

/// A supervisor's word in the open dialog.
pub async fn decide(window: &Window, decision: &str) {
    window.touch(&format!("decision-{decision}")).await;
    let answers = [("resolve-reference", "504711333"), ("resolve-reason", "looked"), ("resolve-evidence", "seen in History")];
    for (field, text) in answers {
        window.fill(field, text).await;
    }
    window.touch("attempt-resolve").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_came_late_is_settled_on_the_screen() {
    for (decision, locale) in [("approved", "kk"), ("returned", "ru")] {
        let desk = Desk::new(Customer::held(), locale).await;
        let window = desk.window().await;
        scan_two(&window).await;
        window.press(key::F9).await;
        window.shows("[data-test='stage-customer'][data-state='now']").await;
        desk.terminal.stop().await;
        window.reaches("paying", "doubt").await;
        window.touch("attempt-decide").await;
        decide(&window, "declined").await;
        window.shows("[data-test='refused-say']").await;
        desk.terminal.start_again_on_same_port().await.unwrap();
        desk.terminal.scan().unwrap();
        desk.terminal.confirm().unwrap();
        window.shows("[data-test='task-strip'][data-kind='return']").await;
        window.reaches("paying", "doubt").await;
        for theme in ["light", "dark"] {
            window.theme(theme).await;
            window.picture(&format!("03-late-{locale}-1366-{theme}")).await;
        }
        window.touch("attempt-decide").await;
        window.shows("[data-test='decision-returned']").await;
        window.picture(&format!("03-late-decide-{locale}-1366-dark")).await;
        decide(&window, decision).await;
        match decision {
            "approved" => window.reaches("done", "device").await,
            _ => {
                window.reaches("sale", "lines").await;
                window.pay_ready().await;
            }
        }
        assert!(window.page.find(fantoccini::Locator::Css("[data-test='task-strip']")).await.is_err(), "the task is done");
        window.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_that_was_not_heard_is_found_after_the_terminal_is_back() {
    let desk = Desk::new(Customer::held(), "ru").await;
    let window = desk.window().await;
    scan_two(&window).await;
    window.press(key::F9).await;
    window.shows("[data-test='stage-customer'][data-state='now']").await;
    desk.terminal.scan().unwrap();
    desk.terminal.stop().await;
    desk.terminal.confirm().unwrap();
    window.reaches("paying", "doubt").await;
    desk.terminal.start_again_on_same_port().await.unwrap();
    window.reaches("done", "device").await;
    assert_eq!(desk.terminal.ledger().len(), 1);
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_say_that_no_money_moved() {
    let desk = Desk::new(Customer::who(Ending::Declines), "en").await;
    let window = desk.window().await;
    scan_two(&window).await;
    window.press(key::F9).await;
    window.reaches("paying", "declined").await;
    window.picture("kaspi-declined").await;
    desk.terminal.set_faults(vec![Fault::new("payment", Verb::Busy)]).unwrap();
    window.pay_ready().await;
    window.press(key::F9).await;
    window.reaches("paying", "not_started").await;
    window.picture("kaspi-busy").await;
    desk.terminal.stop().await;
    window.pay_ready().await;
    window.press(key::F9).await;
    window.shows("[data-test='light-kaspi'][data-state='down']").await;
    window.reaches("paying", "not_started").await;
    window.picture("kaspi-unreachable").await;
    window.press(key::ESCAPE).await;
    window.reaches("sale", "lines").await;
    window.pay_ready().await;
    window.press(key::F10).await;
    window.reaches("done", "cash").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_survives_the_window() {
    let desk = Desk::new(Customer::held(), "en").await;
    let window = desk.window().await;
    scan_two(&window).await;
    window.press(key::F9).await;
    window.shows("[data-test='stage-customer'][data-state='now']").await;
    window.close().await;
    desk.terminal.scan().unwrap();
    desk.terminal.confirm().unwrap();
    let window = desk.window().await;
    window.reaches("done", "device").await;
    let starts = desk.terminal.requests().iter().filter(|request| request.op == Op::Payment).count();
    assert_eq!((starts, desk.terminal.ledger().len()), (1, 1));
    window.close().await;
}

/// GUIDE row 25: the sale and the payment were kept, the terminal is asked, and meanwhile nothing else can be paid.
#[tokio::test(flavor = "multi_thread")]
async fn the_till_switched_off_in_the_middle_says_so_and_asks_the_terminal() {
    let desk = Desk::at_pace(Customer::held(), "en", 4).await;
    let window = desk.window().await;
    scan_two(&window).await;
    window.press(key::F9).await;
    window.shows("[data-test='stage-customer'][data-state='now']").await;
    // The terminal answers its next questions only when this test lets it.
    desk.terminal.set_faults(vec![Fault::new("status", Verb::DropReply)]).unwrap();
    window.kill().await;

    let window = desk.window().await;
    window.reaches("paying", "restart").await;
    window.picture("restart").await;
    assert_eq!(window.text("[data-test='restart-say']").await, "The till was switched off during a payment");
    window.shows("[data-test='stage-asking'][data-state='now']").await;
    window.press(key::F10).await;
    desk.terminal.set_faults(Vec::new()).unwrap();
    desk.terminal.scan().unwrap();
    window.shows("[data-test='stage-confirm'][data-state='now']").await;
    desk.terminal.confirm().unwrap();
    window.reaches("done", "device").await;
    let starts = desk.terminal.requests().iter().filter(|request| request.op == Op::Payment).count();
    assert_eq!((starts, desk.terminal.ledger().len()), (1, 1));
    window.close().await;
}
