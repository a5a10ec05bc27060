//! G2 and G12: up to a million goods. Searches beside a naive LIKE on the same file, the whole of `kassactl import`
//! beside a bare bulk insert of the same rows with the same indexes, cash sales during an import beside the same without.

use acceptance::ctl;
use acceptance::measure::{Pairs, Report, quantile, timed};
use acceptance::shop::TestShop;
use checkout::money::Currency;
use checkout::payment::SaleId;
use checkout::quantity::Quantity;
use checkout::sale::Sale;
use database::Ledger;
use database::journal::Act;
use jiff::Zoned;
use simulators::demo;
use simulators::kaspi::Customer;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous};
use sqlx::{ConnectOptions, QueryBuilder};
use std::path::Path;
use tokio::runtime::Runtime;
use uuid::Uuid;

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];

/// The beginning of a word that is set beside LIKE.
const PREFIX: &str = "мол";

const QUERIES: [&str; 19] = [
    PREFIX,
    "молок",
    "молоко",
    "молоко каро",
    "шоколад",
    "салфеткаа",
    "м",
    "к",
    "1",
    "мо",
    "1.5 l",
    "ш п",
    "с 1",
    "4860",
    "48600012",
    "vjkjrj",
    "карокарока",
    "=450",
    "zzzz",
];

/// Names of five words out of Zipf-like stock, as a supermarket's list has them.
fn row(number: usize) -> String {
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
    const SYLLABLES: [&str; 10] = ["ка", "ро", "ми", "ла", "те", "но", "су", "бе", "да", "ли"];
    let brand: String = [1, 10, 100, 1000, 10_000].map(|place| SYLLABLES[(number * 7919) % 50_000 / place % 10]).concat();
    let (first, second) = (WORDS[number % 24], WORDS[(number / 24) % 24].to_lowercase());
    let body = format!("486{number:09}");
    let sum: usize = body.bytes().enumerate().map(|(place, byte)| usize::from(byte - b'0') * if place % 2 == 0 { 1 } else { 3 }).sum();
    let check = (10 - sum % 10) % 10;
    format!("{};{body}{check};{first} «{brand}» {second} {};{};дана\n", 100_000 + number, UNITS[(number / 7) % 6], 100 + number % 900)
}

fn goods_file(size: usize) -> String {
    std::iter::once("Код;Штрихкод;Название;Цена;Бірлік\n".to_owned()).chain((0..size).map(row)).collect()
}

pub fn run(runtime: &Runtime, report: &mut Report) {
    let mut medians: Vec<Vec<f64>> = Vec::new();
    for size in SIZES {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("goods.csv");
        std::fs::write(&file, goods_file(size)).unwrap();
        let (shop, imported) = import(folder.path(), &file, size);
        let bare = runtime.block_on(bare(folder.path(), &shop.join("catalogue-1.db"), size));
        report.figure(
            "G12",
            &format!("kassactl import of {size} goods, file to done"),
            format!("{:.2}×; {:.1} s over {:.1} s of a bare insert with the same indexes", imported / bare, imported / 1e6, bare / 1e6),
            "≤ 1.5×",
            (size == SIZES[2]).then_some(imported <= 1.5 * bare),
            serde_json::json!({ "goods": size, "import_us": imported, "bare_us": bare }),
        );
        medians.push(search(runtime, report, &shop, size));
    }
    let slopes: Vec<f64> = (0..QUERIES.len()).map(|query| exponent(&medians.iter().map(|of| of[query]).collect::<Vec<_>>())).collect();
    let (worst, slope) = QUERIES.iter().zip(&slopes).max_by(|one, other| one.1.total_cmp(other.1)).unwrap();
    report.figure(
        "G2",
        "growth of a search, 10 000 → 1 000 000 goods",
        format!("worst exponent {slope:.2} (“{worst}”)"),
        "≤ 0.3",
        Some(*slope <= 0.3),
        serde_json::json!({ "exponents": QUERIES.iter().zip(&slopes).collect::<Vec<_>>() }),
    );
    sales_during(runtime, report);
}

