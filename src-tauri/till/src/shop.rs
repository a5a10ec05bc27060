//! The shop's settings while the till lives: set up from a file, changed on the screen, and what a receipt keeps of
//! them. Both ways in are checked by [`Settings::parse`] and by what goods, sales and open payments allow.

use crate::instance::Instance;
use crate::keychain::KeyError;
use crate::seat::User;
use crate::settings::{Security, Settings, SettingsError, leaves_an_owner};
use crate::{Opening, Till, TillError};
use checkout::money::{Currency, Money};
use checkout::payment::Device;
use checkout::people::{Person, Right, Role};
use checkout::receipt::Shop;
use checkout::sale::Sale;
use checkout::terms::Vat;
use database::Ledger;
use database::journal::Act;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value, json};
use std::path::Path;
use std::sync::Arc;

/// Writes a new shop's settings into a folder, making it where it is missing. A shop already there gets the
/// new settings; its sales stay.
pub async fn init(directory: &Path, shop_json: &str) -> Result<Settings, TillError> {
    init_by(Opening { keeps_draft: false, ..Opening::at(directory) }, shop_json, None).await
}

/// The same in somebody's name: a shop that has an owner takes new settings only from who may change them, and people
/// only from who may make them.
pub async fn init_by(opening: Opening, shop_json: &str, user: Option<User<'_>>) -> Result<Settings, TillError> {
    let settings = Settings::parse(shop_json)?;
    let Some(owned) = owned(&opening.directory).await? else {
        leaves_an_owner(&[], &settings.people)?;
        write(&opening.directory, shop_json, &settings, Act::by_nobody(opening.clock.wall())).await?;
        if !settings.people.is_empty() {
            let till = Till::open(opening).await?;
            let taken = till.take_people(&settings.people).await;
            till.close().await;
            taken?;
        }
        return Ok(settings);
    };
    at_till(opening, shop_json, settings, async |till, settings| till.take_file(settings, user, owned).await).await
}

/// The same where the key of all PINs is lost, so that nobody can be asked: who has this machine's account says that it is,
/// and why, and gives the people of the file new PINs. The journal keeps that.
pub async fn init_with_new_key(opening: Opening, shop_json: &str, reason: &str) -> Result<Settings, TillError> {
    let settings = Settings::parse(shop_json)?;
    if settings.people.is_empty() {
        return Err(refused("people", "no PIN holds without its key: people with new PINs are needed, one of them the owner").into());
    }
    leaves_an_owner(&[], &settings.people)?;
    at_till(opening, shop_json, settings, async |till, settings| {
        check_change(&till.ledger, &till.settings(), settings).await?;
        till.replace_lost_key(&settings.people, reason).await?;
        Ok(till.act())
    })
    .await
}

/// Takes the people of a file at the till, and stores the rest of it in the name that is answered.
async fn at_till(
    opening: Opening,
    shop_json: &str,
    settings: Settings,
    take: impl AsyncFnOnce(&Arc<Till>, &Settings) -> Result<Act, TillError>,
) -> Result<Settings, TillError> {
    let directory = opening.directory.clone();
    let till = Till::open(opening).await?;
    let done = take(&till, &settings).await;
    till.close().await;
    let act = done?;
    drop(till);
    write(&directory, shop_json, &settings, act).await?;
    Ok(settings)
}

/// Whether the shop in a folder has an owner; none where it has nobody.
async fn owned(directory: &Path) -> Result<Option<bool>, TillError> {
    if !directory.join("ledger.db").exists() {
        return Ok(None);
    }
    let ledger = Ledger::open_for_reading(directory).await?;
    let people = ledger.people().await?;
    ledger.close().await;
    Ok((!people.is_empty()).then(|| people.iter().any(|stored| stored.person.role == Role::Owner)))
}

/// Stores the file without its people: their PINs are nowhere but in their hashes.
async fn write(directory: &Path, shop_json: &str, settings: &Settings, act: Act) -> Result<(), TillError> {
    let _instance = Instance::take(directory)?;
    let ledger = Ledger::open(directory).await?;
    if let Some(before) = ledger.setting("shop").await? {
        let before = Settings::parse(&before)?;
        check_change(&ledger, &before, settings).await?;
        if is_another_terminal(&before, settings) {
            Till::forget_unit(&ledger, &act).await?;
        }
    }
    let mut file = json_of(shop_json)?;
    if let Some(parts) = file.as_object_mut() {
        parts.remove("people");
    }
    ledger.set_shop(&file.to_string(), &Header::of(settings).written(), &act).await?;
    ledger.close().await;
    Ok(())
}

fn json_of(text: &str) -> Result<Value, TillError> {
    let malformed = |error: serde_json::Error| SettingsError::Malformed { path: ".".to_owned(), message: error.to_string() };
    Ok(serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(malformed)?)
}

