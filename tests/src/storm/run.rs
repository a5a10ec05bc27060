//! One shop's day under one seed, and campaigns of many.

use super::auditor;
use super::books::Books;
use super::faults::Counts;
use super::photograph::photograph;
use super::terminal::StormTerminal;
use super::time::StormClock;
use super::world::{Shared, World};
use crate::chance::Chance;
use checkout::payment::Device;
use simulators::demo;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use tempfile::TempDir;
use till::{Opening, Terminals, Till};

/// What is to be played.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub seed: u64,
    pub sales: u32,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    pub closed: u64,
    pub attempts: u64,
    pub charges: u64,
    pub counts: Counts,
    /// A hash of all facts in the journal: the same seed gives the same.
    pub fingerprint: String,
    /// What was found to be untrue, in words.
    pub violations: Vec<String>,
}

/// What a campaign came to.
#[derive(Debug, Default)]
pub struct Report {
    pub sales: u64,
    pub closed: u64,
    pub attempts: u64,
    pub charges: u64,
    pub counts: Counts,
    /// The seeds that failed, with what was found.
    pub failed: Vec<(u64, Vec<String>)>,
}

/// One shop in the storm.
pub struct Storm {
    pub world: Shared,
    pub till: Arc<Till>,
    pub chance: Chance,
    /// Commands that were answered as done.
    pub acknowledged: Vec<String>,
    pub violations: Vec<String>,
}

/// Files in memory where the system has such a place: what is synced there costs nothing, and a kill loses nothing either.
fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// The demo shop with its goods, set up once.
fn template() -> &'static Path {
    static TEMPLATE: OnceLock<TempDir> = OnceLock::new();
    let prepare = || {
        let folder = scratch();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            till::init(folder.path(), &demo::shop_at("127.0.0.1:9".parse().unwrap())).await.unwrap();
            let till = Till::open(Opening::at(folder.path())).await.unwrap();
            till.import(demo::GOODS.as_bytes(), false).await.unwrap();
            till.close().await;
        });
        folder
    };
    TEMPLATE.get_or_init(prepare).path()
}

/// Plays one shop's day, then lets everything come to rest and audits the books.
pub fn run(plan: Plan) -> Outcome {
    let played = std::panic::catch_unwind(|| play_out(plan));
    played.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Outcome { violations: vec![format!("the storm stopped: {}", said.unwrap_or("a panic"))], ..Outcome::default() }
    })
}

fn play_out(plan: Plan) -> Outcome {
    let scratch = scratch();
    let folder = scratch.path().join("life-0");
    photograph(template(), &folder);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let mut storm = Storm::begin(plan.seed, folder).await;
        for _ in 0..plan.sales {
            storm.serve().await;
        }
        storm.come_to_rest().await;
        storm.audit().await
    })
}

impl Storm {
    async fn begin(seed: u64, folder: PathBuf) -> Storm {
        let world = Arc::new(Mutex::new(World::new(seed, folder)));
        let till = opened(&world).await;
        Storm { world, till, chance: Chance::new(seed), acknowledged: Vec::new(), violations: Vec::new() }
    }

    /// Waits until everything in the till stands still; where it was killed meanwhile, opens it again.
    pub async fn settle(&mut self) {
        still(&self.world).await;
        self.rise_again().await;
    }

    /// Where the till was killed, opens it again from what it left; it may be killed in the middle of that too.
    async fn rise_again(&mut self) {
        loop {
            let left = self.world.lock().unwrap().left.take();
            let Some(folder) = left else { return };
            self.till.close().await;
            let before = {
                let mut world = self.world.lock().unwrap();
                let before = std::mem::replace(&mut world.folder, folder);
                if self.chance.percent(25) {
                    world.dies_in = Some(self.chance.between(0, 25) as u32);
                    world.counts.add("killed again while it recovers");
                }
                if self.chance.percent(15) {
                    world.boot += 1;
                    world.booted_ms = world.now_ms;
                    world.counts.add("machine started anew");
                }
                world.now_ms += self.chance.between(500, 20_000);
                before
            };
            std::fs::remove_dir_all(before).unwrap();
            self.till = opened(&self.world).await;
            still(&self.world).await;
        }
    }

    /// Lets so much time pass, one event after the other.
    pub async fn pass(&mut self, for_ms: i64) {
        self.settle().await;
        let until_ms = self.now_ms() + for_ms;
        loop {
            let next_ms = self.world.lock().unwrap().next_ms().filter(|next_ms| *next_ms <= until_ms);
            let Some(next_ms) = next_ms else { break };
            self.world.lock().unwrap().pass_to(next_ms);
            self.settle().await;
        }
        let mut world = self.world.lock().unwrap();
        if world.now_ms < until_ms {
            world.pass_to(until_ms);
        }
    }

    pub fn now_ms(&self) -> i64 {
        self.world.lock().unwrap().now_ms
    }

    pub fn wrong(&mut self, what: String) {
        self.violations.push(what);
    }

