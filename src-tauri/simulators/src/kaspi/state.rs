//! What the sockets, the clock and the handle of a simulator share.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::exchange::{Delivery, Sending, exchange, told};
use super::replies::Reply;
use super::request::{Op, Request};
use super::terminal::Terminal;
use crate::faults::FaultScript;
use crate::ledger::LedgerFile;

/// How many requests are remembered; older ones make room.
const LONGEST_RECORD: usize = 100_000;

/// A request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedRequest {
    /// Its number, from 1.
    pub seq: u64,
    /// What it asked for.
    pub op: Op,
    /// Its path, which matters for [`Op::Other`].
    pub path: String,
    /// Its query, decoded.
    pub query: Vec<(String, String)>,
    /// Its header `accesstoken`.
    pub token: Option<String>,
    /// When it arrived, on the terminal's clock, in milliseconds since 1970.
    /// The clock is monotonic, so differences are real distances.
    pub at_ms: i64,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) terminal: Terminal,
    pub(super) script: FaultScript,
    pub(super) ledger_file: Option<LedgerFile>,
    pub(super) requests: VecDeque<RecordedRequest>,
    pub(super) held: BTreeSet<Op>,
    arrived: BTreeMap<Op, usize>,
    last_seq: u64,
}

impl State {
    pub(super) fn new(terminal: Terminal, script: FaultScript) -> Self {
        Self {
            terminal,
            script,
            ledger_file: None,
            requests: VecDeque::new(),
            held: BTreeSet::new(),
            arrived: BTreeMap::new(),
            last_seq: 0,
        }
    }

    pub(super) fn write_ledger(&mut self) {
        if let Some(file) = &mut self.ledger_file
            && let Err(error) = file.follow(self.terminal.ledger())
        {
            tracing::error!(%error, "cannot write the ledger file");
        }
    }

    fn record(&mut self, request: &Request, at_ms: i64) {
        if self.requests.len() == LONGEST_RECORD {
            self.requests.pop_front();
        }
        self.last_seq += 1;
        *self.arrived.entry(request.op).or_insert(0) += 1;
        self.requests.push_back(RecordedRequest {
            seq: self.last_seq,
            op: request.op,
            path: request.path.clone(),
            query: request.query.clone(),
            token: request.token.clone(),
            at_ms,
        });
    }
}

#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    changed: Notify,
    clock_start_ms: i64,
    started: Instant,
}

impl Shared {
    pub(super) fn new(state: State, clock_start_ms: i64) -> Self {
        Self { state: Mutex::new(state), changed: Notify::new(), clock_start_ms, started: Instant::now() }
    }

    /// The time on the terminal's clock.
    fn now_ms(&self) -> i64 {
        let elapsed_ms = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.clock_start_ms.saturating_add(elapsed_ms)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the state as it is now, then wakes whoever waits
    /// for a change.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut State, i64) -> T) -> T {
        let result = {
            let mut state = self.lock();
            // Read under the lock, so that the terminal never sees time run
            // backwards.
            let now_ms = self.now_ms();
            state.terminal.advance(now_ms);
            let result = act(&mut state, now_ms);
            state.write_ledger();
            result
        };
        self.changed.notify_waiters();
        result
    }

    pub(super) fn answer(&self, request: &Request) -> Delivery {
        self.with(|state, now_ms| {
            state.record(request, now_ms);
            exchange(&mut state.terminal, &mut state.script, request, now_ms)
        })
    }

    /// Waits until replies to this operation are not kept back.
    pub(super) async fn released(&self, op: Op) {
        self.until(|state| !state.held.contains(&op)).await;
    }

    /// Waits until this many requests of the operation have arrived.
    pub(super) async fn arrived(&self, op: Op, count: usize) {
        self.until(|state| state.arrived.get(&op).copied().unwrap_or(0) >= count).await;
    }

    /// Waits until somebody has pressed for the till with this ticket.
    pub(super) async fn pressed(&self, ticket: u64) -> Sending {
        self.until(|state| state.terminal.guard.as_ref().is_none_or(|guard| guard.is_told(ticket))).await;
        let reply = self.with(|state, _| state.terminal.guard.as_mut().and_then(|guard| guard.told(ticket)));
        told(reply.unwrap_or_else(|| Reply::general(404)))
    }

    async fn until(&self, holds: impl Fn(&State) -> bool) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if holds(&self.lock()) {
                return;
            }
            changed.await;
        }
    }

    /// Lets things happen when they are due, for as long as it runs.
    pub(super) async fn keep_time(self: Arc<Self>) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let wait_ms = {
                let mut state = self.lock();
                let now_ms = self.now_ms();
                state.terminal.advance(now_ms);
                state.write_ledger();
                state.terminal.next_due_ms().map(|due_ms| due_ms - now_ms)
            };
            match wait_ms.map(|wait_ms| u64::try_from(wait_ms).unwrap_or(0)) {
                None => changed.await,
                Some(wait_ms) => {
                    tokio::select! {
                        () = &mut changed => {}
                        () = tokio::time::sleep(Duration::from_millis(wait_ms)) => {}
                    }
                }
            }
        }
    }
}
