//! The shop's Kaspi terminal beside its payments: how it is reached, the tokens of its protected mode, which unit it is.

mod discovery;
mod permission;
mod trial;

/// The driver's words that the faces need, so that they import the till alone.
pub use drivers::kaspi::Heard;
pub use drivers::kaspi::tokens::{NotRegistered, Standing};
pub use drivers::link::LinkFailure;
pub use drivers::link::trust::Distrust;

pub use checkout::ports::Unit;
pub use discovery::{Found, Network, USUAL_PORT};
pub(crate) use permission::Registering;
pub use trial::Trial;

use crate::clock::Clock;
use crate::keychain::Keychain;
use crate::people::blocking;
use crate::pin::Cost;
use crate::settings::{KaspiSettings, Security, Settings, SettingsError};
use crate::vault::{Passphrase, SecretError, Vault};
use crate::{Terminals, Till, TillError};
use checkout::payment::{AttemptId, AttemptState, Device};
use checkout::ports::CardTerminal;
use database::Ledger;
use database::journal::Act;
use drivers::kaspi::session::Times;
use drivers::kaspi::tokens::{Pair, TokenStore, Tokens};
use drivers::kaspi::{Kaspi, who_answers};
use drivers::link::http::Http;
use drivers::link::trust::{Fingerprint, Trust};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};

/// Settings of the ledger: the unit this till belongs to, the key that was compared, the name of the shop's secrets.
const UNIT: &str = "kaspi_unit";
const KEY: &str = "kaspi_key";
const VAULT: &str = "vault";

const QUESTION_TIMEOUT_MS: u64 = 5_000;

/// What a driver is built from besides the settings.
#[derive(Default)]
pub struct Means {
    /// The tokens of the protected mode.
    pub tokens: Option<Arc<Tokens>>,
    /// The key that somebody has compared.
    pub key: Option<Fingerprint>,
    /// Why the tokens could not be read.
    locked: Option<SecretError>,
    vault: Option<Arc<KeptTokens>>,
}

/// What makes means of settings.
pub(crate) struct Workshop {
    pub keychain: Keychain,
    /// May come later than the till, by somebody who knows it.
    pub passphrase: Mutex<Option<Passphrase>>,
    pub cost: Cost,
    pub clock: Arc<dyn Clock>,
}

#[derive(Debug, thiserror::Error)]
pub enum KaspiError {
    #[error("the terminal is set up in open mode, which has no tokens")]
    OpenMode,
    /// Nothing was asked yet.
    #[error("the terminal shows this key; compare it with the terminal's own before it is trusted: {0}")]
    KeyToCompare(Fingerprint),
    #[error("the terminal shows the key {seen}, which is not the one that was compared")]
    OtherKey { seen: Fingerprint },
    #[error("the terminal could not be reached: {0}")]
    NotReached(LinkFailure),
    #[error("the till was not let in: {0}")]
    NotRegistered(NotRegistered),
    #[error("the tokens were not renewed: {0}")]
    NotRenewed(String),
    #[error("another registration waits for the terminal")]
    Registering,
    #[error("the registration was given up; if somebody presses on the terminal now, forbid this till there before the next one")]
    GivenUp,
    #[error("a payment is open on the unit {0}; settle it first (kassactl recover)")]
    PaymentOpen(String),
    #[error("this machine is in no network that can be looked through")]
    NoNetwork,
    #[error("no terminal with the serial number {0} was found")]
    NotFound(String),
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// How the till stands with its terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub address: String,
    pub security: Security,
    pub name: String,
    /// None in open mode.
    pub standing: Option<Standing>,
    /// The end of the tokens as the terminal wrote it.
    pub ends: Option<String>,
    pub locked: Option<SecretError>,
    /// The unit that payments are bound to.
    pub unit: Option<Unit>,
    pub answers: Heard,
    pub latency_ms: i64,
    pub trial: Option<Trial>,
}

impl State {
    /// Payments are begun.
    pub fn is_ready(&self) -> bool {
        let let_in = self.standing.as_ref().is_none_or(|standing| *standing == Standing::LetIn);
        let known = match &self.answers {
            Heard::Unit(unit) => self.unit.as_ref().is_none_or(|bound| bound == unit),
            Heard::NotAllowed | Heard::Nothing(_) => false,
        };
        let_in && known
    }
}

/// A pair as it lies in the vault.
#[derive(Serialize, Deserialize)]
struct KeptPair {
    name: String,
    access: String,
    refresh: String,
    ends: String,
    came_at_ms: i64,
}

struct KeptTokens(Vault);

impl KeptTokens {
    fn can_keep(&self) -> Result<(), SecretError> {
        self.0.can_keep()
    }

    fn forget(&self) -> Result<(), SecretError> {
        self.0.forget()
    }

