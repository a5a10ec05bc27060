//! The terminal as a pure state machine: requests and time in, replies out.
//! No sockets, no clock; a storm of tests can step it by hand.

use std::collections::BTreeMap;

use super::bank::Bank;
use super::customer::Customer;
use super::options::{Scale, Settings};
use super::process::{self, Event, Kind, Process, Stage};
use super::protection::Guard;
use super::replies::Response;
use super::request::Request;
use crate::ledger::Ledger;

const RETENTION_MS: u64 = 24 * 60 * 60 * 1000;

/// Whether the terminal takes payments at all (error 106, sheet §1.5: seen
/// under either HTTP status).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Blocked {
    /// It takes payments.
    #[default]
    No,
    /// It answers 106 with HTTP 400.
    WithHttp400,
    /// It answers 106 with HTTP 200.
    WithHttp200,
}

/// A step that makes no sense now; the text says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotPossible(pub &'static str);

/// One operation as the terminal shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The terminal's id of it.
    pub process_id: String,
    /// In whole tenge, positive for refunds too.
    pub amount_tenge: i64,
    /// `wait`, `success`, `fail` or `unknown`.
    pub status: &'static str,
    /// `subStatus`
    pub sub_status: &'static str,
}

/// A simulated Kaspi Smart POS.
///
/// Every method takes `now_ms`, the time on the terminal's clock in
/// milliseconds since 1970; it must not run backwards.
#[derive(Debug, Clone)]
pub struct Terminal {
    pub(super) settings: Settings,
    pub(super) scale: Scale,
    pub(super) bank: Bank,
    pub(super) online: bool,
    pub(super) blocked: Blocked,
    customer: Customer,
    pub(super) processes: BTreeMap<i64, Process>,
    /// The processes that are not final yet, oldest first.
    pub(super) open: Vec<i64>,
    last_id: i64,
    pub(super) ledger: Ledger,
    /// None in open mode.
    pub(super) guard: Option<Guard>,
}

impl Terminal {
    /// A terminal that has just been switched on.
    pub fn new(settings: Settings, customer: Customer) -> Self {
        Self {
            scale: Scale::new(settings.time_scale),
            guard: settings.protection.clone().map(Guard::new),
            settings,
            bank: Bank::new(),
            online: true,
            blocked: Blocked::No,
            customer,
            processes: BTreeMap::new(),
            open: Vec::new(),
            last_id: 0,
            ledger: Ledger::default(),
        }
    }

    /// Answers a request as an honest terminal does.
    pub fn handle(&mut self, request: &Request, now_ms: i64) -> Response {
        self.reply(request, now_ms).into_response()
    }

    /// Lets everything happen that is due by now.
    pub fn advance(&mut self, now_ms: i64) {
        if let Some(guard) = &mut self.guard {
            guard.advance(now_ms, self.scale);
        }
        while let Some((due_ms, id, event)) = self.next_event() {
            if due_ms > now_ms {
                break;
            }
            self.happen(id, event, due_ms);
        }
        let oldest_ms = now_ms.saturating_sub(self.scale.of(RETENTION_MS));
        while let Some(oldest) = self.processes.first_entry() {
            if *oldest.key() >= oldest_ms || !oldest.get().is_final() {
                break;
            }
            oldest.remove();
        }
    }

    /// When something happens next by itself.
    pub fn next_due_ms(&self) -> Option<i64> {
        let pressed = self.guard.as_ref().and_then(Guard::next_due_ms);
        self.next_event().map(|(due_ms, _, _)| due_ms).into_iter().chain(pressed).min()
    }

    /// What became of each attempt so far.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Every operation the terminal still remembers, oldest first.
    pub fn operations(&self) -> Vec<Operation> {
        let known = self.processes.iter().filter(|(_, p)| !p.forgotten);
        known
            .map(|(id, process)| {
                let (status, sub_status) = process.words();
                Operation { process_id: id.to_string(), amount_tenge: process.amount_tenge, status, sub_status }
            })
            .collect()
    }

    /// Another customer for the operations that start from now on.
    pub fn set_customer(&mut self, customer: Customer) {
        self.customer = customer;
    }

    /// Blocks payments, or allows them again.
    pub fn block(&mut self, blocked: Blocked) {
        self.blocked = blocked;
    }

    /// The customer scans, or holds out card or palm, by the customer's method.
    ///
    /// # Errors
    /// [`NotPossible`] if no operation waits for a customer.
    pub fn scan(&mut self, now_ms: i64) -> Result<(), NotPossible> {
        self.advance(now_ms);
        let id = self.running().ok_or(NotPossible("no operation runs"))?;
        self.show_screen(id, now_ms);
        match self.processes.get(&id).map(|process| &process.stage) {
            Some(Stage::WaitUser) => self.approach(id, now_ms),
            _ => return Err(NotPossible("the terminal does not wait for a customer")),
        }
        Ok(())
    }

