//! The first sheet of an XLSX book. A book is a packed file, and what it says of its own size is not to be believed:
//! it is unpacked once for its true size before its reader keeps anything, and a sheet's cells are kept as they stand,
//! not as the table they claim to span.

use super::GoodsError;
use super::table::Table;
use calamine::{Data, DataRef, Reader, Xlsx};
use csv::StringRecord;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// What a book may unpack to: a million goods with a dozen columns are about 400 MiB.
const UNPACKED_AT_MOST: u64 = 512 << 20;
/// What its texts may unpack to; they are kept in memory while the sheet is read.
const TEXTS_AT_MOST: u64 = 128 << 20;

/// The size of a sheet in Excel.
const ROWS: u32 = 1_048_576;
const COLUMNS: u32 = 16_384;

/// A cell's place, and where its text ends; it begins where the one before it ends.
struct Place {
    row: u32,
    column: u32,
    end: usize,
}

/// The cells of a sheet that are not empty, in the order of the file.
#[derive(Default)]
struct Cells {
    text: String,
    places: Vec<Place>,
}

pub fn open(bytes: &[u8]) -> Result<Table, GoodsError> {
    check_size(bytes, UNPACKED_AT_MOST, TEXTS_AT_MOST)?;
    let wrong = |error: calamine::XlsxError| GoodsError::NotATable(error.to_string());
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(wrong)?;
    let sheet = book.sheet_names().into_iter().next().ok_or(GoodsError::Empty)?;
    let mut reader = book.worksheet_cells_reader(&sheet).map_err(wrong)?;
    let mut cells = Cells::default();
    while let Some(cell) = reader.next_cell().map_err(wrong)? {
        let (row, column) = cell.get_position();
        if row >= ROWS || column >= COLUMNS {
            return Err(GoodsError::NotATable("a cell lies outside the sheet".to_owned()));
        }
        cells.add(row, column, cell.get_value());
    }
    let mut rows = cells.rows();
    let (_, header) = rows.next().ok_or(GoodsError::Empty)?;
    Ok(Table::new(header, Box::new(rows.map(Ok))))
}

/// Unpacks every part and counts, whatever the parts say of themselves.
fn check_size(bytes: &[u8], at_most: u64, texts_at_most: u64) -> Result<(), GoodsError> {
    let wrong = |error: zip::result::ZipError| GoodsError::NotATable(error.to_string());
    let mut parts = ZipArchive::new(Cursor::new(bytes)).map_err(wrong)?;
    let mut left = at_most;
    for index in 0..parts.len() {
        let part = parts.by_index(index).map_err(wrong)?;
        let is_texts = part.name().is_ok_and(|name| name.to_ascii_lowercase().ends_with("sharedstrings.xml"));
        let mut texts = Vec::new();
        let unpacked = if is_texts {
            part.take(left.min(texts_at_most) + 1).read_to_end(&mut texts).map(|read| read as u64)
        } else {
            std::io::copy(&mut part.take(left + 1), &mut std::io::sink())
        };
        let unpacked = unpacked.map_err(|error| GoodsError::NotATable(error.to_string()))?;
        if unpacked > left || (is_texts && unpacked > texts_at_most) || claims_more_texts_than_bytes(&texts) {
            return Err(GoodsError::TooLarge);
        }
        left -= unpacked;
    }
    Ok(())
}

/// The reader makes room for as many texts as the part says it has: `uniqueCount="1000"`.
fn claims_more_texts_than_bytes(part: &[u8]) -> bool {
    const CLAIM: &[u8] = b"uniqueCount";
    part.windows(CLAIM.len()).enumerate().filter(|(_, window)| *window == CLAIM).any(|(at, _)| {
        let value = part[at + CLAIM.len()..].iter().skip_while(|byte| !byte.is_ascii_digit());
        let digits = value.take_while(|byte| byte.is_ascii_digit());
        let claimed = digits.fold(0_usize, |sum, digit| sum.saturating_mul(10).saturating_add(usize::from(digit - b'0')));
        claimed > part.len()
    })
}

