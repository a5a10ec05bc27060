//! The settings in the real window: reached from the sale and left again, saved, refused at the field; goods from a
//! file while sales go on. Every state leaves a picture under target/shots.

use acceptance::shop::{WRONG_GOODS, settings, terminal};
use acceptance::window::{Window, key};
use simulators::demo;
use simulators::kaspi::{Customer, KaspiSimulator};
use tempfile::TempDir;
use till::records::Records;
use till::{Opening, Till};

/// A stocked shop on the disk with its terminal.
async fn stocked(locale: &str) -> (TempDir, KaspiSimulator) {
    let terminal = terminal(Customer::held()).await;
    let folder = tempfile::tempdir().unwrap();
    till::init(folder.path(), &settings(&terminal)).await.unwrap();
    let till = Till::open(Opening::at(folder.path())).await.unwrap();
    till.import(demo::GOODS.as_bytes(), false).await.unwrap();
    till.set_language(locale).await.unwrap();
    till.close().await;
    (folder, terminal)
}

/// Nothing lies outside the window, and no words are cut at the side.
async fn fits(window: &Window, what: &str) {
    let cut = window
        .run(
            "const page = document.scrollingElement;
             const out = page.scrollWidth > innerWidth + 1 || page.scrollHeight > innerHeight + 1 ? ['the page scrolls'] : [];
             for (const e of document.querySelectorAll('.app button, .app label, .app h1, .app h2, .app .card, .app .page-f > *, .app .strip > *')) {
               const box = e.getBoundingClientRect();
               if (box.width === 0 || e.matches('.vh')) continue;
               if (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline' && !e.matches('.key, .tag')) out.push('cut: ' + e.textContent.trim());
               if (box.right > innerWidth + 1) out.push('outside: ' + e.textContent.trim());
               if (e.matches('button') && (box.height < 43.5 || box.width < 43.5)) out.push('small: ' + e.textContent.trim());
             }
             return out",
        )
        .await;
    assert_eq!(cut, serde_json::json!([]), "{what}");
}

/// The rows of a long goods file.
fn many(rows: u32) -> String {
    let mut file = "code,name,price\n".to_owned();
    for row in 0..rows {
        file.push_str(&format!("Z{row},Good number {row},{}\n", row + 1));
    }
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_are_reached_by_touch_the_keys_by_f1_and_leave_the_cart_as_it_was() {
    let (folder, _terminal) = stocked("en").await;
    let window = Window::open(folder.path(), 1366, 768).await;
    window.reaches("sale", "empty").await;
    window.scan("4870003200037").await;
    window.reads("cart-total", "610").await;
    window.touch("settings-open").await;
    window.reaches("settings", "shop").await;
    // The pay keys are deaf here, and Enter saves nothing.
    for pressed in [key::F9, key::F10, key::ENTER] {
        window.press(pressed).await;
    }
    window.press(key::ESCAPE).await;
    window.reaches("sale", "lines").await;
    window.reads("cart-total", "610").await;
    window.press(key::F1).await;
    window.reaches("settings", "keys").await;
    window.picture("settings-keys").await;
    for page in ["goods", "till", "about", "shop"] {
        window.touch(&format!("page-{page}")).await;
        window.reaches("settings", page).await;
    }
    window.touch("settings-close").await;
    window.reaches("sale", "lines").await;
    window.scan("4870003100016").await;
    window.reads("cart-total", "895").await;
    // While money is on its way the settings wait.
    window.pay_ready().await;
    window.press(key::F9).await;
    window.shows("[data-screen='paying']").await;
    window.shows("[data-test='settings-open'][disabled]").await;
    window.press(key::F1).await;
    window.shows("[data-screen='paying']").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_is_saved_at_once_or_refused_at_its_field() {
    let (folder, _terminal) = stocked("en").await;
    let window = Window::open(folder.path(), 1366, 768).await;
    window.touch("settings-open").await;
    window.reaches("settings", "shop").await;
    window.shows("[data-test='settings-save'][disabled]").await;
    window.fill("shop-name", "Jetisu").await;
    window.fill("tax-percent", "120").await;
    window.shows("[data-test='settings-dirty']").await;
    window.touch("settings-save").await;
    window.reads("tax-percent-wrong", "from 0 to 100").await;
    window.shows("[data-test='settings-refused']").await;
    window.picture("settings-shop-wrong").await;
    fits(&window, "a wrong field").await;
    window.fill("tax-percent", "12").await;
    window.touch("currency-EUR").await;
    window.touch("settings-save").await;
    // The shop has a Kaspi terminal, which takes tenge only: the setting stands on another page.
    window.reads("settings-refused", "Kaspi takes tenge only").await;
    window.touch("page-kaspi").await;
    window.reaches("settings", "kaspi").await;
    window.shows("[data-test='kaspi-refused']").await;
    window.picture("settings-kaspi-refused").await;
    window.touch("kaspi-remove").await;
    window.touch("kaspi-remove").await;
    window.shows("[data-test='kaspi-none']").await;
    window.reads("kaspi-refused", "new till folder").await;
    window.touch("page-shop").await;
    window.shows("[data-test='currency-wrong']").await;
    window.picture("settings-shop-held").await;
    // The form outlives a look at the sale.
    window.press(key::ESCAPE).await;
    window.reaches("sale", "empty").await;
    window.touch("settings-open").await;
    window.touch("settings-reset").await;
    window.fill("shop-name", "Jetisu").await;
    window.touch("settings-save").await;
    window.shows("[data-test='settings-saved']").await;
    window.picture("settings-shop-saved").await;
    window.touch("page-till").await;
    window.fill("till-id", "9").await;
    window.touch("settings-save").await;
    window.shows("[data-test='settings-saved']").await;
    window.touch("page-about").await;
    window.shows("[data-test='about-version']").await;
    window.press(key::ESCAPE).await;
    // The next receipt says so.
    window.reaches("sale", "empty").await;
    window.shows(".topbar .till").await;
    assert_eq!(window.text(".topbar .till").await, "Till 9");
    window.scan("4870003100016").await;
    window.reaches("sale", "lines").await;
    window.pay_ready().await;
    window.press(key::F10).await;
    window.reaches("done", "cash").await;
    window.close().await;
    let records = Records::open(folder.path()).await.unwrap();
    let receipt = records.receipt(1).await.unwrap();
    assert_eq!((receipt.shop.name.as_str(), receipt.till.as_str()), ("Jetisu", "9"));
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_come_in_by_file_and_go_back() {
    let (folder, _terminal) = stocked("en").await;
    let files = tempfile::tempdir().unwrap();
    let window = Window::open(folder.path(), 1366, 768).await;
    window.touch("settings-open").await;
    window.touch("page-goods").await;
    window.reaches("settings", "goods").await;
    window.reads("goods-count", "78").await;
    window.choose_file(files.path(), "wrong.csv", WRONG_GOODS).await;
    window.reaches("settings", "goods-ready").await;
    window.reads("import-mistakes", "7").await;
    window.picture("import-wrong").await;
    window.touch("import-leave").await;
    window.choose_file(files.path(), "no-column.csv", "code,price\n1,2\n").await;
    window.reaches("settings", "goods-failed").await;
    window.picture("import-failed").await;
    // Dropped on its place.
    let dropped = "const data = new DataTransfer();
        data.items.add(new File(['code,name,price\\n1001,Loaf,300\\n9001,Rye,250\\n'], 'goods.csv'));
        const drop = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
        document.querySelector(\"[data-test='import-drop']\").dispatchEvent(drop);";
    window.run(dropped).await;
    window.reaches("settings", "goods-ready").await;
    window.reads("import-added", "1").await;
    window.touch("import-take").await;
    window.reaches("settings", "goods-done").await;
    window.reads("goods-count", "79").await;
    window.picture("import-done").await;
    window.press(key::ESCAPE).await;
    window.type_text("9001").await;
    window.press(key::ENTER).await;
    window.reads("cart-total", "250").await;
    window.press(key::ESCAPE).await;
    window.touch("settings-open").await;
    window.touch("page-goods").await;
    window.reaches("settings", "goods").await;
    window.touch("import-undo").await;
    window.reaches("settings", "goods-undone").await;
    window.reads("goods-count", "78").await;
    window.shows("[data-test='import-undo'][disabled]").await;
    window.picture("import-undone").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_go_on_while_goods_come_in() {
    let (folder, _terminal) = stocked("ru").await;
    let files = tempfile::tempdir().unwrap();
    let window = Window::open(folder.path(), 1366, 768).await;
    window.touch("settings-open").await;
    window.touch("page-goods").await;
    window.choose_file(files.path(), "many.csv", &many(150_000)).await;
    window.reaches("settings", "goods-reading").await;
    window.picture("import-reading").await;
    window.reaches("settings", "goods-ready").await;
    window.touch("import-take").await;
    window.reaches("settings", "goods-taking").await;
    window.picture("import-taking").await;
    window.press(key::ESCAPE).await;
    window.shows("[data-test='import-strip'][data-phase='taking']").await;
    window.scan("4870003200037").await;
    window.reaches("sale", "lines").await;
    window.picture("import-strip-ru").await;
    window.touch("import-open").await;
    window.touch("import-stop").await;
    window.reaches("settings", "goods-stopped").await;
    window.picture("import-stopped").await;
    window.reads("goods-count", "78").await;
    window.press(key::ESCAPE).await;
    window.pay_ready().await;
    window.press(key::F10).await;
    window.reaches("done", "cash").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_training_till_says_so_on_every_screen() {
    let window = Window::open_demo(1024, 768).await;
    window.shows("[data-test='training-bar']").await;
    window.picture("training-sale").await;
    window.scan("4870003100016").await;
    window.reaches("sale", "lines").await;
    window.touch("settings-open").await;
    window.reaches("settings", "shop").await;
    window.shows("[data-test='training-bar']").await;
    window.picture("training-settings").await;
    window.press(key::ESCAPE).await;
    window.pay_ready().await;
    window.press(key::F10).await;
    window.reaches("done", "cash").await;
    window.shows("[data-test='training-bar']").await;
    window.picture("training-done").await;
    window.close().await;
}
