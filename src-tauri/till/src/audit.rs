//! The journal for people to read: a page at a time, newest first.

use crate::records::Records;
use crate::{Entry, TillError, Verified};
use database::audit::{Known, Wanted};

/// Facts on a page.
const PAGE: u32 = 50;
/// About a year of days the shop was open.
const DAYS_OFFERED: u32 = 400;

pub struct JournalPage {
    /// Newest first.
    pub entries: Vec<Entry>,
    /// There are older ones, before the fact with this number.
    pub older: Option<i64>,
    /// The days that have facts, newest first.
    pub days: Vec<String>,
    /// Everybody the shop has had.
    pub people: Vec<Known>,
}

impl Records {
    pub async fn journal_page(&self, wanted: &Wanted) -> Result<JournalPage, TillError> {
        let mut entries = self.ledger.newest(wanted, PAGE + 1).await?;
        let more = entries.len() > PAGE as usize;
        entries.truncate(PAGE as usize);
        Ok(JournalPage {
            older: entries.last().filter(|_| more).map(|last| last.seq),
            entries,
            days: self.ledger.days(DAYS_OFFERED).await?,
            people: self.ledger.everybody().await?,
        })
    }

    /// Walks the whole chain. Answers with it the last fact that fits.
    pub async fn journal_state(&self) -> Result<(Verified, Option<Entry>), TillError> {
        let verified = self.verify_journal().await?;
        let whole = verified.broken_at.map_or(verified.entries, |broken| broken - 1);
        let last = Wanted { before: Some(whole + 1), ..Wanted::default() };
        Ok((verified, self.ledger.newest(&last, 1).await?.pop()))
    }
}
