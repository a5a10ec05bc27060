//! What goes wrong between till and terminal, by chance: on each request, and for a while.

use super::world::{Deed, World};
use crate::chance::Chance;
use drivers::link::{HttpReply, HttpRequest, LinkFailure};
use simulators::faults::{Fault, FaultScript, Verb};
use simulators::kaspi::{Blocked, Customer, Delivery, Ending, Method, Op, Request, exchange};
use std::collections::BTreeMap;

/// How often each kind of fault struck.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(pub BTreeMap<&'static str, u64>);

impl Counts {
    pub fn add(&mut self, kind: &'static str) {
        *self.0.entry(kind).or_default() += 1;
    }

    pub fn join(&mut self, other: &Counts) {
        for (kind, count) in &other.0 {
            *self.0.entry(kind).or_default() += count;
        }
    }
}

/// Faults of the way, and those that last.
pub struct Faults {
    pub chance: Chance,
    /// Nothing goes wrong any more.
    pub calm: bool,
    /// No connection can be made until then.
    down_until_ms: i64,
    /// The terminal is busy with something else until then.
    busy_until_ms: i64,
    /// Until then another terminal stands at the address.
    other_until_ms: i64,
    last_reply: Option<HttpReply>,
}

/// What happens to one request.
enum OnTheWay {
    Nothing,
    NeverArrives,
    ArrivesLate,
    /// The reply comes so much later.
    Late(i64),
    /// The connection breaks off in the reply.
    Cut,
    /// The reply ends after so many bytes and nobody notices.
    Short(usize),
    /// The reply before is delivered once more.
    Again,
    OtherAmount,
    Forgotten,
    Device(Verb),
}

type Outcome = Result<HttpReply, LinkFailure>;

impl Faults {
    pub fn new(chance: Chance) -> Faults {
        Faults { chance, calm: false, down_until_ms: 0, busy_until_ms: 0, other_until_ms: 0, last_reply: None }
    }

    /// One question in eight meets a fault, and one start in four. `known` is an operation the terminal has had before.
    fn on(&mut self, op: Op, now_ms: i64, known: Option<String>) -> (&'static str, OnTheWay) {
        let start = matches!(op, Op::Payment | Op::Refund);
        if start && now_ms < self.busy_until_ms {
            return ("busy", OnTheWay::Device(Verb::Busy));
        }
        if self.calm || !self.chance.percent(if start { 25 } else { 12 }) {
            return ("", OnTheWay::Nothing);
        }
        let error = |http, status_code, processed| Verb::Error { http, status_code, text: "Error".to_owned(), processed };
        match self.chance.between(1, 21) {
            1 | 2 => ("reply dropped", OnTheWay::Device(Verb::DropReply)),
            3 => ("request lost", OnTheWay::NeverArrives),
            4 if start => ("request late", OnTheWay::ArrivesLate),
            4 | 5 => ("reply past the deadline", OnTheWay::Late(60_000)),
            6 => ("reply slow", OnTheWay::Late(self.chance.between(200, 4_900))),
            // Each request has a connection of its own: a start cannot be answered by the reply to another request.
            7 if !start => ("reply duplicated", OnTheWay::Again),
            8 => ("connection cut in the reply", OnTheWay::Cut),
            9 => ("reply cut short", OnTheWay::Short(self.chance.between(0, 600) as usize)),
            // A flipped figure of its serial number is another terminal, and the first that answers is the shop's.
            10 | 11 if op == Op::DeviceInfo => ("", OnTheWay::Nothing),
            10 | 11 => ("bit flipped", OnTheWay::Device(Verb::FlipBit(self.chance.number() as usize % 8_000))),
            12 if start => ("approved, then dropped", OnTheWay::Device(Verb::ApproveThenDrop)),
            12 => ("unknown status word", OnTheWay::Device(Verb::StatusWord("paid".to_owned()))),
            13 if start => ("another amount taken", OnTheWay::OtherAmount),
            13 => ("wrong amount told", OnTheWay::Device(Verb::Amount(format!("{} ₸", self.chance.between(1, 3_000)).into()))),
            14 => {
                let never = (1_774_843_200_000 + self.chance.between(0, 9_000_000)).to_string();
                let id = known.filter(|_| self.chance.percent(50)).unwrap_or(never);
                ("another process id", OnTheWay::Device(Verb::OtherOperation(id)))
            }
            15 => ("operation forgotten", OnTheWay::Forgotten),
            16 if start => ("busy", OnTheWay::Device(Verb::Busy)),
            16 => ("error 101", OnTheWay::Device(error(200, 101, true))),
            17 => ("error 500", OnTheWay::Device(Verb::HttpStatus { status: 500, processed: self.chance.percent(50) })),
            18 if start => ("error 108", OnTheWay::Device(error(200, 108, self.chance.percent(50)))),
            18 => ("error 102 or 104", OnTheWay::Device(error(200, self.chance.pick(&[102, 104]), true))),
            19 => ("garbage", OnTheWay::Device(Verb::Garbage)),
            20 => ("empty reply", OnTheWay::Device(Verb::Empty)),
            _ => ("request refused", OnTheWay::Device(Verb::Refuse)),
        }
    }
}

