//! The goods file: CSV with a header in any order, in Kazakh, Russian or English.

use checkout::money::{Currency, Money};
use checkout::quantity::Unit;
use checkout::tax::VatRate;
use csv::StringRecord;
use database::catalogue::Item;
use std::collections::HashMap;

/// What is wrong with a row. Rows are numbered as a spreadsheet shows them: the header is 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    pub row: usize,
    pub field: &'static str,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GoodsError {
    #[error("the file is not UTF-8 text")]
    NotText,
    #[error("the file is empty")]
    Empty,
    #[error("the header names no column “{0}”")]
    NoColumn(&'static str),
    #[error("the file cannot be read as a table: {0}")]
    NotATable(String),
    #[error("{} rows have mistakes; nothing was imported", .0.len())]
    Rows(Vec<RowError>),
}

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

/// Reads a goods file. Either every row is good, or all mistakes are told and none is taken.
pub fn read(bytes: &[u8], currency: Currency, default_vat: Option<VatRate>) -> Result<Vec<Item>, GoodsError> {
    let text = std::str::from_utf8(bytes).map_err(|_| GoodsError::NotText)?.trim_start_matches('\u{feff}');
    let header = text.lines().next().filter(|line| !line.trim().is_empty()).ok_or(GoodsError::Empty)?;
    let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|d| header.bytes().filter(|byte| byte == d).count()).unwrap_or(b',');
    let mut table = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let columns = columns(table.headers().map_err(|error| GoodsError::NotATable(error.to_string()))?)?;
    let mut rows = Rows { columns, currency, default_vat, items: Vec::new(), errors: Vec::new(), seen: HashMap::new() };
    for (index, record) in table.records().enumerate() {
        let record = record.map_err(|error| GoodsError::NotATable(error.to_string()))?;
        if record.iter().any(|field| !field.trim().is_empty()) {
            rows.take(index + 2, &record);
        }
    }
    if !rows.errors.is_empty() {
        return Err(GoodsError::Rows(rows.errors));
    }
    Ok(rows.items)
}

fn columns(header: &StringRecord) -> Result<HashMap<&'static str, usize>, GoodsError> {
    let mut found = HashMap::new();
    for (index, title) in header.iter().enumerate() {
        let title = title.trim().to_lowercase();
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
    Ok(found)
}

struct Rows {
    columns: HashMap<&'static str, usize>,
    currency: Currency,
    default_vat: Option<VatRate>,
    items: Vec<Item>,
    errors: Vec<RowError>,
    /// Codes and barcodes with the row that had them first.
    seen: HashMap<String, usize>,
}

impl Rows {
    fn take(&mut self, row: usize, record: &StringRecord) {
        let before = self.errors.len();
        let item = self.item(row, record);
        if self.errors.len() == before {
            self.items.push(item);
        }
    }

