//! The settings and the import of goods as people see them: each page and state, in each size and language, light and dark.

use crate::Desk;
use crate::look::{Look, in_every_size};
use acceptance::shop::WRONG_GOODS;
use acceptance::window::key;
use simulators::demo;
use simulators::kaspi::Customer;

/// The pages, a refused field, and goods from files good and bad.
async fn settings(size: (u32, u32), locale: &str) {
    let desk = Desk::new(Customer::held(), locale).await;
    let files = tempfile::tempdir().unwrap();
    let mut look = Look::open(&desk, size, locale).await;
    look.window.press(key::F1).await;
    for page in ["journal", "keys", "till", "goods", "about", "shop"] {
        look.window.touch(&format!("page-{page}")).await;
        look.window.reaches("settings", page).await;
        look.at(&format!("08-{page}")).await;
    }
    look.window.fill("tax-percent", "120").await;
    look.window.touch("settings-save").await;
    look.window.shows("[data-test='tax-percent-wrong']").await;
    look.at("08-shop-wrong").await;
    look.window.fill("tax-percent", "12").await;
    look.window.touch("settings-save").await;
    look.window.shows("[data-test='settings-saved']").await;
    look.at("08-shop-saved").await;
    look.window.touch("page-goods").await;
    look.window.choose_file(files.path(), "тауарлар.csv", WRONG_GOODS).await;
    look.window.reaches("settings", "goods-ready").await;
    look.at("08-import-wrong").await;
    look.window.touch("import-leave").await;
    look.window.choose_file(files.path(), "no-column.csv", "code,price\n1,2\n").await;
    look.window.reaches("settings", "goods-failed").await;
    look.at("08-import-failed").await;
    let new = demo::GOODS.replace(",285,", ",295,").replace("\n1002,4870003100023,", "\n2999,,");
    look.window.choose_file(files.path(), "тауарлар-қараша.csv", &new).await;
    look.window.reaches("settings", "goods-ready").await;
    look.at("08-import-ready").await;
    look.window.touch("import-take").await;
    look.window.reaches("settings", "goods-done").await;
    look.at("08-import-done").await;
    look.window.touch("import-undo").await;
    look.window.reaches("settings", "goods-undone").await;
    look.at("08-import-undone").await;
    look.close().await;
}

/// Rows enough that an import is still under way when it has been looked at.
const MANY: u32 = 200_000;

/// What lasts only while a long file is read or taken.
async fn long_import(size: (u32, u32), locale: &str) {
    let desk = Desk::new(Customer::held(), locale).await;
    let files = tempfile::tempdir().unwrap();
    let mut look = Look::open(&desk, size, locale).await;
    look.window.press(key::F1).await;
    look.window.touch("page-goods").await;
    look.window.choose_file(files.path(), "many.csv", &many()).await;
    look.window.reaches("settings", "goods-reading").await;
    look.at("08-import-reading").await;
    look.window.reaches("settings", "goods-ready").await;
    look.window.touch("import-take").await;
    look.window.reaches("settings", "goods-taking").await;
    look.at("08-import-taking").await;
    look.window.press(key::ESCAPE).await;
    look.window.shows("[data-test='import-strip'][data-phase='taking']").await;
    look.at("02-import-strip").await;
    look.window.touch("import-open").await;
    look.window.touch("import-stop").await;
    look.window.reaches("settings", "goods-stopped").await;
    look.at("08-import-stopped").await;
    look.close().await;
}

fn many() -> String {
    let mut file = "code,name,price\n".to_owned();
    for row in 1..=MANY {
        file.push_str(&format!("Z{row},Good number {row},{row}\n"));
    }
    file
}

/// The training shop: its bar stands on every screen.
async fn training(size: (u32, u32), locale: &str) {
    let mut look = Look::of_training(size, locale).await;
    look.at("02-training").await;
    look.window.touch("settings-open").await;
    look.window.reaches("settings", "shop").await;
    look.at("08-training").await;
    look.window.press(key::ESCAPE).await;
    look.window.scan("4870003100016").await;
    look.window.reaches("sale", "lines").await;
    look.window.pay_ready().await;
    look.window.press(key::F10).await;
    look.window.reaches("done", "cash").await;
    look.at("04-training").await;
    look.close().await;
}

in_every_size!(settings);

/// The bar is the same on every size; the narrowest and the usual one tell.
mod practice {
    use super::training;
    crate::look::looks! {
        [training]
        kazakh_on_a_small_screen: (1024, 768), "kk";
        russian: (1366, 768), "ru";
        english_on_a_large_screen: (1920, 1080), "en";
        kazakh_at_double_zoom: (683, 384), "kk";
    }
}

/// A long file takes its time, so each size and language comes once.
mod long_file {
    use super::long_import;
    crate::look::looks! {
        [long_import]
        kazakh_on_a_small_screen: (1024, 768), "kk";
        russian: (1366, 768), "ru";
        kazakh_on_a_large_screen: (1920, 1080), "kk";
        russian_at_double_zoom: (683, 384), "ru";
    }
}
