//! One layout for paper, PDF and screen: a receipt becomes rows of cells of a given width.
//!
//! The width is counted in columns of a fixed-width font, as Unicode counts them. No row is ever wider;
//! names wrap at words, an amount is never cut.

use crate::discount::Discount;
use crate::money::Money;
use crate::payment::Slip;
use crate::quantity::Unit;
use crate::receipt::{Receipt, ReceiptItem};
use crate::tender::{Tender, TenderKind};
use crate::terms::Vat;
use jiff::civil::DateTime;
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
    heading(&mut page, receipt, *first, second.copied());
    for item in &receipt.bill.items {
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

fn heading(page: &mut Page, receipt: &Receipt, words: &dyn Words, second: Option<&dyn Words>) {
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
    page.left(&moment(receipt.closed_at), 0, Style::Plain);
    if let Some(refunded) = &receipt.refunds {
        for words in [Some(words), second].into_iter().flatten() {
            page.centred(words.word("receipt_refund"), Style::Bold);
        }
        let of = words.word("receipt_refund_of").replace("{number}", &refunded.number.to_string());
        page.left(&of.replace("{date}", &moment(refunded.closed_at)), 0, Style::Plain);
    }
    page.rule();
}

fn moment(at: DateTime) -> String {
    at.strftime("%d.%m.%Y %H:%M").to_string()
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
    let quantity = item.quantity.map_or_else(String::new, |quantity| format!("  {quantity}{space}{unit}"));
    let count = item.unit_price.map_or_else(|| quantity.clone(), |price| format!("{quantity} × {}", price.figures(' ')));
    if item.discounts.is_empty() {
        return page.pair(&count, &item.amount.figures(' '), Style::Plain);
    }
    let word = words.word("receipt_line_discount");
    let given = discount_text(&item.discounts);
    let off = item.discount.negated().figures(' ');
    // One amount off says how much it is; a percent, or several discounts, need their sum.
    let together = if given == off { format!("{word} {given}") } else { format!("{word} {given} ({off})") };
    let one_row = format!("{count}   {together}");
    if page.fits(&one_row, &item.amount.figures(' ')) {
        return page.pair(&one_row, &item.amount.figures(' '), Style::Plain);
    }
    // On narrow paper the discount has its own row and its own amount, so that the column still adds up.
    page.pair(&count, &item.gross.figures(' '), Style::Plain);
    let label = if given == off { format!("  {word}") } else { format!("  {word} {given}") };
    page.pair(&label, &off, Style::Plain);
}

/// `−10%`, `−10% −50`.
fn discount_text(discounts: &[Discount]) -> String {
    let each: Vec<String> = discounts.iter().map(Discount::to_string).collect();
    each.join(" ")
}

fn totals(page: &mut Page, receipt: &Receipt, first: &dyn Words, second: Option<&dyn Words>) {
    let bill = &receipt.bill;
    let both = |key: &str| Label::of(key, first, second);
    let vat_added = bill.vat == Vat::Added && !bill.taxes.is_empty();
    if !bill.discount.is_zero() || vat_added {
        page.pair(first.word("receipt_subtotal"), &bill.subtotal.figures(' '), Style::Plain);
    }
    if !bill.discount.is_zero() {
        let label = format!("{} {}", first.word("receipt_discount"), discount_text(&bill.discounts));
        page.pair(&label, &bill.discount.negated().figures(' '), Style::Plain);
    }
    if vat_added {
        tax_table(page, receipt, &both);
    }
    let total = if receipt.refunds.is_some() { "receipt_refund_total" } else { "receipt_total" };
    page.labelled(&both(total), &bill.total.to_string(), Style::Bold);
    if !vat_added {
        tax_table(page, receipt, &both);
    }
    let mut rounding: i64 = 0;
    for tender in &bill.tenders {
        rounding = rounding.saturating_add(tender.rounding.minor());
    }
    if let (true, Ok(rounding)) = (rounding != 0, Money::new(rounding, bill.currency)) {
        page.labelled(&both("receipt_rounding"), &signed(rounding), Style::Plain);
    }
    for tender in &bill.tenders {
        page.labelled(&both(tender_key(tender)), &tender.received.figures(' '), Style::Plain);
    }
    let change = receipt.change_minor();
    if let (true, Ok(change)) = (change > 0, Money::new(change, bill.currency)) {
        page.labelled(&both("receipt_change"), &change.figures(' '), Style::Plain);
    }
}

/// A row a rate. Where one rate covers the whole sale, its row needs no base; else each names what it was worked out on.
fn tax_table(page: &mut Page, receipt: &Receipt, both: &dyn Fn(&str) -> Label) {
    let bill = &receipt.bill;
    let alone = bill.taxes.len() == 1 && bill.untaxed.is_zero();
    for row in &bill.taxes {
        let (key, base) = match (bill.vat, alone) {
            (Vat::Included, true) => ("receipt_vat_included", row.gross),
            (Vat::Included, false) => ("receipt_vat_included_of", row.gross),
            (Vat::Added, true) => ("receipt_vat_added", row.net),
            (Vat::Added, false) => ("receipt_vat_added_of", row.net),
        };
        let label = both(key).with("{rate}", &row.rate.to_string()).with("{base}", &base.figures(' '));
        page.labelled(&label, &row.tax.figures(' '), Style::Plain);
    }
    if !bill.taxes.is_empty() && !bill.untaxed.is_zero() {
        page.labelled(&both("receipt_no_vat"), &bill.untaxed.figures(' '), Style::Plain);
    }
}

/// `+0,40`, `−0,40`.
fn signed(amount: Money) -> String {
    if amount.is_positive() { format!("+{}", amount.figures(' ')) } else { amount.figures(' ') }
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
        let (label, value) = match (name.as_str(), value.trim()) {
            ("method", "qr") => (words.word("receipt_slip_method"), words.word("receipt_slip_method_qr")),
            ("method", "card") => (words.word("receipt_slip_method"), words.word("receipt_slip_method_card")),
            ("method", other) => (words.word("receipt_slip_method"), other),
            (name, value) => (name, value),
        };
        page.pair(label, value, Style::Plain);
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

/// A label in one or two languages.
struct Label {
    first: String,
    /// None where it would say the same.
    second: Option<String>,
}

impl Label {
    fn of(key: &str, first: &dyn Words, second: Option<&dyn Words>) -> Label {
        let first = first.word(key).to_owned();
        let second = second.map(|words| words.word(key).to_owned()).filter(|second| *second != first);
        Label { first, second }
    }

    fn with(self, place: &str, value: &str) -> Label {
        Label { first: self.first.replace(place, value), second: self.second.map(|second| second.replace(place, value)) }
    }
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

    fn fits(&self, label: &str, value: &str) -> bool {
        printable(label).width() + 1 + printable(value).width() <= self.columns
    }

    /// Both languages before the value where they fit; else the first with the value, and the second under it.
    fn labelled(&mut self, label: &Label, value: &str, style: Style) {
        let Some(second) = &label.second else { return self.pair(&label.first, value, style) };
        let together = format!("{} / {second}", label.first);
        if self.fits(&together, value) {
            return self.pair(&together, value, style);
        }
        self.pair(&label.first, value, style);
        self.left(second, 0, style);
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
mod tests;
