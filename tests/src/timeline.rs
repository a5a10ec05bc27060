//! The Kaspi driver and the terminal in memory, on a clock that only the test moves: minutes pass at once,
//! and every request has its exact time.

use checkout::money::{Currency, Money};
use checkout::payment::{Attempt, AttemptId, AttemptState, CommittedIntent, Device, Effect, Event, SaleId, apply};
use checkout::ports::{Answering, CardTerminal, Conversation, JournalRefused, Stage, Unit, Woken};
use drivers::kaspi::Kaspi;
use drivers::kaspi::session::Times;
use drivers::kaspi::tokens::{Pair, Standing, TokenStore, Tokens};
use drivers::link::memory::MemoryHttp;
use drivers::link::{HttpReply, HttpRequest, LinkFailure};
use simulators::faults::{Fault, FaultScript};
use simulators::kaspi::{Customer, Delivery, Protection, Request, Settings, Terminal, exchange};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// Something the test does to the terminal at a moment.
type Deed = Box<dyn FnOnce(&mut World) + Send>;

/// Terminal, clock and what was seen, shared by the link and the conversation.
pub struct World {
    pub now_ms: i64,
    pub terminal: Terminal,
    customer: Customer,
    pub faults: FaultScript,
    /// No packet arrives.
    pub unplugged: bool,
    /// The time and path of every request that left the till.
    pub sent: Vec<(i64, String)>,
    deeds: Vec<(i64, Deed)>,
}

impl World {
    /// Lets time pass up to a moment, with the test's deeds in their order.
    fn advance_to(&mut self, at_ms: i64) {
        loop {
            self.deeds.sort_by_key(|(due_ms, _)| *due_ms);
            if self.deeds.first().is_none_or(|(due_ms, _)| *due_ms > at_ms) {
                break;
            }
            let (due_ms, deed) = self.deeds.remove(0);
            self.now_ms = self.now_ms.max(due_ms);
            self.terminal.advance(self.now_ms);
            deed(self);
        }
        self.now_ms = self.now_ms.max(at_ms);
        self.terminal.advance(self.now_ms);
    }

    fn answer(&mut self, request: &HttpRequest) -> Result<HttpReply, LinkFailure> {
        self.sent.push((self.now_ms, request.path.clone()));
        let timeout_ms = request.timeout_ms as i64;
        if self.unplugged {
            let started = self.sent.len() > 1;
            if started {
                self.advance_to(self.now_ms + timeout_ms);
                return Err(LinkFailure::NoReply("no answer in time".to_owned()));
            }
            return Err(LinkFailure::NotSent("no route".to_owned()));
        }
        match exchange(&mut self.terminal, &mut self.faults, &request_of(request), self.now_ms) {
            Delivery::Refused | Delivery::Dropped | Delivery::Waits(_) => Err(LinkFailure::NoReply("connection closed".to_owned())),
            Delivery::Sent(sending) if sending.delay_ms as i64 >= timeout_ms => {
                self.advance_to(self.now_ms + timeout_ms);
                Err(LinkFailure::NoReply("no answer in time".to_owned()))
            }
            Delivery::Sent(sending) => {
                self.advance_to(self.now_ms + sending.delay_ms as i64);
                if sending.cut_at.is_some() {
                    return Err(LinkFailure::Cut("connection closed".to_owned()));
                }
                Ok(HttpReply { status: sending.response.status, body: sending.response.body })
            }
        }
    }
}

fn request_of(request: &HttpRequest) -> Request {
    request.headers.iter().fold(Request::get(&request.path), |request, (name, value)| request.with_header(name, value))
}

/// Where the tokens are kept: each pair in its order.
#[derive(Default)]
pub struct Vault {
    kept: Mutex<Vec<Pair>>,
    fails: AtomicBool,
}

impl Vault {
    pub fn kept(&self) -> Vec<Pair> {
        self.kept.lock().unwrap().clone()
    }

    /// From now on nothing can be kept, or again.
    pub fn fail(&self, fails: bool) {
        self.fails.store(fails, Ordering::SeqCst);
    }
}

impl TokenStore for Vault {
    fn keep(&self, pair: &Pair) -> Result<(), String> {
        if self.fails.load(Ordering::SeqCst) {
            return Err("the keychain is locked".to_owned());
        }
        self.kept.lock().unwrap().push(pair.clone());
        Ok(())
    }
}

