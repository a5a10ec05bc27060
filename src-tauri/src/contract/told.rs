//! Tells the screen only the cart lines it does not have yet.

use super::{CartLine, Told, View};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the screen was told last. Tellings may arrive in another order than they were made; the screen then asks for
/// the whole.
#[derive(Default)]
pub struct Telling {
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    serial: u64,
    revision: u64,
    lines: Vec<CartLine>,
}

impl Telling {
    /// The whole view, for a screen that has nothing.
    pub fn whole(&self, view: View) -> Told {
        let mut last = self.last();
        *last = Last { serial: last.serial + 1, revision: view.revision, lines: view.cart.lines.clone() };
        Told { view, serial: last.serial, base: None, first_kept: 0, last_kept: 0 }
    }

    /// The screen has been told of this revision, or of a later one.
    pub fn has_told(&self, revision: u64) -> bool {
        self.last().revision >= revision
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The view with the lines that changed since the last telling.
    pub fn news(&self, mut view: View) -> Told {
        let mut last = self.last();
        let lines = std::mem::take(&mut view.cart.lines);
        let base = last.serial;
        let (first, end) = kept(&last.lines, &lines);
        view.cart.lines = lines[first..lines.len() - end].to_vec();
        *last = Last { serial: base + 1, revision: view.revision, lines };
        Told { view, serial: base + 1, base: Some(base), first_kept: first as u32, last_kept: end as u32 }
    }
}

/// How many stay the same at the beginning, and how many of the others at the end.
fn kept<T: PartialEq>(known: &[T], lines: &[T]) -> (usize, usize) {
    let first = known.iter().zip(lines).take_while(|(before, now)| before == now).count();
    let rest = known.len().min(lines.len()) - first;
    let last = known.iter().rev().zip(lines.iter().rev()).take(rest).take_while(|(before, now)| before == now).count();
    (first, last)
}

#[cfg(test)]
mod tests {
    use super::kept;

    #[test]
    fn only_what_lies_between_is_told() {
        for (known, lines, expected) in [
            ("", "a", (0, 0)),
            ("abc", "abcd", (3, 0)),
            ("abc", "axc", (1, 1)),
            ("abc", "ac", (1, 1)),
            ("aaa", "aa", (2, 0)),
            ("aa", "aaa", (2, 0)),
            ("abc", "abc", (3, 0)),
            ("abc", "", (0, 0)),
        ] {
            assert_eq!(kept(known.as_bytes(), lines.as_bytes()), expected, "{known} to {lines}");
        }
    }
}
