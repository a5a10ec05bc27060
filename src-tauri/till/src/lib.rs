//! The running till: joins the rules, the drivers and the database. The window and `kassactl` are two
//! faces of this one crate.
//!
//! | noun | file |
//! |---|---|
//! | opening, the open cart, what the screen shows | this file, [`cart`], [`showing`] |
//! | prices given by hand, discounts | [`discount`] |
//! | sales put aside | [`held`] |
//! | taking money, deciding doubts | [`payment`] |
//! | giving money back | [`refund`] |
//! | the till's side of a device conversation; what the disk has not taken | [`conversation`], [`unwritten`] |
//! | start-up after a crash | [`recovery`] |
//! | what was written down: attempts, receipts, journal | [`records`], [`audit`], [`receipt`], [`qr`], [`words`] |
//! | shop.json, changing it while the till runs | [`settings`], [`shop`] |
//! | the goods file, taking goods into the catalogue | [`goods`], [`import`], [`importing`] |
//! | what a scanned code means | [`barcode`] |
//! | who is at the till, the guard of every command | [`seat`] |
//! | what another person allows | [`lift`] |
//! | signing in, the people of the shop | [`people`], [`pin`], [`keychain`] |
//! | the Kaspi terminal beside its payments, secrets of devices | [`kaspi`], [`vault`] |
//! | clock and ids, one instance per folder | [`clock`], [`instance`] |
//! | what can go wrong | [`error`] |

pub mod audit;
pub mod barcode;
pub mod cart;
pub mod clock;
pub mod conversation;
pub mod discount;
mod error;
pub mod goods;
pub mod held;
pub mod import;
pub mod importing;
pub mod instance;
pub mod kaspi;
pub mod keychain;
pub mod lift;
pub mod payment;
pub mod people;
pub mod pin;
pub mod qr;
pub mod receipt;
pub mod records;
pub mod recovery;
pub mod refund;
pub mod report;
pub mod seat;
pub mod settings;
pub mod shop;
pub mod showing;
mod unwritten;
pub mod vault;
pub mod words;

/// The rules' and the ledger's types the two faces need, so that they import the till alone.
pub use database::attempt::{Asked, StoredAttempt};
pub use database::audit::{Known, Topic, Wanted};
pub use database::catalogue::{Found, Item};
pub use database::draft::Held;
pub use database::import::Imported;
pub use database::journal::{Entry, Verified};
pub use database::refund::StoredRefund;
pub use database::rescue::Exported;
pub use database::shift::TaxTotals;
pub use database::stored_sale::{Closed, StoredSale};
pub use error::TillError;
pub use shop::{init, init_by, init_with_new_key};

use checkout::payment::{Attempt, AttemptId, Device};
use checkout::ports::CardTerminal;
use checkout::sale::Sale;
use clock::{Clock, SystemClock};
use conversation::Watch;
use database::Ledger;
use database::draft::Draft;
use database::people::StoredPerson;
use instance::Instance;
use kaspi::{Means, Registering, Workshop};
use keychain::{Key, Keychain};
use pin::Cost;
use records::Records;
use seat::Seat;
use settings::Settings;
use showing::Showing;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use tokio::sync::{Mutex, MutexGuard, OnceCell, watch};
use vault::Passphrase;

/// How a till is opened.
pub struct Opening {
    /// Where ledger, draft and receipts lie.
    pub directory: PathBuf,
    /// A training till: its receipts say so.
    pub training: bool,
    /// The open cart is kept in the draft. Without it the till sells beside a cart that a cashier has left open.
    pub keeps_draft: bool,
    pub clock: Arc<dyn Clock>,
    /// Where the key of the PINs is kept.
    pub keychain: Keychain,
    /// Opens the secrets of the devices where they lie in a file.
    pub passphrase: Option<Passphrase>,
    /// What hashing a PIN costs.
    pub pin_cost: Cost,
    /// How the settings become drivers.
    pub drivers: Arc<Drivers>,
}

/// The drivers that settings ask for, each with its link.
pub type Drivers = dyn Fn(&Settings, &Means) -> Result<Terminals, TillError> + Send + Sync;

