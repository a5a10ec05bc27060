//! How the catalogue stands at ten thousand, a hundred thousand and a million goods: the import beside a bare bulk
//! insert of the same rows with the same indexes, searches beside LIKE. `make bench` runs it in a release build.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use checkout::money::Currency;
use checkout::payment::SaleId;
use checkout::quantity::{Quantity, Unit};
use checkout::sale::Sale;
use database::Ledger;
use database::catalogue::Item;
use jiff::Zoned;
use sqlx::{ConnectOptions, QueryBuilder};
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;

fn item(code: &str, barcode: &str, name: &str, price_minor: i64) -> Item {
    Item {
        code: (!code.is_empty()).then(|| code.to_owned()),
        barcodes: barcode.split('|').filter(|code| !code.is_empty()).map(str::to_owned).collect(),
        name: name.to_owned(),
        name_kk: None,
        name_ru: None,
        short_name: None,
        unit: Unit::Piece,
        price_minor,
        vat: None,
        group: None,
        stock_milli: None,
        marked: false,
        quick_key: None,
    }
}

/// Names of five words out of Zipf-like stock, as a supermarket's list has them.
fn stock(number: usize) -> Item {
    const WORDS: [&str; 24] = [
        "Молоко",
        "Сүт",
        "Нан",
        "Хлеб",
        "Сок",
        "Шоколад",
        "Печенье",
        "Айран",
        "Кефир",
        "Чай",
        "Кофе",
        "Сыр",
        "Масло",
        "Вода",
        "Мука",
        "Сахар",
        "Рис",
        "Макароны",
        "Колбаса",
        "Йогурт",
        "Шампунь",
        "Мыло",
        "Порошок",
        "Салфетки",
    ];
    const UNITS: [&str; 6] = ["1 л", "1,5 л", "400 г", "0,9 л", "2,5 %", "25 шт"];
    let brand = (number * 7919) % 50_000;
    let syllable = |n: usize| ["ка", "ро", "ми", "ла", "те", "но", "су", "бе", "да", "ли"][n % 10];
    let brand = format!(
        "{}{}{}{}{}",
        syllable(brand),
        syllable(brand / 10),
        syllable(brand / 100),
        syllable(brand / 1000),
        syllable(brand / 10_000)
    );
    let name = format!("{} «{brand}» {} {}", WORDS[number % 24], WORDS[(number / 24) % 24].to_lowercase(), UNITS[(number / 7) % 6]);
    let body = format!("487{number:09}");
    let sum: usize = body.bytes().enumerate().map(|(place, byte)| usize::from(byte - b'0') * if place % 2 == 0 { 1 } else { 3 }).sum();
    item(&format!("{}", 100_000 + number), &format!("{body}{}", (10 - sum % 10) % 10), &name, 10_000 + (number % 900) as i64 * 100)
}

/// p50 and p99 in microseconds, rounded down.
fn quantiles(mut times: Vec<Duration>) -> (u128, u128) {
    times.sort();
    (times[times.len() / 2].as_micros(), times[times.len() * 99 / 100].as_micros())
}

/// Fills the list of what sells, as after a busy day.
async fn sell_three_hundred(ledger: &Ledger) {
    let mut sale = Sale::new(SaleId(Uuid::now_v7()), 1, Currency::Kzt);
    for number in 0..300 {
        let code = format!("{}", 100_000 + number * 31);
        let found = ledger.good_by_code(&code, Currency::Kzt, "kk").await.unwrap().unwrap();
        sale.add(found.good, Quantity::ONE).unwrap();
    }
    sale.take_cash(None, &[]).unwrap();
    ledger.close_sale(&sale, &Zoned::now(), Uuid::now_v7()).await.unwrap();
}

