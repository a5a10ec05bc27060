//! One till per data folder: a second one is refused, however it was started.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::Path;

/// Held as long as the till runs; the system lets go of it when the process ends, however it ends.
pub struct Instance {
    file: File,
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
        Ok(Instance { file })
    }
}

impl Drop for Instance {
    /// Closing the file alone would leave the lock to a process that is just being started and still has a copy of it.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_free_again_though_a_copy_of_its_lock_is_still_open() {
        let folder = tempfile::tempdir().unwrap();
        let held = Instance::take(folder.path()).unwrap();
        assert!(matches!(Instance::take(folder.path()), Err(InstanceError::Taken)));
        let copy = held.file.try_clone().unwrap();
        drop(held);
        Instance::take(folder.path()).expect("let go of explicitly");
        drop(copy);
    }
}