pub type Terminals = HashMap<Device, Arc<dyn CardTerminal>>;

impl Opening {
    /// An ordinary till on the machine's clock and network.
    pub fn at(directory: &Path) -> Opening {
        Opening {
            directory: directory.to_owned(),
            training: false,
            keeps_draft: true,
            clock: Arc::new(SystemClock::default()),
            keychain: Keychain::of_user(),
            passphrase: Passphrase::of_user(),
            pin_cost: Cost::default(),
            drivers: Arc::new(kaspi::terminals),
        }
    }
}

/// What changes while the till runs. Guarded by one lock, held only for the length of a command.
pub(crate) struct State {
    pub sale: Sale,
    pub showing: Showing,
    /// Sales put aside, oldest first, as they lie in the draft.
    pub held: Vec<Held>,
    /// Prices that somebody with the right for them has given or allowed.
    pub allowed: discount::Allowed,
    /// Devices that could not be reached the last time.
    pub unreachable: Vec<Device>,
    pub language: String,
}

pub struct Till {
    pub(crate) ledger: Arc<Ledger>,
    /// None where the cart is not kept.
    pub(crate) draft: Option<Draft>,
    pub(crate) clock: Arc<dyn Clock>,
    records: Records,
    /// The attempts this run took up from the last one.
    taken_up: Vec<AttemptId>,
    pub(crate) drivers: Arc<Drivers>,
    terminals: RwLock<Terminals>,
    workshop: Workshop,
    means: RwLock<Arc<Means>>,
    registering: Registering,
    importing: importing::Importing,
    /// The people of the shop as the ledger has them: nobody else writes it while this till is open.
    people: RwLock<Arc<Vec<StoredPerson>>>,
    seat: std::sync::Mutex<Seat>,
    /// One PIN or badge is tried at a time.
    trying: Mutex<()>,
    keychain: Keychain,
    key: OnceCell<Key>,
    pin_cost: Cost,
    /// What the look over the whole ledger found.
    damage: OnceLock<String>,
    state: Mutex<State>,
    /// The device conversations under way, by attempt. A lock of its own, so that a conversation never waits.
    watches: std::sync::Mutex<HashMap<AttemptId, Watch>>,
    unwritten: unwritten::Unwritten,
    /// Counts what the screen must redraw for.
    revision: watch::Sender<u64>,
    /// None once it is closed.
    instance: std::sync::Mutex<Option<Instance>>,
}

impl Till {
    /// Opens the shop in a folder, refusing a second till, and takes up what a crash has left.
    pub async fn open(opening: Opening) -> Result<Arc<Till>, TillError> {
        records::expect_shop(&opening.directory)?;
        let instance = Instance::take(&opening.directory)?;
        let ledger = Arc::new(Ledger::open(&opening.directory).await?);
        let settings = records::settings_of(&ledger).await?;
        let workshop = Workshop {
            keychain: opening.keychain.clone(),
            passphrase: std::sync::Mutex::new(opening.passphrase),
            cost: opening.pin_cost,
            clock: opening.clock.clone(),
        };
        let means = workshop.means(&settings, &ledger, None).await?;
        let terminals = (opening.drivers)(&settings, &means)?;
        let draft = if opening.keeps_draft { Some(Draft::open(&opening.directory).await?) } else { None };
        let language = match ledger.setting("language").await? {
            Some(language) => language,
            None => settings.language.clone(),
        };
        let (boot, up_ms) = opening.clock.uptime();
        ledger.begin_waits_anew(&boot, up_ms).await?;
        let people = ledger.people().await?;
        let left = recovery::what_was_left(&ledger, draft.as_ref(), &settings, opening.clock.as_ref()).await?;
        let held = Till::held_before(draft.as_ref(), &ledger, &settings, left.sale.id).await?;
        let allowed = recovery::what_was_allowed(draft.as_ref(), &ledger, left.sale.id, &held).await?;
        let till = Arc::new(Till {
            records: Records::new(ledger.clone(), settings, opening.training, opening.directory),
            taken_up: left.attempts.iter().map(|stored| stored.attempt.id).collect(),
            ledger,
            draft,
            clock: opening.clock,
            drivers: opening.drivers,
            terminals: RwLock::new(terminals),
            workshop,
            means: RwLock::new(Arc::new(means)),
            registering: Registering::default(),
            importing: importing::Importing::default(),
            people: RwLock::new(Arc::new(people)),
            seat: std::sync::Mutex::default(),
            trying: Mutex::default(),
            keychain: opening.keychain,
            key: OnceCell::new(),
            pin_cost: opening.pin_cost,
            damage: OnceLock::new(),
            state: Mutex::new(State { sale: left.sale, showing: left.showing, held, allowed, unreachable: Vec::new(), language }),
            watches: std::sync::Mutex::new(HashMap::new()),
            unwritten: unwritten::Unwritten::default(),
            revision: watch::Sender::new(1),
            instance: std::sync::Mutex::new(Some(instance)),
        });
        for open in left.attempts {
            till.resume(open).await;
        }
        Ok(till)
    }

