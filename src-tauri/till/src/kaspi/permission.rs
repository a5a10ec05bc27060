//! How a till is let in by its terminal, stays in, and leaves.

use super::{KEY, KaspiError, Means, QUESTION_TIMEOUT_MS, State, link};
use crate::people::blocking;
use crate::settings::{KaspiSettings, Security};
use crate::vault::{Passphrase, SecretError};
use crate::{Till, TillError};
use checkout::payment::Device;
use drivers::kaspi::tokens::{NotRegistered, Renewal};
use drivers::kaspi::{Heard, who_answers};
use drivers::link::http::look_at_key;
use drivers::link::trust::Fingerprint;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::{Mutex, Notify};

/// A registration waits for somebody at the terminal: one at a time, and it can be given up.
#[derive(Default)]
pub(crate) struct Registering {
    alone: Mutex<()>,
    given_up: Notify,
}

impl Till {
    /// Asks the terminal to let this till in, and waits for the press on its screen. In pinned mode `compared` is the key
    /// that somebody has read off the terminal; the first time, without it, the key is shown and nothing is asked.
    pub async fn register_kaspi(self: &Arc<Self>, compared: Option<&str>) -> Result<State, TillError> {
        let kaspi = self.kaspi_settings()?;
        if !kaspi.security.is_protected() {
            return Err(KaspiError::OpenMode.into());
        }
        let Ok(_alone) = self.registering.alone.try_lock() else { return Err(KaspiError::Registering.into()) };
        // Heard from here on, whatever is done before the terminal is asked.
        let given_up = self.registering.given_up.notified();
        tokio::pin!(given_up);
        given_up.as_mut().enable();
        if kaspi.security == Security::Pinned {
            self.compare_key(&kaspi, compared).await?;
        }
        let means = self.means();
        if let Some(locked) = &means.locked {
            return Err(KaspiError::Secret(locked.clone()).into());
        }
        // A till that is let in and cannot keep its tokens would have to be forbidden on the terminal first.
        if let Some(vault) = means.vault.clone() {
            blocking(move || vault.can_keep()).await?.map_err(KaspiError::Secret)?;
        }
        let link = link(&kaspi, &means)?;
        let tokens = means.tokens.as_ref().ok_or(KaspiError::OpenMode)?;
        let (_, before) = tokio::select! {
            biased;
            () = given_up => return Err(KaspiError::GivenUp.into()),
            answered = tokens.register(&link, &kaspi.name) => answered.map_err(KaspiError::NotRegistered)?,
        };
        if let Heard::Unit(unit) = who_answers(&link, Some(tokens), QUESTION_TIMEOUT_MS).await {
            match self.unit().await? {
                Some(bound) if bound != unit && self.open_on_kaspi().await? => {
                    // What became of the open payment is asked of its own unit, with its own tokens.
                    if let Some(before) = before {
                        tokens.replace(before).await.map_err(|why| KaspiError::NotRegistered(NotRegistered::NotKept(why)))?;
                    }
                    return Err(KaspiError::PaymentOpen(bound.serial).into());
                }
                _ => self.bind(&unit).await?,
            }
        }
        self.kaspi_state().await
    }

    async fn compare_key(self: &Arc<Self>, kaspi: &KaspiSettings, compared: Option<&str>) -> Result<(), TillError> {
        let seen = look_at_key(&kaspi.address, QUESTION_TIMEOUT_MS).await.map_err(KaspiError::NotReached)?;
        match (compared.map(Fingerprint::read), self.means().key) {
            (Some(Some(compared)), _) if compared == seen => {}
            (Some(_), _) => return Err(KaspiError::OtherKey { seen }.into()),
            (None, Some(known)) if known == seen => return Ok(()),
            (None, Some(_)) => return Err(KaspiError::OtherKey { seen }.into()),
            (None, None) => return Err(KaspiError::KeyToCompare(seen).into()),
        }
        self.ledger.set_setting(KEY, &seen.to_string(), &self.act()).await?;
        self.refit_kaspi(Some(seen)).await?;
        self.ask_anew(Device::Kaspi).await
    }

    /// Renews the tokens now.
    pub async fn renew_kaspi(&self) -> Result<State, TillError> {
        let (kaspi, means) = (self.kaspi_settings()?, self.means());
        if let Some(locked) = &means.locked {
            return Err(KaspiError::Secret(locked.clone()).into());
        }
        let tokens = means.tokens.as_ref().ok_or(KaspiError::OpenMode)?;
        match tokens.renew(&link(&kaspi, &means)?, QUESTION_TIMEOUT_MS).await {
            Renewal::Done => self.kaspi_state().await,
            Renewal::NotNow(why) | Renewal::Refused(why) => Err(KaspiError::NotRenewed(why).into()),
        }
    }

    /// Nobody waits for the press any more. The question stays on the terminal until somebody answers it there.
    pub fn give_up_registering(&self) {
        self.registering.given_up.notify_waiters();
    }

    /// Throws the tokens of this till away. The terminal still lists it until somebody forbids it there.
    pub async fn forget_kaspi(&self) -> Result<State, TillError> {
        // Payments begin under this lock; what became of an open one is asked with the tokens.
        let _state = self.state().await;
        if self.open_on_kaspi().await? {
            let serial = self.unit().await?.map(|unit| unit.serial).unwrap_or_default();
            return Err(KaspiError::PaymentOpen(serial).into());
        }
        let vault = self.means().vault.clone().ok_or(KaspiError::OpenMode)?;
        blocking(move || vault.forget()).await?.map_err(KaspiError::Secret)?;
        self.refit_kaspi(self.means().key).await?;
        self.ledger.note("terminal_forgotten", Device::Kaspi.code(), json!({}), &self.act()).await?;
        self.kaspi_state().await
    }

    /// Opens the file of the secrets on a machine without a keychain; a new file is encrypted with it.
    pub async fn open_kaspi_secrets(&self, passphrase: &str) -> Result<State, TillError> {
        let given = Passphrase::new(passphrase).ok_or(KaspiError::Secret(SecretError::PassphraseMissing))?;
        let before = self.workshop.take_passphrase(Some(given));
        self.refit_kaspi(self.means().key).await?;
        if let Some(locked) = self.means().locked.clone() {
            self.workshop.take_passphrase(before);
            self.refit_kaspi(self.means().key).await?;
            return Err(KaspiError::Secret(locked).into());
        }
        self.kaspi_state().await
    }

    /// Drivers anew, from what is kept now.
    async fn refit_kaspi(&self, key: Option<Fingerprint>) -> Result<(), TillError> {
        let settings = self.settings();
        let means = Means { key, ..self.workshop.means(&settings, &self.ledger, Some(&self.means())).await? };
        let terminals = (self.drivers)(&settings, &means)?;
        self.refit(means, terminals);
        Ok(())
    }
}
