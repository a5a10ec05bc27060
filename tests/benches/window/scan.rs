//! G1: from a scan's last key to the frame that shows its line. G9: the shortest question to Rust and back.
//! G13: what a cart of a thousand lines costs the page.

use crate::{barcode, empty, shop};
use acceptance::measure::{Pairs, Report, quantile};
use acceptance::window::Window;
use serde_json::{Value, json};

const SCANS: usize = 200;
const LINES: usize = 1_000;

/// Scans codes one after another. Each time runs from the last key to the moment after the frame that shows the change;
/// the next scan waits until the page has answered. Answers the times in milliseconds and the longest gap between frames.
const SCAN: &str = r#"
    const [codes, shown] = arguments, done = arguments[arguments.length - 1];
    const press = (key, code) => (document.activeElement ?? document.body)
        .dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true }));
    const painted = () => new Promise((resolve) => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => resolve(performance.now());
        channel.port2.postMessage(0);
    }));
    let last = performance.now(), gap = 0, watching = true;
    const watch = () => { const now = performance.now(); gap = Math.max(gap, now - last); last = now; if (watching) requestAnimationFrame(watch); };
    requestAnimationFrame(watch);
    (async () => {
        const times = [];
        for (const code of codes) {
            const changed = new Promise((resolve) => {
                const observer = new MutationObserver(() => { observer.disconnect(); resolve(); });
                observer.observe(document.querySelector(shown), { childList: true, characterData: true, subtree: true });
            });
            for (const digit of code) press(digit, 'Digit' + digit);
            const start = performance.now();
            press('Enter', 'Enter');
            await changed;
            times.push(await painted() - start);
            await painted();
        }
        watching = false;
        done({ times, gap });
    })();"#;

struct Scanned {
    times_us: Vec<f64>,
    /// The longest time without a frame.
    gap_ms: f64,
}

async fn scan(window: &Window, codes: &[String], shown: &str) -> Scanned {
    let answer = window.page.execute_async(SCAN, vec![json!(codes), json!(shown)]).await.unwrap();
    Scanned { times_us: micros(&answer["times"]), gap_ms: answer["gap"].as_f64().unwrap() }
}

fn micros(milliseconds: &Value) -> Vec<f64> {
    milliseconds.as_array().unwrap().iter().map(|time| time.as_f64().unwrap() * 1e3).collect()
}

/// Asks the program the same thing many times over.
async fn asked(window: &Window, command: &str, arguments: Value) -> Vec<f64> {
    let script = r#"
        const [command, args] = arguments, done = arguments[arguments.length - 1];
        (async () => {
            const times = [];
            for (let turn = 0; turn < 200; turn++) {
                const start = performance.now();
                await window.__TAURI_INTERNALS__.invoke(command, args);
                times.push(performance.now() - start);
            }
            done(times);
        })();"#;
    micros(&window.page.execute_async(script, vec![json!(command), arguments]).await.unwrap())
}

async fn nodes(window: &Window) -> f64 {
    window.run("return document.querySelectorAll('*').length").await.as_f64().unwrap()
}

pub async fn run(report: &mut Report) {
    let folder = shop(LINES + 200).await;
    let till = Window::open(folder.path(), 1366, 768).await;
    let empty = empty().await;
    for window in [&till, &empty] {
        let patience = fantoccini::wd::TimeoutConfiguration::new(Some(std::time::Duration::from_secs(240)), None, None);
        window.page.update_timeouts(patience).await.unwrap();
    }
    let codes = |numbers: std::ops::Range<usize>| numbers.map(barcode).collect::<Vec<_>>();
    let again: Vec<String> = (0..SCANS).map(|turn| barcode(turn % 10)).collect();
    const CART: &str = "[data-test='cart-total']";

    scan(&till, &codes(0..1), "body").await;
    scan(&till, &codes(1..50), CART).await;
    let few_nodes = nodes(&till).await;
    let mut pairs = Pairs::default();
    for part in again.chunks(SCANS / 4) {
        pairs.both(scan(&till, part, CART).await.times_us, scan(&empty, part, "body").await.times_us);
    }
    report.ratio("G1", "scan to the frame that shows it, 50 lines, over an empty page", &pairs, 1.5, 1.5);
    let mut asking = Pairs::default();
    for _ in 0..3 {
        asking.both(asked(&till, "view_show", json!({})).await, asked(&empty, "view_show", json!({})).await);
    }
    report.ratio("G9", "a question to Rust and back (the view of 50 lines)", &asking, 1.5, 1.5);

    scan(&till, &codes(50..LINES), CART).await;
    let mut pairs = Pairs::default();
    let mut gap_ms: f64 = 0.0;
    for part in again.chunks(SCANS / 4) {
        let ours = scan(&till, part, CART).await;
        gap_ms = gap_ms.max(ours.gap_ms);
        pairs.both(ours.times_us, scan(&empty, part, "body").await.times_us);
    }
    let answered = asked(&till, "item_scan", json!({ "code": barcode(0) })).await;
    let figure = format!("p50 {:.0} ms, p99 {:.0} ms", quantile(&answered, 0.5) / 1e3, quantile(&answered, 0.99) / 1e3);
    report.figure("G9", "a scan answered by Rust, 1,000 lines", figure, "", None, json!({ "p50_us": quantile(&answered, 0.5) }));
    let p99_ms = quantile(pairs.own(), 0.99) / 1e3;
    report.ratio("G1", "the same in a cart of 1,000 lines", &pairs, 1.5, 1.5);
    report.figure("G1", "the same, p99", format!("{p99_ms:.1} ms"), "≤ 50 ms", Some(p99_ms <= 50.0), json!({ "p99_ms": p99_ms }));
    let ratio = nodes(&till).await / few_nodes;
    report.figure(
        "G13",
        "nodes of the page, 1,000 lines over 50",
        format!("{ratio:.2}×"),
        "≤ 2×",
        Some(ratio <= 2.0),
        json!({ "ratio": ratio }),
    );
    let figure = format!("{gap_ms:.0} ms");
    report.figure("G13", "longest time without a frame, 1,000 lines", figure, "≤ 50 ms", Some(gap_ms <= 50.0), json!({ "gap_ms": gap_ms }));
    till.close().await;
    empty.close().await;
}