    /// The keychain and the file may each have one: the later holds.
    fn read(&self) -> Result<Option<Pair>, SecretError> {
        let read = |kept: &Vec<u8>| serde_json::from_slice::<KeptPair>(kept).ok();
        let latest = self.0.read()?.iter().filter_map(read).max_by_key(|kept| kept.came_at_ms);
        Ok(latest.map(|KeptPair { name, access, refresh, ends, came_at_ms }| Pair { name, access, refresh, ends, came_at_ms }))
    }
}

impl TokenStore for KeptTokens {
    fn keep(&self, pair: &Pair) -> Result<(), String> {
        let Pair { name, access, refresh, ends, came_at_ms } = pair.clone();
        let kept = serde_json::to_vec(&KeptPair { name, access, refresh, ends, came_at_ms }).map_err(|error| error.to_string())?;
        self.0.keep(&kept).map_err(|error| error.to_string())
    }
}

impl Workshop {
    /// Answers the one before.
    fn take_passphrase(&self, passphrase: Option<Passphrase>) -> Option<Passphrase> {
        std::mem::replace(&mut *self.passphrase.lock().unwrap_or_else(PoisonError::into_inner), passphrase)
    }

    /// Secrets that cannot be read do not keep a shop from selling for cash: its tokens are then none. `before` are the means
    /// in use: their tokens stay, since conversations under way go on with them.
    pub(crate) async fn means(&self, settings: &Settings, ledger: &Ledger, before: Option<&Means>) -> Result<Means, TillError> {
        let key = ledger.setting(KEY).await?.and_then(|text| Fingerprint::read(&text));
        if !settings.kaspi.as_ref().is_some_and(|kaspi| kaspi.security.is_protected()) {
            return Ok(Means { key, ..Means::default() });
        }
        let name = match ledger.setting(VAULT).await? {
            Some(name) => name,
            None => {
                let name = self.clock.new_id().to_string();
                ledger.set_setting(VAULT, &name, &Act::by_nobody(self.clock.wall())).await?;
                name
            }
        };
        let passphrase = self.passphrase.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let vault = Vault::new(self.keychain.clone(), format!("kaspi-{name}"), passphrase, self.cost);
        let vault = Arc::new(KeptTokens(vault));
        let read = vault.clone();
        let (pair, locked) = match blocking(move || read.read()).await? {
            Ok(pair) => (pair, None),
            Err(error) => {
                tracing::error!(%error, "the tokens of the terminal cannot be read; no payment is begun on it");
                (None, Some(error))
            }
        };
        let tokens = match before.and_then(|before| before.tokens.clone()) {
            Some(tokens) => {
                if locked.is_none() {
                    tokens.reload(pair, vault.clone());
                }
                tokens
            }
            None => {
                let clock = self.clock.clone();
                let wall_ms = Arc::new(move || clock.wall().timestamp().as_millisecond());
                Arc::new(Tokens::new(pair, vault.clone(), wall_ms))
            }
        };
        Ok(Means { tokens: Some(tokens), key, locked, vault: Some(vault) })
    }
}

/// How the other end is made sure of. Without a compared key nobody is believed.
pub fn trust(security: &Security, key: Option<Fingerprint>) -> Trust {
    match security {
        Security::Open => Trust::Plain,
        Security::Strict { name } => Trust::Named(name.clone()),
        Security::Pinned => Trust::Pinned(key.unwrap_or(Fingerprint::NONE)),
        Security::Insecure => Trust::Anybody,
    }
}

fn link(kaspi: &KaspiSettings, means: &Means) -> Result<Http, TillError> {
    Http::new(&kaspi.address, &trust(&kaspi.security, means.key)).map_err(|error| {
        TillError::Settings(SettingsError::Refused { path: "devices.kaspi.address".to_owned(), message: error.to_string() })
    })
}

/// The drivers on the shop's network.
pub(crate) fn terminals(settings: &Settings, means: &Means) -> Result<Terminals, TillError> {
    let mut terminals = Terminals::new();
    if let Some(kaspi) = &settings.kaspi {
        let driver = driver(link(kaspi, means)?, kaspi, means);
        terminals.insert(Device::Kaspi, Arc::new(driver) as Arc<dyn CardTerminal>);
    }
    Ok(terminals)
}

/// The driver on a link of its own.
pub fn driver(link: Http, kaspi: &KaspiSettings, means: &Means) -> Kaspi<Http> {
    let driver = Kaspi::new(link, Times::scaled(kaspi.time_scale), kaspi.own_receipt).of_one_unit();
    match &means.tokens {
        Some(tokens) => driver.let_in_by(tokens.clone()),
        None => driver,
    }
}

