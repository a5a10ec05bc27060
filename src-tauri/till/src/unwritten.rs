//! What devices have said and the disk has not taken yet. It is kept and written again; meanwhile the screen says so.

use crate::Till;
use checkout::payment::AttemptId;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

#[derive(Default)]
pub(crate) struct Unwritten(Mutex<HashSet<AttemptId>>);

impl Till {
    /// A fact about this attempt was refused by the disk, or has been taken by it.
    pub(crate) fn note_unwritten(&self, attempt: AttemptId, unwritten: bool) {
        let mut all = self.unwritten.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = if unwritten { all.insert(attempt) } else { all.remove(&attempt) };
        drop(all);
        if new {
            self.changed();
        }
    }

    pub(crate) fn is_unwritten(&self, attempt: AttemptId) -> bool {
        self.unwritten.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&attempt)
    }

    pub(crate) fn has_unwritten(&self) -> bool {
        !self.unwritten.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}
