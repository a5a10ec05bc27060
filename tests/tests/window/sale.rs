//! The cart in the real window: finding goods, changing lines, parking sales, and cash.

use crate::{Desk, scan_two};
use acceptance::window::{Window, key};
use simulators::kaspi::Customer;

#[tokio::test(flavor = "multi_thread")]
async fn a_cash_sale_by_keyboard_alone() {
    let desk = Desk::new(Customer::default(), "en").await;
    let window = desk.window().await;
    window.picture("sale-empty").await;
    scan_two(&window).await;
    window.picture("sale-two-lines").await;
    assert_eq!(window.text("[data-test='cart-total']").await, "895 ₸");
    window.type_text("1000").await;
    window.picture("sale-amount-typed").await;
    window.press(key::F10).await;
    window.reaches("done", "cash").await;
    assert!(window.text("[data-test='done-change']").await.contains("105"));
    window.picture("done-change").await;
    // The next sale takes no key: the next scan opens it. One key then takes the exact amount.
    window.scan("4870003100016").await;
    window.reaches("sale", "lines").await;
    window.pay_ready().await;
    window.press(key::F10).await;
    window.reaches("done", "cash").await;
    window.picture("done-exact").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cash_sale_by_touch_alone() {
    let desk = Desk::new(Customer::default(), "kk").await;
    let window = desk.window().await;
    window.touch("quick-add").await;
    window.reaches("sale", "lines").await;
    window.pay_ready().await;
    window.touch("note-take").await;
    window.reaches("done", "cash").await;
    window.picture("done-by-touch-kk").await;
    window.touch("screen-dismiss").await;
    window.reaches("sale", "empty").await;
    window.close().await;
}

/// In cash and by Kaspi. Roles and names are computed by axe from the page; the platform's own tree is read in `reader.rs`.
#[tokio::test(flavor = "multi_thread")]
async fn sales_by_roles_and_computed_names_alone() {
    for (locale, good, cash, closed) in [
        ("kk", "Бородино", "Қолма-қол", "Сату жабылды"),
        ("ru", "Бородин", "Наличные", "Продажа закрыта"),
        ("en", "Бородин", "Cash", "Sale closed"),
    ] {
        let desk = Desk::new(Customer::default(), locale).await;
        let window = desk.window().await;
        window.press_named("button", good).await;
        window.hears("285").await;
        window.pay_ready().await;
        window.press_named("button", cash).await;
        window.hears(closed).await;
        window.reaches("done", "cash").await;
        window.press(key::ESCAPE).await;
        window.reaches("sale", "empty").await;
        window.press_named("button", good).await;
        window.hears("285").await;
        window.pay_ready().await;
        window.press_named("button", "Kaspi").await;
        window.reaches("done", "device").await;
        assert_eq!(desk.terminal.ledger().len(), 1);
        window.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_are_found_by_name_and_lines_come_back() {
    let desk = Desk::new(Customer::default(), "en").await;
    let window = desk.window().await;
    window.type_text("бород").await;
    window.reaches("sale", "search").await;
    window.shows("[role='option'][aria-selected='true']").await;
    window.picture("sale-search").await;
    window.press(key::ENTER).await;
    window.reaches("sale", "lines").await;
    window.type_text("3").await;
    window.press(key::F3).await;
    window.reads("cart-total", "855").await;
    window.press(key::DOWN).await;
    window.press(key::DELETE).await;
    window.touch("line-restore").await;
    window.reads("cart-total", "855").await;
    window.scan("4870000000999").await;
    window.reaches("sale", "unknown").await;
    window.picture("sale-unknown-code").await;
    assert!(window.text("[data-test='cart-total']").await.starts_with("855"), "the sale is unchanged");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_and_the_whole_sale_get_a_discount_with_a_reason() {
    let desk = Desk::new(Customer::default(), "en").await;
    let window = desk.window().await;
    scan_two(&window).await;
    // By keys: ten percent off the last line, because it is damaged.
    window.type_text("10").await;
    window.press(key::F4).await;
    window.reaches("sale", "discount").await;
    window.press(key::RIGHT).await;
    window.reads("edit-preview", "256").await;
    window.picture("editor-discount").await;
    window.press(key::ENTER).await;
    window.reads("cart-total", "866").await;
    // By touch: the milk at the price of the shelf.
    window.touch("line-choose").await;
    window.touch("edit-price").await;
    for name in ["digit-5", "digit-9", "digit-0", "reason-shelf_price"] {
        window.touch(name).await;
    }
    window.picture("editor-price").await;
    window.touch("edit-apply").await;
    window.reads("cart-total", "846").await;
    // The whole sale, 46 off; what is too much is refused in words and changes nothing.
    window.touch("line-price").await;
    window.touch("edit-cart_discount").await;
    window.touch("discount-amount").await;
    window.type_text("9999").await;
    window.touch("reason-goodwill").await;
    window.touch("edit-apply").await;
    window.shows("[data-test='command-failed']").await;
    window.picture("editor-too-much").await;
    for _ in 0..4 {
        window.touch("digit-delete").await;
    }
    window.type_text("46").await;
    window.touch("edit-apply").await;
    window.reads("cart-total", "800").await;
    window.picture("sale-discounted").await;
    window.pay_ready().await;
    window.press(key::F10).await;
    window.reaches("done", "cash").await;
    window.picture("done-discounted").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_sale_survives_a_killed_till_and_comes_back_whole() {
    let desk = Desk::new(Customer::default(), "en").await;
    let window = desk.window().await;
    scan_two(&window).await;
    window.press(key::F6).await;
    window.reaches("sale", "empty").await;
    window.reads("held-count", "1").await;
    window.scan("4870003400178").await;
    window.reaches("sale", "lines").await;
    // A kill, as a power switch has it: nothing is closed in good order.
    window.kill().await;
    let window = desk.window().await;
    window.reads("cart-total", "520").await;
    window.press(key::F7).await;
    window.reaches("parked", "list").await;
    window.picture("parked").await;
    // The sale in hand is parked in its turn: nothing is lost, nothing mixes.
    window.press(key::ENTER).await;
    window.reads("cart-total", "895").await;
    window.press(key::F7).await;
    window.reads("held-sale", "520").await;
    window.touch("sale-discard").await;
    window.picture("parked-delete").await;
    window.touch("sale-discard").await;
    window.reaches("parked", "empty").await;
    window.press(key::ESCAPE).await;
    window.pay_ready().await;
    window.press(key::F10).await;
    window.reaches("done", "cash").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_code_is_sold_by_its_price_and_further_quick_keys_are_a_touch_away() {
    let desk = Desk::new(Customer::default(), "en").await;
    let window = desk.window().await;
    window.touch("quick-leaf").await;
    window.picture("quick-keys-second").await;
    window.scan("4870000000999").await;
    window.reaches("sale", "unknown").await;
    window.picture("sale-unknown-code").await;
    window.touch("price-type").await;
    window.type_text("450").await;
    window.picture("sell-by-price").await;
    window.press(key::ENTER).await;
    window.reads("cart-total", "450").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_lines_cost_the_screen_no_more_than_fifty() {
    let desk = Desk::new(Customer::default(), "en").await;
    let nodes = async |window: &Window| window.run("return document.querySelectorAll('*').length").await.as_u64().unwrap();
    desk.ring_up(1..=50).await;
    let window = desk.window().await;
    window.shows("[data-line='50']").await;
    let at_fifty = nodes(&window).await;
    window.close().await;
    desk.ring_up(51..=1_000).await;
    let window = desk.window().await;
    window.shows("[data-line='1000']").await;
    let at_thousand = nodes(&window).await;
    assert!(at_thousand <= 2 * at_fifty, "{at_thousand} nodes for 1000 lines, {at_fifty} for 50");
    window.picture("sale-thousand-lines").await;
    // A scan is one call, and what comes back is the line that is new.
    window.run(COUNT_CALLS).await;
    window.scan("4870003100016").await;
    window.shows("[data-line='1001']").await;
    let calls = window.run("return window.counted").await;
    assert_eq!(calls[0]["command"], "item_scan");
    assert_eq!(calls.as_array().unwrap().len(), 1, "{calls}");
    assert!(calls[0]["bytes"].as_u64().unwrap() < 6_000, "{calls}");
    // The newest line is in view; the others come where one scrolls.
    let inside = "const l = document.querySelector('.lines').getBoundingClientRect(), n = document.querySelector('[data-line=\"1001\"]').getBoundingClientRect(); return n.bottom <= l.bottom + 1 && n.top >= l.top";
    assert_eq!(window.run(inside).await, true);
    window.run("document.querySelector('.lines').scrollTop = 0").await;
    window.shows("[data-line='1']").await;
    window.close().await;
}

/// Notes each call the screen makes from here on, and the size of its answer.
const COUNT_CALLS: &str = r#"
    window.counted = [];
    const before = window.fetch;
    window.fetch = async (address, ...rest) => {
        const entry = { command: String(address).split('/').pop() };
        window.counted.push(entry);
        const answer = await before(address, ...rest);
        entry.bytes = (await answer.clone().text()).length;
        return answer;
    };"#;

/// A 1366 pixel screen at double zoom: the zones stand above each other and the page scrolls.
#[tokio::test(flavor = "multi_thread")]
async fn at_double_zoom_what_needs_an_answer_is_in_sight() {
    let desk = Desk::new(Customer::held(), "kk").await;
    let window = Window::open(desk.folder.path(), 683, 384).await;
    scan_two(&window).await;
    window.scan("4870011223349").await;
    window.reaches("sale", "unknown").await;
    in_sight(&window, "code-unknown").await;
    in_sight(&window, "price-type").await;
    window.press(key::ESCAPE).await;
    window.run("window.scrollTo(0, document.body.scrollHeight)").await;
    window.pay_ready().await;
    window.press(key::F9).await;
    window.reaches("paying", "pending").await;
    in_sight(&window, "stage-sentence").await;
    desk.terminal.stop().await;
    window.reaches("paying", "doubt").await;
    in_sight(&window, "doubt-say").await;
    in_sight(&window, "task-strip").await;
    window.touch("attempt-park").await;
    window.reaches("sale", "empty").await;
    window.run("window.scrollTo(0, document.body.scrollHeight)").await;
    in_sight(&window, "task-strip").await;
    in_sight(&window, "attempt-open").await;
    window.close().await;
}

/// Waits until the middle of the element is what a person sees there.
async fn in_sight(window: &Window, name: &str) {
    window.shows(&format!("[data-test='{name}']")).await;
    let script = format!(
        "const it = document.querySelector(`[data-test='{name}']`); const box = it.getBoundingClientRect();
        const seen = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
        return seen !== null && (it.contains(seen) || seen.contains(it)) && box.top >= 0 && box.bottom <= innerHeight"
    );
    assert_eq!(window.run(&script).await, true, "{name} is out of sight");
}
