//! The settings pages: what they show and what they send back.

use super::AmountText;
use super::kaspi::KaspiSettings;
use super::text::{amount, grouped};
use serde::{Deserialize, Serialize};
use till::goods::{GoodsError, MISTAKES_AT_MOST, Mistake, RowError};
use till::import::Preview;
use till::importing::Phase;
use till::settings::{LANGUAGES, SettingsError};
use till::shop::{Form, KaspiForm};
use till::{Imported, Item, Till, TillError};
use ts_rs::TS;

/// The settings a person changes, as typed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    pub name: String,
    pub bin: String,
    pub address: String,
    pub city: String,
    pub country: String,
    pub currency: String,
    /// Major units; empty for the currency's own step.
    pub line_step: String,
    pub receipt_languages: Vec<String>,
    pub vat_included: bool,
    /// Percent; empty for goods without VAT.
    pub default_vat: String,
    pub till: String,
    pub kaspi: Option<KaspiSettings>,
}

/// The settings with what there is to choose from.
#[derive(Debug, Clone, Serialize, TS)]
pub struct SettingsPage {
    pub settings: Settings,
    pub currencies: Vec<String>,
    pub languages: Vec<String>,
}

/// Why a setting was not taken.
#[derive(Debug, Clone, Copy, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SettingsFault {
    /// The value itself cannot be.
    Wrong,
    /// It could be, but not over the goods, sales and open payments of this till.
    Held,
}

/// What became of a change. A refused one changes nothing; `path` is the setting's place in shop.json.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Saving {
    Saved { page: Box<SettingsPage> },
    Refused { path: String, fault: SettingsFault },
}

/// The goods in use.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Goods {
    pub count: String,
    /// The last import can be taken back.
    pub undoable: bool,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct About {
    pub version: String,
    pub shop: String,
    pub till: String,
    pub goods: String,
    /// Where the till keeps its files.
    pub folder: String,
    pub licence: String,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct ImportCounts {
    pub added: String,
    pub updated: String,
    pub unchanged: String,
}

#[derive(Debug, Clone, Copy, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MistakeCode {
    NoCode,
    NoName,
    NoPrice,
    NotPrice,
    NotPercent,
    NotUnderstood,
    CheckDigit,
    DigitsLost,
    Twice,
    SameGood,
    OthersBarcode,
}

/// A wrong cell: its row as a spreadsheet numbers it, its column, what stands there and what it collides with.
#[derive(Debug, Clone, Serialize, TS)]
pub struct ImportMistake {
    pub row: String,
    pub column: String,
    pub code: MistakeCode,
    pub text: String,
    pub other: String,
}

#[derive(Debug, Clone, Serialize, TS)]
pub struct ImportRow {
    pub code: String,
    pub name: String,
    pub price: AmountText,
    pub unit: String,
    pub vat: String,
}

#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ImportPreview {
    pub counts: ImportCounts,
    /// New and changed goods.
    pub changes: String,
    pub mistake_count: String,
    /// The file had so many mistakes that it was read no further.
    pub cut_short: bool,
    /// The first of them.
    pub mistakes: Vec<ImportMistake>,
    /// The first rows as they were understood.
    pub first: Vec<ImportRow>,
}

#[derive(Debug, Clone, Copy, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ImportFault {
    NotText,
    Empty,
    NoColumn,
    NotATable,
    TooLarge,
    Storage,
}

/// How far the import is. Rows are counts of things, for a progress bar; their texts are ready to show.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "snake_case", tag = "phase")]
pub enum Import {
    Reading { rows: String },
    Ready { preview: Box<ImportPreview> },
    Taking { rows: String, total: String, percent: u32 },
    Done { counts: ImportCounts },
    Undone,
    Stopped,
    Failed { fault: ImportFault, detail: String },
}

/// So many of the mistakes are shown; a longer list is mended in the file first.
const MISTAKES_SHOWN: usize = 100;

fn number(count: usize) -> String {
    grouped(i64::try_from(count).unwrap_or(i64::MAX))
}

fn counts(imported: &Imported) -> ImportCounts {
    ImportCounts { added: grouped(imported.added), updated: grouped(imported.updated), unchanged: grouped(imported.unchanged) }
}

/// What the screen shows of an import; none where there is none.
pub(super) fn import(till: &Till) -> Option<Import> {
    Some(match till.import_phase() {
        Phase::None => return None,
        Phase::Reading { rows } => Import::Reading { rows: number(rows) },
        Phase::Ready(read) => Import::Ready { preview: Box::new(preview(&read, till)) },
        Phase::Taking { rows, total } => {
            let percent = u32::try_from(rows * 100 / total.max(1)).unwrap_or(100).min(100);
            Import::Taking { rows: number(rows), total: number(total), percent }
        }
        Phase::Done(imported) => Import::Done { counts: counts(&imported) },
        Phase::Undone => Import::Undone,
        Phase::Stopped => Import::Stopped,
        Phase::Failed(error) => failed(&error),
    })
}

