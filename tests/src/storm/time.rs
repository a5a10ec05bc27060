//! The till's clock in the storm. Every look at it is a point at which the till may be killed: it looks before each
//! commit and between any two steps of a conversation. So is every change that it shows.

use super::world::{Shared, reached, waiting};
use checkout::ports::Answering;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use till::Till;
use till::clock::Clock;
use tokio::sync::watch::Receiver;
use uuid::{Builder, Uuid};

type Changed = Pin<Box<dyn Future<Output = Receiver<u64>> + Send>>;

pub struct StormClock {
    world: Shared,
    /// Which run of the till it belongs to.
    life: u32,
    /// What the monotonic clock showed when this run began.
    zero_ms: i64,
    changes: Mutex<Option<Changed>>,
}

/// Called in the very moment in which the till says that something changed.
struct ChangeSeen {
    world: Shared,
    life: u32,
}

impl Wake for ChangeSeen {
    fn wake(self: Arc<Self>) {
        reached(&self.world, self.life);
    }
}

impl StormClock {
    pub fn new(world: Shared, life: u32, zero_ms: i64) -> StormClock {
        StormClock { world, life, zero_ms, changes: Mutex::new(None) }
    }

    /// Changes of this till are points at which it may be killed.
    pub fn follow(&self, till: &Till) {
        *self.changes.lock().unwrap() = Some(next_change(till.changes()));
        self.listen();
    }

    fn listen(&self) {
        let mut changes = self.changes.lock().unwrap();
        let Some(next) = changes.as_mut() else { return };
        let waker = Waker::from(Arc::new(ChangeSeen { world: self.world.clone(), life: self.life }));
        while let Poll::Ready(receiver) = next.as_mut().poll(&mut Context::from_waker(&waker)) {
            *next = next_change(receiver);
        }
    }

    fn look(&self) {
        reached(&self.world, self.life);
        self.listen();
    }
}

fn next_change(mut receiver: Receiver<u64>) -> Changed {
    Box::pin(async move {
        receiver.mark_unchanged();
        let _ = receiver.changed().await;
        receiver
    })
}

impl Clock for StormClock {
    fn now_ms(&self) -> i64 {
        self.look();
        self.world.lock().unwrap().now_ms - self.zero_ms
    }

    fn wall(&self) -> Zoned {
        self.look();
        let wall_ms = self.world.lock().unwrap().wall_ms();
        Timestamp::from_millisecond(wall_ms).unwrap().to_zoned(TimeZone::fixed(Offset::constant(5)))
    }

    fn uptime(&self) -> (String, i64) {
        self.look();
        let world = self.world.lock().unwrap();
        (world.boot.to_string(), world.now_ms - world.booted_ms)
    }

    fn new_id(&self) -> Uuid {
        self.look();
        let number = self.world.lock().unwrap().next_number();
        let mut random = [0; 10];
        random[2..].copy_from_slice(&number.to_be_bytes());
        Builder::from_unix_timestamp_millis(1_700_000_000_000 + number, &random).into_uuid()
    }

    fn sleep_until(&self, at_ms: i64) -> Answering<'_, ()> {
        self.look();
        Box::pin(waiting(&self.world, self.life, at_ms + self.zero_ms))
    }
}