/// A shop of its own with these goods, and how long the real program took to take them in.
fn import(folder: &Path, file: &Path, size: usize) -> (std::path::PathBuf, f64) {
    let (shop, settings) = (folder.join("shop"), folder.join("shop.json"));
    let mut shop_json: serde_json::Value = serde_json::from_str(demo::SHOP).unwrap();
    shop_json["devices"] = serde_json::json!({});
    std::fs::write(&settings, shop_json.to_string()).unwrap();
    assert_eq!(ctl::run(&shop, &["init", "--settings", settings.to_str().unwrap()]).0, 0);
    let mut import = ctl::command(&shop, &["import", file.to_str().unwrap()]);
    let mut output = None;
    let taken = timed(|| output = Some(import.output().unwrap()));
    let (code, answer) = ctl::answer(&output.unwrap());
    assert_eq!((code, answer["import"]["added"].as_u64()), (0, Some(size as u64)));
    (shop, taken)
}

/// What nobody can undercut by much: the same rows, read and folded before, into the same tables and indexes, without a
/// look at what was there before, without a wait for the disk.
async fn bare(folder: &Path, catalogue: &Path, size: usize) -> f64 {
    const TABLES: &str = include_str!("../../../src-tauri/database/migrations/catalogue.sql");
    const INDEXES: &str = include_str!("../../../src-tauri/database/migrations/catalogue_index.sql");
    type Item = (i64, String, String, String, String, i64, String);
    let pool = SqlitePool::connect(&format!("sqlite://{}?mode=ro", catalogue.display())).await.unwrap();
    let rows: Vec<Item> =
        sqlx::query_as("SELECT id, code, barcodes, name, unit, price_minor, folded FROM item ORDER BY id").fetch_all(&pool).await.unwrap();
    assert_eq!(rows.len(), size);
    let start = std::time::Instant::now();
    let options = SqliteConnectOptions::new().filename(folder.join("bare.db")).create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Off).synchronous(SqliteSynchronous::Off).pragma("cache_size", "-65536");
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql(TABLES).execute(&mut connection).await.unwrap();
    for chunk in rows.chunks(500) {
        let mut insert = QueryBuilder::new("INSERT INTO item (id, code, barcodes, name, unit, price_minor, folded, marked) ");
        insert.push_values(chunk, |mut row, (id, code, barcodes, name, unit, price, folded)| {
            row.push_bind(id).push_bind(code).push_bind(barcodes).push_bind(name).push_bind(unit).push_bind(price).push_bind(folded);
            row.push("0");
        });
        insert.build().execute(&mut connection).await.unwrap();
    }
    sqlx::raw_sql("INSERT INTO item_barcode SELECT barcodes, id FROM item ORDER BY barcodes").execute(&mut connection).await.unwrap();
    sqlx::raw_sql(INDEXES).execute(&mut connection).await.unwrap();
    start.elapsed().as_secs_f64() * 1e6
}

/// Fills the list of what sells, as after a busy day.
async fn sell_three_hundred(ledger: &Ledger) {
    let mut sale = Sale::new(SaleId(Uuid::now_v7()), 1, Currency::Kzt);
    for number in 0..300 {
        let found = ledger.good_by_code(&format!("{}", 100_000 + number * 31), Currency::Kzt, "kk").await.unwrap().unwrap();
        sale.add(found.good, Quantity::ONE).unwrap();
    }
    sale.take_cash(None, &[]).unwrap();
    ledger.close_sale(&sale, &Act::by_nobody(Zoned::now()), Uuid::now_v7()).await.unwrap();
}

