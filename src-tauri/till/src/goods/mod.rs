//! The goods file: CSV or XLSX with a header in any order, in Kazakh, Russian or English.
//!
//! | concern | file |
//! |---|---|
//! | encodings | [`decode`] |
//! | rows and cells | [`table`]; of an XLSX book [`book`] |
//! | the header | [`columns`] |
//! | barcodes that a spreadsheet damaged | [`mend`] |
//! | one row becomes a good | this file |

mod book;
pub mod columns;
pub mod decode;
pub mod mend;
pub mod table;

use checkout::money::{Currency, Money};
use checkout::quantity::Unit;
use checkout::tax::VatRate;
use columns::Columns;
use csv::StringRecord;
use database::catalogue::Item;
use std::collections::HashMap;
use table::Table;

/// What is wrong with a row. Rows are numbered as a spreadsheet shows them: the header is 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    pub row: usize,
    pub field: &'static str,
    pub mistake: Mistake,
}

/// A mistake in a cell, with what stands there. The screen has words of its own for each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    #[error("a code or a barcode is needed")]
    NoCode,
    #[error("a name is needed")]
    NoName,
    #[error("a price is needed")]
    NoPrice,
    #[error("“{0}” is not a price")]
    NotPrice(String),
    #[error("“{0}” is not a percent")]
    NotPercent(String),
    #[error("“{0}” is not understood")]
    NotUnderstood(String),
    #[error("the check digit of “{0}” is wrong")]
    CheckDigit(String),
    #[error("the spreadsheet has cut digits off “{0}”: format the column as text and write the barcode again")]
    DigitsLost(String),
    #[error("“{code}” stands in row {row} already")]
    Twice { code: String, row: usize },
    #[error("“{code}” is the same good as row {row}")]
    SameGood { code: String, row: usize },
    #[error("“{code}” is the barcode of “{name}” already")]
    OthersBarcode { code: String, name: String },
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GoodsError {
    #[error("the file is neither a spreadsheet nor text in UTF-8, UTF-16 or Windows-1251")]
    NotText,
    #[error("the file is empty")]
    Empty,
    #[error("the header names no column “{0}”")]
    NoColumn(&'static str),
    #[error("the file cannot be read as a table: {0}")]
    NotATable(String),
    #[error("the spreadsheet unpacks to more than Kassa reads; save it as CSV, or in several files")]
    TooLarge,
    #[error("{} rows have mistakes; nothing was imported", .0.len())]
    Rows(Vec<RowError>),
}

/// Past so many mistakes the file is read no further: it is the wrong file, or the wrong column.
pub const MISTAKES_AT_MOST: usize = 1000;

/// Reads a goods file row by row.
pub struct Goods {
    table: Table,
    rows: Rows,
}

/// Opens a goods file and reads its header. Prices are major units of the currency; an empty VAT cell takes the default.
pub fn open(bytes: &[u8], currency: Currency, default_vat: Option<VatRate>) -> Result<Goods, GoodsError> {
    let table = table::open(bytes)?;
    let columns = columns::columns(&table.header)?;
    Ok(Goods { table, rows: Rows { columns, currency, default_vat, errors: Vec::new(), seen: HashMap::new() } })
}

impl Goods {
    /// The next goods with their rows, at most so many; empty at the end of the file. Rows with mistakes are left out
    /// and told by [`Goods::into_mistakes`].
    pub fn next(&mut self, at_most: usize) -> Result<Vec<(usize, Item)>, GoodsError> {
        let mut items = Vec::with_capacity(at_most);
        while items.len() < at_most && self.rows.errors.len() < MISTAKES_AT_MOST {
            let Some(row) = self.table.next() else { break };
            let (row, record) = row?;
            let before = self.rows.errors.len();
            let item = self.rows.item(row, &record);
            if self.rows.errors.len() == before {
                items.push((row, item));
            }
        }
        Ok(items)
    }

    pub fn wrong(&mut self, row: usize, field: &'static str, mistake: Mistake) {
        self.rows.wrong(row, field, mistake);
    }

    /// What was wrong, by row.
    pub fn into_mistakes(self) -> Vec<RowError> {
        let mut mistakes = self.rows.errors;
        mistakes.sort_by_key(|mistake| mistake.row);
        mistakes
    }
}

struct Rows {
    columns: Columns,
    currency: Currency,
    default_vat: Option<VatRate>,
    errors: Vec<RowError>,
    /// Codes and barcodes with the row that had them first.
    seen: HashMap<String, usize>,
}

impl Rows {
    fn item(&mut self, row: usize, record: &StringRecord) -> Item {
        let cell = |column: &str| self.columns.cell(record, column);
        let (code, barcode) = (cell("code").map(|code| whole(&code)), cell("barcode"));
        let (name, price, unit, vat) = (cell("name"), cell("price"), cell("unit"), cell("vat"));
        let (stock, marked, quick_key) = (cell("stock"), cell("marked"), cell("quick_key"));
        let (name_kk, name_ru, short_name, group) = (cell("name_kk"), cell("name_ru"), cell("short_name"), cell("group"));
        let mut barcodes: Vec<String> = Vec::new();
        for written in barcode.iter().flat_map(|codes| codes.split('|')).filter(|code| !code.trim().is_empty()) {
            match mend::barcode(written) {
                Ok(barcode) if barcodes.contains(&barcode) => {}
                Ok(barcode) => barcodes.push(barcode),
                Err(mistake) => self.wrong(row, "barcode", mistake),
            }
        }
        if code.is_none() && barcode.is_none() {
            self.wrong(row, "code", Mistake::NoCode);
        }
        for code in code.iter().chain(&barcodes) {
            if let Some(first) = self.seen.insert(code.clone(), row).filter(|first| *first != row) {
                self.wrong(row, "barcode", Mistake::Twice { code: code.clone(), row: first });
            }
        }
        let unit = self.read(row, "unit", unit, Unit::Piece, unit_of);
        Item {
            code,
            barcodes,
            name: name.unwrap_or_else(|| {
                self.wrong(row, "name", Mistake::NoName);
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
            quick_key: self
                .read(row, "quick_key", quick_key, None, |text| whole(text).parse::<i64>().ok().filter(|key| *key > 0).map(Some)),
        }
    }

    fn price(&mut self, row: usize, text: Option<String>) -> i64 {
        let Some(text) = text else {
            self.wrong(row, "price", Mistake::NoPrice);
            return 0;
        };
        match Money::parse_major(&text, self.currency) {
            Ok(price) if price.minor() >= 0 => price.minor(),
            _ => {
                self.wrong(row, "price", Mistake::NotPrice(text));
                0
            }
        }
    }

    /// An empty cell takes the shop's rate; “none” and “без ндс” mean no VAT. A rate between 0 and 1 is a percent that a
    /// spreadsheet keeps as its fraction (16 % as 0.16): refused, because taken as written it would be a hundredth of the tax.
    fn vat(&mut self, row: usize, text: Option<String>) -> Option<VatRate> {
        let Some(text) = text else { return self.default_vat };
        if ["none", "no", "без ндс", "ққс жоқ", "ққс-сыз"].contains(&text.to_lowercase().as_str()) {
            return None;
        }
        const ONE_PERCENT_BP: u32 = 100;
        let is_rate = |rate: &VatRate| rate.basis_points() == 0 || rate.basis_points() >= ONE_PERCENT_BP;
        let rate = VatRate::parse_percent(&text).filter(is_rate);
        if rate.is_none() {
            self.wrong(row, "vat", Mistake::NotPercent(text));
        }
        rate
    }

    fn read<T>(&mut self, row: usize, field: &'static str, text: Option<String>, absent: T, read: impl Fn(&str) -> Option<T>) -> T {
        let Some(text) = text else { return absent };
        read(&text).unwrap_or_else(|| {
            self.wrong(row, field, Mistake::NotUnderstood(text.clone()));
            absent
        })
    }

    fn wrong(&mut self, row: usize, field: &'static str, mistake: Mistake) {
        self.errors.push(RowError { row, field, mistake });
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
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (whole, fraction) = compact.split_once(['.', ',']).unwrap_or((&compact, ""));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    if digits.is_empty() || fraction.len() > 3 || !digits.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{whole}{fraction:0<3}").parse().ok()
}

/// A whole number as a spreadsheet may have left it: `1001.0`.
fn whole(text: &str) -> String {
    match text.split_once(['.', ',']) {
        Some((whole, "0" | "00")) if !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit()) => whole.to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_kzt(text: &str) -> Result<Vec<Item>, GoodsError> {
        let mut goods = open(text.as_bytes(), Currency::Kzt, VatRate::parse_percent("16"))?;
        let items = goods.next(100)?;
        let mistakes = goods.into_mistakes();
        if !mistakes.is_empty() {
            return Err(GoodsError::Rows(mistakes));
        }
        Ok(items.into_iter().map(|(_, item)| item).collect())
    }

    #[test]
    fn headers_are_known_in_three_languages_and_any_order() {
        for file in [
            "code,name,price,unit\n7,Нан,190,pcs\n",
            "\u{feff}Цена;Название;Код;Ед.\n190;Нан;7;шт\n",
            "Атауы\tБаға\tКод\tБірлік\nНан\t190,00\t7\tдана\n",
            "code;name;price;unit\r7;Нан;190;pcs\r",
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
        let items = read_kzt("barcode,name,price,vat,unit,stock\n4870003100016|4870003100023,Шай,1190,none,kg,1.5\n").unwrap();
        assert_eq!(items[0].barcodes.len(), 2);
        assert_eq!((items[0].vat, items[0].unit, items[0].stock_milli), (None, Unit::Kilogram, Some(1500)));
    }

    #[test]
    fn a_percent_that_a_spreadsheet_keeps_as_a_fraction_is_refused() {
        for text in ["0.16", "0,05", "0.99"] {
            let GoodsError::Rows(errors) = read_kzt(&format!("code;name;price;vat\n1;Нан;190;{text}\n")).unwrap_err() else {
                panic!("{text} must be a mistake of its row")
            };
            assert_eq!(errors, [RowError { row: 2, field: "vat", mistake: Mistake::NotPercent(text.to_owned()) }]);
        }
        for (text, rate) in [("0", 0), ("16", 1600), ("16%", 1600), ("5,5", 550), ("1", 100)] {
            let item = &read_kzt(&format!("code;name;price;vat\n1;Нан;190;{text}\n")).unwrap()[0];
            assert_eq!(item.vat.map(VatRate::basis_points), Some(rate), "{text}");
        }
        let mut book = open(include_bytes!("../../tests/data/percent.xlsx"), Currency::Kzt, None).unwrap();
        book.next(100).unwrap();
        let mistake = Mistake::NotPercent("0.16".to_owned());
        assert_eq!(book.into_mistakes(), [RowError { row: 2, field: "vat", mistake }], "16 % in a percent cell, beside a plain 16");
    }

    /// A book as Excel writes it: the table does not begin in the corner, a row is empty, barcodes are numbers.
    #[test]
    fn a_sheet_is_read_with_the_rows_it_shows() {
        let mut goods = open(include_bytes!("../../tests/data/goods.xlsx"), Currency::Kzt, None).unwrap();
        let rows = goods.next(100).unwrap();
        assert_eq!(goods.into_mistakes(), []);
        let told: Vec<(usize, &str, &str, i64)> =
            rows.iter().map(|(row, item)| (*row, item.barcodes[0].as_str(), item.name.as_str(), item.price_minor)).collect();
        assert_eq!(
            told,
            [(3, "4870003100016", "Нан «Ақ»", 28_500), (5, "0036000291452", "Сүт 1 л", 61_050), (6, "4870003100023", "Ескі код", 120_050)]
        );
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_shows_them() {
        let text = "code;name;price\n1;\"Нан\nақ\";190\n\n3;Сүт;x\n4;Сүт;y\n";
        for text in [text.to_owned(), text.replace('\n', "\r\n"), text.replace('\n', "\r")] {
            let GoodsError::Rows(errors) = read_kzt(&text).unwrap_err() else { panic!("rows were expected to be wrong") };
            let rows: Vec<usize> = errors.iter().map(|error| error.row).collect();
            assert_eq!(rows, [4, 5], "a line end inside a cell is no new row, an empty line is one");
        }
    }

    #[test]
    fn empty_lines_before_the_header_are_passed_over() {
        let GoodsError::Rows(errors) = read_kzt("\n\r\ncode;name;price\n1;Нан;190\n2;Сүт;x\n").unwrap_err() else {
            panic!("row 5 is wrong")
        };
        assert_eq!(errors.iter().map(|error| error.row).collect::<Vec<_>>(), [5]);
        assert_eq!(read_kzt("\n \n"), Err(GoodsError::Empty));
    }

    #[test]
    fn the_line_in_which_excel_names_the_delimiter_is_not_the_header() {
        for first in ["sep=;", "sep=;\r", "\"sep=;\""] {
            let GoodsError::Rows(errors) = read_kzt(&format!("{first}\ncode;name;price\n1;Нан, қара, бидай;190\n2;Сүт;x\n")).unwrap_err()
            else {
                panic!("row 4 is wrong")
            };
            assert_eq!(errors.iter().map(|error| error.row).collect::<Vec<_>>(), [4], "{first}");
        }
        assert_eq!(read_kzt("sep=;"), Err(GoodsError::Empty));
    }

    #[test]
    fn prices_are_read_as_spreadsheets_write_them() {
        for (text, minor) in [("1 200,50", 120_050), ("1\u{a0}200.5", 120_050), ("300", 30_000)] {
            assert_eq!(read_kzt(&format!("code;name;price\n1;Нан;{text}\n")).unwrap()[0].price_minor, minor, "{text}");
        }
        assert!(read_kzt("code;name;price\n1;Нан;1,234.50\n").is_err(), "two marks could be a thousand or a tenge");
    }
}
