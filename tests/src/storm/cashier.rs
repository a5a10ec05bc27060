//! The cashier: rings up, takes money every way there is, waits or does not, parks, retries, and decides what is in
//! doubt by what the terminal's own ledger shows. What he sees is the screen, and nothing else of the till.

use super::run::Storm;
use super::terminal::register_anew;
use super::world::Truth;
use checkout::money::{Currency, Money};
use checkout::payment::{Attempt, AttemptId, AttemptState, Decision, Resolution};
use checkout::tender::TenderKind;
use till::TillError;
use till::kaspi::Standing;
use till::showing::{PayBlock, Shown, Snapshot, Task, Watched};
use uuid::{Builder, Uuid};

const GOODS: [&str; 8] =
    ["4870003100016", "4870003100023", "4870003200037", "4870003200044", "4870003600059", "4870003200068", "2100123007466", "1007"];

/// After so long nobody waits for a request that is still on its way.
const SURELY_ARRIVED_MS: i64 = 60_000;

impl Storm {
    /// Serves one customer to some end: paid, parked or given up.
    pub async fn serve(&mut self) {
        let kill = self.chance.percent(18).then(|| self.chance.between(0, 70) as u32);
        {
            let mut world = self.world.lock().unwrap();
            if !world.faults.calm {
                world.dies_in = kill;
            }
        }
        self.wait(5_000, 60_000).await;
        self.world.lock().unwrap().next_customer();
        self.be_let_in().await;
        let mut rung_up = false;
        for _ in 0..30 {
            self.settle().await;
            let screen = self.look().await;
            let in_hand = !screen.sale.lines.is_empty();
            match screen.shown {
                Shown::Done { .. } if rung_up => break,
                Shown::Sale if in_hand => {
                    rung_up = true;
                    self.pay(&screen).await;
                }
                Shown::Sale | Shown::Done { .. } if rung_up => break,
                Shown::Sale | Shown::Done { .. } => rung_up = self.ring_up().await,
                Shown::Attempt(watched) => {
                    rung_up = true;
                    self.attend(&watched).await;
                }
            }
        }
        if self.chance.percent(40) {
            self.tend().await;
        }
        if self.chance.percent(12) {
            self.world.lock().unwrap().next_customer();
            self.take_something_back().await;
        }
    }

    pub async fn look(&mut self) -> Snapshot {
        let mut screen = self.till.snapshot().await;
        for _ in 0..20 {
            let Err(error) = &screen else { break };
            self.violations.push(format!("the screen cannot be drawn: {error}"));
            self.settle().await;
            screen = self.till.snapshot().await;
        }
        let screen = screen.unwrap();
        let open: Vec<AttemptId> =
            screen.tasks.iter().filter(|(task, _)| *task == Task::Doubt).map(|(_, at)| at.stored.attempt.id).collect();
        if open.len() > 1 {
            self.wrong(format!("J6: two payments are open on one device: {open:?}"));
        }
        screen
    }

    async fn ring_up(&mut self) -> bool {
        for _ in 0..self.chance.between(1, 4) {
            let code = self.chance.pick(&GOODS);
            let added = self.till.scan(code).await;
            if !self.done("scan", added) {
                return false;
            }
        }
        if self.chance.percent(10) {
            let held = self.till.hold().await;
            self.done("hold", held);
            return false;
        }
        true
    }

    pub fn command(&mut self) -> Uuid {
        let random: Vec<u8> = (0..10).map(|_| self.chance.number() as u8).collect();
        Builder::from_unix_timestamp_millis(self.now_ms() as u64, random.as_slice().try_into().unwrap()).into_uuid()
    }

