//! `make storm`: the storm at length, or one seed exactly as it was. `make storm SEED=7`, `make storm SALES=500000`.

use acceptance::storm::{Campaign, Plan, Report, run};
use std::time::Instant;

/// As in the storm of `make test`, so that its seeds replay here.
const A_SHOP: u32 = 50;

/// Customers from one word about the progress to the next.
const A_PART: u64 = 5_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().filter(|text| !text.is_empty()).map(|text| text.parse().expect("a whole number"))
}

fn main() {
    if let Some(seed) = number("SEED") {
        let outcome = run(Plan { seed, sales: A_SHOP });
        println!("seed {seed}: {} sales closed, {} charges, journal {}", outcome.closed, outcome.charges, outcome.fingerprint);
        outcome.violations.iter().for_each(|found| println!("  {found}"));
        std::process::exit(i32::from(!outcome.violations.is_empty()));
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (all, began) = (number("SALES").unwrap_or(125_000), Instant::now());
    let mut report = Report::default();
    while report.sales < all {
        let first_seed = 1 + report.sales / u64::from(A_SHOP);
        let part = Campaign { first_seed, sales: A_PART.min(all - report.sales), a_shop: A_SHOP, threads, until: None }.play(|| {});
        report.join(part);
        eprintln!("{} of {all} customers, {} seeds failed, {} s", report.sales, report.failed.len(), began.elapsed().as_secs());
    }
    let seconds = began.elapsed().as_secs().max(1);
    println!("{report}\n{} sales closed a second on {threads} threads, {seconds} s", report.closed / seconds);
    for (seed, found) in &report.failed {
        println!("make storm SEED={seed}\n  {}", found.join("\n  "));
    }
    let too_few = number("SALES").is_none() && report.closed < 100_000;
    if too_few {
        println!("the storm did not blow: {} sales closed", report.closed);
    }
    std::process::exit(i32::from(!report.failed.is_empty() || too_few));
}
