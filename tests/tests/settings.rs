//! Settings and goods that change while the till runs.

use acceptance::shop::TestShop;
use checkout::payment::AttemptState;
use simulators::demo;
use simulators::faults::{Fault, Verb};
use simulators::kaspi::{Customer, KaspiSimulator};
use std::sync::Arc;
use till::importing::Phase;
use till::settings::SettingsError;
use till::shop::Form;
use till::{Till, TillError};
use uuid::Uuid;

/// The setting a change is refused for, and whether it is what the till holds that forbids it.
async fn refusal(till: &Till, change: impl Fn(&mut Form)) -> (String, bool) {
    let mut form = till.form().await.unwrap();
    change(&mut form);
    match till.change_settings(&form).await {
        Err(TillError::Settings(error)) => (error.path().to_owned(), matches!(error, SettingsError::Held { .. })),
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

async fn sell_for_cash(shop: &TestShop) -> i64 {
    let sale = shop.ring_up().await;
    shop.till.pay_cash(Uuid::now_v7(), None).await.unwrap();
    shop.till.records().sale(sale).await.unwrap().unwrap().closed.unwrap().number
}

async fn receipt(till: &Till, number: i64) -> String {
    let receipt = till.records().receipt(number).await.unwrap();
    till.records().receipt_text(&receipt)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_holds_at_once_and_old_receipts_stay_as_they_were() {
    let shop = TestShop::open(Customer::default()).await;
    let paid = shop.ring_up().await;
    assert_eq!(shop.pay_and_settle().await.attempt.state, AttemptState::Approved);
    let old = shop.till.records().sale(paid).await.unwrap().unwrap().closed.unwrap().number;
    let before = receipt(&shop.till, old).await;
    assert!(before.contains("Көктем"), "{before}");

    let mut form = shop.till.form().await.unwrap();
    form.name = " Jetisu ".to_owned();
    form.bin = "990101000000".to_owned();
    form.till = "7".to_owned();
    form.receipt_languages = vec!["en".to_owned()];
    form.kaspi.as_mut().unwrap().own_receipt = false;
    shop.till.change_settings(&form).await.unwrap();

    let new = receipt(&shop.till, sell_for_cash(&shop).await).await;
    for words in ["Jetisu", "990101000000", "TOTAL"] {
        assert!(new.contains(words), "{words} is missing:\n{new}");
    }
    assert_eq!(receipt(&shop.till, old).await, before);

    let shop = shop.reopen().await;
    assert_eq!(shop.till.settings().shop.name, "Jetisu");
    assert_eq!(receipt(&shop.till, old).await, before);
    let seen = shop.read_beside().await;
    assert_eq!(seen.receipt_text(&seen.receipt(old).await.unwrap()), before, "another process sees the same receipt");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_shop_json_leaves_old_receipts_as_they_were() {
    let shop = TestShop::open(Customer::default()).await;
    let number = sell_for_cash(&shop).await;
    let before = receipt(&shop.till, number).await;
    let TestShop { folder, terminal, till } = shop;
    till.close().await;
    drop(till);
    let renamed = acceptance::shop::settings(&terminal).replace("«Көктем» дүкені", "Jetisu");
    till::init(folder.path(), &renamed).await.unwrap();
    let till = acceptance::shop::reopened(folder.path()).await;
    assert_eq!(till.settings().shop.name, "Jetisu");
    assert_eq!(receipt(&till, number).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_change_names_its_setting_and_changes_nothing() {
    let shop = TestShop::open(Customer::default()).await;
    let before = shop.till.form().await.unwrap();
    let till = &shop.till;
    assert_eq!(refusal(till, |form| form.name = "  ".to_owned()).await, ("shop.name".to_owned(), false));
    assert_eq!(refusal(till, |form| form.line_step = "x".to_owned()).await, ("shop.line_step".to_owned(), false));
    assert_eq!(refusal(till, |form| form.line_step = "0".to_owned()).await, ("shop.line_step".to_owned(), false));
    assert_eq!(refusal(till, |form| form.line_step = "1000,01".to_owned()).await, ("shop.line_step".to_owned(), false));
    assert_eq!(refusal(till, |form| form.default_vat = "101".to_owned()).await, ("tax.default_percent".to_owned(), false));
    assert_eq!(refusal(till, |form| form.default_vat = "many".to_owned()).await, ("tax.default_percent".to_owned(), false));
    assert_eq!(refusal(till, |form| form.till = String::new()).await, ("till.id".to_owned(), false));
    assert_eq!(refusal(till, |form| form.receipt_languages = vec!["xx".to_owned()]).await, ("shop.receipt_languages[0]".to_owned(), false));
    let nowhere = refusal(till, |form| form.kaspi.as_mut().unwrap().address = "nowhere".to_owned()).await;
    assert_eq!(nowhere, ("devices.kaspi.address".to_owned(), false));
    let euros = refusal(till, |form| (form.kaspi, form.currency) = (None, "EUR".to_owned())).await;
    assert_eq!(euros, ("shop.currency".to_owned(), true));
    assert_eq!(till.form().await.unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_is_what_is_shown_again() {
    let shop = TestShop::open(Customer::default()).await;
    let mut form = shop.till.form().await.unwrap();
    form.line_step = "0,01".to_owned();
    form.default_vat = "12,5".to_owned();
    form.vat_included = false;
    shop.till.change_settings(&form).await.unwrap();
    assert_eq!(shop.till.form().await.unwrap(), form);
    let terms = shop.till.settings().terms;
    assert_eq!(terms.line_step_minor, 1);
    assert_eq!(shop.till.snapshot().await.unwrap().sale.terms, terms, "an empty sale is rung up on the new terms");
    (form.line_step, form.default_vat) = (String::new(), String::new());
    shop.till.change_settings(&form).await.unwrap();
    assert_eq!(shop.till.form().await.unwrap(), form);
    assert_eq!(shop.till.settings().default_vat, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_with_goods_is_finished_on_the_terms_it_was_begun_on() {
    let shop = TestShop::open(Customer::default()).await;
    shop.ring_up().await;
    let before = shop.till.snapshot().await.unwrap();
    let mut form = shop.till.form().await.unwrap();
    form.vat_included = false;
    shop.till.change_settings(&form).await.unwrap();
    let after = shop.till.snapshot().await.unwrap();
    assert_eq!((after.sale.terms, after.figures), (before.sale.terms, before.figures));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_terminal_does_not_change_while_a_payment_on_it_is_open() {
    let shop = TestShop::open(Customer::default()).await;
    shop.ring_up().await;
    shop.terminal.set_faults(vec![Fault::new("payment", Verb::DropReply)]).unwrap();
    let attempt = shop.pay_and_settle().await.attempt;
    assert_eq!(attempt.state, AttemptState::Unknown);
    let other = refusal(&shop.till, |form| form.kaspi.as_mut().unwrap().address = "127.0.0.1:9".to_owned()).await;
    assert_eq!(other, ("devices.kaspi.address".to_owned(), true));
    assert_eq!(refusal(&shop.till, |form| form.kaspi = None).await, ("devices.kaspi".to_owned(), true));
    let slip = refusal(&shop.till, |form| form.kaspi.as_mut().unwrap().own_receipt = false).await;
    assert_eq!(slip, ("devices.kaspi".to_owned(), true), "nobody would print the slip of the open payment");
    // What is not the terminal's may change.
    let mut form = shop.till.form().await.unwrap();
    form.name = "Jetisu".to_owned();
    shop.till.change_settings(&form).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_payment_goes_to_the_new_terminal() {
    let shop = TestShop::open(Customer::default()).await;
    let second: KaspiSimulator = acceptance::shop::terminal(Customer::default()).await;
    let mut form = shop.till.form().await.unwrap();
    form.kaspi.as_mut().unwrap().address = second.address().to_string();
    shop.till.change_settings(&form).await.unwrap();
    shop.ring_up().await;
    assert_eq!(shop.pay_and_settle().await.attempt.state, AttemptState::Approved);
    assert_eq!((shop.terminal.ledger().len(), second.ledger().len()), (0, 1));
    form.kaspi = None;
    shop.till.change_settings(&form).await.unwrap();
    shop.ring_up().await;
    assert!(matches!(shop.pay().await, Err(TillError::NoDevice(_))));
}

/// Waits until the import is no longer under way.
async fn ended(till: &Arc<Till>) -> Phase {
    let mut changes = till.changes();
    loop {
        changes.mark_unchanged();
        match till.import_phase() {
            Phase::Reading { .. } | Phase::Taking { .. } => changes.changed().await.unwrap(),
            phase => return phase,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_are_read_shown_taken_and_taken_back() {
    let shop = TestShop::open(Customer::default()).await;
    let till = &shop.till;
    let revision = till.catalogue_revision();
    till.read_import(b"code,name,price\n1001,Loaf,300\n9001,Rye,250\n".to_vec()).unwrap();
    let Phase::Ready(preview) = ended(till).await else { panic!("the file is good") };
    assert_eq!((preview.counts.added, preview.counts.updated, preview.counts.unchanged), (1, 1, 0));
    assert!(matches!(till.add_by_code("9001", None).await, Err(TillError::UnknownCode(_))), "nothing is changed by reading");
    till.take_import().unwrap();
    assert!(matches!(ended(till).await, Phase::Done(counts) if counts == preview.counts));
    till.add_by_code("9001", None).await.unwrap();
    assert_ne!(till.catalogue_revision(), revision, "the quick keys are asked for again");
    till.take_back_import().await.unwrap();
    assert!(matches!(till.import_phase(), Phase::Undone));
    assert!(matches!(till.add_by_code("9001", None).await, Err(TillError::UnknownCode(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_mistakes_is_shown_and_cannot_be_taken() {
    let shop = TestShop::open(Customer::default()).await;
    let till = &shop.till;
    till.read_import("code,name,price\n9001,Rye,250\n9002,,x\n9003,Oat,-1\n".into()).unwrap();
    let Phase::Ready(preview) = ended(till).await else { panic!("mistakes are part of what is shown") };
    let told: Vec<(usize, &str)> = preview.mistakes.iter().map(|mistake| (mistake.row, mistake.field)).collect();
    assert_eq!(told, [(3, "name"), (3, "price"), (4, "price")]);
    assert_eq!(preview.counts.added, 1, "the rows that are right are counted");
    assert!(matches!(till.take_import(), Err(TillError::NotFound(_))));
    till.leave_import().unwrap();
    assert!(matches!(till.import_phase(), Phase::None));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_stopped_with_nothing_changed_and_only_one_runs() {
    let shop = TestShop::open(Customer::default()).await;
    let till = &shop.till;
    let count = till.item_count().await.unwrap();
    let mut file = "code,name,price\n".to_owned();
    for row in 0..50_000 {
        file.push_str(&format!("Z{row},Good {row},{}\n", row + 1));
    }
    till.read_import(file.clone().into()).unwrap();
    assert!(matches!(till.read_import(Vec::new()), Err(TillError::ImportUnderWay)));
    assert!(matches!(till.take_back_import().await, Err(TillError::ImportUnderWay)));
    till.stop_import();
    assert!(matches!(ended(till).await, Phase::Stopped));
    till.read_import(file.into()).unwrap();
    assert!(matches!(ended(till).await, Phase::Ready(_)));
    till.take_import().unwrap();
    till.stop_import();
    assert!(matches!(ended(till).await, Phase::Stopped));
    assert_eq!(till.item_count().await.unwrap(), count);
    // The demo goods again: what was stopped holds nothing up.
    till.read_import(demo::GOODS.into()).unwrap();
    assert!(matches!(ended(till).await, Phase::Ready(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_goods_file_says_why() {
    let shop = TestShop::open(Customer::default()).await;
    for (bytes, words) in
        [(&b""[..], "empty"), (b"code,price\n1,2\n", "name"), (b"code,name,price\n", "empty"), (b"PK\x03\x04rubbish", "table")]
    {
        shop.till.read_import(bytes.to_vec()).unwrap();
        match ended(&shop.till).await {
            Phase::Failed(error) => assert!(error.to_string().contains(words), "{error}"),
            other => panic!("{words}: {other:?}"),
        }
    }
}
