//! `make bench`, the part with windows: the till's own beside an empty one of the same framework, on the same display.

mod cost;
mod scan;

use acceptance::measure::Report;
use acceptance::window::Window;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use till::{Opening, Till};

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let asked = |goals: &[&str]| wanted.is_empty() || wanted.iter().any(|name| goals.contains(&name.as_str()));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut report = Report::default();
    runtime.block_on(async {
        if asked(&["G1", "G9", "G13"]) {
            scan::run(&mut report).await;
        }
        if asked(&["G6", "G7", "G14"]) {
            cost::run(&mut report).await;
        }
    });
    let all_met = report.finish(&target().join("bench-window.json"));
    println!("{}", if all_met { "Every target was met." } else { "Some targets were missed; see the table." });
}

/// A shop with this many goods and no terminal.
async fn shop(goods: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let settings = r#"{
        "shop": { "name": "Bench", "country": "KZ", "currency": "KZT", "language": "en" },
        "tax": { "inclusive": true, "default_percent": 16 },
        "till": { "id": "1" }
    }"#;
    till::init(folder.path(), settings).await.unwrap();
    let till = Till::open(Opening::at(folder.path())).await.unwrap();
    till.import(csv(goods).as_bytes(), false).await.unwrap();
    till.close().await;
    folder
}

fn csv(goods: usize) -> String {
    const WORDS: [&str; 12] = ["Молоко", "Сүт", "Нан", "Хлеб", "Сок", "Шоколад", "Печенье", "Айран", "Кефир", "Чай", "Қымыз", "Жұмыртқа"];
    let mut text = "code,barcode,name,price\n".to_owned();
    for number in 0..goods {
        let name = format!("{} «{}» {} г", WORDS[number % 12], WORDS[number / 12 % 12], 100 + number % 900);
        text.push_str(&format!("{},{},{name},{}\n", 100_000 + number, barcode(number), 100 + number % 900));
    }
    text
}

/// An EAN-13 of Kazakhstan with its check digit.
fn barcode(number: usize) -> String {
    let body = format!("487{number:09}");
    let weighted = |(place, digit): (usize, u8)| usize::from(digit - b'0') * if place % 2 == 0 { 1 } else { 3 };
    let sum: usize = body.bytes().enumerate().map(weighted).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// The empty window; `make bench` builds it and says where it is.
async fn empty() -> Window {
    let program = std::env::var("KASSA_EMPTY").expect("KASSA_EMPTY must name the empty window; `make bench` sets it");
    let window = Window::of(&program, &[], 1366, 768).await;
    window.shows("#painted").await;
    window
}

/// Where builds, and what a bench fetched, lie.
fn target() -> PathBuf {
    let own = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    own.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"))
}
