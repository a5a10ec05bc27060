//! What is done beside the sales, so that no commit waits for it: counting what sells, and bringing the write-ahead
//! log into the ledger file. Neither is money: what a crash takes of the counts is lost, and the log is read at the
//! next start. It is done every so many commits, and when the till closes.

use crate::DatabaseError;
use checkout::quantity::Unit;
use checkout::sale::Line;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// So many commits, of some fifteen pages each, from turn to turn.
const COMMITS_A_TURN: u32 = 64;

pub(crate) struct Upkeep {
    writer: SqlitePool,
    /// A connection of its own for the checkpoints: sales go on meanwhile.
    hand: SqlitePool,
    /// Sold and not yet counted on the disk, by item.
    sold: Mutex<BTreeMap<i64, i64>>,
    commits: AtomicU32,
}

impl Upkeep {
    pub(crate) fn new(writer: SqlitePool, options: &SqliteConnectOptions) -> Arc<Upkeep> {
        let hand = SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options.clone());
        Arc::new(Upkeep { writer, hand, sold: Mutex::default(), commits: AtomicU32::new(0) })
    }

    /// Counts a sale's goods for the order of search: pieces by their number, what is weighed or measured by the line.
    pub(crate) fn sold(&self, lines: &[Line]) {
        let mut sold = self.sold.lock().unwrap_or_else(PoisonError::into_inner);
        for line in lines {
            let pieces = if line.good.unit == Unit::Piece { line.quantity.milli() / 1000 } else { 1 };
            let count = sold.entry(line.good.item).or_default();
            *count = count.saturating_add(pieces);
        }
    }

    pub(crate) fn uncounted(&self) -> BTreeMap<i64, i64> {
        self.sold.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Called behind each commit; the work goes on beside it.
    pub(crate) fn committed(self: &Arc<Self>) {
        if (self.commits.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(COMMITS_A_TURN) {
            let upkeep = self.clone();
            tokio::spawn(async move { upkeep.run().await });
        }
    }

    async fn run(&self) {
        // A full disk, or a ledger being closed: neither is worth a word, and the next turn tries again.
        let _ = self.count().await;
        let _ = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&self.hand).await;
    }

    /// By the writer: were another connection to write, the writer would have to read its pages again.
    async fn count(&self) -> Result<(), DatabaseError> {
        let sold = std::mem::take(&mut *self.sold.lock().unwrap_or_else(PoisonError::into_inner));
        if sold.is_empty() {
            return Ok(());
        }
        crate::catalogue::note_sold(&mut *self.writer.acquire().await?, &sold).await
    }

    /// Writes what is left to count.
    pub(crate) async fn close(&self) {
        let _ = self.count().await;
        self.hand.close().await;
    }
}