    async fn pay(&mut self, screen: &Snapshot) {
        let kaspi_is_free = screen.pay_keys.iter().any(|(kind, block)| *kind == TenderKind::Kaspi && block.is_none());
        let in_doubt = screen.pay_keys.iter().all(|(_, block)| *block == Some(PayBlock::InDoubt));
        if in_doubt {
            return self.tend().await;
        }
        let chosen = self.chance.between(1, 100);
        let part = |due: Money| Money::new((due.minor() / 200).max(1) * 100, Currency::Kzt).unwrap();
        let calm = self.world.lock().unwrap().faults.calm;
        match chosen {
            1..=3 if !calm => {
                let given_up = if screen.sale.tenders.is_empty() { self.till.void().await } else { self.till.give_back_cash().await };
                self.done("give up", given_up);
            }
            4..=7 if screen.sale.tenders.is_empty() && !calm => {
                let held = self.till.hold().await;
                self.done("hold", held);
            }
            // Now and then the key is pressed though it is blocked.
            _ if (kaspi_is_free && chosen <= 75) || chosen == 76 => {
                let wanted = (chosen > 65).then(|| part(screen.due));
                self.pay_by_kaspi(wanted).await;
            }
            _ => {
                let received = match chosen % 3 {
                    0 => None,
                    1 => Some(part(screen.due_in_cash)),
                    _ => screen.notes.first().copied(),
                };
                self.pay_cash(received).await;
            }
        }
    }

    async fn pay_cash(&mut self, received: Option<Money>) {
        let (command, life) = (self.command(), self.life());
        let times = 1 + i64::from(self.chance.percent(15));
        for _ in 0..times {
            let paid = self.till.pay_cash(command, received).await;
            self.acknowledge(life, command, "cash", paid);
        }
    }

    async fn pay_by_kaspi(&mut self, wanted: Option<Money>) {
        let (command, life) = (self.command(), self.life());
        let begun = self.till.pay_by_device(command, TenderKind::Kaspi, wanted).await;
        let first = begun.as_ref().ok().copied().filter(|_| self.is_alive(life));
        self.acknowledge(life, command, "kaspi", begun);
        if let (true, Some(first)) = (self.chance.percent(15), first) {
            self.settle().await;
            if self.life() == life {
                let again = self.till.pay_by_device(command, TenderKind::Kaspi, wanted).await;
                if again.as_ref().ok() != Some(&first) && self.life() == life {
                    self.wrong(format!("J14: the second press answered {again:?}, the first {first}"));
                }
            }
        }
        // A till that was killed in the command gave no answer; pressing again with the same id must not charge twice.
        self.settle().await;
        if self.life() != life && self.chance.percent(60) {
            let life = self.life();
            let again = self.till.pay_by_device(command, TenderKind::Kaspi, wanted).await;
            self.acknowledge(life, command, "kaspi again", again);
        }
    }

    pub fn acknowledge<T>(&mut self, life: u32, command: Uuid, what: &str, answer: Result<T, TillError>) {
        let alive = self.is_alive(life);
        if self.done(what, answer) && alive {
            self.acknowledged.push(command.to_string());
        }
    }

    /// What a till answers after its kill, before it is opened again, reaches nobody.
    fn is_alive(&self, life: u32) -> bool {
        self.life() == life && self.world.lock().unwrap().left.is_none()
    }

    /// A refusal by the rules is an answer; trouble with the storage is a fault of the till.
    pub fn done<T>(&mut self, what: &str, answer: Result<T, TillError>) -> bool {
        match answer {
            Ok(_) => true,
            Err(TillError::Storage(error)) => {
                self.wrong(format!("{what}: {error}"));
                false
            }
            Err(_) => false,
        }
    }

    /// In front of a payment on the screen.
    async fn attend(&mut self, watched: &Watched) {
        let attempt = &watched.stored.attempt;
        match attempt.state {
            AttemptState::Intended | AttemptState::Pending => match self.chance.between(1, 10) {
                1 => {
                    let _ = self.till.stop_waiting(attempt.id).await;
                }
                2 => {
                    let parked = self.till.park(attempt.id).await;
                    self.done("park", parked);
                }
                3 => self.check(attempt.id).await,
                _ => self.wait(1_000, 20_000).await,
            },
            AttemptState::Unknown => match self.chance.between(1, 10) {
                1 | 2 => {
                    let parked = self.till.park(attempt.id).await;
                    self.done("park", parked);
                }
                3 | 4 => self.check(attempt.id).await,
                5 | 6 => self.decide(&watched.stored).await,
                _ => self.wait(2_000, 60_000).await,
            },
            AttemptState::Approved | AttemptState::Declined | AttemptState::Cancelled | AttemptState::NotStarted => {
                if attempt.is_for_a_person() {
                    self.decide(&watched.stored).await;
                }
                let left = self.till.dismiss().await;
                self.done("dismiss", left);
            }
        }
    }

