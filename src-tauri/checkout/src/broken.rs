//! Rules of the payment path, broken on purpose, so that tests can prove that the storm notices. In no build but one with
//! the feature `broken`; there one rule at a time is broken on the thread that asks for it.

use std::cell::Cell;

/// What is done wrong. The numbers are those of the design's payment rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// 1: the first byte leaves before the intent is committed.
    IntentAfterFirstByte,
    /// 2: a start whose reply was lost is sent again.
    StartSentAgain,
    /// 2: a start whose reply was lost is taken for one that never began.
    SilenceIsNo,
    /// 3: a device that does not know yet is taken for one that said yes.
    UnsureIsYes,
    /// 4: the next payment begins on a device whose last is not final.
    NextBeforeFinal,
    /// 5: the amount answered is not compared with the amount asked.
    AmountNotCompared,
}

impl Broken {
    pub const ALL: [Broken; 6] = [
        Broken::IntentAfterFirstByte,
        Broken::StartSentAgain,
        Broken::SilenceIsNo,
        Broken::UnsureIsYes,
        Broken::NextBeforeFinal,
        Broken::AmountNotCompared,
    ];

    /// From now on this is done wrong on this thread.
    pub fn begin(self) {
        BROKEN.set(Some(self));
    }

    pub fn is_on(self) -> bool {
        BROKEN.get() == Some(self)
    }
}

thread_local! {
    static BROKEN: Cell<Option<Broken>> = const { Cell::new(None) };
}
