//! The world around one till: time, two terminals, what is under way between them, and the moment in which the till
//! is killed. Time passes only when everything in the till stands still, one event at a time; so a seed replays exactly.

use super::faults::{Counts, Faults};
use super::photograph::photograph;
use crate::chance::Chance;
use checkout::payment::{Attempt, AttemptId};
use drivers::kaspi::tokens::{Pair, Tokens};
use simulators::kaspi::{Protection, Request, Settings, Terminal};
use simulators::ledger::{Entry, State};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use tokio::sync::Notify;

pub type Shared = Arc<Mutex<World>>;

/// What the terminal lists the till as.
pub const NAME: &str = "Kassa";

/// Monday, 9 in the morning in Almaty.
const MORNING_MS: i64 = 1_774_843_200_000;

/// A payment that reached a terminal, for this attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    pub attempt: AttemptId,
    pub terminal: usize,
    pub operation: String,
}

/// Something that happens by itself.
#[derive(Debug, Clone)]
pub enum Deed {
    /// A request arrives long after the till gave up waiting.
    Arrives {
        terminal: usize,
        request: Request,
        attempt: AttemptId,
    },
    TerminalRestarts {
        remembers: bool,
    },
    Internet(bool),
    CancelOnTerminal,
    /// As after a day, or after the terminal's clock was set.
    TokensEnd,
    /// Somebody takes the till off the terminal's list.
    Forbidden,
}

struct Wait {
    due_ms: i64,
    released: bool,
    waker: Option<Waker>,
}

pub struct World {
    pub now_ms: i64,
    /// What the wall clock is wrong by.
    pub wall_error_ms: i64,
    pub boot: u32,
    pub booted_ms: i64,
    /// The shop's own terminal, and another that may stand at its address.
    pub terminals: [Terminal; 2],
    pub faults: Faults,
    pub counts: Counts,
    pub starts: Vec<Start>,
    /// The attempt whose start the driver was told to send.
    pub paying: Option<AttemptId>,
    /// When the driver was told so.
    began: BTreeMap<AttemptId, i64>,
    /// Operations the till has asked about: it knows them.
    pub asked: BTreeSet<String>,
    /// What a person gave back on a terminal, by attempt, in minor units.
    pub returned: BTreeMap<AttemptId, i64>,
    /// Attempts that were decided before their end.
    pub hasty: BTreeSet<AttemptId>,
    /// Every other shop has its terminal's protection on.
    pub protected: bool,
    /// The keychain: beside the folder, and whole or not at all.
    pub kept: Option<Pair>,
    /// Those in use in this life.
    pub tokens: Option<Arc<Tokens>>,
    pub folder: PathBuf,
    /// So many points from now the till is killed.
    pub dies_in: Option<u32>,
    pub life: u32,
    /// The folder as the killed till left it.
    pub left: Option<PathBuf>,
    /// Conversations under way in this life.
    talking: usize,
    waits: BTreeMap<u64, Wait>,
    deeds: Vec<(i64, u64, Deed)>,
    number: u64,
    pub stirred: Arc<Notify>,
}

impl World {
    pub fn new(seed: u64, folder: PathBuf) -> World {
        let protected = seed.is_multiple_of(2);
        let strict = seed.is_multiple_of(4);
        let guard = Protection { one_time_refresh: strict, expired_is_401: strict, ..Protection::default() };
        let terminal = |serial: &str| {
            let protection = protected.then(|| guard.clone());
            Terminal::new(Settings { serial: serial.to_owned(), protection, ..Settings::default() }, Default::default())
        };
        World {
            now_ms: MORNING_MS,
            wall_error_ms: 0,
            boot: 1,
            booted_ms: MORNING_MS,
            terminals: [terminal("00043010171"), terminal("00043010188")],
            faults: Faults::new(Chance::new(seed ^ 0x5707)),
            counts: Counts::default(),
            starts: Vec::new(),
            paying: None,
            began: BTreeMap::new(),
            asked: BTreeSet::new(),
            returned: BTreeMap::new(),
            hasty: BTreeSet::new(),
            protected,
            kept: None,
            tokens: None,
            folder,
            dies_in: None,
            life: 0,
            left: None,
            talking: 0,
            waits: BTreeMap::new(),
            deeds: Vec::new(),
            number: 0,
            stirred: Arc::default(),
        }
    }