    fn item(&mut self, row: usize, record: &StringRecord) -> Item {
        let cell = |column: &str| {
            let text = self.columns.get(column).and_then(|index| record.get(*index)).unwrap_or("").trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        let code = cell("code");
        let barcodes: Vec<String> = cell("barcode")
            .iter()
            .flat_map(|codes| codes.split('|'))
            .map(|code| code.trim().to_owned())
            .filter(|code| !code.is_empty())
            .collect();
        let (name, price, unit, vat) = (cell("name"), cell("price"), cell("unit"), cell("vat"));
        let (stock, marked, quick_key) = (cell("stock"), cell("marked"), cell("quick_key"));
        let (name_kk, name_ru, short_name, group) = (cell("name_kk"), cell("name_ru"), cell("short_name"), cell("group"));
        if code.is_none() && barcodes.is_empty() {
            self.wrong(row, "code", "a code or a barcode is needed".to_owned());
        }
        for code in code.iter().chain(&barcodes) {
            if let Some(first) = self.seen.insert(code.clone(), row).filter(|first| *first != row) {
                self.wrong(row, "barcode", format!("“{code}” stands in row {first} already"));
            }
        }
        let unit = self.read(row, "unit", unit, Unit::Piece, unit_of);
        Item {
            code,
            barcodes,
            name: name.unwrap_or_else(|| {
                self.wrong(row, "name", "a name is needed".to_owned());
                String::new()
            }),
            name_kk,
            name_ru,
            short_name,
            unit,
            price_minor: self.price(row, price),
            vat: self.vat(row, vat),
            group,
            stock_milli: self.read(row, "stock", stock, None, |text| thousandths(text).map(Some)),
            marked: self.read(row, "marked", marked, false, truth),
            quick_key: self.read(row, "quick_key", quick_key, None, |text| text.parse::<i64>().ok().filter(|key| *key > 0).map(Some)),
        }
    }

    fn price(&mut self, row: usize, text: Option<String>) -> i64 {
        let Some(text) = text else {
            self.wrong(row, "price", "a price is needed".to_owned());
            return 0;
        };
        match Money::parse_major(&text, self.currency) {
            Ok(price) if price.minor() >= 0 => price.minor(),
            _ => {
                self.wrong(row, "price", format!("“{text}” is not a price"));
                0
            }
        }
    }

    /// An empty cell takes the shop's rate; “none” and “без ндс” mean no VAT.
    fn vat(&mut self, row: usize, text: Option<String>) -> Option<VatRate> {
        let Some(text) = text else { return self.default_vat };
        if ["none", "no", "без ндс", "ққс жоқ", "ққс-сыз"].contains(&text.to_lowercase().as_str()) {
            return None;
        }
        let rate = VatRate::parse_percent(&text);
        if rate.is_none() {
            self.wrong(row, "vat", format!("“{text}” is not a percent"));
        }
        rate
    }

    fn read<T>(&mut self, row: usize, field: &'static str, text: Option<String>, absent: T, read: impl Fn(&str) -> Option<T>) -> T {
        let Some(text) = text else { return absent };
        read(&text).unwrap_or_else(|| {
            self.wrong(row, field, format!("“{text}” is not understood"));
            absent
        })
    }

    fn wrong(&mut self, row: usize, field: &'static str, message: String) {
        self.errors.push(RowError { row, field, message });
    }
}

fn unit_of(text: &str) -> Option<Unit> {
    match text.to_lowercase().trim_end_matches('.') {
        "pcs" | "pc" | "дана" | "шт" | "штука" => Some(Unit::Piece),
        "kg" | "кг" => Some(Unit::Kilogram),
        "l" | "л" => Some(Unit::Litre),
        "m" | "м" => Some(Unit::Metre),
        _ => None,
    }
}

fn truth(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "1" | "yes" | "true" | "да" | "иә" => Some(true),
        "0" | "no" | "false" | "нет" | "жоқ" => Some(false),
        _ => None,
    }
}

fn thousandths(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    if digits.is_empty() || fraction.len() > 3 || !digits.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{whole}{fraction:0<3}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_kzt(text: &str) -> Result<Vec<Item>, GoodsError> {
        read(text.as_bytes(), Currency::Kzt, VatRate::parse_percent("16"))
    }

    #[test]
    fn headers_are_known_in_three_languages_and_any_order() {
        for file in [
            "code,name,price,unit\n7,Нан,190,pcs\n",
            "\u{feff}Цена;Название;Код;Ед.\n190;Нан;7;шт\n",
            "Атауы\tБаға\tКод\tБірлік\nНан\t190,00\t7\tдана\n",
        ] {
            let items = read_kzt(file).unwrap();
            assert_eq!((items[0].name.as_str(), items[0].price_minor, items[0].code.as_deref()), ("Нан", 19_000, Some("7")));
            assert_eq!(items[0].vat, VatRate::parse_percent("16"));
        }
    }

    #[test]
    fn mistakes_are_told_by_row_and_nothing_is_taken() {
        let GoodsError::Rows(errors) = read_kzt("code,barcode,name,price,vat\n1,,A,10,\n1,,B,x,\n,,,5,200\n").unwrap_err() else {
            panic!("rows were expected to be wrong")
        };
        let told: Vec<(usize, &str)> = errors.iter().map(|error| (error.row, error.field)).collect();
        assert_eq!(told, [(3, "barcode"), (3, "price"), (4, "code"), (4, "name"), (4, "vat")]);
    }

    #[test]
    fn several_barcodes_and_no_vat() {
        let items = read_kzt("barcode,name,price,vat,unit,stock\n4870001250017|4870001250024,Шай,1190,none,kg,1.5\n").unwrap();
        assert_eq!(items[0].barcodes.len(), 2);
        assert_eq!((items[0].vat, items[0].unit, items[0].stock_milli), (None, Unit::Kilogram, Some(1500)));
    }
}
