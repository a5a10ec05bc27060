//! The targets under libFuzzer, guided by coverage. `make fuzz` builds it with counters in all code and runs it for each
//! target, named by `KASSA_FUZZ_TARGET`; without a name it lists them.

#![no_main]
// libFuzzer calls these functions by name: the macro exports them so.
#![allow(unsafe_code)]

use acceptance::fuzz::{TARGETS, Target, by_name, mutate};
use peak_alloc::PeakAlloc;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Counts what a parser takes.
#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

static CHOSEN: OnceLock<&Target> = OnceLock::new();

libfuzzer_sys::fuzz_target!(
    init: {
        let name = std::env::var("KASSA_FUZZ_TARGET").unwrap_or_default();
        let Some(target) = by_name(&name) else {
            TARGETS.iter().for_each(|target| println!("{} {}", target.name, target.longest));
            std::process::exit(i32::from(!name.is_empty()));
        };
        if let Some(folder) = std::env::var_os("KASSA_FUZZ_CORPUS").map(PathBuf::from) {
            std::fs::create_dir_all(folder.join(&name)).unwrap();
            std::fs::write(folder.join("dictionary"), mutate::dictionary()).unwrap();
            for (index, seed) in target.seeds().iter().enumerate() {
                std::fs::write(folder.join(&name).join(format!("seed-{index}")), seed).unwrap();
            }
        }
        target.begin();
        CHOSEN.get_or_init(|| target);
    },
    |input: &[u8]| CHOSEN.get().unwrap().run(input)
);