    pub fn wall_ms(&self) -> i64 {
        self.now_ms + self.wall_error_ms
    }

    pub fn next_number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    pub fn plan(&mut self, after_ms: i64, deed: Deed) {
        let number = self.next_number();
        self.deeds.push((self.now_ms + after_ms, number, deed));
    }

    /// What the terminals' own ledgers say of an attempt.
    pub fn truth(&self, attempt: AttemptId) -> Truth {
        let mut truth = Truth { running: false, charged_minor: 0 };
        for start in self.starts.iter().filter(|start| start.attempt == attempt) {
            match self.entry(start) {
                Some(entry) if entry.state == State::Approved => truth.charged_minor += entry.amount_minor,
                Some(_) => {}
                None => truth.running = true,
            }
        }
        truth.running |= self.deeds.iter().any(|(_, _, deed)| matches!(deed, Deed::Arrives { attempt: late, .. } if *late == attempt));
        truth
    }

    /// From here on a payment of this attempt may leave the till.
    pub fn begins(&mut self, attempt: AttemptId) {
        self.paying = Some(attempt);
        self.began.insert(attempt, self.now_ms);
    }

    pub fn began_ms(&self, attempt: AttemptId) -> i64 {
        self.began.get(&attempt).copied().unwrap_or(0)
    }

    /// The till's terminal still knows the attempt's operation.
    pub fn knows(&self, attempt: &Attempt) -> bool {
        let known = self.terminals[0].operations();
        attempt.operation_id.as_ref().is_some_and(|id| known.iter().any(|operation| operation.process_id == *id))
    }

    /// A person said "not paid" too early, and the terminal can no longer tell that it was.
    pub fn is_untold(&self, start: &Start) -> bool {
        let told = self.terminals[0]
            .operations()
            .into_iter()
            .any(|operation| operation.process_id == start.operation && operation.status == "success");
        self.hasty.contains(&start.attempt) && !(told && start.terminal == 0)
    }