const NAME: &str = "Kassa 1";

/// One attempt lived through from beginning to end.
pub struct Timeline {
    pub world: Arc<Mutex<World>>,
    times: Times,
    pub attempt: Attempt,
    pub effects: Vec<Effect>,
    pub stages: Vec<Stage>,
    /// Each state the attempt went through with the time it was recorded.
    pub states: Vec<(i64, AttemptState)>,
    /// When the person presses "check now".
    pub presses: Vec<i64>,
    /// So many times in a row the journal cannot be written.
    pub refusals: u32,
    /// The conversation is broken off here, as by a crash.
    pub stop_at_ms: Option<i64>,
    vault: Arc<Vault>,
    /// None in open mode.
    tokens: Option<Arc<Tokens>>,
    /// The driver asks which unit answers; the one that answered first is kept.
    pub of_one_unit: bool,
    unit: Option<Unit>,
}

impl Timeline {
    /// A payment of whole tenge, with the protocol's real times.
    pub fn new(tenge: i64, customer: Customer, faults: Vec<Fault>) -> Timeline {
        Timeline::of_minor(tenge * 100, customer, faults)
    }

    pub fn of_minor(minor: i64, customer: Customer, faults: Vec<Fault>) -> Timeline {
        let amount = Money::new(minor, Currency::Kzt).unwrap();
        let attempt = Attempt::intend(AttemptId(Uuid::nil()), SaleId(Uuid::nil()), 1, Device::Kaspi, amount);
        let world = World {
            now_ms: 1_000_000,
            terminal: Terminal::new(Settings::default(), customer.clone()),
            customer,
            faults: FaultScript::new(faults),
            unplugged: false,
            sent: Vec::new(),
            deeds: Vec::new(),
        };
        Timeline {
            world: Arc::new(Mutex::new(world)),
            times: Times::scaled(1),
            attempt,
            effects: Vec::new(),
            stages: Vec::new(),
            states: Vec::new(),
            presses: Vec::new(),
            refusals: 0,
            stop_at_ms: None,
            vault: Arc::default(),
            tokens: None,
            of_one_unit: false,
            unit: None,
        }
    }

    /// The same at a terminal in protected mode that has let this till in.
    pub fn protected(mut self, protection: Protection) -> Timeline {
        {
            let mut world = self.world.lock().unwrap();
            let settings = Settings { protection: Some(protection), ..Settings::default() };
            world.terminal = Terminal::new(settings, world.customer.clone());
        }
        self.register_anew();
        self
    }

    /// The till is forbidden on the terminal where it is known, and let in again.
    pub fn register_anew(&mut self) {
        let pair = {
            let mut world = self.world.lock().unwrap();
            let now_ms = world.now_ms;
            world.terminal.forbid(NAME);
            let request = Request::get("/v2/register?name=Kassa%201");
            let Delivery::Sent(sending) = exchange(&mut world.terminal, &mut FaultScript::new(Vec::new()), &request, now_ms) else {
                panic!("a registration that is approved at once is answered");
            };
            let body: serde_json::Value = serde_json::from_slice(&sending.response.body).unwrap();
            let field = |name: &str| body["data"][name].as_str().unwrap().to_owned();
            Pair {
                name: NAME.to_owned(),
                access: field("accessToken"),
                refresh: field("refreshToken"),
                ends: field("expirationDate"),
                came_at_ms: now_ms,
            }
        };
        self.vault.keep(&pair).unwrap();
        let world = self.world.clone();
        let wall_ms = Arc::new(move || world.lock().unwrap().now_ms);
        self.tokens = Some(Arc::new(Tokens::new(Some(pair), self.vault.clone(), wall_ms)));
    }

    /// So much time goes by before anything is done.
    pub fn later(self, after_ms: i64) -> Timeline {
        {
            let mut world = self.world.lock().unwrap();
            let until_ms = world.now_ms + after_ms;
            world.advance_to(until_ms);
        }
        self
    }

    /// The next attempt to pay the same sum.
    pub fn begin_anew(&mut self) {
        let ordinal = self.attempt.ordinal + 1;
        self.attempt =
            Attempt::intend(AttemptId(Uuid::from_u128(ordinal.into())), self.attempt.sale, ordinal, Device::Kaspi, self.attempt.amount);
    }

    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    pub fn kept(&self) -> Vec<Pair> {
        self.vault.kept()
    }

