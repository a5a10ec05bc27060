//! A Kaspi Smart POS: local API v2, in open mode (no token) and protected.
//!
//! Source: protocol sheet `kaspi`, vendor file "Smart POS: Интеграциялау
//! жөніндегі құжаттама". Where the vendor is silent, the code says so.
//!
//! | Concern | File |
//! |---|---|
//! | start, handle | `mod.rs` |
//! | options and durations | `options.rs` |
//! | the scripted customer | `customer.rs` |
//! | the protected mode: registration and tokens | `protection.rs` |
//! | TLS | `certificate.rs` |
//! | requests | `request.rs` |
//! | the API's methods: checks and answers | `methods.rs` |
//! | the terminal: what a test may do to it | `terminal.rs` |
//! | one operation, and when its next step is due | `process.rs` |
//! | what each step does | `course.rs` |
//! | the bank's numbers and refundable sums | `bank.rs` |
//! | JSON bodies | `replies.rs` |
//! | faults applied to one exchange | `exchange.rs` |
//! | raw HTTP | `http.rs` |
//! | what tasks share | `state.rs` |
//!
//! [`Terminal`] can be stepped without sockets: requests and time go in,
//! replies come out. [`KaspiSimulator`] puts it behind a listener.

mod bank;
mod certificate;
mod course;
mod customer;
mod exchange;
mod http;
mod methods;
mod options;
mod process;
mod protection;
mod replies;
mod request;
mod state;
mod terminal;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

pub use certificate::{Certificate, Years};
pub use customer::{Customer, Ending, Method};
pub use exchange::{Delivery, Sending, exchange};
pub use options::{Grouping, Options, Settings, ShopFace};
pub use protection::{Approval, DateText, Press, Protection};
pub use replies::Response;
pub use request::{Op, Request};
pub use state::RecordedRequest;
pub use terminal::{Blocked, NotPossible, Operation, Terminal};

use crate::SimulatorError;
use crate::faults::{self, Fault, FaultScript, ScriptError};
use crate::ledger::{Entry, LedgerFile};
use state::{Shared, State};

/// Reads a fault script for this device.
///
/// # Errors
/// [`ScriptError`] names the first line that is wrong.
pub fn parse_faults(text: &str) -> Result<Vec<Fault>, ScriptError> {
    faults::parse(text, Op::WORDS)
}

/// A terminal that listens on a socket, and the handle to it.
///
/// It lives in the tokio runtime it was started in and ends when dropped.
#[derive(Debug)]
pub struct KaspiSimulator {
    shared: Arc<Shared>,
    address: SocketAddr,
    tls: Option<Certificate>,
    server: Mutex<Option<JoinHandle<()>>>,
    clock: JoinHandle<()>,
}

impl KaspiSimulator {
    /// Starts listening.
    ///
    /// # Errors
    /// [`SimulatorError`] if the time scale, the fault script, the ledger file
    /// or the address cannot be used.
    pub async fn start(options: Options) -> Result<Self, SimulatorError> {
        let settings = options.settings()?;
        faults::check_ops(&options.faults, Op::WORDS)?;
        let terminal = Terminal::new(settings, options.customer);
        let state = State::new(terminal, FaultScript::new(options.faults));
        let clock_start_ms = options.clock_start_ms.unwrap_or_else(wall_clock_ms);
        let shared = Arc::new(Shared::new(state, clock_start_ms));
        let tls = acceptor(options.tls.as_ref())?;
        let listener = listen(options.listen).await?;
        let address = listener.local_addr().map_err(|source| SimulatorError::Listen { address: options.listen, source })?;
        let simulator = Self {
            server: Mutex::new(Some(tokio::spawn(http::serve(listener, tls, Arc::clone(&shared))))),
            clock: tokio::spawn(Arc::clone(&shared).keep_time()),
            shared,
            address,
            tls: options.tls,
        };
        if let Some(path) = &options.ledger_file {
            simulator.ledger_to(path)?;
        }
        Ok(simulator)
    }

    /// Where it listens, or did before [`KaspiSimulator::stop`].
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Switches the terminal off: open connections are cut, new ones refused.
    /// What it knows stays, and its clock and its customer go on.
    pub async fn stop(&self) {
        let server = self.server().take();
        if let Some(server) = server {
            server.abort();
            // The listener and all connections are dropped with the task.
            let _ = server.await;
        }
    }

    /// Listens again after [`KaspiSimulator::stop`].
    ///
    /// # Errors
    /// [`SimulatorError::AlreadyListening`], or [`SimulatorError::Listen`] if
    /// the port has been taken meanwhile.
    pub async fn start_again_on_same_port(&self) -> Result<(), SimulatorError> {
        if self.server().is_some() {
            return Err(SimulatorError::AlreadyListening(self.address));
        }
        let listener = listen(self.address).await?;
        let server = tokio::spawn(http::serve(listener, acceptor(self.tls.as_ref())?, Arc::clone(&self.shared)));
        *self.server() = Some(server);
        Ok(())
    }

    /// The customer scans; see [`Terminal::scan`].
    ///
    /// # Errors
    /// [`SimulatorError::NotPossible`] if no operation waits for a customer.
    pub fn scan(&self) -> Result<(), SimulatorError> {
        self.step(Terminal::scan)
    }

