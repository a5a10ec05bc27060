//! The real Kaspi driver on the storm's own link.

use super::world::{NAME, Shared, Talking, reached, waiting};
use checkout::payment::{Attempt, CommittedIntent, Device};
use checkout::ports::{Abilities, Answering, CardTerminal, Conversation, JournalRefused};
use drivers::kaspi::Kaspi;
use drivers::kaspi::session::Times;
use drivers::kaspi::tokens::{Pair, TokenStore, Tokens};
use drivers::link::{HttpLink, HttpReply, HttpRequest, LinkFailure};
use std::sync::Arc;

struct StormLink {
    world: Shared,
    life: u32,
}

impl StormLink {
    /// When the reply is in, and what it is. A killed till sends nothing.
    fn send(&self, request: &HttpRequest) -> Option<(i64, Result<HttpReply, LinkFailure>)> {
        let mut world = self.world.lock().unwrap();
        if world.life != self.life {
            return None;
        }
        let (after_ms, reply) = world.ask(request);
        Some((world.now_ms + after_ms, reply))
    }
}

impl HttpLink for StormLink {
    fn address(&self) -> String {
        "storm".to_owned()
    }

    fn get(&self, request: HttpRequest) -> Answering<'_, Result<HttpReply, LinkFailure>> {
        Box::pin(async move {
            // Killed before the first byte, after it, or with the reply in.
            reached(&self.world, self.life);
            let Some((due_ms, reply)) = self.send(&request) else { return std::future::pending().await };
            reached(&self.world, self.life);
            waiting(&self.world, self.life, due_ms).await;
            reached(&self.world, self.life);
            reply
        })
    }
}

/// The keychain of one life: what a killed till would keep is not kept.
struct StormKeychain {
    world: Shared,
    life: u32,
}

impl TokenStore for StormKeychain {
    fn keep(&self, pair: &Pair) -> Result<(), String> {
        let mut world = self.world.lock().unwrap();
        if world.life != self.life {
            return Err("killed".to_owned());
        }
        if !world.faults.calm && world.faults.chance.percent(10) {
            world.counts.add("keychain refuses");
            return Err("the keychain is locked".to_owned());
        }
        world.kept = Some(pair.clone());
        Ok(())
    }
}

fn tokens(world: &Shared, life: u32) -> Option<Arc<Tokens>> {
    let kept = {
        let world = world.lock().unwrap();
        world.protected.then(|| world.kept.clone())
    }?;
    let (store, at) = (StormKeychain { world: world.clone(), life }, world.clone());
    let wall_ms = Arc::new(move || at.lock().unwrap().wall_ms());
    Some(Arc::new(Tokens::new(kept, Arc::new(store), wall_ms)))
}

/// Somebody takes the till off the terminal's list and lets it in again.
pub fn register_anew(world: &Shared) {
    let (tokens, life) = {
        let mut world = world.lock().unwrap();
        world.terminals[0].forbid(NAME);
        world.counts.add("registered anew");
        (world.tokens.clone(), world.life)
    };
    if let Some(tokens) = tokens {
        let (world, link) = (world.clone(), StormLink { world: world.clone(), life });
        tokio::spawn(async move {
            let _talking = Talking::begins(&world, life);
            let _ = tokens.register(&link, NAME).await;
        });
    }
}

/// The driver, with its conversations counted.
pub struct StormTerminal {
    driver: Kaspi<StormLink>,
    world: Shared,
    life: u32,
}

impl StormTerminal {
    pub fn new(world: &Shared, life: u32, own_receipt: bool) -> StormTerminal {
        let link = StormLink { world: world.clone(), life };
        let mut driver = Kaspi::new(link, Times::scaled(1), own_receipt).of_one_unit();
        if let Some(tokens) = tokens(world, life) {
            world.lock().unwrap().tokens = Some(tokens.clone());
            driver = driver.let_in_by(tokens);
        }
        StormTerminal { driver, world: world.clone(), life }
    }
}

impl CardTerminal for StormTerminal {
    fn device(&self) -> Device {
        self.driver.device()
    }

    fn abilities(&self) -> Abilities {
        self.driver.abilities()
    }

    fn address(&self) -> String {
        self.driver.address()
    }

    fn pay<'a>(&'a self, intent: CommittedIntent, talk: &'a mut dyn Conversation) -> Answering<'a, Result<(), JournalRefused>> {
        Box::pin(async move {
            let _talking = Talking::begins(&self.world, self.life);
            self.world.lock().unwrap().begins(intent.attempt().id);
            self.driver.pay(intent, talk).await
        })
    }

    fn refund<'a>(
        &'a self,
        intent: CommittedIntent,
        payment: Attempt,
        talk: &'a mut dyn Conversation,
    ) -> Answering<'a, Result<(), JournalRefused>> {
        Box::pin(async move {
            let _talking = Talking::begins(&self.world, self.life);
            self.world.lock().unwrap().begins(intent.attempt().id);
            self.driver.refund(intent, payment, talk).await
        })
    }

    fn ask<'a>(
        &'a self,
        attempt: Attempt,
        last_question_ms: Option<i64>,
        talk: &'a mut dyn Conversation,
    ) -> Answering<'a, Result<(), JournalRefused>> {
        Box::pin(async move {
            let _talking = Talking::begins(&self.world, self.life);
            self.driver.ask(attempt, last_question_ms, talk).await
        })
    }
}
