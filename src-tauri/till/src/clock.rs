//! Time and fresh ids, as the till takes them. Tests bring their own.

use checkout::ports::Answering;
use jiff::Zoned;
use std::time::{Duration, Instant};
use uuid::Uuid;

pub trait Clock: Send + Sync {
    /// Milliseconds of a clock that never jumps. Its zero means nothing.
    fn now_ms(&self) -> i64;

    /// The wall clock: a label on facts, never their order.
    fn wall(&self) -> Zoned;

    /// Which run of the machine this is, and milliseconds since its start: the only times that can be
    /// compared across a restart of the till.
    fn uptime(&self) -> (String, i64);

    /// Milliseconds since the machine was started, what it has slept with it; `now_ms` may stand still meanwhile.
    fn up_ms(&self) -> i64 {
        self.uptime().1
    }

    /// A new UUIDv7.
    fn new_id(&self) -> Uuid;

    /// Waits until `now_ms` reaches a moment.
    fn sleep_until(&self, at_ms: i64) -> Answering<'_, ()>;
}

/// The machine's clocks.
pub struct SystemClock {
    start: Instant,
    /// The system's name for this run of the machine. Where it has none, every run of the till is one.
    boot: Option<String>,
    own_run: Uuid,
}

impl Default for SystemClock {
    fn default() -> Self {
        SystemClock { start: Instant::now(), boot: linux_boot(), own_run: Uuid::now_v7() }
    }
}

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        i64::try_from(self.start.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    fn wall(&self) -> Zoned {
        Zoned::now()
    }

    fn uptime(&self) -> (String, i64) {
        let named = self.boot.clone().and_then(|boot| Some((boot, linux_up_ms()?)));
        named.unwrap_or_else(|| (self.own_run.to_string(), self.now_ms()))
    }

    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn sleep_until(&self, at_ms: i64) -> Answering<'_, ()> {
        let wait = Duration::from_millis(u64::try_from(at_ms - self.now_ms()).unwrap_or(0));
        Box::pin(tokio::time::sleep(wait))
    }
}

fn linux_boot() -> Option<String> {
    Some(std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().to_owned())
}

/// It counts while the machine sleeps.
fn linux_up_ms() -> Option<i64> {
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    let (seconds, hundredths) = uptime.split_whitespace().next()?.split_once('.')?;
    Some(seconds.parse::<i64>().ok()? * 1000 + hundredths.parse::<i64>().ok()? * 10)
}