    pub fn standing(&self) -> Standing {
        self.tokens.as_ref().unwrap().standing()
    }

    /// Plans a deed so many milliseconds after the start.
    pub fn at(self, after_ms: i64, deed: impl FnOnce(&mut World) + Send + 'static) -> Timeline {
        {
            let mut world = self.world.lock().unwrap();
            let due_ms = world.now_ms + after_ms;
            world.deeds.push((due_ms, Box::new(deed)));
        }
        self
    }

    /// Takes the payment and lives through it until the driver has nothing more to do.
    pub fn pay(&mut self) {
        let driver = self.driver();
        let intent = CommittedIntent::attest(self.attempt.clone());
        finish(driver.pay(intent, self));
    }

    /// Asks what became of the attempt, as after a restart.
    pub fn ask(&mut self, last_question_ms: Option<i64>) {
        let driver = self.driver();
        let attempt = self.attempt.clone();
        finish(driver.ask(attempt, last_question_ms, self));
    }

    fn driver(&self) -> impl CardTerminal + use<> {
        let world = self.world.clone();
        let answer = move |request: HttpRequest| world.lock().unwrap().answer(&request);
        let driver = Kaspi::new(MemoryHttp { answer }, self.times, true);
        let driver = if self.of_one_unit { driver.of_one_unit() } else { driver };
        match &self.tokens {
            Some(tokens) => driver.let_in_by(tokens.clone()),
            None => driver,
        }
    }

    /// The times of the requests to a method, in milliseconds from the first request.
    pub fn times_of(&self, method: &str) -> Vec<i64> {
        let world = self.world.lock().unwrap();
        let start = world.sent.first().map_or(0, |(at_ms, _)| *at_ms);
        let wanted = format!("/v2/{method}?");
        world.sent.iter().filter(|(_, path)| path.starts_with(&wanted)).map(|(at_ms, _)| at_ms - start).collect()
    }

    pub fn now_ms(&self) -> i64 {
        self.world.lock().unwrap().now_ms
    }
}

/// Everything in memory is ready at once, so the future ends at its first poll; a conversation broken off never does.
fn finish(conversation: Answering<'_, Result<(), JournalRefused>>) {
    let mut conversation = conversation;
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    if let std::task::Poll::Ready(ended) = conversation.as_mut().poll(&mut context) {
        ended.unwrap();
    }
}

impl Conversation for Timeline {
    fn now_ms(&self) -> i64 {
        self.world.lock().unwrap().now_ms
    }

    fn record(&mut self, event: Event) -> Answering<'_, Result<(), JournalRefused>> {
        if self.refusals > 0 {
            self.refusals -= 1;
            return Box::pin(std::future::ready(Err(JournalRefused("the disk is full".to_owned()))));
        }
        let step = apply(&self.attempt, &event).unwrap();
        if step.changed {
            self.states.push((self.now_ms(), step.attempt.state));
        }
        self.effects.extend(step.effects);
        self.attempt = step.attempt;
        Box::pin(std::future::ready(Ok(())))
    }

    fn asking(&mut self) -> Answering<'_, Result<(), JournalRefused>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn identify<'a>(&'a mut self, unit: &'a Unit) -> Answering<'a, Result<bool, JournalRefused>> {
        let known = self.unit.get_or_insert_with(|| unit.clone()) == unit;
        Box::pin(std::future::ready(Ok(known)))
    }

    fn show(&mut self, stage: Stage) {
        self.stages.push(stage);
    }

    fn next_question(&mut self, _at_ms: Option<i64>) {}

    fn wait_until(&mut self, at_ms: i64) -> Answering<'_, Woken> {
        if self.stop_at_ms.is_some_and(|stop_at_ms| at_ms >= stop_at_ms) {
            return Box::pin(std::future::pending());
        }
        let press = self.presses.first().copied().filter(|press_ms| *press_ms < at_ms);
        let mut world = self.world.lock().unwrap();
        let woken = match press {
            Some(press_ms) => {
                self.presses.remove(0);
                world.advance_to(press_ms);
                Woken::AskNow
            }
            None => {
                world.advance_to(at_ms);
                Woken::Time
            }
        };
        drop(world);
        Box::pin(std::future::ready(woken))
    }
}