    /// The customer says yes; see [`Terminal::confirm`].
    ///
    /// # Errors
    /// [`SimulatorError::NotPossible`] if nobody has scanned.
    pub fn confirm(&self) -> Result<(), SimulatorError> {
        self.step(Terminal::confirm)
    }

    /// The customer or the bank says no; see [`Terminal::decline`].
    ///
    /// # Errors
    /// [`SimulatorError::NotPossible`] if nobody has scanned.
    pub fn decline(&self) -> Result<(), SimulatorError> {
        self.step(Terminal::decline)
    }

    /// The cashier cancels on the screen; see [`Terminal::cancel_on_terminal`].
    ///
    /// # Errors
    /// [`SimulatorError::NotPossible`] if no operation runs.
    pub fn cancel_on_terminal(&self) -> Result<(), SimulatorError> {
        self.step(Terminal::cancel_on_terminal)
    }

    /// Somebody presses while a till waits for its registration; see [`Terminal::press`].
    ///
    /// # Errors
    /// [`SimulatorError::NotPossible`] if no till waits.
    pub fn press(&self, press: Press) -> Result<(), SimulatorError> {
        self.step(|terminal, now_ms| terminal.press(press, now_ms))
    }

    /// A till is no longer allowed; see [`Terminal::forbid`].
    pub fn forbid(&self, name: &str) {
        self.shared.with(|state, _| state.terminal.forbid(name));
    }

    /// All tokens end now; see [`Terminal::expire_tokens`].
    pub fn expire_tokens(&self) {
        self.shared.with(|state, now_ms| state.terminal.expire_tokens(now_ms));
    }

    /// The terminal's program starts anew; see [`Terminal::restart`].
    pub fn restart(&self, remembers: bool) {
        self.shared.with(|state, now_ms| state.terminal.restart(remembers, now_ms));
    }

    /// Connects or cuts the internet; see [`Terminal::internet`].
    pub fn internet(&self, online: bool) {
        self.shared.with(|state, now_ms| state.terminal.internet(online, now_ms));
    }

    /// Blocks payments (106), or allows them again.
    pub fn block(&self, blocked: Blocked) {
        self.shared.with(|state, _| state.terminal.block(blocked));
    }

    /// Another customer for the operations that start from now on.
    pub fn set_customer(&self, customer: Customer) {
        self.shared.with(|state, _| state.terminal.set_customer(customer));
    }

    /// Another fault script; its calls are counted from now on.
    ///
    /// # Errors
    /// [`SimulatorError::Script`] if it names an unknown operation; the old
    /// script then stays.
    pub fn set_faults(&self, script: Vec<Fault>) -> Result<(), SimulatorError> {
        faults::check_ops(&script, Op::WORDS)?;
        self.shared.with(|state, _| state.script = FaultScript::new(script));
        Ok(())
    }

    /// Waits until this many requests of the operation have arrived since the
    /// start. They have taken effect by then; their replies may still be held.
    pub async fn wait_for(&self, op: Op, count: usize) {
        self.shared.arrived(op, count).await;
    }

    /// Keeps back all replies to this operation from now on. Requests still
    /// take effect when they arrive, and the replies say what was true then.
    pub fn hold(&self, op: Op) {
        self.shared.with(|state, _| state.held.insert(op));
    }

    /// Lets the held replies go, and later ones pass.
    pub fn release(&self, op: Op) {
        self.shared.with(|state, _| state.held.remove(&op));
    }

    /// The requests so far, oldest first (the last 100 000).
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.with(|state, _| state.requests.iter().cloned().collect())
    }

    /// The operations the terminal remembers, oldest first.
    pub fn operations(&self) -> Vec<Operation> {
        self.shared.with(|state, _| state.terminal.operations())
    }

    /// The device's own record of what became of each attempt.
    pub fn ledger(&self) -> Vec<Entry> {
        self.shared.with(|state, _| state.terminal.ledger().entries().to_vec())
    }

    /// Appends the ledger so far, and each later line, to this file.
    ///
    /// # Errors
    /// [`SimulatorError::LedgerFile`] if it cannot be opened.
    pub fn ledger_to(&self, path: &Path) -> Result<(), SimulatorError> {
        let file = LedgerFile::open(path).map_err(|source| SimulatorError::LedgerFile { path: path.to_owned(), source })?;
        self.shared.with(|state, _| state.ledger_file = Some(file));
        Ok(())
    }

    fn step(&self, step: impl FnOnce(&mut Terminal, i64) -> Result<(), NotPossible>) -> Result<(), SimulatorError> {
        self.shared.with(|state, now_ms| step(&mut state.terminal, now_ms)).map_err(|NotPossible(why)| SimulatorError::NotPossible(why))
    }

    fn server(&self) -> std::sync::MutexGuard<'_, Option<JoinHandle<()>>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for KaspiSimulator {
    fn drop(&mut self) {
        self.clock.abort();
        if let Some(server) = self.server().take() {
            server.abort();
        }
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, SimulatorError> {
    TcpListener::bind(address).await.map_err(|source| SimulatorError::Listen { address, source })
}

fn acceptor(certificate: Option<&Certificate>) -> Result<Option<TlsAcceptor>, SimulatorError> {
    certificate.map(Certificate::acceptor).transpose()
}

fn wall_clock_ms() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    since_1970.map_or(0, |elapsed| i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
}
