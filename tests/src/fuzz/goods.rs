//! Goods files: text in any encoding, books, and the sheet within a book.

use checkout::money::{Currency, MAX_MINOR};
use checkout::tax::VatRate;
use database::catalogue::Item;
use std::io::{Cursor, Read, Write};
use till::barcode::check_digit_holds;
use till::goods::{self, mend};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

const BOOK: &str = "src-tauri/till/tests/data/goods.xlsx";
/// Where the sheet ends in an input, and the texts it names begin.
const BETWEEN: u8 = 0;

/// The goods of a file; none where any row is wrong.
fn read(bytes: &[u8]) -> Option<Vec<(usize, Item)>> {
    let mut file = goods::open(bytes, Currency::Kzt, VatRate::parse_percent("16")).ok()?;
    let mut all = Vec::new();
    loop {
        let batch = file.next(500).ok()?;
        if batch.is_empty() {
            break;
        }
        all.extend(batch);
    }
    let mistakes: Vec<_> = file.into_mistakes().into_iter().collect();
    assert!(mistakes.iter().all(|mistake| mistake.row >= 2), "the header is row 1");
    mistakes.is_empty().then_some(all)
}

pub fn text(bytes: &[u8]) {
    let Some(goods) = read(bytes) else { return };
    assert!(goods.is_sorted_by(|(one, _), (next, _)| one < next), "rows are told in their order, each once");
    for (_, item) in &goods {
        assert!((0..=MAX_MINOR).contains(&item.price_minor), "{item:?}");
        assert!(!item.name.trim().is_empty() && (item.code.is_some() || !item.barcodes.is_empty()), "{item:?}");
        assert!(item.barcodes.iter().all(|code| !code.is_empty() && !code.contains(char::is_whitespace)), "{item:?}");
        assert!(item.quick_key.is_none_or(|key| key > 0), "{item:?}");
    }
    let again = read(&written(&goods)).unwrap_or_else(|| panic!("goods written out are refused: {goods:?}"));
    let items = |goods: Vec<(usize, Item)>| goods.into_iter().map(|(_, item)| item).collect::<Vec<_>>();
    assert_eq!(items(again), items(goods), "goods written out are the same goods");
}

/// The goods as a file in the shape of the demo shop's.
fn written(goods: &[(usize, Item)]) -> Vec<u8> {
    let mut file = csv::Writer::from_writer(Vec::new());
    let header = "code,barcode,name,name_kk,name_ru,short_name,unit,price,vat,group,stock,marked,quick_key";
    file.write_record(header.split(',')).unwrap();
    let decimals = |number: i64, one: i64| {
        let (whole, part) = (number.unsigned_abs() / one.unsigned_abs(), number.unsigned_abs() % one.unsigned_abs());
        let width = one.ilog10() as usize;
        format!("{}{whole}.{part:0width$}", if number < 0 { "-" } else { "" })
    };
    for (_, item) in goods {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        file.write_record([
            text(&item.code),
            item.barcodes.join("|"),
            item.name.clone(),
            text(&item.name_kk),
            text(&item.name_ru),
            text(&item.short_name),
            item.unit.code().to_owned(),
            decimals(item.price_minor, 100),
            item.vat.map_or("none".to_owned(), |rate| rate.to_string()),
            text(&item.group),
            item.stock_milli.map_or(String::new(), |stock| decimals(stock, 1000)),
            if item.marked { "yes" } else { "no" }.to_owned(),
            item.quick_key.map_or(String::new(), |key| key.to_string()),
        ])
        .unwrap();
    }
    file.into_inner().unwrap()
}

/// The sheet of a book and its texts, packed into a proper book around them.
pub fn sheet(bytes: &[u8]) {
    let (sheet, texts) = match bytes.iter().position(|byte| *byte == BETWEEN) {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (bytes, &b""[..]),
    };
    text(&packed(sheet, texts));
}

fn parts() -> Vec<(String, Vec<u8>)> {
    let bytes = super::corpus::frames(BOOK).remove(0);
    let mut book = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = Vec::new();
    for index in 0..book.len() {
        let mut part = book.by_index(index).unwrap();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        parts.push((part.name().unwrap().into_owned(), content));
    }
    parts
}

fn packed(sheet: &[u8], texts: &[u8]) -> Vec<u8> {
    thread_local! {
        static PARTS: Vec<(String, Vec<u8>)> = parts();
    }
    let mut book = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    PARTS.with(|parts| {
        for (name, content) in parts {
            let content = match name.as_str() {
                "xl/worksheets/sheet1.xml" => sheet,
                "xl/sharedStrings.xml" if !texts.is_empty() => texts,
                _ => content,
            };
            book.start_file(name, stored).unwrap();
            book.write_all(content).unwrap();
        }
    });
    book.finish().unwrap().into_inner()
}

pub fn sheets() -> Vec<Vec<u8>> {
    let part = |wanted: &str| parts().into_iter().find(|(name, _)| name == wanted).unwrap().1;
    let (sheet, texts) = (part("xl/worksheets/sheet1.xml"), part("xl/sharedStrings.xml"));
    vec![[sheet.as_slice(), &[BETWEEN], &texts].concat(), sheet]
}

pub fn barcode(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(kept) = mend::barcode(text) else { return };
    assert_eq!(mend::barcode(&kept).as_ref(), Ok(&kept), "{text:?} is mended once");
    assert!(!kept.contains(char::is_whitespace), "{kept:?}");
    if (12..=14).contains(&kept.len()) && kept.bytes().all(|byte| byte.is_ascii_digit()) {
        assert!(check_digit_holds(&kept), "{text:?} was kept as {kept}");
    }
}
