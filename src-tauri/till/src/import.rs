//! Goods into the catalogue: read, compared, staged beside the catalogue in use, taken into use in one step.

use crate::goods::{self, Goods, GoodsError, Mistake, RowError};
use crate::records::Records;
use crate::settings::Settings;
use crate::{Till, TillError};
use database::DatabaseError;
use database::catalogue::Item;
use database::import::{Clash, ClashWith, Imported, Staging};
use std::sync::atomic::{AtomicBool, Ordering};

/// Who watches an import, and how it is stopped.
pub struct Watch<'a> {
    /// Told after every batch how many rows have been read.
    pub rows_read: &'a (dyn Fn(usize) + Sync),
    /// Once true, the import ends with nothing changed.
    pub stop: &'a AtomicBool,
}

impl Watch<'_> {
    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// What an import changes, with the first rows as they were understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub counts: Imported,
    pub first: Vec<Item>,
    /// Rows without mistakes.
    pub rows: usize,
    /// Of a preview alone: the import itself refuses a file that has any.
    pub mistakes: Vec<RowError>,
}

const ROWS_A_BATCH: usize = 2_000;
const FIRST_ROWS: usize = 10;

impl Till {
    /// Reads a goods file and takes it whole, or not at all. `dry_run` only reads and compares.
    pub async fn import(&self, bytes: &[u8], dry_run: bool) -> Result<Imported, TillError> {
        let watch = Watch { rows_read: &|_| {}, stop: &AtomicBool::new(false) };
        let preview = if dry_run { self.records().try_import(bytes, watch).await? } else { self.import_watched(bytes, watch).await? };
        Ok(preview.counts)
    }

    /// Takes a goods file in, watched. Sales go on meanwhile. Either every row is good, or the mistakes are told by row
    /// and the catalogue stays as it was.
    pub async fn import_watched(&self, bytes: &[u8], watch: Watch<'_>) -> Result<Preview, TillError> {
        let mut staging = self.ledger.stage().await?;
        let preview = read(bytes, &self.settings(), &mut staging, &watch).await?.without_mistakes()?;
        staging.finish(preview.counts, &self.act(), || watch.is_stopped()).await?;
        self.changed();
        Ok(preview)
    }

    /// Takes the catalogue before the last import into use again.
    pub async fn undo_import(&self) -> Result<(), TillError> {
        self.ledger.undo_import(&self.act()).await?;
        self.changed();
        Ok(())
    }
}

impl Records {
    /// What an import would do. Nothing of the till's is written, so another till may run on the folder.
    pub async fn try_import(&self, bytes: &[u8], watch: Watch<'_>) -> Result<Preview, TillError> {
        Ok(self.preview_import(bytes, watch).await?.without_mistakes()?)
    }

    /// The same, with the mistakes as part of the answer.
    pub async fn preview_import(&self, bytes: &[u8], watch: Watch<'_>) -> Result<Preview, TillError> {
        let mut staging = self.ledger.try_out().await?;
        read(bytes, &self.settings(), &mut staging, &watch).await
    }
}

impl Preview {
    fn without_mistakes(self) -> Result<Preview, GoodsError> {
        if self.mistakes.is_empty() { Ok(self) } else { Err(GoodsError::Rows(self.mistakes)) }
    }
}

/// Reads a goods file into the staging and compares it with the catalogue in use.
async fn read(bytes: &[u8], settings: &Settings, staging: &mut Staging<'_>, watch: &Watch<'_>) -> Result<Preview, TillError> {
    let goods = goods::open(bytes, settings.currency, settings.default_vat)?;
    let (mut first, mut rows) = (Vec::new(), 0);
    let (mut goods, mut batch) = next_batch(goods).await?;
    while !batch.is_empty() {
        rows += batch.len();
        let room = FIRST_ROWS - first.len();
        first.extend(batch.iter().take(room).map(|(_, item)| item.clone()));
        let ahead = next_batch(goods);
        let clashes = staging.add(batch).await?;
        (goods, batch) = ahead.await?;
        for clash in clashes {
            tell(&mut goods, &clash);
        }
        (watch.rows_read)(rows);
        if watch.is_stopped() {
            return Err(DatabaseError::Stopped.into());
        }
    }
    let (clashes, counts) = staging.compare().await?;
    for clash in &clashes {
        tell(&mut goods, clash);
    }
    let mistakes = goods.into_mistakes();
    if rows == 0 && mistakes.is_empty() {
        return Err(GoodsError::Empty.into());
    }
    Ok(Preview { counts, first, rows, mistakes })
}

/// Reads on at once, on a thread of its own: a batch is read while the one before it is written.
fn next_batch(mut goods: Goods) -> impl Future<Output = Result<(Goods, Vec<(usize, Item)>), TillError>> {
    let reading = tokio::task::spawn_blocking(move || {
        let batch = goods.next(ROWS_A_BATCH)?;
        Ok((goods, batch))
    });
    async { reading.await.unwrap_or_else(|stopped| Err(DatabaseError::Import(stopped.to_string()).into())) }
}

fn tell(goods: &mut Goods, clash: &Clash) {
    let code = clash.what.clone();
    let mistake = match &clash.with {
        ClashWith::Row(row) => Mistake::SameGood { code, row: *row },
        ClashWith::Good(name) => Mistake::OthersBarcode { code, name: name.clone() },
    };
    goods.wrong(clash.row, "barcode", mistake);
}
