//! Every parser that reads bytes from outside, with what must hold of its answer for any bytes at all.
//!
//! A target is one `fn(&[u8])` that panics where its parser tells something untrue. The same functions run as a test over
//! a corpus and seeded mutations of it (`tests/tests/fuzz.rs`), and guided by coverage (`make fuzz`).
//!
//! | | |
//! |---|---|
//! | the golden frames a run begins with | [`corpus`] |
//! | changes to them, always the same for a seed | [`mutate`] |
//! | what a terminal answers | [`kaspi`], [`link`] |
//! | goods files | [`goods`] |
//! | settings, fault scripts, requests to a simulator | [`settings`], [`simulator`] |
//! | scanned codes, typed amounts, searched words | [`codes`], [`typed`], [`shop`] |

mod codes;
pub mod corpus;
mod goods;
mod kaspi;
mod link;
pub mod mutate;
mod settings;
mod shop;
mod simulator;
mod typed;

use peak_alloc::PeakAlloc;

/// A parser and its corpus.
pub struct Target {
    pub name: &'static str,
    run: fn(&[u8]),
    /// Files whose string literals, or that themselves, are golden frames.
    frames: &'static [&'static str],
    /// Golden frames that are made: conversations, packed books.
    made: fn() -> Vec<Vec<u8>>,
    /// The longest input worth trying.
    pub longest: usize,
    memory: Memory,
}

/// What one input may take at most. Counted where [`PeakAlloc`] is the program's allocator.
struct Memory {
    fixed: usize,
    per_byte: usize,
}

/// A parser of short texts or of small structures.
const LITTLE: Memory = Memory { fixed: 1 << 20, per_byte: 64 };
/// One that asks SQLite or holds batches of goods.
const SOME: Memory = Memory { fixed: 8 << 20, per_byte: 128 };
/// Deflate packs a thousand bytes into one.
const UNPACKED: Memory = Memory { fixed: 8 << 20, per_byte: 4096 };

const fn none() -> Vec<Vec<u8>> {
    Vec::new()
}

const fn target(name: &'static str, run: fn(&[u8]), frames: &'static [&'static str]) -> Target {
    Target { name, run, frames, made: none, longest: 4096, memory: LITTLE }
}

const GOLDEN: &str = "src-tauri/simulators/src/kaspi/tests/golden.rs";
const BARCODES: &str = "src-tauri/till/src/barcode.rs";
const GOODS: &str = "src-tauri/till/src/goods/mod.rs";

/// All of them.
pub const TARGETS: [Target; 16] = [
    Target { made: kaspi::replies, ..target("kaspi_reply", kaspi::reply, &["src-tauri/drivers/src/kaspi/messages.rs", GOLDEN]) },
    Target { made: kaspi::conversations, ..target("kaspi_conversation", kaspi::conversation, &[]) },
    target("kaspi_amount", kaspi::amount, &["src-tauri/drivers/src/kaspi/messages.rs", GOLDEN]),
    Target { made: link::replies, memory: SOME, ..target("http_link", link::reply, &["src-tauri/simulators/src/kaspi/http.rs"]) },
    Target { memory: SOME, ..target("goods_text", goods::text, &[GOODS, "src-tauri/simulators/demo/goods.csv"]) },
    Target {
        longest: 16_384,
        memory: UNPACKED,
        ..target("goods_book", goods::text, &["src-tauri/till/tests/data/goods.xlsx", "src-tauri/till/tests/data/percent.xlsx"])
    },
    Target { made: goods::sheets, memory: SOME, ..target("goods_sheet", goods::sheet, &[]) },
    target("goods_barcode", goods::barcode, &["src-tauri/till/src/goods/mend.rs"]),
    target("shop_settings", settings::shop, &["src-tauri/till/src/settings.rs", "src-tauri/simulators/demo/shop.json"]),
    target("scanned_code", codes::scanned, &[BARCODES]),
    target("own_label", codes::label, &[BARCODES]),
    target(
        "typed_number",
        typed::number,
        &["src-tauri/checkout/src/money.rs", "src-tauri/checkout/src/quantity.rs", "src-tauri/checkout/src/discount.rs"],
    ),
    Target {
        memory: SOME,
        ..target("search_query", shop::search, &["src-tauri/database/src/search.rs", "src-tauri/database/tests/catalogue.rs"])
    },
    Target { memory: SOME, ..target("scan_at_the_till", shop::scan, &[BARCODES, "tests/tests/scan.rs"]) },
    target("fault_script", simulator::script, &["src-tauri/simulators/src/faults/reading.rs"]),
    target("simulator_request", simulator::request, &["src-tauri/simulators/src/kaspi/request.rs", "tests/tests/kaspi.rs"]),
];

pub fn by_name(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

impl Target {
    /// Opens what a target keeps from one input to the next, before memory is counted.
    pub fn begin(&self) {
        (self.run)(b"");
    }

    /// Gives the parser an input; panics where it does not keep what it promises.
    pub fn run(&self, input: &[u8]) {
        PeakAlloc.reset_peak_usage();
        let before = PeakAlloc.current_usage();
        (self.run)(input);
        let taken = PeakAlloc.peak_usage().saturating_sub(before);
        let allowed = self.memory.fixed + self.memory.per_byte * input.len();
        assert!(taken <= allowed, "{} took {taken} bytes of memory for an input of {}", self.name, input.len());
    }

    /// What a run begins with: golden frames, and what was found before.
    pub fn seeds(&self) -> Vec<Vec<u8>> {
        let mut seeds: Vec<Vec<u8>> = self.frames.iter().flat_map(|file| corpus::frames(file)).collect();
        seeds.extend((self.made)());
        seeds.extend(corpus::found_before(self.name));
        seeds.sort_by_key(Vec::len);
        seeds.dedup();
        seeds
    }
}
