//! Seeded faults, an own clock, an independent auditor. What is injected and what is checked: `acceptance::storm`.

use acceptance::storm::{Campaign, Plan, Report, run};

/// Sales in one shop under one seed.
const A_SHOP: u32 = 50;

/// What `make test` plays.
const CAMPAIGN: Campaign = Campaign { first_seed: 1, sales: 4_000, a_shop: A_SHOP, threads: 2, until: None };

fn told(report: &Report) -> String {
    let failed = report.failed.iter().take(5).map(|(seed, found)| format!("  make storm SEED={seed}\n    {}", found.join("\n    ")));
    format!("{} seeds failed; each replays alone:\n{}", report.failed.len(), failed.collect::<Vec<_>>().join("\n"))
}

#[test]
fn three_thousand_sales_lose_no_charge_and_make_none_twice() {
    let report = CAMPAIGN.play(|| {});
    println!("{report}");
    assert!(report.failed.is_empty(), "{}", told(&report));
    assert!(report.closed >= 3_000 && report.charges > 600 && report.counts.0.len() > 30, "the storm must really blow: {report}");
}

#[test]
fn a_seed_replays_exactly() {
    // The shops of even seeds have their terminal's protection on.
    for seed in [7, 8, 77] {
        let (once, again) = (run(Plan { seed, sales: A_SHOP }), run(Plan { seed, sales: A_SHOP }));
        assert_eq!((once.fingerprint, once.counts), (again.fingerprint, again.counts), "seed {seed}");
    }
    assert_ne!(run(Plan { seed: 7, sales: 5 }).fingerprint, run(Plan { seed: 8, sales: 5 }).fingerprint);
}

/// Each rule broken on purpose must be noticed within what `make test` plays.
#[cfg(feature = "broken")]
mod broken {
    use super::*;
    use checkout::broken::Broken;

    fn is_noticed(broken: Broken, rule: &'static str) {
        let report = Campaign { until: Some(rule), ..CAMPAIGN }.play(|| broken.begin());
        let noticed = report.failed.iter().flat_map(|(_, found)| found).any(|told| told.starts_with(rule));
        assert!(noticed, "{broken:?} went unnoticed by {rule} in {} sales: {}", report.sales, told(&report));
        println!("{broken:?}, after {} sales: {}", report.sales, told(&report));
    }

    #[test]
    fn a_byte_before_its_intent_is_noticed() {
        is_noticed(Broken::IntentAfterFirstByte, "J1,");
    }

    #[test]
    fn a_start_sent_again_is_noticed() {
        is_noticed(Broken::StartSentAgain, "J5");
    }

    #[test]
    fn silence_taken_for_a_no_is_noticed() {
        is_noticed(Broken::SilenceIsNo, "J4");
    }

    #[test]
    fn a_yes_the_device_did_not_say_is_noticed() {
        is_noticed(Broken::UnsureIsYes, "J7");
    }

    #[test]
    fn the_next_payment_before_the_last_is_final_is_noticed() {
        is_noticed(Broken::NextBeforeFinal, "J6");
    }

    #[test]
    fn an_amount_that_is_not_compared_is_noticed() {
        is_noticed(Broken::AmountNotCompared, "J7");
    }
}
