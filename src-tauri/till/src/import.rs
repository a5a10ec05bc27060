//! Goods into the catalogue: read, compared, staged beside the catalogue in use, taken into use in one step.

use crate::goods::{self, Goods, GoodsError, Mistake, RowError};
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
    fn stopped(&self) -> bool {
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
        Ok(self.import_watched(bytes, dry_run, watch).await?.counts)
    }

    /// The same, watched. Sales go on meanwhile. Either every row is good, or the mistakes are told by row and the
    /// catalogue stays as it was.
    pub async fn import_watched(&self, bytes: &[u8], dry_run: bool, watch: Watch<'_>) -> Result<Preview, TillError> {
        let (preview, staging) = self.read_goods(bytes, &watch).await?;
        if !preview.mistakes.is_empty() {
            return Err(GoodsError::Rows(preview.mistakes).into());
        }
        if preview.rows == 0 {
            return Err(GoodsError::Empty.into());
        }
        if !dry_run {
            staging.finish(preview.counts, &self.clock.wall(), || watch.stopped()).await?;
            self.changed();
        }
        Ok(preview)
    }

    /// Reads and compares; mistakes are part of the answer.
    pub async fn preview_import(&self, bytes: &[u8], watch: Watch<'_>) -> Result<Preview, TillError> {
        let (preview, _) = self.read_goods(bytes, &watch).await?;
        if preview.rows == 0 && preview.mistakes.is_empty() {
            return Err(GoodsError::Empty.into());
        }
        Ok(preview)
    }

    async fn read_goods(&self, bytes: &[u8], watch: &Watch<'_>) -> Result<(Preview, Staging<'_>), TillError> {
        let settings = self.settings();
        let mut goods = goods::open(bytes, settings.currency, settings.default_vat)?;
        let mut staging = self.ledger.stage().await?;
        let (mut first, mut rows) = (Vec::new(), 0);
        loop {
            let batch = goods.next(ROWS_A_BATCH)?;
            if batch.is_empty() {
                break;
            }
            rows += batch.len();
            let room = FIRST_ROWS - first.len();
            first.extend(batch.iter().take(room).map(|(_, item)| item.clone()));
            for clash in staging.add(batch).await? {
                tell(&mut goods, &clash);
            }
            (watch.rows_read)(rows);
            if watch.stopped() {
                return Err(DatabaseError::Stopped.into());
            }
        }
        let (clashes, counts) = staging.compare().await?;
        for clash in &clashes {
            tell(&mut goods, clash);
        }
        Ok((Preview { counts, first, rows, mistakes: goods.into_mistakes() }, staging))
    }

    /// Takes the catalogue before the last import into use again.
    pub async fn undo_import(&self) -> Result<(), TillError> {
        self.ledger.undo_import(&self.clock.wall()).await?;
        self.changed();
        Ok(())
    }
}

fn tell(goods: &mut Goods, clash: &Clash) {
    let code = clash.what.clone();
    let mistake = match &clash.with {
        ClashWith::Row(row) => Mistake::SameGood { code, row: *row },
        ClashWith::Good(name) => Mistake::OthersBarcode { code, name: name.clone() },
    };
    goods.wrong(clash.row, "barcode", mistake);
}
