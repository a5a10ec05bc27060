//! What moves in the real window: no longer than the design says, and nothing at all where the desktop asks for less motion.

use crate::{Desk, scan_two};
use acceptance::window::{Window, key};
use simulators::kaspi::Customer;

/// The design's longest motion.
const LONGEST_MS: u64 = 120;

/// What is styled to move, each with its whole time in milliseconds, as the window has worked it out for every element.
async fn moving(window: &Window) -> Vec<(String, u64)> {
    let script = r#"
        const ms = (list) => list.split(',').map((one) => Math.round(parseFloat(one) * (one.trim().endsWith('ms') ? 1 : 1000)));
        const all = [];
        for (const element of document.querySelectorAll('*')) {
            for (const part of [null, '::before', '::after']) {
                const style = getComputedStyle(element, part);
                for (const kind of ['transition', 'animation']) {
                    const [times, delays] = [ms(style[kind + 'Duration']), ms(style[kind + 'Delay'])];
                    const longest = Math.max(...times.map((time, at) => time + delays[at % delays.length]));
                    if (longest !== 0) all.push([`${kind} of ${element.tagName}.${element.className}${part ?? ''}`, longest]);
                }
                if (style.scrollBehavior === 'smooth') all.push([`scrolling of ${element.tagName}`, Number.MAX_SAFE_INTEGER]);
            }
        }
        for (const one of document.getAnimations()) all.push(['running: ' + one.effect.target.className, Math.round(one.effect.getComputedTiming().endTime)]);
        return all;"#;
    serde_json::from_value(window.run(script).await).unwrap()
}

/// Through a sale, a payment, a dialog, the receipt and the settings: what moves in each.
async fn all_moving(window: &Window, desk: &Desk) -> Vec<(String, u64)> {
    scan_two(window).await;
    let mut all = moving(window).await;
    window.press(key::F9).await;
    window.shows("[data-test='stage-customer'][data-state='now']").await;
    all.extend(moving(window).await);
    desk.terminal.stop().await;
    window.reaches("paying", "doubt").await;
    window.touch("attempt-decide").await;
    window.shows("[role='dialog']").await;
    all.extend(moving(window).await);
    window.press(key::ESCAPE).await;
    window.shows("body:not(:has([role='dialog']))").await;
    window.touch("attempt-park").await;
    window.reaches("sale", "empty").await;
    window.touch("settings-open").await;
    window.reaches("settings", "shop").await;
    all.extend(moving(window).await);
    window.press(key::ESCAPE).await;
    window.touch("session-lock").await;
    window.reaches("sign_in", "tiles").await;
    all.extend(moving(window).await);
    all
}

async fn asked_for_less(window: &Window) -> bool {
    window.run("return matchMedia('(prefers-reduced-motion: reduce)').matches").await.as_bool().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_moves_longer_than_the_design_says() {
    let desk = Desk::new(Customer::held(), "kk").await;
    let window = Window::open_moving(desk.folder.path(), 1366, 768).await;
    assert!(!asked_for_less(&window).await);
    let all = all_moving(&window, &desk).await;
    let long: Vec<_> = all.iter().filter(|(_, ms)| *ms > LONGEST_MS).collect();
    assert!(long.is_empty(), "{long:?}");
    assert!(!all.is_empty(), "buttons change their colour in a moment, not at once");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_moves_where_the_desktop_asks_for_less_motion() {
    let desk = Desk::new(Customer::held(), "kk").await;
    let window = desk.window().await;
    assert!(asked_for_less(&window).await);
    assert_eq!(all_moving(&window, &desk).await, Vec::new());
    window.close().await;
}