/// More than was asked, or less: a figure is put before the amount, or its last one is lost.
fn other_amount(path: &str, figure: i64) -> String {
    match path.split_once('&') {
        Some((amount, rest)) if figure == 0 && !amount.ends_with('=') => format!("{}&{rest}", &amount[..amount.len() - 1]),
        _ => path.replacen("amount=", &format!("amount={}", figure.max(1)), 1),
    }
}

impl World {
    /// A request of the till: what comes back, and when.
    pub fn ask(&mut self, asked: &HttpRequest) -> (i64, Outcome) {
        let (now_ms, mut path, timeout_ms) = (self.now_ms, asked.path.clone(), asked.timeout_ms as i64);
        let with_token =
            |path: &str| asked.headers.iter().fold(Request::get(path), |request, (name, value)| request.with_header(name, value));
        if now_ms < self.faults.down_until_ms {
            return (3, Err(LinkFailure::NotSent("no route".to_owned())));
        }
        let op = Request::get(&path).op;
        let terminal = usize::from(now_ms < self.faults.other_until_ms);
        let start = matches!(op, Op::Payment | Op::Refund);
        let attempt = self.paying.filter(|_| start);
        if start && !self.faults.calm && self.faults.chance.percent(7) {
            // Around the first byte is the worst moment.
            self.dies_in = Some(self.faults.chance.between(0, 4) as u32);
            self.counts.add("killed around the first byte");
        }
        self.asked.extend(Request::get(&path).param("processId").map(str::to_owned));
        // An operation that the till never heard of cannot be told from a new one; no reply outlives its connection.
        let mut others = self.starts.iter().rev().filter(|start| Some(start.attempt) != attempt);
        let before = others.find(|start| self.asked.contains(&start.operation)).map(|start| start.operation.clone());
        let (name, fault) = self.faults.on(op, now_ms, before);
        if !name.is_empty() {
            self.counts.add(name);
        }
        let silence = || Err(LinkFailure::NoReply("no answer in time".to_owned()));
        let mut verb = None;
        match &fault {
            OnTheWay::NeverArrives => return (timeout_ms, silence()),
            OnTheWay::ArrivesLate => {
                let after_ms = timeout_ms + self.faults.chance.between(1, 20_000);
                if let Some(attempt) = attempt {
                    self.plan(after_ms, Deed::Arrives { terminal, request: with_token(&path), attempt });
                }
                return (timeout_ms, silence());
            }
            OnTheWay::OtherAmount => path = other_amount(&path, self.faults.chance.between(0, 9)),
            OnTheWay::Device(device) => verb = Some(device.clone()),
            OnTheWay::Nothing | OnTheWay::Late(_) | OnTheWay::Cut | OnTheWay::Short(_) | OnTheWay::Again | OnTheWay::Forgotten => {}
        }
        let mut script = FaultScript::new(verb.into_iter().map(|verb| Fault::new(op.word(), verb)).collect());
        let delivery = self.noting(terminal, attempt, |terminal| exchange(terminal, &mut script, &with_token(&path), now_ms));
        if let (OnTheWay::Forgotten, Some(newest)) = (&fault, self.terminals[terminal].operations().pop()) {
            self.terminals[terminal].forget(&newest.process_id);
        }
        let Delivery::Sent(sending) = delivery else {
            return (40, Err(LinkFailure::NoReply("connection closed".to_owned())));
        };
        let mut reply = HttpReply { status: sending.response.status, body: sending.response.body };
        let before = self.faults.last_reply.replace(reply.clone());
        match (fault, before) {
            (OnTheWay::Late(after_ms), _) if after_ms >= timeout_ms => (timeout_ms, silence()),
            (OnTheWay::Late(after_ms), _) => (after_ms, Ok(reply)),
            (OnTheWay::Cut, _) => (40, Err(LinkFailure::Cut("connection closed".to_owned()))),
            (OnTheWay::Short(bytes), _) => {
                // Somewhere in what was said, never behind its end.
                reply.body.truncate(bytes % reply.body.len().max(1));
                (40, Ok(reply))
            }
            (OnTheWay::Again, Some(before)) => (40, Ok(before)),
            _ => (self.faults.chance.between(5, 60), Ok(reply)),
        }
    }

