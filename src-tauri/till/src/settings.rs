//! The shop's settings: `shop.json`, checked whole before it is kept. An unknown key is refused by its path,
//! so that a slip of the pen is not a setting silently ignored.

mod people;

pub use people::NewPerson;
pub(crate) use people::leaves_an_owner;

use crate::barcode::{OwnCodes, label_prefix};
use checkout::money::Currency;
use checkout::receipt::Shop;
use checkout::tax::VatRate;
use checkout::terms::{Terms, Vat};
use serde::Deserialize;

/// What the till sells by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub shop: Shop,
    /// ISO 3166 code; empty where the file names none.
    pub country: String,
    pub currency: Currency,
    /// What a new sale is rung up on: steps, and whether prices include VAT.
    pub terms: Terms,
    /// The language of the screen at first start, as a tag.
    pub language: String,
    /// One or two languages of the receipt.
    pub receipt_languages: Vec<String>,
    /// For goods that name no rate; none: without VAT.
    pub default_vat: Option<VatRate>,
    pub till: String,
    /// Without a command for so long the till locks itself.
    pub lock_minutes: u32,
    /// Only on the way in: what is stored names nobody.
    pub people: Vec<NewPerson>,
    /// Customer cards and labels of the shop's scales.
    pub own_codes: OwnCodes,
    pub kaspi: Option<KaspiSettings>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KaspiSettings {
    /// `host:port`.
    pub address: String,
    pub security: Security,
    /// The name the till goes by on the terminal.
    pub name: String,
    /// The till prints the bank slip.
    pub own_receipt: bool,
    /// Divides every protocol time; for simulators on this machine.
    pub time_scale: u32,
}

/// How the till and the terminal make sure of each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Security {
    /// No protection: plain HTTP, and whoever is in the network may ask.
    Open,
    /// TLS with a certificate for this name.
    Strict { name: String },
    /// TLS with the key that somebody has compared.
    Pinned,
    /// TLS with whoever answers.
    Insecure,
}

impl Security {
    pub const fn code(&self) -> &'static str {
        match self {
            Security::Open => "open",
            Security::Strict { .. } => "strict",
            Security::Pinned => "pinned",
            Security::Insecure => "insecure",
        }
    }

    pub fn is_protected(&self) -> bool {
        *self != Security::Open
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The text is not the settings file's shape.
    #[error("{path}: {message}")]
    Malformed { path: String, message: String },
    /// It is, but what it asks for cannot be.
    #[error("{path}: {message}")]
    Refused { path: String, message: String },
    /// It could be, but not over the goods, sales and open payments of this till.
    #[error("{path}: {message}")]
    Held { path: String, message: String },
}