/// What nobody can undercut by much: the same rows, ready folded, into the same tables and indexes, without a look at
/// what was there before, without staging, without a wait for the disk.
async fn bare(file: &Path, source: &Path, size: usize) -> Duration {
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}?mode=ro", source.display())).await.unwrap();
    type Row = (i64, String, String, String, i64, String);
    let rows: Vec<Row> =
        sqlx::query_as("SELECT id, code, barcodes, name, price_minor, folded FROM item ORDER BY id").fetch_all(&pool).await.unwrap();
    assert_eq!(rows.len(), size);
    let began = Instant::now();
    let mut connection = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Off)
        .synchronous(sqlx::sqlite::SqliteSynchronous::Off)
        .pragma("cache_size", "-65536")
        .connect()
        .await
        .unwrap();
    sqlx::raw_sql(include_str!("../migrations/catalogue.sql")).execute(&mut connection).await.unwrap();
    for chunk in rows.chunks(500) {
        let mut insert = QueryBuilder::new("INSERT INTO item (id, code, barcodes, name, price_minor, folded, unit, marked) ");
        insert.push_values(chunk, |mut row, (id, code, barcodes, name, price, folded)| {
            row.push_bind(id).push_bind(code).push_bind(barcodes).push_bind(name).push_bind(price).push_bind(folded);
            row.push("'pcs'").push("0");
        });
        insert.build().execute(&mut connection).await.unwrap();
    }
    sqlx::raw_sql("INSERT INTO item_barcode SELECT barcodes, id FROM item ORDER BY barcodes").execute(&mut connection).await.unwrap();
    sqlx::raw_sql(include_str!("../migrations/catalogue_index.sql")).execute(&mut connection).await.unwrap();
    began.elapsed()
}

#[tokio::main]
async fn main() {
    const QUERIES: [&str; 19] = [
        "молок",
        "шоколад",
        "салфеткаа",
        "м",
        "к",
        "1",
        "мо",
        "мол",
        "молоко",
        "молоко каро",
        "1.5 l",
        "ш п",
        "с 1",
        "4870",
        "48700012",
        "vjkjrj",
        "карокарока",
        "=450",
        "zzzz",
    ];
    for size in [10_000, 100_000, 1_000_000] {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path()).await.unwrap();
        let began = Instant::now();
        let mut staging = ledger.stage().await.unwrap();
        for start in (0..size).step_by(2_000) {
            staging.add((start..size.min(start + 2_000)).map(|number| (number, stock(number))).collect()).await.unwrap();
        }
        let rows_in = began.elapsed();
        let (_, imported) = staging.compare().await.unwrap();
        staging.finish(imported, &Zoned::now(), || false).await.unwrap();
        let all = began.elapsed();
        let began = Instant::now();
        ledger.search("м", Currency::Kzt, "kk").await.unwrap();
        println!("  the first search after the import {} µs", began.elapsed().as_micros());
        let bare = bare(&folder.path().join("bare.db"), &folder.path().join("catalogue-1.db"), size).await;
        println!(
            "{size} goods: rows in {} ms, import {} ms, bare bulk insert {} ms",
            rows_in.as_millis(),
            all.as_millis(),
            bare.as_millis()
        );
        sell_three_hundred(&ledger).await;
        for query in QUERIES {
            let mut times = Vec::new();
            let mut hits = 0;
            for _ in 0..60 {
                let began = Instant::now();
                hits = ledger.search(query, Currency::Kzt, "kk").await.unwrap().len();
                times.push(began.elapsed());
            }
            let (p50, p99) = quantiles(times);
            println!("  {query:14} {hits:3} rows  p50 {p50:7} µs  p99 {p99:7} µs");
        }
        let file = format!("sqlite://{}?mode=ro", folder.path().join("catalogue-1.db").display());
        let plain = sqlx::SqlitePool::connect(&file).await.unwrap();
        let mut times = Vec::new();
        for _ in 0..15 {
            let began = Instant::now();
            sqlx::query("SELECT * FROM item WHERE folded LIKE '%мол%' ORDER BY name LIMIT 50").fetch_all(&plain).await.unwrap();
            times.push(began.elapsed());
        }
        let (p50, p99) = quantiles(times);
        println!("  LIKE '%мол%'            p50 {p50:7} µs  p99 {p99:7} µs");
    }
}