    pub async fn wait(&mut self, least_ms: i64, most_ms: i64) {
        let for_ms = self.chance.between(least_ms, most_ms);
        self.pass(for_ms).await;
    }

    /// "Check now". The points of death are not counted meanwhile: the answer and the question run side by side.
    async fn check(&mut self, attempt: AttemptId) {
        let dies_in = self.world.lock().unwrap().dies_in.take();
        let asked = self.till.check(attempt).await;
        self.done("check", asked);
        self.settle().await;
        self.world.lock().unwrap().dies_in = dies_in;
    }

    /// A terminal that does not know the till is shown it again, sooner or later.
    async fn be_let_in(&mut self) {
        let outside = {
            let world = self.world.lock().unwrap();
            world.tokens.as_ref().is_some_and(|tokens| tokens.standing() != Standing::LetIn)
        };
        let calm = self.world.lock().unwrap().faults.calm;
        if outside && (calm || self.chance.percent(50)) {
            register_anew(&self.world);
            self.pass(200_000).await;
        }
    }

    /// The strip that cannot be dismissed, and the sales put aside.
    pub async fn tend(&mut self) {
        self.settle().await;
        let screen = self.look().await;
        for (task, watched) in &screen.tasks {
            match task {
                Task::Doubt if self.chance.percent(50) => self.check(watched.stored.attempt.id).await,
                Task::Doubt | Task::Return | Task::PaidTwice | Task::Contradiction => self.decide(&watched.stored).await,
                // The customer has gone.
                Task::Unpaid if self.chance.percent(20) => {
                    let given_up = self.till.discard(watched.stored.attempt.sale).await;
                    self.done("give up unpaid", given_up);
                }
                Task::Unpaid => {
                    let back = self.till.unpark(watched.stored.attempt.id).await;
                    self.done("unpark", back);
                }
            }
            self.settle().await;
        }
        let hands_are_free = screen.sale.lines.is_empty() || matches!(screen.shown, Shown::Done { .. });
        if let Some(held) = screen.held.first().filter(|_| hands_are_free) {
            let back = self.till.recall(held.sale.id).await;
            self.done("recall", back);
        }
    }

    /// Decides by the terminal's ledger, once it shows how the payment ended; gives back what is not counted.
    pub async fn decide(&mut self, stored: &till::StoredAttempt) {
        let attempt = &stored.attempt;
        let Truth { running, charged_minor } = self.world.lock().unwrap().truth(attempt.id);
        let sent_ms = self.world.lock().unwrap().began_ms(attempt.id);
        // Some do not wait: a payment that the till can go on asking about is put down as not paid.
        let hasty = attempt.state == AttemptState::Unknown && self.can_still_be_asked(attempt) && self.chance.percent(40);
        if !hasty && (running || self.now_ms() - sent_ms < SURELY_ARRIVED_MS) {
            return;
        }
        let (decision, kept_minor) = if hasty { (Decision::Declined, charged_minor) } else { decision(attempt, charged_minor) };
        if hasty {
            let mut world = self.world.lock().unwrap();
            world.hasty.insert(attempt.id);
            world.counts.add("decided in haste");
        }
        let resolution = Resolution {
            decision,
            by: "Айгерім".to_owned(),
            reason: "the terminal's history was read".to_owned(),
            reference: "504711333".to_owned(),
            evidence: format!("{charged_minor} in the history"),
        };
        // What does not stay goes back on the terminal, once the decision is written down.
        let before = self.world.lock().unwrap().returned.insert(attempt.id, charged_minor - kept_minor);
        let life = self.life();
        let decided = self.till.resolve(attempt.id, resolution).await;
        let died = !self.is_alive(life);
        let mut refused = decided.is_err() && !died;
        self.done("decide", decided);
        if died {
            self.settle().await;
            let found = self.till.records().attempt(attempt.id).await;
            refused = !found.is_ok_and(|stored| match decision {
                Decision::Returned => stored.attempt.was_returned(),
                Decision::Approved | Decision::Declined => stored.attempt.by_hand,
            });
        }
        let mut world = self.world.lock().unwrap();
        world.counts.add("decided by hand");
        if refused {
            match before {
                Some(before) => world.returned.insert(attempt.id, before),
                None => world.returned.remove(&attempt.id),
            };
        }
    }

