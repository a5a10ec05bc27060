//! A refund that a script has left in doubt, as the window shows it: in the strip, opened, and decided.

use crate::Desk;
use crate::look::{Look, looks};
use crate::paying::decide;
use acceptance::shop::reopened;
use checkout::payment::{AttemptState, SaleId};
use checkout::refund::{RefundId, Wanted};
use checkout::tender::TenderKind;
use simulators::faults::{Fault, Verb};
use simulators::kaspi::Customer;
use till::Opening;
use uuid::Uuid;

/// Sells a loaf over the terminal and asks for it back; the terminal's answer to that is lost.
async fn left_in_doubt(desk: &Desk) -> RefundId {
    let till = till::Till::open(Opening { keeps_draft: false, ..Opening::at(desk.folder.path()) }).await.unwrap();
    till.start_sale(SaleId(Uuid::now_v7())).await.unwrap();
    till.add_by_code("1001", None).await.unwrap();
    let paid = till.pay_by_device(Uuid::now_v7(), TenderKind::Kaspi, None).await.unwrap();
    assert_eq!(till.settled(paid, till.patience_ms()).await.unwrap().attempt.state, AttemptState::Approved);
    desk.terminal.set_faults(vec![Fault::new("refund", Verb::DropReply)]).unwrap();
    let refund = till.open_refund(Uuid::now_v7(), RefundId(Uuid::now_v7()), 1, &Wanted::default()).await.unwrap();
    let asked = till.refund_by_device(Uuid::now_v7(), refund).await.unwrap();
    assert_eq!(till.settled(asked, till.patience_ms()).await.unwrap().attempt.state, AttemptState::Unknown);
    till.close().await;
    refund
}

async fn in_doubt(size: (u32, u32), locale: &str) {
    let desk = Desk::new(Customer::default(), locale).await;
    let refund = left_in_doubt(&desk).await;
    let mut look = Look::open(&desk, size, locale).await;
    look.window.shows("[data-test='task-strip'][data-kind='refund_doubt']").await;
    look.at("05-refund-strip").await;
    look.window.touch("attempt-open").await;
    look.window.reaches("paying", "doubt").await;
    look.at("05-refund-in-doubt").await;
    look.window.touch("attempt-decide").await;
    look.window.shows("[data-test='resolve-dialog']").await;
    look.at("05-refund-decide").await;
    decide(&look.window, "declined").await;
    look.window.shows("[data-test='refused-say']").await;
    look.at("05-refund-not-given").await;
    look.window.touch("screen-dismiss").await;
    look.window.reaches("sale", "empty").await;
    look.close().await;
    // It can be given another way.
    let till = reopened(desk.folder.path()).await;
    till.refund_in_cash(refund).await.unwrap();
    assert_eq!(till.finish_refund(Uuid::now_v7(), refund).await.unwrap().number, 2);
    till.close().await;
}

looks! {
    [in_doubt]
    kazakh_on_a_small_screen: (1024, 768), "kk";
    russian_on_a_small_screen: (1024, 768), "ru";
    kazakh: (1366, 768), "kk";
    russian: (1366, 768), "ru";
    russian_at_double_zoom: (683, 384), "ru";
}