/// What must not change under goods, sales and open payments.
async fn check_change(ledger: &Ledger, before: &Settings, after: &Settings) -> Result<(), TillError> {
    let held = |path: &str, message: &str| SettingsError::Held { path: path.to_owned(), message: message.to_owned() };
    let in_use = ledger.item_count().await? > 0 || ledger.last_ticket().await? > 0;
    if in_use && before.currency != after.currency {
        return Err(held("shop.currency", "prices and sales are in the old currency; a new currency needs a new folder").into());
    }
    let open = ledger.attempts(true).await?;
    if before.kaspi != after.kaspi && open.iter().any(|stored| stored.attempt.device == Device::Kaspi) {
        // Another terminal may know another payment by the same number, and a slip must be printed by whom it was left to.
        let address = |settings: &Settings| settings.kaspi.as_ref().map(|kaspi| kaspi.address.clone());
        let moved = after.kaspi.is_some() && address(before) != address(after);
        let path = if moved { "devices.kaspi.address" } else { "devices.kaspi" };
        return Err(held(path, "a payment on it is still open; settle it first (kassactl recover)").into());
    }
    Ok(())
}

/// Another address in open mode is another terminal; where it is the same one, it is bound again by its next payment.
fn is_another_terminal(before: &Settings, after: &Settings) -> bool {
    let address = |settings: &Settings| settings.kaspi.as_ref().map(|kaspi| kaspi.address.clone());
    let protected = after.kaspi.as_ref().is_some_and(|kaspi| kaspi.security.is_protected());
    address(before) != address(after) && !protected
}

/// What stands on a receipt beside the sale's figures. A closed sale keeps the one it was closed under.
#[derive(Serialize, Deserialize)]
pub(crate) struct Header {
    name: String,
    bin: String,
    address: String,
    city: String,
    pub till: String,
    pub languages: Vec<String>,
    /// The till prints the bank slip.
    pub own_receipt: bool,
}

impl Header {
    pub fn of(settings: &Settings) -> Header {
        let Shop { name, bin, address, city } = settings.shop.clone();
        let own_receipt = settings.kaspi.as_ref().is_some_and(|kaspi| kaspi.own_receipt);
        Header { name, bin, address, city, till: settings.till.clone(), languages: settings.receipt_languages.clone(), own_receipt }
    }

    /// The same header is always the same text: the ledger keeps it once.
    fn written(&self) -> String {
        json!(self).to_string()
    }

    pub fn read(text: &str) -> Result<Header, TillError> {
        serde_json::from_str(text).map_err(|error| TillError::Receipt(format!("its header cannot be read: {error}")))
    }

    pub fn shop(&self) -> Shop {
        Shop { name: self.name.clone(), bin: self.bin.clone(), address: self.address.clone(), city: self.city.clone() }
    }
}

/// The settings a person changes on the screen, as typed. What it does not name stays as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
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
    pub kaspi: Option<KaspiForm>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KaspiForm {
    pub address: String,
    /// `open`, `strict`, `pinned`, `insecure`.
    pub security: String,
    /// Under kaspipos.kz; for `strict`. Empty for the usual one.
    pub tls_name: String,
    pub name: String,
    pub own_receipt: bool,
}

impl Form {
    fn of(settings: &Settings, file: &Value) -> Result<Form, TillError> {
        let Shop { name, bin, address, city } = settings.shop.clone();
        let step = file.pointer("/shop/line_step").and_then(Value::as_i64);
        let line_step = match step {
            Some(minor) => Money::new(minor, settings.currency)?.figures(' '),
            None => String::new(),
        };
        let default_vat = settings.default_vat.map(|rate| rate.to_string().trim_end_matches('%').to_owned());
        Ok(Form {
            name,
            bin,
            address,
            city,
            country: settings.country.clone(),
            currency: settings.currency.facts().code.to_owned(),
            line_step,
            receipt_languages: settings.receipt_languages.clone(),
            vat_included: settings.terms.vat == Vat::Included,
            default_vat: default_vat.unwrap_or_default(),
            till: settings.till.clone(),
            kaspi: settings.kaspi.as_ref().map(|kaspi| KaspiForm {
                address: kaspi.address.clone(),
                security: kaspi.security.code().to_owned(),
                tls_name: match &kaspi.security {
                    Security::Strict { name } => name.clone(),
                    Security::Open | Security::Pinned | Security::Insecure => String::new(),
                },
                name: kaspi.name.clone(),
                own_receipt: kaspi.own_receipt,
            }),
        })
    }

