//! Seeded faults, an own clock, an independent auditor. What is injected and what is checked: `acceptance::storm`.

use acceptance::storm::{Plan, Report, campaign, run};

/// Sales in one shop under one seed.
const A_SHOP: u32 = 50;

fn told(report: &Report) -> String {
    let failed = report.failed.iter().take(5).map(|(seed, found)| format!("  make storm SEED={seed}\n    {}", found.join("\n    ")));
    format!("{} seeds failed; each replays alone:\n{}", report.failed.len(), failed.collect::<Vec<_>>().join("\n"))
}

#[test]
fn three_thousand_sales_lose_no_charge_and_make_none_twice() {
    let report = campaign(1, 3_000, A_SHOP, 2, || {});
    println!("{} sales, {} closed, {} attempts, {} charges: {:?}", report.sales, report.closed, report.attempts, report.charges, report.counts);
    assert!(report.failed.is_empty(), "{}", told(&report));
}

#[test]
fn a_seed_replays_exactly() {
    for seed in [7, 77] {
        let (once, again) = (run(Plan { seed, sales: A_SHOP }), run(Plan { seed, sales: A_SHOP }));
        assert_eq!((once.fingerprint, once.counts), (again.fingerprint, again.counts), "seed {seed}");
    }
    assert_ne!(run(Plan { seed: 7, sales: 5 }).fingerprint, run(Plan { seed: 8, sales: 5 }).fingerprint);
}