    /// The next customer, and what is to go wrong while he pays.
    pub fn next_customer(&mut self) {
        let customer = self.customer();
        self.terminals.iter_mut().for_each(|terminal| terminal.set_customer(customer.clone()));
        if self.faults.calm {
            return;
        }
        let chance = &mut self.faults.chance;
        let after_ms = chance.between(0, 8_000);
        let deed = match chance.between(1, 40) {
            1 => ("terminal restarts and remembers", Deed::TerminalRestarts { remembers: true }),
            2 => ("terminal restarts and forgets", Deed::TerminalRestarts { remembers: false }),
            3 => ("internet of the terminal cut", Deed::Internet(false)),
            4 => ("cancelled on the terminal", Deed::CancelOnTerminal),
            5 => return self.lasting("unreachable for a while"),
            6 => return self.lasting("wrong device at the address"),
            7 => return self.lasting("blocked"),
            8 => return self.lasting("wall clock jumps"),
            9 => return self.lasting("busy for long"),
            10 | 11 if self.protected => ("tokens ended", Deed::TokensEnd),
            12 if self.protected => ("till forbidden on the terminal", Deed::Forbidden),
            _ => return,
        };
        let back_ms = chance.between(1_000, 90_000);
        self.counts.add(deed.0);
        if let Deed::Internet(_) = deed.1 {
            self.plan(after_ms + back_ms, Deed::Internet(true));
        }
        self.plan(after_ms, deed.1);
    }

    fn lasting(&mut self, kind: &'static str) {
        const HOUR_MS: i64 = 3_600_000;
        self.counts.add(kind);
        let until_ms = self.now_ms + self.faults.chance.between(2_000, 60_000);
        match kind {
            "unreachable for a while" => self.faults.down_until_ms = until_ms,
            "busy for long" => self.faults.busy_until_ms = until_ms + 60_000,
            "wrong device at the address" => self.faults.other_until_ms = until_ms,
            "blocked" => self.terminals[0].block(self.faults.chance.pick(&[Blocked::WithHttp200, Blocked::WithHttp400])),
            _ => {
                let to_1970 = -self.now_ms + HOUR_MS;
                let to_2038 = 2_147_483_648_000 - self.now_ms;
                self.wall_error_ms =
                    self.faults.chance.pick(&[0, HOUR_MS, -HOUR_MS, 24 * HOUR_MS, -24 * HOUR_MS, to_1970, to_2038, 400_000]);
            }
        }
    }

    fn customer(&mut self) -> Customer {
        let calm = self.faults.calm;
        let chance = &mut self.faults.chance;
        self.terminals[0].block(Blocked::No);
        let method = chance.pick(&[Method::Qr, Method::Qr, Method::Card, Method::Alaqan]);
        let ends = match chance.between(1, 30) {
            1 | 2 => Ending::Declines,
            3 => Ending::WalksAway,
            4 => Ending::LeavesUnconfirmed,
            5 => Ending::CashierCancels,
            6 | 7 => Ending::PaysAfterCancel,
            _ => Ending::Pays,
        };
        let ends = if calm { Ending::Pays } else { ends };
        let scan_after_ms = chance.between(500, 9_000) as u64;
        let confirm_after_ms = if chance.percent(10) { 30_000 } else { 1_000 };
        Customer { method, ends, scan_after_ms, confirm_after_ms, pin: chance.percent(50), ..Customer::default() }
    }

    /// From here on nothing goes wrong.
    pub fn calm(&mut self) {
        self.faults.calm = true;
        self.faults.down_until_ms = 0;
        self.faults.busy_until_ms = 0;
        self.faults.other_until_ms = 0;
        self.wall_error_ms = 0;
        self.dies_in = None;
        let now_ms = self.now_ms;
        self.terminals[0].block(Blocked::No);
        self.terminals[0].internet(true, now_ms);
    }
}
