//! Goods: found by barcode or code, searched by the beginnings of words.
//!
//! The goods lie in a file of their own, `catalogue-N.db`. An import builds the next one beside it ([`crate::import`])
//! and the ledger then names the new one in use: a file in use is never written, so looking goods up takes no lock.

use crate::popular::PopularList;
use crate::search::{expressions, fold, other_layout, words};
use crate::text::{coded, damaged, money};
use crate::{DatabaseError, Ledger};
use checkout::money::{Currency, Money};
use checkout::quantity::Unit;
use checkout::sale::Good;
use checkout::tax::VatRate;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteRow};
use sqlx::{Row, SqliteConnection, SqlitePool};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A good of the catalogue. Prices are minor units of the shop's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub code: Option<String>,
    pub barcodes: Vec<String>,
    pub name: String,
    pub name_kk: Option<String>,
    pub name_ru: Option<String>,
    pub short_name: Option<String>,
    pub unit: Unit,
    pub price_minor: i64,
    pub vat: Option<VatRate>,
    pub group: Option<String>,
    pub stock_milli: Option<i64>,
    pub marked: bool,
    /// The place among the favourites, from 1.
    pub quick_key: Option<i64>,
}

/// An item as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub good: Good,
    /// As the goods file gives them.
    pub barcodes: Vec<String>,
    pub short_name: String,
    pub group: Option<String>,
    /// Sold by the square code of each unit alone.
    pub marked: bool,
}

/// The version of the catalogue file's tables.
pub(crate) const SHAPE: i64 = 1;

/// A list on the screen is never longer.
const ROWS_AT_MOST: usize = 50;

pub(crate) fn file_of(directory: &Path, number: i64) -> PathBuf {
    directory.join(format!("catalogue-{number}.db"))
}

/// A catalogue file in use, and what of it is kept in memory.
pub(crate) struct Goods {
    pub file: SqlitePool,
    pub popular: PopularList,
}

/// Opens a finished catalogue file. Nothing writes it any more: no locks, no look at the disk whether it changed.
pub(crate) async fn open(directory: &Path, number: i64) -> Result<Option<Arc<Goods>>, DatabaseError> {
    if number == 0 {
        return Ok(None);
    }
    let options = SqliteConnectOptions::new().filename(file_of(directory, number)).immutable(true);
    // A connection that was let go would come back without what it had read: the next search would pay for it.
    let keeping = SqlitePoolOptions::new().max_connections(3).idle_timeout(None).max_lifetime(None).test_before_acquire(false);
    let pool = keeping.connect_with(options).await?;
    let shape: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&pool).await?;
    if shape != SHAPE {
        return Err(DatabaseError::Newer(format!("the catalogue has shape {shape}")));
    }
    Ok(Some(Arc::new(Goods { file: pool, popular: PopularList::default() })))
}

/// Adds to how often goods were sold, by item.
pub(crate) async fn note_sold(connection: &mut SqliteConnection, sold: &BTreeMap<i64, i64>) -> Result<(), DatabaseError> {
    let counts: Vec<(&i64, &i64)> = sold.iter().collect();
    sqlx::query(
        "INSERT INTO item_popularity (item_id, sold) SELECT value ->> 0, value ->> 1 FROM json_each(?) WHERE true
         ON CONFLICT (item_id) DO UPDATE SET sold = sold + excluded.sold",
    )
    .bind(serde_json::json!(counts).to_string())
    .execute(connection)
    .await?;
    Ok(())
}

impl Ledger {
    /// The good with exactly this barcode or code.
    pub async fn good_by_code(&self, code: &str, currency: Currency, language: &str) -> Result<Option<Found>, DatabaseError> {
        let Some(goods) = self.goods() else { return Ok(None) };
        let row = sqlx::query(
            "SELECT * FROM item WHERE id = (SELECT item_id FROM item_barcode WHERE barcode = ?1)
             UNION ALL SELECT * FROM item WHERE code = ?1 LIMIT 1",
        )
        .bind(code)
        .fetch_optional(&goods.file)
        .await?;
        row.map(|row| found(&row, currency, language)).transpose()
    }

    pub async fn good(&self, item: i64, currency: Currency, language: &str) -> Result<Option<Found>, DatabaseError> {
        let Some(goods) = self.goods() else { return Ok(None) };
        let row = sqlx::query("SELECT * FROM item WHERE id = ?").bind(item).fetch_optional(&goods.file).await?;
        row.map(|row| found(&row, currency, language)).transpose()
    }

    /// At most fifty goods for a typed text: `=450` by price in major units; digits by code and barcode; else goods
    /// in whose names every word of the text begins a word, on either keyboard layout. What sells most comes first.
    pub async fn search(&self, text: &str, currency: Currency, language: &str) -> Result<Vec<Found>, DatabaseError> {
        let Some(goods) = self.goods() else { return Ok(Vec::new()) };
        let text = text.trim();
        let mut hits = Hits { seen: HashSet::new(), rows: Vec::new() };
        if let Some(price) = text.strip_prefix('=') {
            let Ok(price) = Money::parse_major(price, currency) else { return Ok(Vec::new()) };
            let popular = goods.popular.now(&self.reader, &goods.file, || self.uncounted()).await?;
            let costs_so = |row: &SqliteRow| row.get::<i64, _>("price_minor") == price.minor();
            popular.iter().filter(|popular| costs_so(&popular.row)).for_each(|popular| hits.take_one(popular.row.clone()));
            let rows = sqlx::query("SELECT * FROM item WHERE price_minor = ? LIMIT 50").bind(price.minor()).fetch_all(&goods.file).await?;
            hits.take(rows);
        } else if !text.is_empty() {
            self.by_words(&goods, text, &mut hits).await?;
        }
        hits.rows.iter().map(|row| found(row, currency, language)).collect()
    }

