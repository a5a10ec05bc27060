//! The columns of a goods file, by the names a header may give them in Kazakh, Russian and English.

use super::GoodsError;
use csv::StringRecord;
use std::collections::HashMap;

/// Columns and the names a header may give them, lower case.
const COLUMNS: [(&str, &[&str]); 13] = [
    ("code", &["code", "sku", "код", "артикул"]),
    ("barcode", &["barcode", "ean", "штрихкод", "штрих-код", "штрихкоды"]),
    ("name", &["name", "атауы", "название", "наименование"]),
    ("name_kk", &["name_kk", "қазақша атауы", "название на казахском"]),
    ("name_ru", &["name_ru", "орысша атауы", "название на русском"]),
    ("short_name", &["short_name", "қысқа атауы", "краткое название"]),
    ("unit", &["unit", "өлшем бірлігі", "бірлік", "единица", "ед.", "ед"]),
    ("price", &["price", "баға", "бағасы", "цена"]),
    ("vat", &["vat", "ққс", "ндс"]),
    ("group", &["group", "топ", "топтама", "группа", "категория"]),
    ("stock", &["stock", "қалдық", "остаток"]),
    ("marked", &["marked", "таңбаланған", "маркировка", "маркированный"]),
    ("quick_key", &["quick_key", "жылдам перне", "быстрая клавиша"]),
];

/// Where each column stands.
pub struct Columns {
    places: HashMap<&'static str, usize>,
}

impl Columns {
    /// A cell's text, trimmed; none where it is empty or the column is not there.
    pub fn cell(&self, record: &StringRecord, column: &str) -> Option<String> {
        let text = self.places.get(column).and_then(|index| record.get(*index)).unwrap_or("").trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

/// Reads the header. Name, price, and code or barcode must be there.
pub fn columns(header: &StringRecord) -> Result<Columns, GoodsError> {
    let mut found = HashMap::new();
    for (index, title) in header.iter().enumerate() {
        let title = title.trim().trim_start_matches('\u{feff}').to_lowercase();
        if let Some((column, _)) = COLUMNS.iter().find(|(_, names)| names.contains(&title.as_str())) {
            found.entry(*column).or_insert(index);
        }
    }
    for needed in ["name", "price"] {
        if !found.contains_key(needed) {
            return Err(GoodsError::NoColumn(needed));
        }
    }
    if !found.contains_key("code") && !found.contains_key("barcode") {
        return Err(GoodsError::NoColumn("code or barcode"));
    }
    Ok(Columns { places: found })
}
