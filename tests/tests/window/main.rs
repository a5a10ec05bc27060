//! Sales in the real window: by keyboard alone, by touch alone, and when things go wrong. Every state leaves a
//! picture under target/shots.

mod closing;
mod journal;
mod keys;
mod look;
mod looks;
mod looks_people;
mod looks_rare;
mod looks_settings;
mod motion;
mod paying;
mod people;
mod reader;
mod refund;
mod sale;
mod scans;
mod terminal;

use acceptance::shop::{TIME_SCALE, reopened, settings};
use acceptance::window::Window;
use simulators::demo;
use simulators::kaspi::{Customer, KaspiSimulator, Options};
use tempfile::TempDir;
use till::{Opening, Till};

/// A stocked shop on the disk with its terminal, ready for a window.
struct Desk {
    folder: TempDir,
    terminal: KaspiSimulator,
}

impl Desk {
    async fn new(customer: Customer, locale: &str) -> Desk {
        Desk::at_pace(customer, locale, TIME_SCALE).await
    }

    /// With the driver's and the terminal's times so much shorter.
    async fn at_pace(customer: Customer, locale: &str, scale: u32) -> Desk {
        let options = Options { time_scale: scale, customer, ..demo::kaspi_options() };
        let terminal = KaspiSimulator::start(options).await.unwrap();
        let settings = settings(&terminal).replace(&format!("\"time_scale\": {TIME_SCALE}"), &format!("\"time_scale\": {scale}"));
        let folder = tempfile::tempdir().unwrap();
        till::init(folder.path(), &settings).await.unwrap();
        let till = Till::open(Opening::at(folder.path())).await.unwrap();
        till.import(demo::GOODS.as_bytes(), false).await.unwrap();
        till.set_language(locale).await.unwrap();
        till.close().await;
        Desk { folder, terminal }
    }

    /// Rings up a line at each of these prices while no window is open.
    async fn ring_up(&self, prices: impl IntoIterator<Item = u32>) {
        let till = reopened(self.folder.path()).await;
        for price in prices {
            till.sell_by_price(&price.to_string(), None).await.unwrap();
        }
        till.close().await;
    }

    async fn window(&self) -> Window {
        Window::open(self.folder.path(), 1366, 768).await
    }
}

/// Milk and a loaf: 610 + 285.
async fn scan_two(window: &Window) {
    window.reaches("sale", "empty").await;
    window.scan("4870003200037").await;
    window.shows("[data-state='lines']").await;
    window.scan("4870003100016").await;
    window.shows("li:nth-child(2) [data-test='line-choose']").await;
    window.pay_ready().await;
}