    async fn by_words(&self, goods: &Goods, text: &str, hits: &mut Hits) -> Result<(), DatabaseError> {
        let readings: Vec<Vec<String>> = std::iter::once(text.to_owned())
            .chain(other_layout(text))
            .map(|reading| words(&reading))
            .filter(|words| !words.is_empty())
            .collect();
        let exact = "SELECT * FROM item WHERE code = ?1 UNION ALL
                     SELECT * FROM item WHERE id = (SELECT item_id FROM item_barcode WHERE barcode = ?1) LIMIT 2";
        hits.take(sqlx::query(exact).bind(text).fetch_all(&goods.file).await?);
        let popular = goods.popular.now(&self.reader, &goods.file, || self.uncounted()).await?;
        for words in &readings {
            popular.iter().filter(|popular| popular.fits(words)).for_each(|popular| hits.take_one(popular.row.clone()));
        }
        // Codes and barcodes lie in their own indexes: as words they would begin alike a million times.
        if text.len() > 1 && text.bytes().any(|byte| byte.is_ascii_digit()) && !text.contains(char::is_whitespace) {
            let after = format!("{text}\u{10ffff}");
            for range in [
                "SELECT * FROM item WHERE code >= ? AND code < ? ORDER BY code LIMIT 50",
                "SELECT * FROM item WHERE id IN (SELECT item_id FROM item_barcode WHERE barcode >= ? AND barcode < ? ORDER BY barcode LIMIT 50)",
            ] {
                if !hits.full() {
                    hits.take(sqlx::query(range).bind(text).bind(&after).fetch_all(&goods.file).await?);
                }
            }
        }
        for expression in readings.iter().flat_map(|words| expressions(words)) {
            if !hits.full() {
                // In the order of the index, which stops at fifty: to rank them all would mean to read them all.
                let begin_so =
                    "SELECT i.* FROM item_search CROSS JOIN item i ON i.id = item_search.rowid WHERE item_search MATCH ? LIMIT 50";
                hits.take(sqlx::query(begin_so).bind(expression).fetch_all(&goods.file).await?);
            }
        }
        Ok(())
    }

    /// The favourites in their order.
    pub async fn favourites(&self, currency: Currency, language: &str) -> Result<Vec<Found>, DatabaseError> {
        let Some(goods) = self.goods() else { return Ok(Vec::new()) };
        let rows = sqlx::query("SELECT * FROM item WHERE quick_key IS NOT NULL ORDER BY quick_key, id").fetch_all(&goods.file).await?;
        rows.iter().map(|row| found(row, currency, language)).collect()
    }

    pub async fn item_count(&self) -> Result<i64, DatabaseError> {
        let Some(goods) = self.goods() else { return Ok(0) };
        Ok(sqlx::query_scalar("SELECT count(*) FROM item").fetch_one(&goods.file).await?)
    }
}

/// What a search has gathered, each good once.
struct Hits {
    seen: HashSet<i64>,
    rows: Vec<Arc<SqliteRow>>,
}

impl Hits {
    fn full(&self) -> bool {
        self.rows.len() >= ROWS_AT_MOST
    }

    fn take(&mut self, rows: Vec<SqliteRow>) {
        rows.into_iter().for_each(|row| self.take_one(Arc::new(row)));
    }

    fn take_one(&mut self, row: Arc<SqliteRow>) {
        if !self.full() && self.seen.insert(row.get("id")) {
            self.rows.push(row);
        }
    }
}

fn found(row: &SqliteRow, currency: Currency, language: &str) -> Result<Found, DatabaseError> {
    let translated: Option<String> = match language {
        "kk" => row.get("name_kk"),
        "ru" => row.get("name_ru"),
        _ => None,
    };
    let (name, tag) = match translated {
        Some(name) => (name, language.to_owned()),
        // Without a translation the name is in whatever language the goods file has, mostly the first.
        None => (row.get("name"), String::new()),
    };
    let vat = match row.get::<Option<u32>, _>("vat_bp") {
        Some(basis_points) => Some(VatRate::from_basis_points(basis_points).ok_or_else(|| damaged("a VAT rate"))?),
        None => None,
    };
    let item: i64 = row.get("id");
    let good = Good {
        item,
        code: row.get::<Option<String>, _>("code").unwrap_or_else(|| item.to_string()),
        name: name.clone(),
        language: tag,
        unit: coded(&row.get::<String, _>("unit"), Unit::from_code)?,
        price: money(row.get("price_minor"), currency)?,
        vat,
    };
    let barcodes: String = row.get("barcodes");
    let barcodes = barcodes.split('|').filter(|barcode| !barcode.is_empty()).map(str::to_owned).collect();
    Ok(Found {
        good,
        barcodes,
        short_name: row.get::<Option<String>, _>("short_name").unwrap_or(name),
        group: row.get("grp"),
        marked: row.get("marked"),
    })
}

/// The names of an item, and a code with letters, folded.
pub(crate) fn searchable(item: &Item) -> String {
    let code = item.code.as_ref().filter(|code| code.chars().any(char::is_alphabetic));
    let names = [Some(&item.name), item.name_kk.as_ref(), item.name_ru.as_ref(), item.short_name.as_ref(), code];
    let mut text = String::new();
    let mut seen = HashSet::new();
    for part in names.into_iter().flatten().filter(|part| seen.insert(part.as_str())) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&fold(part));
    }
    text
}