    /// The settings file with this form's fields in it.
    fn written_into(&self, file: &Value) -> Result<String, SettingsError> {
        // The file was checked when it was stored: its parts are objects, or are not there.
        let mut file = file.clone();
        let text = |text: &str| Value::from(text.trim());
        let shop = &mut file["shop"];
        shop["name"] = text(&self.name);
        shop["bin"] = text(&self.bin);
        shop["address"] = text(&self.address);
        shop["city"] = text(&self.city);
        shop["country"] = text(&self.country.to_uppercase());
        shop["currency"] = text(&self.currency);
        shop["receipt_languages"] = json!(self.receipt_languages);
        shop["line_step"] = self.line_step_minor()?;
        file["tax"]["inclusive"] = self.vat_included.into();
        file["tax"]["default_percent"] = percent(&self.default_vat)?;
        file["till"]["id"] = text(&self.till);
        match (&self.kaspi, file["devices"].as_object_mut()) {
            (Some(kaspi), _) => {
                let fields = &mut file["devices"]["kaspi"];
                fields["address"] = text(&kaspi.address);
                fields["security"] = text(&kaspi.security);
                fields["tls_name"] = if kaspi.tls_name.trim().is_empty() { Value::Null } else { text(&kaspi.tls_name) };
                fields["name"] = text(&kaspi.name);
                fields["own_receipt"] = kaspi.own_receipt.into();
            }
            (None, Some(devices)) => drop(devices.remove("kaspi")),
            (None, None) => {}
        }
        Ok(file.to_string())
    }

    fn line_step_minor(&self) -> Result<Value, SettingsError> {
        let typed = self.line_step.trim();
        match Currency::from_code(&self.currency) {
            Some(currency) if !typed.is_empty() => match Money::parse_major(typed, currency) {
                Ok(step) => Ok(step.minor().into()),
                Err(_) => Err(refused("shop.line_step", "an amount is needed")),
            },
            _ => Ok(Value::Null),
        }
    }
}

fn percent(typed: &str) -> Result<Value, SettingsError> {
    let typed = typed.trim().trim_end_matches('%').trim_end().replace(',', ".");
    if typed.is_empty() {
        return Ok(Value::Null);
    }
    let number: Number = serde_json::from_str(&typed).map_err(|_| refused("tax.default_percent", "a percent from 0 to 100 is needed"))?;
    Ok(Value::Number(number))
}

fn refused(path: &str, message: &str) -> SettingsError {
    SettingsError::Refused { path: path.to_owned(), message: message.to_owned() }
}

impl Till {
    /// The settings as the screen shows them.
    pub async fn form(&self) -> Result<Form, TillError> {
        Form::of(&self.settings(), &self.stored_shop().await?)
    }

    /// Takes the people of a settings file, where this user may and all of it can be. Answers in whose name the rest is stored.
    async fn take_file(self: &Arc<Self>, settings: &Settings, user: Option<User<'_>>, owned: bool) -> Result<Act, TillError> {
        if self.has_lost_its_key().await {
            return Err(KeyError::Lost.into());
        }
        let take = async {
            let before: Vec<Person> = self.people_now().iter().map(|stored| stored.person.clone()).collect();
            leaves_an_owner(&before, &settings.people)?;
            check_change(&self.ledger, &self.settings(), settings).await?;
            self.take_people(&settings.people).await?;
            Ok(self.act())
        };
        // Without an owner nobody could be asked.
        if !owned && user.is_none() && !settings.people.is_empty() {
            return take.await;
        }
        let right = if settings.people.is_empty() { Right::Settings } else { Right::People };
        let pass = self.enter(user, right, "init").await?;
        self.with(pass, take).await
    }

    pub(crate) async fn stored_shop(&self) -> Result<Value, TillError> {
        json_of(&self.ledger.setting("shop").await?.ok_or(TillError::NoShop)?)
    }

    /// Changes the settings; they hold at once. A sale with goods in it is finished on the terms it was begun on.
    pub async fn change_settings(&self, form: &Form) -> Result<(), TillError> {
        let text = form.written_into(&self.stored_shop().await?)?;
        let settings = Settings::parse(&text)?;
        // Payments begin under this lock, so that none begins between the check and the change.
        let mut state = self.state().await;
        check_change(&self.ledger, &self.settings(), &settings).await?;
        if is_another_terminal(&self.settings(), &settings) {
            Till::forget_unit(&self.ledger, &self.act()).await?;
        }
        if state.sale.lines.is_empty() && state.sale.tenders.is_empty() {
            state.sale = Sale::new(state.sale.id, state.sale.ticket, settings.terms);
        }
        self.adopt_shop(&text, settings).await?;
        self.keep(&state).await
    }

    /// Stores checked settings and works by them from now on.
    pub(crate) async fn adopt_shop(&self, text: &str, settings: Settings) -> Result<(), TillError> {
        let fitted = match settings.kaspi == self.settings().kaspi {
            true => None,
            false => {
                let means = self.workshop.means(&settings, &self.ledger, Some(&self.means())).await?;
                let terminals = (self.drivers)(&settings, &means)?;
                Some((means, terminals))
            }
        };
        self.ledger.set_shop(text, &Header::of(&settings).written(), &self.act()).await?;
        if let Some((means, terminals)) = fitted {
            self.refit(means, terminals);
        }
        self.records().adopt(settings);
        Ok(())
    }
}