    /// The till's life number: a command that was begun in another life was not answered.
    pub fn life(&self) -> u32 {
        self.world.lock().unwrap().life
    }

    async fn audit(mut self) -> Outcome {
        let folder = self.world.lock().unwrap().folder.clone();
        self.till.close().await;
        let books = Books::read(&folder).await;
        // Opened and closed once more: recovery of what is settled changes nothing.
        let again = folder.with_file_name("again");
        photograph(&folder, &again);
        self.world.lock().unwrap().folder.clone_from(&again);
        self.till = opened(&self.world).await;
        self.settle().await;
        self.till.close().await;
        let after = Books::read(&again).await;
        if books.fingerprint() != after.fingerprint() {
            self.wrong("J15: a start with nothing to recover changed the books".to_owned());
        }
        let world = self.world.lock().unwrap();
        self.violations.extend(auditor::audit(&books, &world, &self.acknowledged));
        Outcome {
            closed: books.sales.iter().filter(|sale| sale.state == "closed").count() as u64,
            attempts: books.attempts.len() as u64,
            charges: auditor::charges(&world),
            counts: world.counts.clone(),
            fingerprint: books.fingerprint(),
            violations: self.violations,
        }
    }
}

/// Until each conversation waits for time or a device, or the till is dead.
async fn still(world: &Shared) {
    let (stirred, life) = {
        let world = world.lock().unwrap();
        (world.stirred.clone(), world.life)
    };
    loop {
        // What was woken runs before this goes on.
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
        let done = {
            let world = world.lock().unwrap();
            world.is_still() || world.life != life
        };
        if done {
            return;
        }
        stirred.notified().await;
    }
}

async fn opened(world: &Shared) -> Arc<Till> {
    let (life, folder, zero_ms) = {
        let world = world.lock().unwrap();
        // A monotonic clock's zero means nothing.
        (world.life, world.folder.clone(), world.now_ms - 1_000 * i64::from(world.life) - 77)
    };
    let clock = Arc::new(StormClock::new(world.clone(), life, zero_ms));
    let at = world.clone();
    let drivers = move |settings: &till::settings::Settings, _: &till::kaspi::Means| {
        let own_receipt = settings.kaspi.as_ref().is_some_and(|kaspi| kaspi.own_receipt);
        let terminal = StormTerminal::new(&at, life, own_receipt);
        Ok(Terminals::from([(Device::Kaspi, Arc::new(terminal) as Arc<dyn checkout::ports::CardTerminal>)]))
    };
    let till = Till::open(Opening { clock: clock.clone(), drivers: Arc::new(drivers), ..Opening::at(&folder) }).await.unwrap();
    clock.follow(&till);
    till
}

/// Many shops, each under a seed of its own.
#[derive(Debug, Clone, Copy)]
pub struct Campaign {
    pub first_seed: u64,
    pub sales: u64,
    /// Sales in each shop.
    pub a_shop: u32,
    pub threads: usize,
    /// Ends with the first shop in whose books a violation of this name is found.
    pub until: Option<&'static str>,
}

impl Campaign {
    /// Plays it. `prepare` is called on each thread before its first shop.
    pub fn play(self, prepare: impl Fn() + Sync) -> Report {
        let shops = self.sales.div_ceil(u64::from(self.a_shop));
        let (next, report) = (AtomicU64::new(0), Mutex::new(Report::default()));
        template();
        std::thread::scope(|scope| {
            for _ in 0..self.threads {
                scope.spawn(|| {
                    prepare();
                    loop {
                        let shop = next.fetch_add(1, Ordering::Relaxed);
                        if shop >= shops {
                            return;
                        }
                        let seed = self.first_seed + shop;
                        let outcome = run(Plan { seed, sales: self.a_shop });
                        let found = self.until.is_some_and(|name| outcome.violations.iter().any(|told| told.starts_with(name)));
                        report.lock().unwrap().add(seed, self.a_shop, outcome);
                        if found {
                            next.store(shops, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        let mut report = report.into_inner().unwrap();
        report.failed.sort_unstable();
        report
    }
}

impl Report {
    pub fn join(&mut self, other: Report) {
        self.sales += other.sales;
        self.closed += other.closed;
        self.attempts += other.attempts;
        self.charges += other.charges;
        self.counts.join(&other.counts);
        self.failed.extend(other.failed);
    }

    fn add(&mut self, seed: u64, sales: u32, outcome: Outcome) {
        self.sales += u64::from(sales);
        self.closed += outcome.closed;
        self.attempts += outcome.attempts;
        self.charges += outcome.charges;
        self.counts.join(&outcome.counts);
        if !outcome.violations.is_empty() {
            self.failed.push((seed, outcome.violations));
        }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} customers, {} sales closed, {} payments begun, {} charges", self.sales, self.closed, self.attempts, self.charges)?;
        for (kind, count) in &self.counts.0 {
            writeln!(f, "{count:>9}  {kind}")?;
        }
        write!(f, "{} seeds failed", self.failed.len())
    }
}
