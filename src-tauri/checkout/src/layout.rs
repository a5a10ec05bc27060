//! One layout for paper, PDF and screen: a receipt becomes rows of cells of a given width.
//!
//! The width is counted in columns of a fixed-width font, as Unicode counts them. No row is ever wider;
//! names wrap at words, an amount is never cut.

use crate::money::Money;
use crate::payment::Slip;
use crate::quantity::Unit;
use crate::receipt::{Receipt, ReceiptItem};
use crate::tender::{Tender, TenderKind};
use unicode_normalization::UnicodeNormalization;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Plain,
    Bold,
}

/// A run of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub text: String,
    pub style: Style,
}

/// One printed line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    pub cells: Vec<Cell>,
}

impl Row {
    /// The text of the row without styles.
    pub fn text(&self) -> String {
        self.cells.iter().map(|cell| cell.text.as_str()).collect()
    }
}

/// The words of one language, by their key in the message catalogue.
pub trait Words {
    fn word(&self, key: &str) -> &str;
}

/// The whole receipt as plain text, a line a row.
pub fn text(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        text.push_str(row.text().trim_end());
        text.push('\n');
    }
    text
}

/// Lays a receipt out in `columns` columns (at least 24). The first language labels everything, the
/// second repeats total, VAT and the banner.
pub fn lay_out(receipt: &Receipt, words: &[&dyn Words], columns: usize) -> Vec<Row> {
    let mut page = Page { columns: columns.max(24), rows: Vec::new() };
    let Some(first) = words.first() else { return page.rows };
    let second = words.get(1);
    heading(&mut page, receipt, *first);
    for item in &receipt.items {
        goods(&mut page, item, *first);
    }
    page.rule();
    totals(&mut page, receipt, *first, second.copied());
    for slip in &receipt.slips {
        page.rule();
        bank_slip(&mut page, slip, *first);
    }
    page.rule();
    closing(&mut page, receipt, *first, second.copied());
    page.rows
}

fn heading(page: &mut Page, receipt: &Receipt, words: &dyn Words) {
    let shop = &receipt.shop;
    page.centred(&shop.name, Style::Plain);
    let place: Vec<&str> = [&shop.city, &shop.address].into_iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    page.centred(&place.join(", "), Style::Plain);
    if !shop.bin.is_empty() {
        page.centred(&format!("{} {}", words.word("receipt_bin"), shop.bin), Style::Plain);
    }
    if receipt.copy {
        page.centred(words.word("receipt_copy"), Style::Bold);
    }
    page.rule();
    let number = format!("{} {}", words.word("receipt_receipt"), receipt.number);
    let till = format!("{} {}", words.word("receipt_till"), receipt.till);
    page.pair(&number, &till, Style::Plain);
    page.left(&receipt.closed_at.strftime("%d.%m.%Y %H:%M").to_string(), 0, Style::Plain);
    page.rule();
}

fn goods(page: &mut Page, item: &ReceiptItem, words: &dyn Words) {
    page.left(&item.name, 0, Style::Plain);
    let unit = match item.unit {
        Unit::Piece => "",
        Unit::Kilogram => words.word("receipt_unit_kg"),
        Unit::Litre => words.word("receipt_unit_l"),
        Unit::Metre => words.word("receipt_unit_m"),
    };
    let space = if unit.is_empty() { "" } else { " " };
    let count = format!("  {}{space}{unit} × {}", item.quantity, item.unit_price.figures(' '));
    page.pair(&count, &item.amount.figures(' '), Style::Plain);
}

fn totals(page: &mut Page, receipt: &Receipt, first: &dyn Words, second: Option<&dyn Words>) {
    let both = |key: &str| match second {
        Some(second) if second.word(key) != first.word(key) => format!("{} / {}", first.word(key), second.word(key)),
        _ => first.word(key).to_owned(),
    };
    page.pair(&both("receipt_total"), &receipt.total.to_string(), Style::Bold);
    for tax in &receipt.taxes {
        let label = both("receipt_vat_included").replace("{rate}", &tax.rate.to_string());
        page.pair(&label, &tax.tax.figures(' '), Style::Plain);
    }
    for tender in &receipt.tenders {
        page.pair(&both(tender_key(tender)), &tender.received.figures(' '), Style::Plain);
    }
    let change = receipt.change_minor();
    if let (true, Ok(change)) = (change > 0, Money::new(change, receipt.currency)) {
        page.pair(&both("receipt_change"), &change.figures(' '), Style::Plain);
    }
}

fn tender_key(tender: &Tender) -> &'static str {
    match tender.kind {
        TenderKind::Cash => "receipt_cash",
        TenderKind::Kaspi => "receipt_kaspi",
    }
}

