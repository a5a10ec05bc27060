//! G6: memory after a day of sales. G7: from the start to the first scan. G14: what an idle window costs.

use crate::{barcode, empty, shop};
use acceptance::measure::{Pairs, Report};
use acceptance::window::Window;
use checkout::payment::SaleId;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use till::{Opening, Till};
use uuid::Uuid;

const SALES: usize = 1_000;
const MANY_GOODS: usize = 1_000_000;
const IDLE: Duration = Duration::from_secs(20);

/// The number behind a name in a file of lines such as `Pss:  123 kB`.
fn number(file: &Path, name: &str) -> u64 {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find(|line| line.split(':').next() == Some(name));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

fn memory_kib(window: &Window) -> u64 {
    window.processes().iter().map(|process| number(Path::new(&format!("/proc/{process}/smaps_rollup")), "Pss")).sum()
}

/// What a window did so far.
struct Done {
    /// Of each thread, by its number.
    wakes: BTreeMap<u32, u64>,
    written: u64,
    sockets: usize,
}

fn done(window: &Window) -> Done {
    let mut done = Done { wakes: BTreeMap::new(), written: 0, sockets: 0 };
    for process in window.processes() {
        let own = |name: &str| Path::new(&format!("/proc/{process}")).join(name);
        for thread in std::fs::read_dir(own("task")).into_iter().flatten().flatten() {
            let Some(id) = thread.file_name().to_str().and_then(|id| id.parse().ok()) else { continue };
            done.wakes.insert(id, number(&thread.path().join("status"), "voluntary_ctxt_switches"));
        }
        done.written += number(&own("io"), "write_bytes");
        let open = std::fs::read_dir(own("fd")).into_iter().flatten().flatten();
        done.sockets += open.filter(|fd| std::fs::read_link(fd.path()).is_ok_and(|to| to.to_string_lossy().starts_with("socket:"))).count();
    }
    done
}

/// Cash sales, as a day brings them.
async fn sell(folder: &Path, sales: usize) {
    let till = Till::open(Opening::at(folder)).await.unwrap();
    for turn in 0..sales {
        till.start_sale(SaleId(Uuid::now_v7())).await.unwrap();
        till.scan(&barcode(turn % 500)).await.unwrap();
        till.pay_cash(Uuid::now_v7(), None).await.unwrap();
    }
    till.close().await;
}

async fn started(folder: &Path) -> (Window, f64) {
    let start = Instant::now();
    let window = Window::open(folder, 1366, 768).await;
    (window, start.elapsed().as_secs_f64() * 1e6)
}

/// Sells in the window: a scan, then the command of the pay key, which is deaf for a while behind a scan.
const SELL: &str = r#"
    const [codes, times] = arguments, done = arguments[arguments.length - 1];
    const press = (key, code) => (document.activeElement ?? document.body)
        .dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true }));
    const until = (css) => new Promise((resolve) => {
        const look = () => document.querySelector(css) ? resolve() : requestAnimationFrame(look);
        look();
    });
    (async () => {
        for (let turn = 0; turn < times; turn++) {
            for (const digit of codes[turn % codes.length]) press(digit, 'Digit' + digit);
            press('Enter', 'Enter');
            await until("[data-screen='sale'][data-pay-ready='true']");
            await window.__TAURI_INTERNALS__.invoke('payment_cash', { commandId: crypto.randomUUID(), received: null });
            await until("[data-screen='done']");
        }
        done(true);
    })();"#;

pub async fn run(report: &mut Report) {
    let (few, many) = (shop(1_000).await, shop(MANY_GOODS).await);
    sell(few.path(), 10).await;
    sell(many.path(), 10).await;

    let (mut over_empty, mut over_few) = (Pairs::default(), Pairs::default());
    for _ in 0..7 {
        let (window, with_many) = started(many.path()).await;
        window.close().await;
        let (window, with_few) = started(few.path()).await;
        window.close().await;
        let start = Instant::now();
        empty().await.close().await;
        let bare = start.elapsed().as_secs_f64() * 1e6;
        over_empty.both(vec![with_few], vec![bare]);
        over_few.both(vec![with_many], vec![with_few]);
    }
    report.ratio("G7", "start to a window that takes a scan, over an empty one", &over_empty, 1.5, 2.0);
    report.ratio("G7", "the same with 1,000,000 goods over 1,000", &over_few, 1.1, 1.5);

    let bare = empty().await;
    let mut memory = Vec::new();
    for folder in [few.path(), many.path()] {
        let (window, _) = started(folder).await;
        let patience = fantoccini::wd::TimeoutConfiguration::new(Some(Duration::from_secs(600)), None, None);
        window.page.update_timeouts(patience).await.unwrap();
        let codes: Vec<String> = (0..500).map(barcode).collect();
        window.page.execute_async(SELL, vec![json!(codes), json!(SALES)]).await.unwrap();
        memory.push(memory_kib(&window));
        if memory.len() == 2 {
            idle(report, &window, &bare).await;
        }
        window.close().await;
    }
    let ratio = memory[1] as f64 / memory_kib(&bare) as f64;
    let figure = format!("{ratio:.2}×; {} MiB", memory[1] / 1024);
    report.figure(
        "G6",
        "memory after 1,000 sales, 1,000,000 goods, over empty",
        figure,
        "≤ 1.5×",
        Some(ratio <= 1.5),
        json!({ "ratio": ratio, "kib": memory[1] }),
    );
    let more = (memory[1] as f64 - memory[0] as f64) / 1024.0;
    report.figure("G6", "1,000,000 goods over 1,000", format!("{more:+.1} MiB"), "≤ 16 MiB", Some(more <= 16.0), json!({ "mib": more }));
    bare.close().await;
}

/// How often the threads woke; one that began meanwhile counts from nothing, one that ended no more.
fn woken(before: &Done, after: &Done) -> u64 {
    after.wakes.iter().map(|(thread, wakes)| wakes.saturating_sub(before.wakes.get(thread).copied().unwrap_or(0))).sum()
}

/// Both windows are left alone for the same while.
async fn idle(report: &mut Report, ours: &Window, bare: &Window) {
    tokio::time::sleep(Duration::from_secs(3)).await;
    let before = (done(ours), done(bare));
    tokio::time::sleep(IDLE).await;
    let after = (done(ours), done(bare));
    let seconds = IDLE.as_secs_f64();
    let (woken, woken_bare) = (woken(&before.0, &after.0) as f64 / seconds, woken(&before.1, &after.1) as f64 / seconds);
    let figure = format!("{woken:.1} a second over {woken_bare:.1}");
    report.figure(
        "G14",
        "wake-ups of an idle window",
        figure,
        "≤ 1.5×",
        Some(woken <= woken_bare * 1.5),
        json!({ "ours": woken, "empty": woken_bare }),
    );
    let written = after.0.written - before.0.written;
    report.figure("G14", "bytes written while idle", written.to_string(), "0", Some(written == 0), json!({ "bytes": written }));
    let (sockets, bare_sockets) = (after.0.sockets, after.1.sockets);
    report.figure(
        "G14",
        "open sockets",
        format!("{sockets} over {bare_sockets}"),
        "",
        None,
        json!({ "ours": sockets, "empty": bare_sockets }),
    );
}