    /// What the till's terminal would say of an attempt if it were asked now; none where it cannot tell.
    pub fn could_tell(&self, attempt: &Attempt) -> Option<&'static str> {
        let id = attempt.operation_id.as_ref()?;
        let known = self.terminals[0].operations().into_iter().find(|operation| operation.process_id == *id)?;
        match known.status {
            "success" if known.amount_tenge * 100 == attempt.amount.minor() && attempt.answered.is_none() => Some("paid"),
            "fail" if attempt.answered.is_none() => Some("not paid"),
            _ => None,
        }
    }

    pub fn entry(&self, start: &Start) -> Option<&Entry> {
        self.terminals[start.terminal].ledger().entries().iter().find(|entry| entry.device_id == start.operation)
    }

    /// Puts a request to a terminal; a payment that begins by it is noted.
    pub fn noting<T>(&mut self, terminal: usize, attempt: Option<AttemptId>, request: impl FnOnce(&mut Terminal) -> T) -> T {
        let answer = request(&mut self.terminals[terminal]);
        if let (Some(attempt), Some(newest)) = (attempt, self.terminals[terminal].operations().pop()) {
            let known = self.starts.iter().any(|start| start.terminal == terminal && start.operation == newest.process_id);
            if !known {
                self.starts.push(Start { attempt, terminal, operation: newest.process_id });
            }
        }
        answer
    }

    /// Everything stands still: each conversation waits for time, for a device, or for another's new tokens.
    pub fn is_still(&self) -> bool {
        let queued = self.tokens.as_ref().map_or(0, |tokens| tokens.queued());
        self.talking == queued + self.waits.values().filter(|wait| !wait.released).count()
    }

    /// The next moment at which something happens.
    pub fn next_ms(&self) -> Option<i64> {
        let deed = self.deeds.iter().map(|(due_ms, _, _)| *due_ms).min();
        let wait = self.waits.values().map(|wait| wait.due_ms).min();
        deed.into_iter().chain(wait).min()
    }

    /// Lets time pass to a moment and wakes the one that waited longest for it. No more than one: two would run a race.
    pub fn pass_to(&mut self, at_ms: i64) {
        self.now_ms = self.now_ms.max(at_ms);
        let due = |deed: &(i64, u64, Deed)| deed.0 <= at_ms;
        while let Some(next) = self.deeds.iter().enumerate().filter(|(_, deed)| due(deed)).min_by_key(|(_, deed)| (deed.0, deed.1)) {
            let (_, _, deed) = self.deeds.remove(next.0);
            self.happen(deed);
        }
        let now_ms = self.now_ms;
        self.terminals.iter_mut().for_each(|terminal| terminal.advance(now_ms));
        let first =
            self.waits.iter_mut().filter(|(_, wait)| !wait.released && wait.due_ms <= at_ms).min_by_key(|(id, wait)| (wait.due_ms, **id));
        if let Some((_, wait)) = first {
            wait.released = true;
            if let Some(waker) = wait.waker.take() {
                waker.wake();
            }
        }
    }

    fn happen(&mut self, deed: Deed) {
        let now_ms = self.now_ms;
        match deed {
            Deed::Arrives { terminal, request, attempt } => {
                self.noting(terminal, Some(attempt), |terminal| terminal.handle(&request, now_ms));
            }
            Deed::TerminalRestarts { remembers } => self.terminals[0].restart(remembers, now_ms),
            Deed::Internet(online) => self.terminals[0].internet(online, now_ms),
            Deed::CancelOnTerminal => {
                let _ = self.terminals[0].cancel_on_terminal(now_ms);
            }
            Deed::TokensEnd => self.terminals[0].expire_tokens(now_ms),
            Deed::Forbidden => self.terminals[0].forbid(NAME),
        }
    }

    /// The till is killed: its folder is photographed as it is in this moment, and nobody hears it any more.
    fn kill(&mut self) {
        let left = self.folder.with_file_name(format!("life-{}", self.life + 1));
        photograph(&self.folder, &left);
        self.left = Some(left);
        self.dies_in = None;
        self.life += 1;
        self.talking = 0;
        self.waits.clear();
        self.paying = None;
        self.tokens = None;
        self.counts.add("till killed");
        self.stirred.notify_one();
    }
}

/// What became of an attempt in truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truth {
    /// The money may still move.
    pub running: bool,
    pub charged_minor: i64,
}

/// A point at which the till may be killed.
pub fn reached(world: &Shared, life: u32) {
    let mut world = world.lock().unwrap();
    if world.life != life {
        return;
    }
    if let Some(points) = world.dies_in {
        if points == 0 {
            world.kill();
        } else {
            world.dies_in = Some(points - 1);
        }
    }
}

/// A conversation under way, counted as long as it lives.
pub struct Talking {
    world: Shared,
    life: u32,
}

impl Talking {
    pub fn begins(world: &Shared, life: u32) -> Talking {
        let mut known = world.lock().unwrap();
        if known.life == life {
            known.talking += 1;
        }
        Talking { world: world.clone(), life }
    }
}

impl Drop for Talking {
    fn drop(&mut self) {
        let mut world = self.world.lock().unwrap();
        if world.life == self.life {
            world.talking -= 1;
        }
        world.stirred.notify_one();
    }
}

/// Waits for a moment of the world's time. A killed till waits for ever.
pub struct Waiting {
    world: Shared,
    id: u64,
}

pub fn waiting(world: &Shared, life: u32, due_ms: i64) -> Waiting {
    let mut known = world.lock().unwrap();
    let id = known.next_number();
    if known.life == life {
        known.waits.insert(id, Wait { due_ms, released: false, waker: None });
    }
    known.stirred.notify_one();
    Waiting { world: world.clone(), id }
}

impl Future for Waiting {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut world = self.world.lock().unwrap();
        match world.waits.get_mut(&self.id) {
            Some(wait) if wait.released => {
                world.waits.remove(&self.id);
                Poll::Ready(())
            }
            Some(wait) => {
                wait.waker = Some(context.waker().clone());
                Poll::Pending
            }
            None => Poll::Pending,
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.world.lock().unwrap().waits.remove(&self.id);
    }
}