/// The slip fields a bank asks for, in its order, with the word that labels each.
const SLIP_FIELDS: [(&str, &str); 14] = [
    ("storeName", ""),
    ("city", ""),
    ("address", ""),
    ("status", "receipt_slip_status"),
    ("amount", "receipt_slip_amount"),
    ("date", "receipt_slip_date"),
    ("cardMask", "receipt_slip_card"),
    ("icc", "receipt_slip_card_product"),
    ("bin", "receipt_slip_bin"),
    ("terminalId", "receipt_slip_terminal"),
    ("orderNumber", "receipt_slip_order"),
    ("rrn", "receipt_slip_rrn"),
    ("authorizationCode", "receipt_slip_authorisation"),
    ("hostResponseCode", "receipt_slip_response"),
];

/// Known fields under their labels, then whatever else came, under its own name. Empty fields are left out.
fn bank_slip(page: &mut Page, slip: &Slip, words: &dyn Words) {
    page.centred(words.word("receipt_slip_title"), Style::Bold);
    for (field, label) in SLIP_FIELDS {
        let Some(value) = slip.get(field) else { continue };
        if label.is_empty() {
            page.centred(value, Style::Plain);
        } else {
            page.pair(words.word(label), value, Style::Plain);
        }
    }
    let known = |name: &str| SLIP_FIELDS.iter().any(|(field, _)| *field == name) || name == "type";
    for (name, value) in slip.fields.iter().filter(|(name, value)| !known(name) && !value.trim().is_empty()) {
        let label = if name == "method" { words.word("receipt_slip_method") } else { name };
        page.pair(label, value.trim(), Style::Plain);
    }
}

fn closing(page: &mut Page, receipt: &Receipt, first: &dyn Words, second: Option<&dyn Words>) {
    let languages: Vec<&dyn Words> = [Some(first), second].into_iter().flatten().collect();
    for words in &languages {
        page.centred(words.word("receipt_not_fiscal"), Style::Bold);
    }
    page.rows.push(Row::default());
    let key = if receipt.training { "receipt_training" } else { "receipt_thanks" };
    for words in &languages {
        page.centred(words.word(key), Style::Plain);
    }
}

/// Text from outside made safe to print: composed letters, plain spaces, and no control bytes, which a
/// printer would obey.
pub fn printable(text: &str) -> String {
    text.nfc()
        .filter_map(|c| match c {
            '\t' | '\n' | '\r' | '\u{a0}' | '\u{202f}' | '\u{2009}' => Some(' '),
            c if c.is_control() => None,
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ad}' => None,
            c => Some(c),
        })
        .collect()
}

struct Page {
    columns: usize,
    rows: Vec<Row>,
}

impl Page {
    fn push(&mut self, text: String, style: Style) {
        self.rows.push(Row { cells: vec![Cell { text, style }] });
    }

    fn rule(&mut self) {
        self.push("-".repeat(self.columns), Style::Plain);
    }

    fn centred(&mut self, text: &str, style: Style) {
        for line in wrap(&printable(text), self.columns) {
            let margin = (self.columns - line.width()) / 2;
            self.push(format!("{}{line}", " ".repeat(margin)), style);
        }
    }

    fn left(&mut self, text: &str, indent: usize, style: Style) {
        for line in wrap(&printable(text), self.columns - indent) {
            self.push(format!("{}{line}", " ".repeat(indent)), style);
        }
    }

    /// A label at the left and a value at the right edge: on one row where they fit, else the value gets
    /// rows of its own.
    fn pair(&mut self, label: &str, value: &str, style: Style) {
        let (label, value) = (printable(label), printable(value));
        let (left, right) = (label.width(), value.width());
        if left + 1 + right <= self.columns {
            let gap = self.columns - left - right;
            return self.push(format!("{label}{}{value}", " ".repeat(gap)), style);
        }
        self.left(&label, 0, style);
        for line in wrap(&value, self.columns) {
            let gap = self.columns - line.width();
            self.push(format!("{}{line}", " ".repeat(gap)), style);
        }
    }
}