    /// The customer says yes: in the app, by the card, by the PIN. A card with
    /// a PIN takes two steps: the terminal asks for it, the customer enters it.
    /// Meant is the newest operation that awaits an answer, also one that the
    /// terminal has left.
    ///
    /// # Errors
    /// [`NotPossible`] if nobody has scanned.
    pub fn confirm(&mut self, now_ms: i64) -> Result<(), NotPossible> {
        let id = self.awaiting(now_ms)?;
        let asks_pin = self.processes.get(&id).is_some_and(|process| process.stage == Stage::ProcessingCard && process.customer.pin);
        let event = if asks_pin { Event::PinAsked } else { Event::Confirms };
        self.happen(id, event, now_ms);
        Ok(())
    }

    /// The customer, or the bank, says no. Meant is the same operation as for
    /// [`Terminal::confirm`].
    ///
    /// # Errors
    /// [`NotPossible`] if nobody has scanned.
    pub fn decline(&mut self, now_ms: i64) -> Result<(), NotPossible> {
        let id = self.awaiting(now_ms)?;
        self.happen(id, Event::Declines, now_ms);
        Ok(())
    }

    /// The cashier cancels on the terminal's screen. The operation becomes
    /// `unknown`; a customer who has scanned may still confirm it (sheet §1.6).
    ///
    /// # Errors
    /// [`NotPossible`] if no operation runs.
    pub fn cancel_on_terminal(&mut self, now_ms: i64) -> Result<(), NotPossible> {
        self.advance(now_ms);
        let id = self.running().ok_or(NotPossible("no operation runs"))?;
        self.show_screen(id, now_ms);
        self.happen(id, Event::CashierCancels, now_ms);
        Ok(())
    }

    /// The terminal's program starts anew. A running operation becomes
    /// `unknown`, or, without `remembers`, every operation becomes unknown to
    /// the terminal (101). What the customer has begun goes on either way.
    pub fn restart(&mut self, remembers: bool, now_ms: i64) {
        self.advance(now_ms);
        if let Some(id) = self.running() {
            self.show_screen(id, now_ms);
            self.lose_sight(id, process::CANCELLED_ON_TERMINAL, Some("ProcessCancelled"));
        }
        if !remembers {
            for process in self.processes.values_mut() {
                process.forgotten = true;
            }
        }
    }

    /// Connects or cuts the terminal's internet. When cut, a running operation
    /// becomes `unknown` and `/actualize` answers 100.
    pub fn internet(&mut self, online: bool, now_ms: i64) {
        self.advance(now_ms);
        self.online = online;
        if !online && let Some(id) = self.running() {
            let ready = self.processes.get(&id).is_some_and(|p| p.screen_ms.is_some());
            if ready {
                self.lose_sight(id, process::NO_INTERNET, None);
            }
        }
    }

    /// The terminal no longer knows this operation: 101.
    pub fn forget(&mut self, process_id: &str) {
        if let Some(process) = self.by_text(process_id) {
            process.forgotten = true;
        }
    }

    /// The customer of this operation pays at once, whatever the script says.
    /// Nothing happens if it is final already.
    pub fn approve(&mut self, process_id: &str, now_ms: i64) {
        let Ok(id) = process_id.parse::<i64>() else {
            return;
        };
        self.show_screen(id, now_ms);
        let Some(process) = self.processes.get(&id) else {
            return;
        };
        if process.stage == Stage::WaitUser {
            self.approach(id, now_ms);
        }
        self.pay(id, now_ms);
    }

    pub(super) fn begin(&mut self, kind: Kind, amount_tenge: i64, now_ms: i64) -> String {
        let id = now_ms.max(self.last_id + 1);
        self.last_id = id;
        let process = Process::new(kind, amount_tenge, self.customer.clone(), now_ms);
        self.processes.insert(id, process);
        self.open.push(id);
        id.to_string()
    }

    pub(super) fn is_busy(&self) -> bool {
        self.running().is_some()
    }

    /// The process that `/status` and `/actualize` know under this id.
    pub(super) fn known(&mut self, process_id: &str) -> Option<&mut Process> {
        self.by_text(process_id).filter(|process| !process.forgotten)
    }

    fn by_text(&mut self, process_id: &str) -> Option<&mut Process> {
        let id = process_id.parse::<i64>().ok()?;
        self.processes.get_mut(&id)
    }

    fn running(&self) -> Option<i64> {
        let runs = |id: &&i64| self.processes.get(id).is_some_and(Process::is_running);
        self.open.iter().find(runs).copied()
    }

    fn awaiting(&mut self, now_ms: i64) -> Result<i64, NotPossible> {
        self.advance(now_ms);
        let awaits = |id: &&i64| self.processes.get(id).is_some_and(Process::awaits_answer);
        let newest = self.open.iter().rev().find(awaits).copied();
        newest.ok_or(NotPossible("nobody has scanned"))
    }

    fn next_event(&self) -> Option<(i64, i64, Event)> {
        let due = self.open.iter().filter_map(|id| {
            let (due_ms, event) = self.processes.get(id)?.due(self.scale)?;
            Some((due_ms, *id, event))
        });
        due.min_by_key(|(due_ms, id, _)| (*due_ms, *id))
    }
}