    fn can_still_be_asked(&self, attempt: &Attempt) -> bool {
        !self.world.lock().unwrap().faults.calm && self.world.lock().unwrap().knows(attempt)
    }

    /// Faults end, and everything that is open is brought to its end: first by the device alone, then by people.
    pub async fn come_to_rest(&mut self) {
        self.settle().await;
        self.world.lock().unwrap().calm();
        for _ in 0..4 {
            self.be_let_in().await;
            let screen = self.look().await;
            for (_, watched) in screen.tasks.iter().filter(|(task, _)| *task == Task::Doubt) {
                self.check(watched.stored.attempt.id).await;
            }
            self.pass(150_000).await;
        }
        for stored in self.till.records().attempts(true).await.unwrap() {
            let told = self.world.lock().unwrap().could_tell(&stored.attempt);
            if let Some(told) = told {
                self.wrong(format!("the device says {told} of {}, and the till does not know", stored.attempt.id));
            }
        }
        for round in 0..60 {
            self.tend().await;
            self.finish_refunds().await;
            let screen = self.look().await;
            let in_hand = !screen.sale.lines.is_empty() && !matches!(screen.shown, Shown::Done { .. });
            let refunds = self.till.records().open_refunds().await.unwrap();
            if screen.tasks.is_empty() && screen.held.is_empty() && !in_hand && refunds.is_empty() {
                return;
            }
            if in_hand {
                self.finish().await;
            }
            if round > 30 {
                self.pass(60_000).await;
            }
        }
        let screen = self.look().await;
        let left: Vec<_> = screen.tasks.iter().map(|(task, at)| (*task, at.stored.attempt.state)).collect();
        let refunds = self.till.records().open_refunds().await.unwrap();
        let ways: Vec<_> = refunds.iter().map(|stored| (stored.refund.id, stored.refund.next())).collect();
        self.wrong(format!(
            "the shop does not come to rest: {left:?}, {} put aside, {} lines in hand, refunds {ways:?}",
            screen.held.len(),
            screen.sale.lines.len()
        ));
    }

    /// The sale in hand is paid in cash.
    async fn finish(&mut self) {
        let screen = self.look().await;
        match screen.shown {
            Shown::Attempt(watched) if watched.stored.attempt.is_for_a_person() => {
                self.decide(&watched.stored).await;
                self.pass(30_000).await;
            }
            Shown::Attempt(_) => {
                let left = self.till.dismiss().await;
                self.done("dismiss", left);
            }
            Shown::Sale => self.pay_cash(None).await,
            Shown::Done { .. } => {}
        }
        self.settle().await;
    }
}

/// What a person decides who sees this charge on the terminal, and how much of it stays with the shop.
fn decision(attempt: &Attempt, charged_minor: i64) -> (Decision, i64) {
    let counted_minor = attempt.counted().minor();
    match attempt.state {
        AttemptState::Approved if attempt.late_success => (Decision::Returned, counted_minor),
        AttemptState::Approved => (Decision::Approved, counted_minor),
        AttemptState::Declined | AttemptState::Cancelled | AttemptState::NotStarted => (Decision::Returned, 0),
        AttemptState::Intended | AttemptState::Pending | AttemptState::Unknown if charged_minor >= counted_minor => {
            (Decision::Approved, counted_minor)
        }
        AttemptState::Intended | AttemptState::Pending | AttemptState::Unknown => (Decision::Declined, 0),
    }
}
