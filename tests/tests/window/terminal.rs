//! The set-up of a protected terminal in the real window, from the first look to the first sale, over TLS; and each step of it
//! as people see it.

use crate::look::Look;
use crate::{Desk, scan_two};
use acceptance::shop::{TIME_SCALE, settings};
use acceptance::window::key;
use simulators::demo;
use simulators::kaspi::{Approval, Certificate, Customer, KaspiSimulator, Options, Press, Protection, Years};
use till::{Opening, Till};

const PASSPHRASE: &str = "қызыл алма, ақ сүт";

/// A shop whose settings still say "open", at a terminal whose protection is on and where somebody must press.
async fn moved_in(locale: &str) -> Desk {
    let tls = Some(Certificate::of(&["*.kaspipos.kz"], Years::default()).unwrap());
    let protection = Some(Protection { approval: Approval::ByHand, ..Protection::default() });
    let customer = Customer::default();
    let options = Options { time_scale: TIME_SCALE, customer, tls, protection, ..demo::kaspi_options() };
    let terminal = KaspiSimulator::start(options).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    till::init(folder.path(), &settings(&terminal)).await.unwrap();
    let till = Till::open(Opening::at(folder.path())).await.unwrap();
    till.import(demo::GOODS.as_bytes(), false).await.unwrap();
    till.set_language(locale).await.unwrap();
    till.close().await;
    Desk { folder, terminal }
}

/// From a terminal that does not understand the till to one that takes its first payment.
async fn set_up(size: (u32, u32), locale: &str) {
    let desk = moved_in(locale).await;
    let mut look = Look::open(&desk, size, locale).await;
    look.window.touch("settings-open").await;
    look.window.touch("page-kaspi").await;
    look.window.reaches("settings", "kaspi").await;
    look.window.shows("[data-test='kaspi-ready'][data-ready='false']").await;
    look.window.shows("[data-test='kaspi-trouble']").await;
    look.at("08-kaspi-not-ready").await;

    look.window.touch("kaspi-set-up").await;
    look.window.shows("[data-step='address']").await;
    look.window.touch("kaspi-find").await;
    look.window.touch("kaspi-found").await;
    look.at("08-kaspi-address").await;
    look.window.touch("kaspi-next").await;
    look.window.shows("[data-test='kaspi-strict'][aria-checked='true']").await;
    look.at("08-kaspi-security").await;
    look.window.touch("kaspi-next").await;
    look.window.shows("[data-step='register']").await;

    // This machine has no keychain that a test may touch: a passphrase takes its place.
    look.window.touch("kaspi-register").await;
    look.window.shows("[data-code='passphrase_missing']").await;
    look.at("08-kaspi-passphrase").await;
    look.window.fill("kaspi-passphrase", PASSPHRASE).await;
    look.window.touch("kaspi-unlock").await;
    look.window.shows("[data-test='kaspi-register']:not([disabled])").await;
    // Nor does it know who signed the certificate: its key is compared instead.
    look.window.touch("kaspi-register").await;
    look.window.shows("[data-code='certificate_unknown']").await;
    look.window.touch("kaspi-back").await;
    look.window.touch("kaspi-pinned").await;
    look.window.touch("kaspi-next").await;
    look.window.touch("kaspi-register").await;
    look.window.shows("[data-code='key_to_compare']").await;
    look.at("08-kaspi-key").await;
    look.window.touch("kaspi-trust").await;
    look.window.shows("[data-test='kaspi-waiting']").await;
    look.at("08-kaspi-register").await;
    while desk.terminal.press(Press::Allow).is_err() {
        tokio::task::yield_now().await;
    }
    look.window.shows("[data-test='kaspi-next']:not([disabled])").await;
    look.window.touch("kaspi-next").await;
    look.window.shows("[data-test='kaspi-proven']").await;
    look.at("08-kaspi-test").await;
    // A real payment of 1 ₸, and it comes back by itself.
    desk.terminal.set_customer(Customer::held());
    look.window.touch("kaspi-try").await;
    look.window.shows("[data-test='kaspi-trial'][data-step='paying']").await;
    look.at("08-kaspi-trial-paying").await;
    while desk.terminal.scan().is_err() {
        tokio::task::yield_now().await;
    }
    desk.terminal.confirm().unwrap();
    desk.terminal.set_customer(Customer::default());
    look.window.shows("[data-test='kaspi-trial'][data-step='returned']").await;
    look.at("08-kaspi-tried").await;
    look.window.touch("kaspi-next").await;
    look.window.shows("[data-test='kaspi-ready'][data-ready='true']").await;
    look.at("08-kaspi-token").await;
    look.window.touch("kaspi-renew").await;
    look.window.shows("[data-test='kaspi-renew']:not([disabled])").await;
    look.window.shows("[data-test='kaspi-ready'][data-ready='true']").await;

    look.window.press(key::ESCAPE).await;
    scan_two(&look.window).await;
    look.window.press(key::F9).await;
    look.window.reaches("done", "device").await;
    look.close().await;
}

crate::look::looks! {
    [set_up]
    kazakh_on_a_small_screen: (1024, 768), "kk";
    kazakh: (1366, 768), "kk";
    russian: (1366, 768), "ru";
    english: (1366, 768), "en";
    russian_at_double_zoom: (683, 384), "ru";
}