/// Answers the median of each query in microseconds.
fn search(runtime: &Runtime, report: &mut Report, shop: &Path, size: usize) -> Vec<f64> {
    const ROUNDS: usize = 31;
    const TURNS: usize = 10;
    let ledger = runtime.block_on(Ledger::open(shop)).unwrap();
    let look = |query: &str| timed(|| drop(runtime.block_on(ledger.search(query, Currency::Kzt, "kk")).unwrap()));
    let first = look(PREFIX);
    runtime.block_on(sell_three_hundred(&ledger));
    let after_sale = look(PREFIX);
    let plain = format!("sqlite://{}?mode=ro", shop.join("catalogue-1.db").display());
    let plain = runtime.block_on(SqlitePool::connect(&plain)).unwrap();
    let like = format!("SELECT * FROM item WHERE folded LIKE '%{PREFIX}%' ORDER BY name LIMIT 50");
    let mut naive = Vec::new();
    let mut times = vec![Vec::new(); QUERIES.len()];
    for _ in 0..ROUNDS {
        naive.push(timed(|| drop(runtime.block_on(sqlx::query(sqlx::AssertSqlSafe(like.as_str())).fetch_all(&plain)).unwrap())));
        for _ in 0..TURNS {
            QUERIES.iter().zip(&mut times).for_each(|(query, times)| times.push(look(query)));
        }
    }
    let largest = size == SIZES[2];
    let faster = |share: f64| quantile(&naive, share) / quantile(&times[0], share);
    report.figure(
        "G2",
        &format!("“{PREFIX}” among {size} goods, 300 of them sold"),
        format!("LIKE takes p50 {:.0}×, p99 {:.0}× as long; p50 {:.0} µs", faster(0.5), faster(0.99), quantile(&times[0], 0.5)),
        "≥ 100×",
        largest.then_some(faster(0.5) >= 100.0 && faster(0.99) >= 100.0),
        serde_json::json!({ "goods": size, "p50_ratio": faster(0.5), "p99_ratio": faster(0.99) }),
    );
    let p99s: Vec<f64> = times.iter().map(|times| quantile(times, 0.99)).collect();
    let (worst, p99) = QUERIES.iter().zip(&p99s).max_by(|one, other| one.1.total_cmp(other.1)).unwrap();
    let longest = times.iter().flatten().copied().fold(0.0, f64::max);
    report.figure(
        "G2",
        &format!("the worst of {} queries among {size} goods", QUERIES.len()),
        format!("p99 {p99:.0} µs (“{worst}”), longest {longest:.0} µs; the first after a start {first:.0} µs, after a sale of 300 goods {after_sale:.0} µs"),
        "p99 ≤ 16 ms",
        largest.then_some(*p99 <= 16_000.0),
        serde_json::json!({ "goods": size, "p99_us": QUERIES.iter().zip(&p99s).collect::<Vec<_>>(), "longest_us": longest, "first_us": first }),
    );
    runtime.block_on(ledger.close());
    times.iter().map(|times| quantile(times, 0.5)).collect()
}

/// The slope of log time over log size, by least squares.
fn exponent(medians: &[f64]) -> f64 {
    let points: Vec<(f64, f64)> = SIZES.iter().zip(medians).map(|(size, median)| ((*size as f64).ln(), median.ln())).collect();
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / points.len() as f64;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let (rise, run) =
        points.iter().fold((0.0, 0.0), |(rise, run), point| (rise + (point.0 - x) * (point.1 - y), run + (point.0 - x).powi(2)));
    rise / run
}

/// Cash sales, scan to commit, while the same till takes a million goods in; and as many without, before and after.
fn sales_during(runtime: &Runtime, report: &mut Report) {
    const WITHOUT: usize = 300;
    let shop = runtime.block_on(TestShop::open(Customer::held()));
    let sell = || {
        runtime.block_on(async {
            shop.till.add_by_code("1001", None).await.unwrap();
            shop.till.pay_cash(Uuid::now_v7(), None).await.unwrap();
        });
    };
    let mut pairs = Pairs::default();
    (0..WITHOUT).for_each(|_| pairs.baseline(sell));
    let (till, file) = (shop.till.clone(), goods_file(SIZES[2]));
    let import = runtime.spawn(async move { till.import(file.as_bytes(), false).await.unwrap() });
    let mut sales = 0;
    while !import.is_finished() {
        pairs.ours(sell);
        sales += 1;
    }
    assert_eq!(runtime.block_on(import).unwrap().added, SIZES[2] as i64);
    (0..WITHOUT).for_each(|_| pairs.baseline(sell));
    report.ratio("G12", &format!("cash sale during an import of {} goods ({sales})", SIZES[2]), &pairs, 2.0, 2.0);
}