impl SettingsError {
    pub fn path(&self) -> &str {
        match self {
            SettingsError::Malformed { path, .. } | SettingsError::Refused { path, .. } | SettingsError::Held { path, .. } => path,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    shop: ShopPart,
    tax: TaxPart,
    till: TillPart,
    #[serde(default)]
    people: Vec<people::PersonPart>,
    #[serde(default)]
    codes: CodesPart,
    #[serde(default)]
    devices: DevicesPart,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShopPart {
    name: String,
    #[serde(default)]
    bin: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    city: String,
    #[serde(default)]
    country: String,
    currency: String,
    language: String,
    #[serde(default)]
    receipt_languages: Vec<String>,
    /// Minor units: 1 sells tenge goods to the tiyn. None: the currency's own step.
    #[serde(default)]
    line_step: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TaxPart {
    inclusive: bool,
    #[serde(default)]
    default_percent: Option<serde_json::Number>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TillPart {
    id: String,
    #[serde(default = "ten_minutes")]
    lock_minutes: u32,
}

fn ten_minutes() -> u32 {
    10
}

/// What is not named is as in [`OwnCodes::default`]; an empty list means that the shop has none.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct CodesPart {
    /// First digits of customer cards: `"29"`.
    customer_cards: Option<Vec<String>>,
    /// Thirteen places each: `"21IIIIIWWWWWC"` is 21, item, grams, check digit; `P` instead of `W` is a price.
    labels: Option<Vec<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct DevicesPart {
    kaspi: Option<KaspiPart>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KaspiPart {
    address: String,
    #[serde(default = "open")]
    security: String,
    #[serde(default)]
    tls_name: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    own_receipt: bool,
    #[serde(default = "real_time")]
    time_scale: u32,
}

fn open() -> String {
    "open".to_owned()
}

fn real_time() -> u32 {
    1
}

/// Languages Kassa has words for.
pub const LANGUAGES: [&str; 3] = ["kk", "ru", "en"];

impl Settings {
    pub fn parse(text: &str) -> Result<Settings, SettingsError> {
        let reader = &mut serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}'));
        let file: File = serde_path_to_error::deserialize(reader).map_err(|error| malformed(&error))?;
        if file.shop.name.trim().is_empty() {
            return Err(refused("shop.name", "the shop needs a name: it stands on every receipt"));
        }
        if file.till.id.trim().is_empty() {
            return Err(refused("till.id", "the till needs a number or a name"));
        }
        if !(1..=MOST_LOCK_MINUTES).contains(&file.till.lock_minutes) {
            return Err(refused("till.lock_minutes", "a whole number of minutes from 1 to 240 is needed"));
        }
        let currency =
            Currency::from_code(&file.shop.currency).ok_or_else(|| refused("shop.currency", "one of KZT, AZN, EUR, HUF, RUB is needed"))?;
        let terms = terms(currency, &file)?;
        let language = known_language("shop.language", file.shop.language)?;
        let mut receipt_languages = Vec::new();
        for (index, language) in file.shop.receipt_languages.into_iter().enumerate() {
            receipt_languages.push(known_language(&format!("shop.receipt_languages[{index}]"), language)?);
        }
        if receipt_languages.len() > 2 {
            return Err(refused("shop.receipt_languages", "a receipt has one or two languages"));
        }
        if receipt_languages.is_empty() {
            receipt_languages.push(language.clone());
        }
        let default_vat = match file.tax.default_percent {
            Some(percent) => Some(
                VatRate::parse_percent(&percent.to_string())
                    .ok_or_else(|| refused("tax.default_percent", "a percent from 0 to 100 is needed"))?,
            ),
            None => None,
        };
        Ok(Settings {
            shop: Shop { name: file.shop.name, bin: file.shop.bin, address: file.shop.address, city: file.shop.city },
            country: file.shop.country,
            currency,
            terms,
            language,
            receipt_languages,
            default_vat,
            till: file.till.id,
            lock_minutes: file.till.lock_minutes,
            people: people::read(file.people)?,
            own_codes: own_codes(file.codes)?,
            kaspi: file.devices.kaspi.map(|kaspi| kaspi_settings(kaspi, currency)).transpose()?,
        })
    }
}

/// The longest a till may stand open without a command.
const MOST_LOCK_MINUTES: u32 = 240;

/// The largest line step a shop may ask for, in minor units.
const MAX_LINE_STEP_MINOR: i64 = 100_000;

fn terms(currency: Currency, file: &File) -> Result<Terms, SettingsError> {
    let usual = Terms::of(currency, &file.shop.country);
    let line_step_minor = file.shop.line_step.unwrap_or(usual.line_step_minor);
    if !(1..=MAX_LINE_STEP_MINOR).contains(&line_step_minor) {
        return Err(refused("shop.line_step", "a whole number of minor units from 1 to 100 000 is needed"));
    }
    let vat = if file.tax.inclusive { Vat::Included } else { Vat::Added };
    Ok(Terms { line_step_minor, vat, ..usual })
}

/// No code may be two things: where one beginning begins another, the shop could not tell them apart.
fn own_codes(part: CodesPart) -> Result<OwnCodes, SettingsError> {
    let usual = OwnCodes::default();
    let own = OwnCodes { cards: part.customer_cards.unwrap_or(usual.cards), labels: part.labels.unwrap_or(usual.labels) };
    let mut prefixes: Vec<(String, &str)> = Vec::new();
    for (index, card) in own.cards.iter().enumerate() {
        let path = format!("codes.customer_cards[{index}]");
        if !(1..=12).contains(&card.len()) || !card.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refused(&path, "the first digits of a thirteen-digit card are needed, for example 29"));
        }
        prefixes.push((path, card));
    }
    for (index, label) in own.labels.iter().enumerate() {
        let path = format!("codes.labels[{index}]");
        let prefix = label_prefix(label).ok_or_else(|| {
            refused(
                &path,
                "thirteen places are needed: digits, then I for the item, then W (grams) or P (price), then C; for example 21IIIIIWWWWWC",
            )
        })?;
        prefixes.push((path, prefix));
    }
    for (index, (path, prefix)) in prefixes.iter().enumerate() {
        let clash = prefixes[..index].iter().find(|(_, before)| before.starts_with(prefix) || prefix.starts_with(before));
        if let Some((before, _)) = clash {
            return Err(refused(path, &format!("it begins like {before}: a code could be either")));
        }
    }
    Ok(own)
}

fn kaspi_settings(part: KaspiPart, currency: Currency) -> Result<KaspiSettings, SettingsError> {
    if currency != Currency::Kzt {
        return Err(refused("devices.kaspi", "Kaspi takes tenge only; the shop's currency is another"));
    }
    let Some((host, port)) = part.address.rsplit_once(':') else {
        return Err(refused("devices.kaspi.address", "host:port is needed, for example 192.168.1.40:8080"));
    };
    if host.is_empty() || port.parse::<u16>().is_err() {
        return Err(refused("devices.kaspi.address", "host:port is needed, for example 192.168.1.40:8080"));
    }
    let security = security(&part.security, part.tls_name)?;
    let name = part.name.unwrap_or_else(|| "Kassa".to_owned()).trim().to_owned();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(refused("devices.kaspi.name", "the terminal lists the till under a name of 1 to 40 letters"));
    }
    if !(1..=1000).contains(&part.time_scale) {
        return Err(refused("devices.kaspi.time_scale", "a whole number from 1 to 1000 is needed"));
    }
    if part.time_scale > 1 && !is_loopback(host) {
        return Err(refused("devices.kaspi.time_scale", "times may be shortened only for a simulator on this machine"));
    }
    Ok(KaspiSettings { name, address: part.address, security, own_receipt: part.own_receipt, time_scale: part.time_scale })
}

const LONGEST_NAME: usize = 40;

/// Every terminal's certificate is for the names of this domain.
const DOMAIN: &str = ".kaspipos.kz";

fn security(code: &str, tls_name: Option<String>) -> Result<Security, SettingsError> {
    let name = tls_name.unwrap_or_else(|| format!("pos{DOMAIN}")).to_lowercase();
    let label = name.strip_suffix(DOMAIN).unwrap_or_default();
    let is_label = !label.is_empty() && label.len() <= 63 && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !is_label || label.starts_with('-') || label.ends_with('-') {
        return Err(refused("devices.kaspi.tls_name", "one name under kaspipos.kz is needed, for example pos.kaspipos.kz"));
    }
    match code {
        "open" => Ok(Security::Open),
        "strict" => Ok(Security::Strict { name }),
        "pinned" => Ok(Security::Pinned),
        "insecure" => Ok(Security::Insecure),
        _ => Err(refused("devices.kaspi.security", "one of open, strict, pinned, insecure is needed")),
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn known_language(path: &str, language: String) -> Result<String, SettingsError> {
    if LANGUAGES.contains(&language.as_str()) {
        return Ok(language);
    }
    Err(refused(path, &format!("“{language}” is not a language Kassa speaks yet; one of {}", LANGUAGES.join(", "))))
}

fn refused(path: &str, message: &str) -> SettingsError {
    SettingsError::Refused { path: path.to_owned(), message: message.to_owned() }
}

/// What serde says names what it found; of a PIN or a badge that is not repeated.
fn malformed(error: &serde_path_to_error::Error<serde_json::Error>) -> SettingsError {
    let path = path_of(error);
    let message = match path.rsplit('.').next() {
        Some("pin" | "badge") => "digits in quotes are needed".to_owned(),
        _ => error.inner().to_string(),
    };
    SettingsError::Malformed { path, message }
}

/// The path of a shape error; an unknown key is named itself.
fn path_of(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let path = error.path().to_string();
    let message = error.inner().to_string();
    let unknown = message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
    match (unknown, path.as_str()) {
        // A key may be empty; its place must not be.
        (_, "") => ".".to_owned(),
        (Some(field), ".") => field.to_owned(),
        (Some(field), path) if path.ends_with(field) => path.to_owned(),
        (Some(field), path) => format!("{path}.{field}"),
        (None, path) => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn shop() -> Value {
        json!({
            "shop": {"name": "Көктем", "bin": "120340005678", "address": "Абай 45", "city": "Алматы", "country": "KZ",
                     "currency": "KZT", "language": "kk", "receipt_languages": ["kk", "ru"]},
            "tax": {"inclusive": true, "default_percent": 16},
            "till": {"id": "2"},
            "devices": {"kaspi": {"address": "127.0.0.1:8080", "security": "open", "own_receipt": true, "time_scale": 50}}
        })
    }

    fn refusal(change: impl Fn(&mut Value)) -> String {
        let mut shop = shop();
        change(&mut shop);
        Settings::parse(&shop.to_string()).unwrap_err().path().to_owned()
    }

    #[test]
    fn the_contract_s_file_is_read() {
        let settings = Settings::parse(&shop().to_string()).unwrap();
        assert_eq!(settings.default_vat, VatRate::parse_percent("16"));
        assert_eq!(settings.kaspi.unwrap().time_scale, 50);
        assert_eq!(settings.terms, Terms::of(Currency::Kzt, "KZ"));
    }

    #[test]
    fn the_terms_of_a_sale_follow_the_file() {
        let mut shop = shop();
        shop["tax"]["inclusive"] = json!(false);
        shop["shop"]["line_step"] = json!(1);
        let terms = Settings::parse(&shop.to_string()).unwrap().terms;
        assert_eq!((terms.vat, terms.line_step_minor, terms.cash_step_minor), (Vat::Added, 1, 100));
        shop["devices"] = json!({});
        shop["shop"]["currency"] = json!("EUR");
        shop["shop"]["country"] = json!("EE");
        assert_eq!(Settings::parse(&shop.to_string()).unwrap().terms.cash_step_minor, 5);
    }

    #[test]
    fn cards_and_labels_are_the_shop_s_own() {
        assert_eq!(Settings::parse(&shop().to_string()).unwrap().own_codes, OwnCodes::default());
        let mut shop = shop();
        shop["codes"] = json!({"labels": ["22IIIIIIWWWWC"]});
        let codes = Settings::parse(&shop.to_string()).unwrap().own_codes;
        assert_eq!((codes.labels, codes.cards), (vec!["22IIIIIIWWWWC".to_owned()], OwnCodes::default().cards));
        shop["codes"] = json!({"customer_cards": [], "labels": []});
        let codes = Settings::parse(&shop.to_string()).unwrap().own_codes;
        assert!(codes.labels.is_empty() && codes.cards.is_empty());
    }

    #[test]
    fn k30_a_mode_of_the_terminal_is_chosen_by_name() {
        let security = |code: &str, name: Option<&str>| {
            let mut shop = shop();
            shop["devices"]["kaspi"]["security"] = json!(code);
            shop["devices"]["kaspi"]["tls_name"] = json!(name);
            Settings::parse(&shop.to_string()).map(|settings| settings.kaspi.unwrap().security)
        };
        let strict = |name: &str| Ok(Security::Strict { name: name.to_owned() });
        assert_eq!(security("strict", None), strict("pos.kaspipos.kz"));
        assert_eq!(security("strict", Some("Till-2.kaspipos.kz")), strict("till-2.kaspipos.kz"));
        assert_eq!(security("pinned", None), Ok(Security::Pinned));
        assert_eq!(security("insecure", None), Ok(Security::Insecure));
        for name in ["kaspipos.kz", "a.b.kaspipos.kz", "pos.example.kz", "-a.kaspipos.kz", "pos.kaspiros.kz", ""] {
            assert_eq!(security("strict", Some(name)).unwrap_err().path(), "devices.kaspi.tls_name", "{name}");
        }
        assert_eq!(security("closed", None).unwrap_err().path(), "devices.kaspi.security");
        assert_eq!(refusal(|shop| shop["devices"]["kaspi"]["name"] = json!(" ")), "devices.kaspi.name");
    }

    #[test]
    fn every_refusal_names_its_path() {
        assert_eq!(refusal(|shop| shop["codes"] = json!({"colour": 1})), "codes.colour");
        assert_eq!(refusal(|shop| shop["codes"] = json!({"labels": ["21IIIIIWWWWWC", "21"]})), "codes.labels[1]");
        assert_eq!(refusal(|shop| shop["codes"] = json!({"customer_cards": ["2x"]})), "codes.customer_cards[0]");
        assert_eq!(refusal(|shop| shop["codes"] = json!({"customer_cards": ["21"]})), "codes.labels[0]");
        assert_eq!(refusal(|shop| shop["codes"] = json!({"labels": ["21IIIIIWWWWWC", "210IIIIWWWWWC"]})), "codes.labels[1]");
        assert_eq!(refusal(|shop| shop["shop"]["colour"] = json!("red")), "shop.colour");
        assert_eq!(refusal(|shop| shop["devices"]["fax"] = json!({})), "devices.fax");
        assert_eq!(refusal(|shop| shop["extra"] = json!(1)), "extra");
        assert_eq!(refusal(|shop| shop[""] = json!(1)), ".", "a key without a name");
        assert_eq!(refusal(|shop| shop["shop"]["currency"] = json!("USD")), "shop.currency");
        assert_eq!(refusal(|shop| shop["devices"]["kaspi"]["address"] = json!("192.168.1.40:8080")), "devices.kaspi.time_scale");
        assert_eq!(refusal(|shop| shop["devices"]["kaspi"]["address"] = json!("nowhere")), "devices.kaspi.address");
        assert_eq!(refusal(|shop| shop["shop"]["name"] = json!(7)), "shop.name");
        assert_eq!(refusal(|shop| shop["shop"]["line_step"] = json!(0)), "shop.line_step");
        assert_eq!(refusal(|shop| shop["shop"]["line_step"] = json!(100_001)), "shop.line_step");
    }
}
