//! An import from the screen: the file is read and compared, shown, and then taken. It runs beside the sales, on a
//! thread of its own, and is stopped by a flag.

use crate::import::{Preview, Watch};
use crate::seat::{in_the_same_name, pass_now};
use crate::{Imported, Till, TillError};
use database::DatabaseError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;

/// How far it is.
#[derive(Debug, Clone, Default)]
pub enum Phase {
    #[default]
    None,
    Reading {
        rows: usize,
    },
    /// Read and compared; nothing is changed yet.
    Ready(Arc<Preview>),
    Taking {
        rows: usize,
        total: usize,
    },
    Done(Imported),
    /// The goods before the last import are back.
    Undone,
    /// By a person, with nothing changed.
    Stopped,
    /// With nothing changed.
    Failed(Arc<TillError>),
}

impl Phase {
    fn under_way(&self) -> bool {
        matches!(self, Phase::Reading { .. } | Phase::Taking { .. })
    }
}

#[derive(Default)]
pub struct Importing {
    job: Mutex<Job>,
    /// Counts the catalogues taken into use in this run.
    catalogues: AtomicU64,
}

#[derive(Default)]
struct Job {
    phase: Phase,
    /// The file, kept from its preview to its import so that both are of the same goods.
    bytes: Arc<Vec<u8>>,
    stop: Arc<AtomicBool>,
}

/// What a run of the import is for.
#[derive(Clone, Copy)]
enum Aim {
    Read,
    Take { total: usize },
}

impl Aim {
    fn at(self, rows: usize) -> Phase {
        match self {
            Aim::Read => Phase::Reading { rows },
            Aim::Take { total } => Phase::Taking { rows, total },
        }
    }
}

impl Till {
    pub fn import_phase(&self) -> Phase {
        self.job().phase.clone()
    }

    /// Changes whenever other goods are in use than before.
    pub fn catalogue_revision(&self) -> u64 {
        self.importing.catalogues.load(Ordering::Relaxed)
    }

    pub async fn item_count(&self) -> Result<i64, TillError> {
        Ok(self.ledger.item_count().await?)
    }

    pub async fn can_undo_import(&self) -> Result<bool, TillError> {
        Ok(self.ledger.can_undo_import().await?)
    }

    fn job(&self) -> MutexGuard<'_, Job> {
        self.importing.job.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a file and compares it with the goods in use. Answers at once; what follows is told by the phase.
    pub fn read_import(self: &Arc<Self>, bytes: Vec<u8>) -> Result<(), TillError> {
        self.begin(Aim::Read, Arc::new(bytes), |phase| !phase.under_way())
    }

    /// Takes the goods of the file that was read. Answers at once; what follows is told by the phase.
    pub fn take_import(self: &Arc<Self>) -> Result<(), TillError> {
        let (bytes, total) = {
            let job = self.job();
            match &job.phase {
                Phase::Ready(preview) if preview.mistakes.is_empty() => (job.bytes.clone(), preview.rows),
                phase if phase.under_way() => return Err(TillError::ImportUnderWay),
                _ => return Err(TillError::NotFound("goods file that could be taken".to_owned())),
            }
        };
        self.begin(Aim::Take { total }, bytes, |phase| matches!(phase, Phase::Ready(_)))
    }

    fn begin(self: &Arc<Self>, aim: Aim, bytes: Arc<Vec<u8>>, may_begin: impl Fn(&Phase) -> bool) -> Result<(), TillError> {
        let stop = Arc::new(AtomicBool::new(false));
        {
            let mut job = self.job();
            if !may_begin(&job.phase) {
                return Err(TillError::ImportUnderWay);
            }
            *job = Job { phase: aim.at(0), bytes: bytes.clone(), stop: stop.clone() };
        }
        self.changed();
        let (till, pass) = (self.clone(), pass_now());
        tokio::spawn(async move {
            let worker = till.clone();
            // Spreadsheets are unpacked in one piece: that must not hold up a sale.
            let run = tokio::task::spawn_blocking(move || {
                Handle::current().block_on(in_the_same_name(pass, worker.run_import(aim, &bytes, &stop)))
            });
            let ended = match run.await {
                Ok(Ok(phase)) => phase,
                Ok(Err(TillError::Import(DatabaseError::Stopped))) => Phase::Stopped,
                Ok(Err(error)) => Phase::Failed(Arc::new(error)),
                Err(fault) => Phase::Failed(Arc::new(TillError::Import(DatabaseError::Import(fault.to_string())))),
            };
            till.import_ended(ended);
        });
        Ok(())
    }

    async fn run_import(&self, aim: Aim, bytes: &[u8], stop: &AtomicBool) -> Result<Phase, TillError> {
        let rows_read = |rows: usize| {
            self.job().phase = aim.at(rows);
            self.changed();
        };
        let watch = Watch { rows_read: &rows_read, stop };
        match aim {
            Aim::Read => Ok(Phase::Ready(Arc::new(self.records().preview_import(bytes, watch).await?))),
            Aim::Take { .. } => Ok(Phase::Done(self.import_watched(bytes, watch).await?.counts)),
        }
    }

    fn import_ended(&self, phase: Phase) {
        if matches!(phase, Phase::Done(_) | Phase::Undone) {
            self.importing.catalogues.fetch_add(1, Ordering::Relaxed);
        }
        {
            let mut job = self.job();
            if !matches!(phase, Phase::Ready(_)) {
                job.bytes = Arc::default();
            }
            job.phase = phase;
        }
        self.changed();
    }

    /// Asks the import under way to stop. Past its last step it is done all the same.
    pub fn stop_import(&self) {
        self.job().stop.store(true, Ordering::Relaxed);
    }

    /// Forgets the file or the outcome on the screen.
    pub fn leave_import(&self) -> Result<(), TillError> {
        if self.job().phase.under_way() {
            return Err(TillError::ImportUnderWay);
        }
        self.import_ended(Phase::None);
        Ok(())
    }

    /// Takes the goods before the last import into use again.
    pub async fn take_back_import(&self) -> Result<(), TillError> {
        if self.job().phase.under_way() {
            return Err(TillError::ImportUnderWay);
        }
        self.undo_import().await?;
        self.import_ended(Phase::Undone);
        Ok(())
    }
}
