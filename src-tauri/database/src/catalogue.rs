//! Goods: found by barcode or code, searched by the beginnings of words, replaced whole by an import.

use crate::journal::append;
use crate::text::{coded, damaged, money};
use crate::{DatabaseError, Ledger};
use checkout::money::Currency;
use checkout::quantity::Unit;
use checkout::sale::Good;
use checkout::tax::VatRate;
use jiff::Zoned;
use serde_json::json;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

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
    pub short_name: String,
    pub group: Option<String>,
}

/// What an import would change, or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    pub added: i64,
    pub updated: i64,
}

const SEARCH_LIMIT: i64 = 50;

impl Ledger {
    /// Adds goods, and updates those whose code, or first barcode where there is no code, is known.
    /// All or nothing.
    pub async fn import(&self, items: &[Item], at: &Zoned) -> Result<Imported, DatabaseError> {
        let mut transaction = self.begin().await?;
        let mut imported = Imported { added: 0, updated: 0 };
        for item in items {
            let known: Option<i64> = match (&item.code, item.barcodes.first()) {
                (Some(code), _) => {
                    sqlx::query_scalar("SELECT id FROM item WHERE code = ?").bind(code).fetch_optional(&mut *transaction).await?
                }
                (None, Some(barcode)) => {
                    sqlx::query_scalar("SELECT item_id FROM item_barcode WHERE barcode = ?")
                        .bind(barcode)
                        .fetch_optional(&mut *transaction)
                        .await?
                }
                (None, None) => return Err(damaged(format!("“{}” has neither a code nor a barcode", item.name))),
            };
            if known.is_some() {
                imported.updated += 1;
            } else {
                imported.added += 1;
            }
            let row: i64 = sqlx::query_scalar(
                "INSERT INTO item (id, code, name, name_kk, name_ru, short_name, unit, price_minor, vat_bp, grp, stock_milli, marked, quick_key, folded)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT (id) DO UPDATE SET code = excluded.code, name = excluded.name, name_kk = excluded.name_kk,
                 name_ru = excluded.name_ru, short_name = excluded.short_name, unit = excluded.unit, price_minor = excluded.price_minor,
                 vat_bp = excluded.vat_bp, grp = excluded.grp, stock_milli = excluded.stock_milli, marked = excluded.marked,
                 quick_key = excluded.quick_key, folded = excluded.folded RETURNING id",
            )
            .bind(known)
            .bind(&item.code)
            .bind(&item.name)
            .bind(&item.name_kk)
            .bind(&item.name_ru)
            .bind(&item.short_name)
            .bind(item.unit.code())
            .bind(item.price_minor)
            .bind(item.vat.map(VatRate::basis_points))
            .bind(&item.group)
            .bind(item.stock_milli)
            .bind(item.marked)
            .bind(item.quick_key)
            .bind(searchable(item))
            .fetch_one(&mut *transaction)
            .await?;
            sqlx::query("DELETE FROM item_barcode WHERE item_id = ?").bind(row).execute(&mut *transaction).await?;
            for barcode in &item.barcodes {
                sqlx::query(
                    "INSERT INTO item_barcode (barcode, item_id) VALUES (?, ?) ON CONFLICT (barcode) DO UPDATE SET item_id = excluded.item_id",
                )
                .bind(barcode)
                .bind(row)
                .execute(&mut *transaction)
                .await?;
            }
        }
        append(&mut transaction, at, "goods_imported", "catalogue", json!({"added": imported.added, "updated": imported.updated})).await?;
        transaction.commit().await?;
        Ok(imported)
    }

    /// The good with exactly this barcode or code.
    pub async fn good_by_code(&self, code: &str, currency: Currency, language: &str) -> Result<Option<Found>, DatabaseError> {
        let row = sqlx::query(
            "SELECT * FROM item WHERE id = (SELECT item_id FROM item_barcode WHERE barcode = ?1)
             UNION ALL SELECT * FROM item WHERE code = ?1 LIMIT 1",
        )
        .bind(code)
        .fetch_optional(&self.reader)
        .await?;
        row.map(|row| found(&row, currency, language)).transpose()
    }

    pub async fn good(&self, item: i64, currency: Currency, language: &str) -> Result<Option<Found>, DatabaseError> {
        let row = sqlx::query("SELECT * FROM item WHERE id = ?").bind(item).fetch_optional(&self.reader).await?;
        row.map(|row| found(&row, currency, language)).transpose()
    }

    /// Goods in whose names or codes every word of the text begins a word.
    pub async fn search(&self, text: &str, currency: Currency, language: &str) -> Result<Vec<Found>, DatabaseError> {
        let words: Vec<String> = fold(text).split_whitespace().map(str::to_owned).collect();
        let Some(longest) = words.iter().max_by_key(|word| word.len()) else { return Ok(Vec::new()) };
        let rows = sqlx::query("SELECT * FROM item WHERE instr(folded, ?) > 0 ORDER BY quick_key IS NULL, quick_key, name")
            .bind(format!(" {longest}"))
            .fetch_all(&self.reader)
            .await?;
        let fits = |row: &&SqliteRow| {
            let folded: String = row.get("folded");
            words.iter().all(|word| folded.contains(&format!(" {word}")))
        };
        rows.iter().filter(fits).take(SEARCH_LIMIT as usize).map(|row| found(row, currency, language)).collect()
    }

    /// The favourites in their order.
    pub async fn favourites(&self, currency: Currency, language: &str) -> Result<Vec<Found>, DatabaseError> {
        let rows = sqlx::query("SELECT * FROM item WHERE quick_key IS NOT NULL ORDER BY quick_key, id").fetch_all(&self.reader).await?;
        rows.iter().map(|row| found(row, currency, language)).collect()
    }

    pub async fn item_count(&self) -> Result<i64, DatabaseError> {
        Ok(sqlx::query_scalar("SELECT count(*) FROM item").fetch_one(&self.reader).await?)
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
    Ok(Found { good, short_name: row.get::<Option<String>, _>("short_name").unwrap_or(name), group: row.get("grp") })
}

/// All names and codes of an item, folded, each word after a space.
fn searchable(item: &Item) -> String {
    let mut text = String::new();
    let names = [Some(&item.name), item.name_kk.as_ref(), item.name_ru.as_ref(), item.short_name.as_ref(), item.code.as_ref()];
    for part in names.into_iter().flatten().chain(&item.barcodes) {
        text.push(' ');
        text.push_str(&fold(part));
    }
    text
}

/// Lower case, words parted by single spaces, and the letters that keyboards of the region confuse made one.
fn fold(text: &str) -> String {
    let folded: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'ё' => 'е',
            'қ' => 'к',
            'ғ' => 'г',
            'ң' => 'н',
            'ү' | 'ұ' => 'у',
            'ө' => 'о',
            'ә' => 'а',
            'һ' => 'х',
            'і' => 'и',
            'ə' => 'e',
            'ı' => 'i',
            c if c.is_alphanumeric() => c,
            _ => ' ',
        })
        .collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_keyboards_confuse_are_one() {
        assert_eq!(fold("Сүт «Көктем», 2,5 %"), "сут коктем 2 5");
        assert_eq!(fold("ЁЖ Қымыз"), "еж кымыз");
    }
}
