//! How a simulated terminal is set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::certificate::Certificate;
use super::customer::Customer;
use super::protection::Protection;
use crate::SimulatorError;
use crate::faults::Fault;

/// Everything a simulator can be started with. [`Options::default`] gives the
/// unit of the vendor's examples on a free loopback port, in real time, with a
/// customer who pays.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Divides every duration of the terminal and of its customer, 1–1000.
    pub time_scale: u32,
    /// Who stands in front of the terminal.
    pub customer: Customer,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// A file that gets each ledger line as JSON Lines; lines are appended.
    pub ledger_file: Option<PathBuf>,
    /// `posNum` of `/deviceinfo`.
    pub pos_num: String,
    /// `serialNum` of `/deviceinfo`.
    pub serial: String,
    /// `terminalId` of `/deviceinfo` and of the receipt data.
    pub terminal_id: String,
    /// What the terminal's clock shows at the start, in milliseconds since
    /// 1970; none: this machine's clock.
    pub clock_start_ms: Option<i64>,
    /// How thousands are set apart in amounts.
    pub grouping: Grouping,
    /// The shop in the receipt data.
    pub shop: ShopFace,
    /// None: open mode.
    pub protection: Option<Protection>,
    /// The certificate it shows; none: plain HTTP.
    pub tls: Option<Certificate>,
}

impl Default for Options {
    fn default() -> Self {
        let settings = Settings::default();
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            time_scale: settings.time_scale,
            customer: Customer::default(),
            faults: Vec::new(),
            ledger_file: None,
            pos_num: settings.pos_num,
            serial: settings.serial,
            terminal_id: settings.terminal_id,
            clock_start_ms: None,
            grouping: settings.grouping,
            shop: settings.shop,
            protection: settings.protection,
            tls: None,
        }
    }
}

impl Options {
    /// The part of the options that the terminal itself needs.
    ///
    /// # Errors
    /// [`SimulatorError::TimeScale`] outside 1–1000.
    pub fn settings(&self) -> Result<Settings, SimulatorError> {
        if !(1..=1000).contains(&self.time_scale) {
            return Err(SimulatorError::TimeScale(self.time_scale));
        }
        Ok(Settings {
            time_scale: self.time_scale,
            pos_num: self.pos_num.clone(),
            serial: self.serial.clone(),
            terminal_id: self.terminal_id.clone(),
            grouping: self.grouping,
            shop: self.shop.clone(),
            protection: self.protection.clone(),
        })
    }
}

/// What a terminal is, apart from its address.
#[derive(Debug, Clone)]
pub struct Settings {
    /// See [`Options::time_scale`]; 0 counts as 1.
    pub time_scale: u32,
    /// See [`Options::pos_num`].
    pub pos_num: String,
    /// See [`Options::serial`].
    pub serial: String,
    /// See [`Options::terminal_id`].
    pub terminal_id: String,
    /// See [`Options::grouping`].
    pub grouping: Grouping,
    /// See [`Options::shop`].
    pub shop: ShopFace,
    /// See [`Options::protection`].
    pub protection: Option<Protection>,
}

impl Default for Settings {
    /// The unit of the vendor's examples (vendor file §4.22).
    fn default() -> Self {
        Self {
            time_scale: 1,
            pos_num: "0".to_owned(),
            serial: "00043010171".to_owned(),
            terminal_id: "31452963".to_owned(),
            grouping: Grouping::default(),
            shop: ShopFace::default(),
            protection: None,
        }
    }
}

/// How thousands are set apart in amounts. The vendor shows only `1 ₸`; which
/// of these a real unit uses is not known (protocol sheet §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Grouping {
    /// `4870 ₸`
    None,
    /// `4 870 ₸` with a plain space.
    #[default]
    Space,
    /// `4 870 ₸` with U+00A0 between the digits; the space before ₸ is plain.
    Nbsp,
}

/// The shop as the terminal knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopFace {
    /// `storeName`
    pub store_name: String,
    /// `city`
    pub city: String,
    /// `address`
    pub address: String,
    /// `bin`, twelve digits
    pub bin: String,
}

impl Default for ShopFace {
    /// The shop of the vendor's examples (vendor file §4.16).
    fn default() -> Self {
        Self {
            store_name: "Kaspi Mark".to_owned(),
            city: "Алматы қ.".to_owned(),
            address: "Қонаев 11, 6".to_owned(),
            bin: "960419351140".to_owned(),
        }
    }
}

/// The durations of the terminal and its customer on a scaled clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale(u32);

impl Scale {
    pub(super) fn new(time_scale: u32) -> Self {
        Self(time_scale.max(1))
    }

    /// A duration in milliseconds, divided by the scale, at least 1 ms.
    pub(super) fn of(self, duration_ms: u64) -> i64 {
        let scaled = (duration_ms / u64::from(self.0)).max(1);
        i64::try_from(scaled).unwrap_or(i64::MAX / 4)
    }
}
