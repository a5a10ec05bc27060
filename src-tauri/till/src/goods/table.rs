//! From a file to rows of cells: CSV with any of the usual delimiters; XLSX is in [`super::book`].

use super::{GoodsError, book, decode};
use csv::StringRecord;
use std::io::Cursor;
use std::sync::Arc;

/// A row with its number as a spreadsheet shows it: the header is 1.
pub type Row = (usize, StringRecord);

pub struct Table {
    pub header: StringRecord,
    rows: Box<dyn Iterator<Item = Result<Row, GoodsError>> + Send>,
}

impl Table {
    pub fn new(header: StringRecord, rows: Box<dyn Iterator<Item = Result<Row, GoodsError>> + Send>) -> Table {
        Table { header, rows }
    }
}

impl Iterator for Table {
    type Item = Result<Row, GoodsError>;

    /// The next row that is not empty.
    fn next(&mut self) -> Option<Self::Item> {
        self.rows.by_ref().find(|row| row.as_ref().map_or(true, |(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty())))
    }
}

pub fn open(bytes: &[u8]) -> Result<Table, GoodsError> {
    match bytes {
        [b'P', b'K', 3, 4, ..] => book::open(bytes),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Err(GoodsError::NotATable("this is an old .xls book; save it as .xlsx or CSV".to_owned())),
        _ => delimited(bytes),
    }
}

fn delimited(bytes: &[u8]) -> Result<Table, GoodsError> {
    // A lone \r ends a line too, as old programs for the Mac write it.
    let text = decode::text(bytes)?.replace("\r\n", "\n").replace('\r', "\n");
    let (named, text, lines_above) = named_delimiter(&text);
    let header = text.lines().find(|line| !line.trim().is_empty()).ok_or(GoodsError::Empty)?;
    let likeliest = || [b',', b';', b'\t'].into_iter().max_by_key(|d| header.bytes().filter(|byte| byte == d).count());
    let delimiter = named.or_else(likeliest).unwrap_or(b',');
    let bytes: Arc<[u8]> = text.as_bytes().into();
    let mut table = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(Cursor::new(bytes.clone()));
    let header = table.headers().map_err(|error| GoodsError::NotATable(error.to_string()))?.clone();
    let lines_within = |record: &StringRecord| record.iter().map(|cell| cell.matches('\n').count()).sum::<usize>();
    // A cell may hold line ends: the file's line runs ahead of the spreadsheet's row by them.
    let mut ahead = lines_within(&header);
    let (mut counted, mut line) = (0, 1 + lines_above);
    let rows = table.into_records().map(move |record| {
        let record = record.map_err(|error| GoodsError::NotATable(error.to_string()))?;
        let from = record.position().map_or(counted, |position| usize::try_from(position.byte()).unwrap_or(counted));
        // The reader's place is before the empty lines it skips.
        let skipped = bytes[from..].iter().take_while(|byte| **byte == b'\n').count();
        line += bytes[counted..from + skipped].iter().filter(|byte| **byte == b'\n').count();
        counted = from + skipped;
        let row = line - ahead;
        ahead += lines_within(&record);
        Ok((row, record))
    });
    Ok(Table::new(header, Box::new(rows)))
}

/// Excel's own first line, `sep=;`: the delimiter it names, the table below it, and how many lines are above that.
fn named_delimiter(text: &str) -> (Option<u8>, &str, usize) {
    let (first, below) = text.split_once('\n').unwrap_or((text, ""));
    match first.trim_end().trim_matches('"').strip_prefix("sep=").map(str::as_bytes) {
        Some(&[delimiter]) => (Some(delimiter), below, 1),
        _ => (None, text, 0),
    }
}
