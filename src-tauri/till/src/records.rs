//! What was written down, for reading: works beside a running till.

use crate::settings::Settings;
use crate::{Entry, Exported, Found, StoredAttempt, StoredRefund, StoredSale, TillError, Verified};
use checkout::payment::{AttemptId, RefundId, SaleId};
use database::{Ledger, head, rescue};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

pub struct Records {
    pub(crate) ledger: Arc<Ledger>,
    settings: RwLock<Arc<Settings>>,
    training: bool,
    directory: PathBuf,
}

impl Records {
    pub(crate) fn new(ledger: Arc<Ledger>, settings: Settings, training: bool, directory: PathBuf) -> Records {
        Records { ledger, settings: RwLock::new(Arc::new(settings)), training, directory }
    }

    /// Opens a folder for reading alone; another till may be running on it.
    pub async fn open(directory: &Path) -> Result<Records, TillError> {
        expect_shop(directory)?;
        let ledger = Arc::new(Ledger::open_for_reading(directory).await?);
        let settings = settings_of(&ledger).await?;
        Ok(Records::new(ledger, settings, false, directory.to_owned()))
    }

    /// The settings that hold now.
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn adopt(&self, settings: Settings) {
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    pub fn directory(&self) -> &Path {
        &self.directory
    }

    pub fn training(&self) -> bool {
        self.training
    }

    /// All payment attempts, or the open ones, oldest first.
    pub async fn attempts(&self, open_only: bool) -> Result<Vec<StoredAttempt>, TillError> {
        Ok(self.ledger.attempts(open_only).await?)
    }

    pub async fn attempt(&self, attempt: AttemptId) -> Result<StoredAttempt, TillError> {
        Ok(self.ledger.attempt(attempt).await?)
    }

    pub async fn attempts_of(&self, sale: SaleId) -> Result<Vec<StoredAttempt>, TillError> {
        Ok(self.ledger.attempts_of(sale).await?)
    }

    pub async fn sale(&self, sale: SaleId) -> Result<Option<StoredSale>, TillError> {
        Ok(self.ledger.sale(sale).await?)
    }

    pub async fn refund(&self, refund: RefundId) -> Result<Option<StoredRefund>, TillError> {
        Ok(self.ledger.refund(refund).await?)
    }

    /// Refunds of which money has still to go back.
    pub async fn open_refunds(&self) -> Result<Vec<StoredRefund>, TillError> {
        Ok(self.ledger.open_refunds().await?)
    }

    /// Sales that are neither closed nor given up.
    pub async fn open_sales(&self) -> Result<Vec<StoredSale>, TillError> {
        Ok(self.ledger.open_sales().await?)
    }

    /// The facts about one attempt or sale, oldest first.
    pub async fn history(&self, subject: &str) -> Result<Vec<Entry>, TillError> {
        Ok(self.ledger.history(subject).await?)
    }

    /// Goods for a typed text, best first.
    pub async fn search(&self, text: &str) -> Result<Vec<Found>, TillError> {
        let language = self.ledger.setting("language").await?.unwrap_or_else(|| self.settings().language.clone());
        Ok(self.ledger.search(text, self.settings().currency, &language).await?)
    }

    /// Walks the journal's chain.
    pub async fn verify_journal(&self) -> Result<Verified, TillError> {
        Ok(self.ledger.verify_journal().await?)
    }

    /// Looks at the whole ledger and answers what is wrong with it.
    pub async fn check(&self) -> Result<Vec<String>, TillError> {
        Ok(self.ledger.check().await?)
    }
}

/// A folder without a ledger holds no shop, unless one was there before.
pub(crate) fn expect_shop(directory: &Path) -> Result<(), TillError> {
    head::expect_ledger(directory, head::read(directory).as_ref())?;
    if directory.join("ledger.db").exists() { Ok(()) } else { Err(TillError::NoShop) }
}

/// Writes the journal, or the facts of one person, as JSON Lines: also what can be read of a damaged one, which no till would open.
pub async fn export_journal(directory: &Path, of: Option<&str>, out: &mut (dyn Write + Send)) -> Result<Exported, TillError> {
    let Some(name) = of else { return Ok(rescue::export_journal(directory, None, out).await?) };
    let ledger = Ledger::open_for_reading(directory).await?;
    let people = ledger.people_named(name.trim()).await;
    ledger.close().await;
    let people = people?;
    if people.is_empty() {
        return Err(TillError::NotFound(format!("person called “{name}”")));
    }
    Ok(rescue::export_journal(directory, Some(&people), out).await?)
}

pub(crate) async fn settings_of(ledger: &Ledger) -> Result<Settings, TillError> {
    let shop = ledger.setting("shop").await?.ok_or(TillError::NoShop)?;
    Ok(Settings::parse(&shop)?)
}