impl Till {
    /// Whether this is the unit the till was set up with. The first one is kept.
    pub(crate) async fn is_own_unit(&self, unit: &Unit) -> Result<bool, TillError> {
        match self.unit().await? {
            Some(known) => Ok(known == *unit),
            None => self.bind(unit).await.map(|()| true),
        }
    }

    async fn unit(&self) -> Result<Option<Unit>, TillError> {
        let kept = self.ledger.setting(UNIT).await?;
        let unit = kept.as_deref().and_then(|kept| kept.split_once(' '));
        Ok(unit.map(|(serial, terminal)| Unit { serial: serial.to_owned(), terminal: terminal.to_owned() }))
    }

    async fn bind(&self, unit: &Unit) -> Result<(), TillError> {
        if self.unit().await?.as_ref() != Some(unit) {
            self.ledger.set_setting(UNIT, &format!("{} {}", unit.serial, unit.terminal), &self.act()).await?;
        }
        Ok(())
    }

    /// Somebody has chosen another terminal: the next payment binds to whichever unit answers there. In protected mode
    /// the unit stays until the till is registered anew.
    pub(crate) async fn forget_unit(ledger: &Ledger, act: &Act) -> Result<(), TillError> {
        if ledger.setting(UNIT).await?.is_some_and(|kept| !kept.is_empty()) {
            ledger.set_setting(UNIT, "", act).await?;
        }
        Ok(())
    }

    fn kaspi_settings(&self) -> Result<KaspiSettings, TillError> {
        self.settings().kaspi.clone().ok_or(TillError::NoDevice(Device::Kaspi.code()))
    }

    pub(crate) fn means(&self) -> Arc<Means> {
        self.means.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes what a driver is built from into use, and the drivers with it.
    pub(crate) fn refit(&self, means: Means, terminals: Terminals) {
        *self.means.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(means);
        *self.terminals.write().unwrap_or_else(PoisonError::into_inner) = terminals;
    }

    /// Takes up again, with the drivers in use now, whatever the device is being asked about. One whose start is on the wire is left:
    /// its answer must be heard.
    pub(crate) async fn ask_anew(self: &Arc<Self>, device: Device) -> Result<(), TillError> {
        let talking: Vec<AttemptId> = self.watches().iter().filter(|(_, watch)| !watch.ended).map(|(attempt, _)| *attempt).collect();
        for attempt in talking {
            let stored = self.ledger.attempt(attempt).await?;
            if stored.attempt.device != device || stored.attempt.state == AttemptState::Intended {
                continue;
            }
            if let Some(watch) = self.watches().get_mut(&attempt) {
                watch.driver.take().inspect(tokio::task::AbortHandle::abort);
                watch.ended = true;
            }
            self.resume(stored).await;
        }
        Ok(())
    }

    /// As far as is known here; a device without protection lets everybody in.
    pub(crate) fn is_let_in(&self, device: Device) -> bool {
        match device {
            Device::Kaspi => self.means().tokens.as_ref().is_none_or(|tokens| tokens.standing() == Standing::LetIn),
        }
    }

    async fn open_on_kaspi(&self) -> Result<bool, TillError> {
        Ok(self.ledger.attempts(true).await?.iter().any(|open| open.attempt.device == Device::Kaspi))
    }

    /// How the till stands with its terminal; asks it who it is and nothing more.
    pub async fn kaspi_state(&self) -> Result<State, TillError> {
        let (kaspi, means) = (self.kaspi_settings()?, self.means());
        let asked_ms = self.clock.now_ms();
        let answers = who_answers(&link(&kaspi, &means)?, means.tokens.as_deref(), QUESTION_TIMEOUT_MS).await;
        // Whether the till is let in stands on the screen.
        self.changed();
        Ok(State {
            address: kaspi.address,
            security: kaspi.security,
            name: kaspi.name,
            standing: means.tokens.as_ref().map(|tokens| tokens.standing()),
            ends: means.tokens.as_ref().and_then(|tokens| tokens.ends()),
            locked: means.locked.clone(),
            unit: self.unit().await?,
            answers,
            latency_ms: self.clock.now_ms() - asked_ms,
            trial: self.trial().await?,
        })
    }

    /// The same, written down with what came of it: the proof that ends a set-up.
    pub async fn test_kaspi(&self) -> Result<State, TillError> {
        let state = self.kaspi_state().await?;
        let seen = match &state.answers {
            Heard::Unit(unit) => Some(unit),
            Heard::NotAllowed | Heard::Nothing(_) => None,
        };
        let body = json!({
            "ready": state.is_ready(), "address": state.address, "security": state.security.code(), "latency_ms": state.latency_ms,
            "serial": seen.map(|unit| &unit.serial), "terminal": seen.map(|unit| &unit.terminal),
        });
        self.ledger.note("terminal_tested", Device::Kaspi.code(), body, &self.act()).await?;
        Ok(state)
    }
}
