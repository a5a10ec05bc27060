//! Every parser of bytes from outside, over its corpus and a fixed number of seeded mutations: the same everywhere.
//! `make fuzz` goes on from there, guided by coverage.

use acceptance::fuzz::mutate::Mutator;
use acceptance::fuzz::{TARGETS, Target, by_name};
use peak_alloc::PeakAlloc;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Counts what a parser takes.
#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const SEED: u64 = 2026;

/// The counted memory is the program's: one target at a time.
static TURN: Mutex<()> = Mutex::new(());

/// Runs one input. A failing one is kept, and how to run it again is told.
fn run(target: &Target, input: &[u8]) {
    if let Err(found) = catch_unwind(AssertUnwindSafe(|| target.run(input))) {
        let folder = target_folder().join("found").join(target.name);
        let kept = folder.join(format!("mutation-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&kept, input)).unwrap();
        eprintln!("{}: {:?}\nagain: make fuzz-again INPUT={}", target.name, String::from_utf8_lossy(input), kept.display());
        resume_unwind(found);
    }
}

fn target_folder() -> PathBuf {
    let cargos = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    cargos.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target")).join("fuzz")
}

fn mutations(name: &str, count: usize) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let target = by_name(name).unwrap();
    target.begin();
    let seeds = target.seeds();
    for seed in &seeds {
        run(target, seed);
    }
    let mut mutator = Mutator::new(seeds.clone(), target.longest, SEED);
    for _ in 0..count {
        run(target, &mutator.frame());
    }
    println!("{name}: {} executions", seeds.len() + count);
}

macro_rules! fuzzed {
    ($($name:ident: $count:expr,)*) => {
        $(#[test]
        fn $name() {
            mutations(stringify!($name), $count);
        })*

        #[test]
        fn every_target_is_run_here() {
            let here = [$(stringify!($name)),*];
            assert_eq!(TARGETS.map(|target| target.name), here);
        }
    };
}

fuzzed! {
    kaspi_reply: 6_000,
    kaspi_conversation: 1_000,
    kaspi_amount: 6_000,
    http_link: 1_000,
    goods_text: 2_000,
    goods_book: 300,
    goods_sheet: 1_000,
    goods_barcode: 6_000,
    shop_settings: 3_000,
    scanned_code: 6_000,
    own_label: 6_000,
    typed_number: 6_000,
    search_query: 400,
    scan_at_the_till: 400,
    fault_script: 3_000,
    simulator_request: 2_000,
}

/// `make fuzz-again`: an input kept in the folder of its target, run once more.
#[test]
fn the_input_named_by_hand() {
    let Some(file) = std::env::var_os("KASSA_FUZZ_INPUT").map(PathBuf::from) else { return };
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let name = file.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    let target = by_name(name).unwrap_or_else(|| panic!("{} lies in the folder of no target", file.display()));
    target.begin();
    target.run(&std::fs::read(&file).unwrap());
}
