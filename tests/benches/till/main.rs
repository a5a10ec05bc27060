//! `make bench`: what the till costs, as ratios to baselines in the same run. Targets are printed beside the
//! figures, and a miss is printed as a miss. A goal keeps its number (G3, …) from run to run.

mod baskets;
mod commit;
mod driver;
mod goods;
mod shift;
mod start;
mod syncs;

use acceptance::measure::Report;
use std::path::{Path, PathBuf};

fn main() {
    // `cargo bench -- G3` runs the named parts alone.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let asked = |goal: &str| wanted.is_empty() || wanted.iter().any(|name| name == goal);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut report = Report::default();
    if asked("G2") || asked("G12") {
        goods::run(&runtime, &mut report);
    }
    if asked("G3") {
        commit::run(&runtime, &mut report);
        syncs::run(&runtime, &mut report);
    }
    if asked("G4") {
        driver::run(&runtime, &mut report);
    }
    if asked("G7") {
        start::run(&runtime, &mut report);
    }
    if asked("kill") {
        start::after_a_kill(&runtime, &mut report);
    }
    if asked("G8") {
        shift::run(&runtime, &mut report);
    }
    if asked("baskets") {
        baskets::run(&runtime, &mut report);
    }
    let all_met = report.finish(&target().join("bench.json"));
    println!("{}", if all_met { "Every target was met." } else { "Some targets were missed; see the table." });
}

/// Where builds, and what a bench fetched, lie.
fn target() -> PathBuf {
    let own = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    own.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"))
}