impl Cells {
    fn add(&mut self, row: u32, column: u32, value: &DataRef<'_>) {
        match value {
            DataRef::Empty => return,
            DataRef::String(text) => self.text.push_str(text),
            DataRef::SharedString(text) => self.text.push_str(text),
            // Numbers are written out in full, shortest form that reads back the same; nothing is computed.
            other => self.text.push_str(&Data::from(other.clone()).to_string()),
        }
        self.places.push(Place { row, column, end: self.text.len() });
    }

    /// The rows that hold a cell, with their numbers as a spreadsheet shows them.
    fn rows(self) -> impl Iterator<Item = (usize, StringRecord)> + Send {
        let Cells { text, places } = self;
        let starts = std::iter::once(0).chain(places.iter().map(|place| place.end));
        let mut cells: Vec<(u32, u32, usize, usize)> =
            starts.zip(&places).map(|(start, place)| (place.row, place.column, start, place.end)).collect();
        // A file may give its cells in any order; of two in one place the later counts.
        cells.sort_by_key(|(row, column, ..)| (*row, *column));
        let mut cells = cells.into_iter().peekable();
        std::iter::from_fn(move || {
            let row = cells.peek()?.0;
            let mut record = Vec::new();
            while let Some((_, column, start, end)) = cells.next_if(|cell| cell.0 == row) {
                record.resize(column as usize + 1, "");
                record[column as usize] = &text[start..end];
            }
            Some((row as usize + 1, StringRecord::from(record)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    const GOODS: &[u8] = include_bytes!("../../tests/data/goods.xlsx");

    /// The book of the tests with one part in another's place.
    fn with_part(name: &str, content: &[u8]) -> Vec<u8> {
        let mut parts = ZipArchive::new(Cursor::new(GOODS)).unwrap();
        let mut book = ZipWriter::new(Cursor::new(Vec::new()));
        for index in 0..parts.len() {
            let mut part = parts.by_index(index).unwrap();
            let own = part.name().unwrap().into_owned();
            book.start_file(&own, SimpleFileOptions::default()).unwrap();
            if own == name {
                book.write_all(content).unwrap();
            } else {
                std::io::copy(&mut part, &mut book).unwrap();
            }
        }
        book.finish().unwrap().into_inner()
    }

    fn refusal(book: &[u8]) -> Option<GoodsError> {
        open(book).err()
    }

    #[test]
    fn a_book_that_claims_more_texts_than_it_has_is_refused() {
        for claim in ["9999999999999", "99999999999999999999999"] {
            let texts = format!("<?xml version=\"1.0\"?><sst uniqueCount = \"{claim}\"><si><t>a</t></si></sst>");
            assert_eq!(refusal(&with_part("xl/sharedStrings.xml", texts.as_bytes())), Some(GoodsError::TooLarge));
        }
    }

    #[test]
    fn two_cells_far_apart_make_no_table_between_them() {
        let cell = |place: &str| format!("<c r=\"{place}\"><v>1</v></c>");
        let sheet = |far: &str| format!("<worksheet><sheetData><row>{}{}</row></sheetData></worksheet>", cell("A1"), cell(far));
        let mut table = open(&with_part("xl/worksheets/sheet1.xml", sheet("XFD1048576").as_bytes())).unwrap();
        let (row, cells) = table.next().unwrap().unwrap();
        assert_eq!((row, cells.len(), cells.get(16_383)), (1_048_576, 16_384, Some("1")));
        let outside = refusal(&with_part("xl/worksheets/sheet1.xml", sheet("A1048577").as_bytes()));
        assert!(matches!(outside, Some(GoodsError::NotATable(_))));
    }

    #[test]
    fn what_is_packed_a_thousandfold_is_counted_before_it_is_kept() {
        let sheet = vec![b' '; 300_000];
        for (part, fits) in [("xl/worksheets/sheet1.xml", true), ("xl/sharedStrings.xml", false)] {
            let book = with_part(part, &sheet);
            assert!(book.len() < 10_000, "{}", book.len());
            assert_eq!(check_size(&book, 200_000, 200_000), Err(GoodsError::TooLarge));
            assert_eq!(check_size(&book, 900_000, 200_000).is_ok(), fits, "{part}");
        }
    }
}