    /// The settings that hold now.
    pub fn settings(&self) -> Arc<Settings> {
        self.records.settings()
    }

    /// Looks over the whole ledger beside the sales. Where it is damaged, no more money is taken.
    pub async fn look_over(&self) {
        match self.ledger.check().await {
            Ok(faults) => {
                if let Some(first) = faults.first() {
                    tracing::error!(?faults, "the ledger is damaged");
                    let _ = self.damage.set(first.clone());
                    self.changed();
                }
            }
            Err(error) => {
                tracing::error!(%error, "the ledger could not be looked over");
                // A disk that cannot be read is damage, too; a ledger that is busy is not.
                if error.is_of_the_disk() {
                    let _ = self.damage.set(error.to_string());
                    self.changed();
                }
            }
        }
    }

    /// Before money is taken.
    pub(crate) fn sound(&self) -> Result<(), TillError> {
        self.damage.get().map_or(Ok(()), |what| Err(TillError::Damaged(what.clone())))
    }

    /// The attempts this run took up from the last one: open, or decided by hand and not yet told of by the device.
    pub fn taken_up(&self) -> &[AttemptId] {
        &self.taken_up
    }

    /// What was written down: attempts, receipts, the journal.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// Ticks whenever the screen must redraw.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    pub(crate) async fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().await
    }

    pub(crate) fn watches(&self) -> std::sync::MutexGuard<'_, HashMap<AttemptId, Watch>> {
        self.watches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn changed(&self) {
        self.revision.send_modify(|revision| *revision += 1);
    }

    pub(crate) fn revision(&self) -> u64 {
        *self.revision.borrow()
    }

    pub(crate) fn terminal(&self, device: Device) -> Option<Arc<dyn CardTerminal>> {
        self.terminals.read().unwrap_or_else(PoisonError::into_inner).get(&device).cloned()
    }

    pub(crate) fn has_terminal(&self, device: Device) -> bool {
        self.terminals.read().unwrap_or_else(PoisonError::into_inner).contains_key(&device)
    }

    /// The attempts of the sale in hand.
    pub(crate) async fn attempts_of(&self, sale: &Sale) -> Result<Vec<Attempt>, TillError> {
        Ok(self.ledger.attempts_of(sale.id).await?.into_iter().map(|stored| stored.attempt).collect())
    }

    /// Closes the files in good order; after it another till may open the folder. Conversations still under way are taken up at
    /// the next start.
    pub async fn close(&self) {
        self.stop_import();
        if let Err(error) = self.leave_seat("closed").await {
            tracing::error!(%error, "the journal does not say that the till was closed");
        }
        for driver in self.watches().values().filter_map(|watch| watch.driver.as_ref()) {
            driver.abort();
        }
        let (boot, up_ms) = self.clock.uptime();
        if let Err(error) = self.ledger.count_time_passed(&boot, up_ms).await {
            tracing::error!(%error, "the time that passed is not counted; devices are asked for longer");
        }
        if let Some(draft) = &self.draft {
            draft.close().await;
        }
        self.ledger.close().await;
        self.instance.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