fn preview(read: &Preview, till: &Till) -> ImportPreview {
    let currency = till.settings().currency;
    let row = |item: &Item| {
        let price = checkout::money::Money::new(item.price_minor, currency).map(amount);
        ImportRow {
            code: item.code.clone().or_else(|| item.barcodes.first().cloned()).unwrap_or_default(),
            name: item.name.clone(),
            price: price.unwrap_or(AmountText { figures: String::new(), sign: String::new() }),
            unit: item.unit.code().to_owned(),
            vat: item.vat.map(|rate| rate.to_string()).unwrap_or_default(),
        }
    };
    ImportPreview {
        counts: counts(&read.counts),
        changes: grouped(read.counts.added + read.counts.updated),
        mistake_count: number(read.mistakes.len()),
        cut_short: read.mistakes.len() >= MISTAKES_AT_MOST,
        mistakes: read.mistakes.iter().take(MISTAKES_SHOWN).map(mistake).collect(),
        first: read.first.iter().map(row).collect(),
    }
}

fn mistake(error: &RowError) -> ImportMistake {
    let (code, text, other) = match &error.mistake {
        Mistake::NoCode => (MistakeCode::NoCode, "", String::new()),
        Mistake::NoName => (MistakeCode::NoName, "", String::new()),
        Mistake::NoPrice => (MistakeCode::NoPrice, "", String::new()),
        Mistake::NotPrice(text) => (MistakeCode::NotPrice, text.as_str(), String::new()),
        Mistake::NotPercent(text) => (MistakeCode::NotPercent, text.as_str(), String::new()),
        Mistake::NotUnderstood(text) => (MistakeCode::NotUnderstood, text.as_str(), String::new()),
        Mistake::CheckDigit(text) => (MistakeCode::CheckDigit, text.as_str(), String::new()),
        Mistake::DigitsLost(text) => (MistakeCode::DigitsLost, text.as_str(), String::new()),
        Mistake::Twice { code, row } => (MistakeCode::Twice, code.as_str(), number(*row)),
        Mistake::SameGood { code, row } => (MistakeCode::SameGood, code.as_str(), number(*row)),
        Mistake::OthersBarcode { code, name } => (MistakeCode::OthersBarcode, code.as_str(), name.clone()),
    };
    ImportMistake { row: number(error.row), column: error.field.to_owned(), code, text: text.to_owned(), other }
}

fn failed(error: &TillError) -> Import {
    let (fault, detail) = match error {
        TillError::Goods(GoodsError::NotText) => (ImportFault::NotText, String::new()),
        TillError::Goods(GoodsError::Empty) => (ImportFault::Empty, String::new()),
        TillError::Goods(GoodsError::NoColumn(column)) => (ImportFault::NoColumn, (*column).to_owned()),
        TillError::Goods(GoodsError::NotATable(why)) => (ImportFault::NotATable, why.clone()),
        TillError::Goods(GoodsError::TooLarge) => (ImportFault::TooLarge, String::new()),
        other => (ImportFault::Storage, other.to_string()),
    };
    Import::Failed { fault, detail }
}

/// The settings as they are, with the choices there are.
pub fn settings_page(form: Form) -> SettingsPage {
    let codes = checkout::money::Currency::ALL.map(|currency| currency.facts().code.to_owned());
    SettingsPage { settings: form.into(), currencies: codes.to_vec(), languages: LANGUAGES.map(str::to_owned).to_vec() }
}

impl Saving {
    pub fn refused(error: &SettingsError) -> Saving {
        let fault = match error {
            SettingsError::Malformed { .. } | SettingsError::Refused { .. } => SettingsFault::Wrong,
            SettingsError::Held { .. } => SettingsFault::Held,
        };
        Saving::Refused { path: error.path().to_owned(), fault }
    }
}

impl About {
    pub fn of(till: &Till, goods: i64) -> About {
        let settings = till.settings();
        About {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            shop: settings.shop.name.clone(),
            till: settings.till.clone(),
            goods: grouped(goods),
            folder: till.records().directory().display().to_string(),
            licence: env!("CARGO_PKG_LICENSE").to_owned(),
        }
    }
}

impl Goods {
    pub fn of(count: i64, undoable: bool) -> Goods {
        Goods { count: grouped(count), undoable }
    }
}

impl From<Form> for Settings {
    fn from(form: Form) -> Settings {
        let Form { name, bin, address, city, country, currency, line_step, receipt_languages, vat_included, default_vat, till, kaspi } =
            form;
        let kaspi = kaspi.map(KaspiSettings::from);
        Settings { name, bin, address, city, country, currency, line_step, receipt_languages, vat_included, default_vat, till, kaspi }
    }
}

impl From<Settings> for Form {
    fn from(settings: Settings) -> Form {
        let Settings { name, bin, address, city, country, currency, line_step, receipt_languages, vat_included, default_vat, till, kaspi } =
            settings;
        let kaspi = kaspi.map(KaspiForm::from);
        Form { name, bin, address, city, country, currency, line_step, receipt_languages, vat_included, default_vat, till, kaspi }
    }
}
