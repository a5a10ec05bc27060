//! The real Kaspi driver on the storm's own link.

use super::world::{Shared, Talking, reached, waiting};
use checkout::payment::{Attempt, CommittedIntent, Device};
use checkout::ports::{Abilities, Answering, CardTerminal, Conversation, JournalRefused};
use drivers::kaspi::Kaspi;
use drivers::kaspi::session::Times;
use drivers::link::{HttpLink, HttpReply, HttpRequest, LinkFailure};

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
        let (after_ms, reply) = world.ask(&request.path, request.timeout_ms as i64);
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

/// The driver, with its conversations counted.
pub struct StormTerminal {
    driver: Kaspi<StormLink>,
    world: Shared,
    life: u32,
}

impl StormTerminal {
    pub fn new(world: &Shared, life: u32, own_receipt: bool) -> StormTerminal {
        let link = StormLink { world: world.clone(), life };
        StormTerminal { driver: Kaspi::new(link, Times::scaled(1), own_receipt), world: world.clone(), life }
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
