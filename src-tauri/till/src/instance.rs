//! One till per data folder: a second one is refused, however it was started.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::Path;

/// Held as long as the till runs; the system lets go of it when the process ends, however it ends.
pub struct Instance {
    _file: File,
}

#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    #[error("another Kassa is open on this data folder")]
    Taken,
    #[error("the data folder cannot be used: {0}")]
    Unusable(#[from] std::io::Error),
}

impl Instance {
    pub fn take(directory: &Path) -> Result<Instance, InstanceError> {
        std::fs::create_dir_all(directory)?;
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(directory.join("kassa.lock"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(InstanceError::Taken),
            Err(TryLockError::Error(error)) => return Err(InstanceError::Unusable(error)),
        }
        file.set_len(0)?;
        writeln!(file, "{}", std::process::id())?;
        Ok(Instance { _file: file })
    }
}