/// Breaks text at spaces into lines of at most `columns`; a word that is too long is broken where it must be.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let indent: String = text.chars().take_while(|c| *c == ' ').collect();
    let mut lines = Vec::new();
    let mut line = indent;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let space = usize::from(!line.trim().is_empty());
        if line.width() + space + word.width() > columns && !line.trim().is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if !line.trim().is_empty() {
            line.push(' ');
        }
        for c in word.chars() {
            if line.width() + c.width().unwrap_or(0) > columns {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    if !line.trim().is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use crate::quantity::Quantity;
    use crate::receipt::Shop;
    use crate::tax::{TaxLine, VatRate};
    use proptest::prelude::*;

    struct Keys;
    impl Words for Keys {
        fn word(&self, key: &str) -> &str {
            match key {
                "receipt_vat_included" => "оның ішінде ҚҚС {rate}",
                "receipt_total" => "БАРЛЫҒЫ",
                "receipt_cash" => "Қолма-қол",
                "receipt_change" => "Қайтарым",
                "receipt_unit_kg" => "кг",
                "receipt_not_fiscal" => "Фискалдық чек емес",
                "receipt_bin" => "БСН",
                "receipt_receipt" => "Чек",
                "receipt_till" => "Касса",
                "receipt_thanks" => "Рақмет!",
                "receipt_slip_order" => "Тапсырыс",
                "receipt_slip_amount" => "Сома",
                _ => "?",
            }
        }
    }

    fn kzt(minor: i64) -> Money {
        Money::new(minor, Currency::Kzt).unwrap()
    }

    fn receipt(items: Vec<ReceiptItem>) -> Receipt {
        let total = Money::sum(Currency::Kzt, items.iter().map(|item| item.amount)).unwrap();
        let rate = VatRate::parse_percent("16").unwrap();
        Receipt {
            shop: Shop {
                name: "«КӨКТЕМ» ДҮКЕНІ".to_owned(),
                bin: "120340005678".to_owned(),
                address: "Абай к-сі 45".to_owned(),
                city: "Алматы қ.".to_owned(),
            },
            till: "2".to_owned(),
            number: 1042,
            closed_at: "2026-11-22T14:05:41".parse().unwrap(),
            currency: Currency::Kzt,
            taxes: vec![TaxLine { rate, gross: total, tax: rate.included_in(total).unwrap() }],
            tenders: vec![Tender::cash(kzt(500_000), total).unwrap()],
            items,
            total,
            slips: Vec::new(),
            training: false,
            copy: false,
        }
    }

    fn item(name: &str, milli: i64, unit: Unit, price: i64, amount: i64) -> ReceiptItem {
        ReceiptItem {
            name: name.to_owned(),
            quantity: Quantity::from_milli(milli, unit).unwrap(),
            unit,
            unit_price: kzt(price),
            amount: kzt(amount),
        }
    }

    #[test]
    fn a_receipt_reads_as_the_design_shows_it() {
        let receipt = receipt(vec![
            item("Сүт «Көктем» пастерленген 2,5 %, 1 л", 2000, Unit::Piece, 61_000, 122_000),
            item("Алма «Апорт»", 746, Unit::Kilogram, 89_000, 66_400),
        ]);
        let text = text(&lay_out(&receipt, &[&Keys], 48));
        let expected = "                «КӨКТЕМ» ДҮКЕНІ
            Алматы қ., Абай к-сі 45
                БСН 120340005678
------------------------------------------------
Чек 1042                                 Касса 2
22.11.2026 14:05
------------------------------------------------
Сүт «Көктем» пастерленген 2,5 %, 1 л
  2 × 610                                  1 220
Алма «Апорт»
  0,746 кг × 890                             664
------------------------------------------------
БАРЛЫҒЫ                                  1 884 ₸
оның ішінде ҚҚС 16%                       259,86
Қолма-қол                                  5 000
Қайтарым                                   3 116
------------------------------------------------
               Фискалдық чек емес

                    Рақмет!
";
        assert_eq!(text, expected);
    }

    #[test]
    fn the_slip_prints_known_fields_and_unknown_ones() {
        let mut receipt = receipt(vec![item("Нан", 1000, Unit::Piece, 100, 100)]);
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        receipt.slips = vec![Slip {
            fields: vec![
                field("amount", "1 ₸"),
                field("icc", ""),
                field("newField", "7"),
                field("orderNumber", "504711333"),
                field("type", "payment"),
            ],
        }];
        let text = text(&lay_out(&receipt, &[&Keys], 32));
        assert!(text.contains("Сома                         1 ₸\n"), "{text}");
        assert!(text.contains("Тапсырыс               504711333\n"), "{text}");
        assert!(text.contains("newField                       7\n"), "{text}");
        assert!(!text.contains("icc") && !text.contains("payment"), "{text}");
    }

    #[test]
    fn control_bytes_never_reach_a_printer() {
        assert_eq!(printable("a\x1bp\0b\u{a0}c\u{202f}d\u{202e}"), "apb c d");
        assert_eq!(printable("и\u{306}"), "й");
    }

    proptest! {
        #[test]
        fn no_row_is_wider_than_the_paper_and_amounts_stay_whole(name in "[ -~а-яӘғқ«»₸漢]{0,90}", price in 1_i64..9_000_000_000_000, columns in 24_usize..64) {
            let receipt = receipt(vec![item(&name, 1000, Unit::Piece, price, price)]);
            let rows = lay_out(&receipt, &[&Keys, &Keys], columns);
            for row in &rows {
                prop_assert!(row.text().width() <= columns, "{:?}", row.text());
            }
            let figures = receipt.total.figures(' ');
            prop_assert!(rows.iter().any(|row| row.text().ends_with(&figures)));
        }
    }
}
