//! Goods into the catalogue: read, compared, staged beside the catalogue in use, taken into use in one step.

use crate::goods::{self, GoodsError};
use crate::{Till, TillError};
use database::DatabaseError;
use database::catalogue::Item;
use database::import::{Clash, ClashWith, Imported};
use std::sync::atomic::{AtomicBool, Ordering};

/// Who watches an import, and how it is stopped.
pub struct Watch<'a> {
    /// Told after every batch how many rows have been read.
    pub rows_read: &'a (dyn Fn(usize) + Sync),
    /// Once true, the import ends with nothing changed.
    pub stop: &'a AtomicBool,
}

/// What an import changes, with the first rows as they were understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub counts: Imported,
    pub first: Vec<Item>,
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
        let stopped = || watch.stop.load(Ordering::Relaxed);
        let mut goods = goods::open(bytes, self.settings.currency, self.settings.default_vat)?;
        let mut staging = self.ledger.stage().await?;
        let (mut first, mut read) = (Vec::new(), 0);
        loop {
            let batch = goods.next(ROWS_A_BATCH)?;
            if batch.is_empty() {
                break;
            }
            read += batch.len();
            let room = FIRST_ROWS - first.len();
            first.extend(batch.iter().take(room).map(|(_, item)| item.clone()));
            for clash in staging.add(batch).await? {
                tell(&mut goods, &clash);
            }
            (watch.rows_read)(read);
            if stopped() {
                return Err(DatabaseError::Stopped.into());
            }
        }
        let (clashes, counts) = staging.compare().await?;
        for clash in &clashes {
            tell(&mut goods, clash);
        }
        goods.check()?;
        if read == 0 {
            return Err(GoodsError::Empty.into());
        }
        if !dry_run {
            staging.finish(counts, &self.clock.wall(), stopped).await?;
            self.changed();
        }
        Ok(Preview { counts, first })
    }

    /// Takes the catalogue before the last import into use again.
    pub async fn undo_import(&self) -> Result<(), TillError> {
        self.ledger.undo_import(&self.clock.wall()).await?;
        self.changed();
        Ok(())
    }
}

fn tell(goods: &mut goods::Goods, clash: &Clash) {
    let message = match &clash.with {
        ClashWith::Row(row) => format!("“{}” is the same good as row {row}", clash.what),
        ClashWith::Good(name) => format!("“{}” is the barcode of “{name}” already", clash.what),
    };
    goods.wrong(clash.row, "barcode", message);
}
