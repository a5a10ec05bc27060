//! Killed with -9 at every step of a Kaspi payment, and at random moments. An auditor compares the terminal's own ledger
//! with the journal afterwards: nothing charged twice, nothing charged without a record, nothing told that is not so.

use acceptance::chance::Chance;
use acceptance::ctl;
use acceptance::kill::relay::Cut;
use acceptance::kill::{Sale, Shop, audit, wish};
use acceptance::shop::reopened;
use checkout::payment::SaleId;
use simulators::kaspi::{Customer, Ending};
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use till::showing::Shown;

/// The terminal's and the driver's times are this much shorter.
const TIME_SCALE: u32 = 400;

/// What makes the kill.
#[derive(Debug, Clone, Copy)]
enum Killer {
    /// The till, when it tells its log of this step; `{}` stands for how the payment ends.
    Step(&'static str),
    /// The wire to the terminal.
    Wire(Cut),
}

use Killer::{Step, Wire};

const SIGKILL: i32 = 9;

/// Before and after each of the eleven steps of a payment: what kills, and what the journal then says of the attempt, where
/// `final` is the terminal's answer. 3 lies directly behind 2 and 11 behind 10; the outcome and the close of the sale
/// are one commit. The last row is behind them all.
const POINTS: [(&str, Killer, &str); 23] = [
    ("before 1 draft stored", Step("before the draft is stored"), "none"),
    ("after 1", Step("the draft is stored"), "none"),
    ("before 2 intent written", Step("before the intent is written"), "none"),
    ("after 2", Step("the intent is written"), "none"),
    ("before 3 intent committed", Step("the intent is written"), "none"),
    ("after 3", Step("the intent is committed"), "intended"),
    ("before 4 link open", Step("before the link opens for /v2/payment"), "intended"),
    ("after 4", Wire(Cut::Accepted), "intended"),
    ("before 5 first byte out", Wire(Cut::Connected), "intended"),
    ("after 5", Wire(Cut::FirstByte), "intended"),
    ("before 6 request out", Wire(Cut::LastByteMissing), "intended"),
    ("after 6", Wire(Cut::Requested), "intended"),
    ("before 7 device id in", Wire(Cut::Requested), "intended"),
    ("after 7", Step("accepted is in"), "intended"),
    ("before 8 device id committed", Step("accepted is written"), "intended"),
    ("after 8", Step("accepted is committed"), "pending"),
    ("before 9 outcome in", Wire(Cut::Decided), "pending"),
    ("after 9", Step("{} is in"), "pending"),
    ("before 10 outcome committed", Step("before {} is written"), "pending"),
    ("after 10", Step("{} is written"), "pending"),
    ("before 11 sale closed", Step("{} is written"), "pending"),
    ("after 11", Step("{} is committed"), "final"),
    ("when the cashier has been told", Step("{} is shown"), "final"),
];

/// Kills a till at a point and answers how the attempt stood then; none where it never came there: on a machine under load a
/// reply can be too late, and the payment is in doubt instead.
async fn killed(shop: &Shop, sale: &Sale, killer: Killer, ending: &str) -> Option<String> {
    let mut till = Command::new(env!("CARGO_BIN_EXE_till_that_dies"));
    till.arg(shop.data()).args([&sale.id, &sale.loaves.to_string()]);
    if let Step(step) = killer {
        till.arg(step.replace("{}", ending));
    }
    let child = Arc::new(Mutex::new(None));
    if let Wire(cut) = killer {
        let victim = child.clone();
        shop.relay.cut(cut, move || {
            let mut victim = victim.lock().unwrap();
            let victim: &mut std::process::Child = victim.as_mut().unwrap();
            let _ = victim.kill();
        });
    }
    {
        // The wire waits at this lock until there is a process to kill.
        let mut child = child.lock().unwrap();
        *child = Some(till.spawn().unwrap());
    }
    loop {
        if let Some(status) = child.lock().unwrap().as_mut().unwrap().try_wait().unwrap() {
            if status.success() {
                return None;
            }
            assert_eq!(status.signal(), Some(SIGKILL), "it was killed, and did not fail of itself");
            break;
        }
        tokio::task::yield_now().await;
    }
    Some(shop.left(sale).await)
}

/// What the window shows when it is opened again.
async fn window_after(shop: &Shop, sale: &Sale) -> (bool, bool) {
    let till = reopened(shop.data()).await;
    let shown = till.snapshot().await.unwrap();
    let answer = (shown.sale.id == SaleId(sale.id.parse().unwrap()), matches!(shown.shown, Shown::Done { .. }));
    till.close().await;
    drop(till);
    answer
}

async fn at_every_step(ending: Ending, state: &str) {
    let shop = Shop::open(Customer::who(ending), TIME_SCALE).await;
    let mut loaves = 0;
    for (point, killer, left) in POINTS {
        let (sale, found) = loop {
            loaves += 1;
            assert!(loaves < 3 * POINTS.len() as i64, "{point}: the till does not come there");
            let sale = Sale::of(loaves);
            if let Some(found) = killed(&shop, &sale, killer, state).await {
                break (sale, found);
            }
            shop.settle().await;
        };
        // A terminal that lost sight of its customer may have put the attempt in doubt on the way to its answer.
        let expected = if left == "final" { state } else { left };
        let as_told = found == expected || (left == "pending" && found == "unknown");
        assert!(as_told, "{point}: the journal says {found}, not {expected}");
        shop.settle().await;
        let settled = shop.left(&sale).await;
        let charged = shop.terminal.ledger().iter().any(|charge| charge.amount_minor == sale.amount_minor());
        // Where the terminal gave no number, a person who finds nothing taken says "declined".
        match (left, charged) {
            ("none", _) => assert_eq!((settled.as_str(), charged), ("none", false), "{point}"),
            (_, false) => assert_eq!(settled, "declined", "{point}"),
            ("intended", true) if state != "approved" => assert_eq!(settled, "declined", "{point}"),
            (_, true) => assert_eq!(settled, state, "{point}"),
        }
        let (in_hand, done) = window_after(&shop, &sale).await;
        assert_eq!((in_hand, done), (true, settled == "approved"), "{point}: the window has the sale, done where it is paid");
        // The same sale again is answered, or sold for the first time; never sold twice.
        let arguments = sale.arguments();
        let (code, again) = ctl::run(shop.data(), &arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let (exit, sold) = match settled.as_str() {
            "approved" => (0, "closed"),
            "none" if state == "approved" => (0, "closed"),
            "none" => (10, "void"),
            _ => (10, "open"),
        };
        assert_eq!((code, again["sale"]["state"].as_str()), (exit, Some(sold)), "{point}: {again}");
        let asked = shop.terminal.operations().iter().filter(|asked| asked.amount_tenge * 100 == sale.amount_minor()).count();
        assert!(asked <= 1, "{point}: the terminal was asked {asked} times");
    }
    shop.recovering_again_is_harmless();
    let books = shop.audit().await;
    audit::verify(shop.data());
    println!("killed at {} points, outcome {state}: {} attempts, {} sales closed", POINTS.len(), books.attempts.len(), books.closed.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_at_every_step_of_a_payment_that_is_approved() {
    at_every_step(Ending::Pays, "approved").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_at_every_step_of_a_payment_that_is_declined() {
    at_every_step(Ending::Declines, "declined").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_at_every_step_of_a_payment_that_is_cancelled() {
    at_every_step(Ending::CashierCancels, "cancelled").await;
}

/// Which customer comes is drawn from the seed; what the till was doing when it was killed follows from the machine.
async fn at_random_moments(kills: u64, seed: u64) -> BTreeMap<String, u64> {
    let shop = Shop::open(Customer::default(), TIME_SCALE).await;
    let mut dice = Chance::new(seed);
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    let first = Instant::now();
    sell_for(&shop, &Sale::of(1), None).await;
    // What else the machine does makes a sale longer or shorter: the moments follow it, so that as many come too early as too late.
    let mut middle_us = first.elapsed().as_micros() as u64;
    let (mut killed, mut loaves) = (0, 1);
    while killed < kills {
        loaves += 1;
        let ending = [Ending::Pays, Ending::Pays, Ending::Declines, Ending::CashierCancels][dice.below(4) as usize];
        shop.terminal.set_customer(Customer::who(ending));
        let sale = Sale::of(loaves);
        let delay = Duration::from_micros(middle_us / 2 + dice.below(middle_us));
        let in_time = sell_for(&shop, &sale, Some(delay)).await;
        let left = shop.left(&sale).await;
        middle_us = match left.as_str() {
            "none" => middle_us + middle_us / 50,
            "approved" | "declined" | "cancelled" => middle_us - middle_us / 50,
            _ => middle_us,
        };
        // One that had ended by itself was not killed.
        if in_time {
            killed += 1;
            *found.entry(left).or_default() += 1;
        }
        if loaves % 50 == 0 {
            shop.settle().await;
        } else {
            shop.settle_here().await;
        }
    }
    audit::verify(shop.data());
    let books = shop.audit().await;
    println!(
        "seed {seed}: {kills} kills at random, found {found:?}; {} attempts, {} sales closed",
        books.attempts.len(),
        books.closed.len()
    );
    found
}

/// Runs `kassactl sell` for so long, then kills it. Answers whether it was killed before it had ended.
async fn sell_for(shop: &Shop, sale: &Sale, delay: Option<Duration>) -> bool {
    let arguments = sale.arguments();
    let mut till = tokio::process::Command::from(ctl::command(shop.data(), &arguments.iter().map(String::as_str).collect::<Vec<_>>()));
    let mut till = till.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let _ = tokio::time::timeout(delay.unwrap_or(Duration::MAX), till.wait()).await;
    let _ = till.kill().await;
    till.wait().await.unwrap().signal() == Some(SIGKILL)
}

/// Two shops at once. `make kills KILLS=10000 SEED=…` for more.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_at_random_moments() {
    let (kills, seed) = (wish("KILLS", 500), wish("SEED", 20_261_123));
    let shops: Vec<_> = (0..2).map(|shop| tokio::spawn(at_random_moments(kills / 2, seed + shop))).collect();
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    for shop in shops {
        for (state, count) in shop.await.unwrap() {
            *found.entry(state).or_default() += count;
        }
    }
    println!("{kills} kills at random moments, seed {seed}: {found:?}");
    for state in ["none", "pending"] {
        assert!(found.contains_key(state), "no kill met {state}: {found:?}");
    }
}
