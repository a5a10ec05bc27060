//! The cashier's window. The only crate that knows Tauri: it opens the till, registers the commands, and
//! tells the screen when something changed.

pub mod commands;
pub mod contract;

use contract::{Failure, Telling};
use simulators::demo;
use simulators::kaspi::KaspiSimulator;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tauri::{AppHandle, Emitter, Manager, WebviewUrl, WebviewWindowBuilder};
use till::{Opening, Till, TillError};

/// The event that carries a [`contract::Told`] to the screen.
pub const VIEW_CHANGED: &str = "view-changed";
const WINDOW: &str = "sale";

#[derive(clap::Parser)]
#[command(name = "kassa", version, about = "Kassa, a till")]
struct Arguments {
    /// The till's data folder; without it the one of this user.
    #[arg(long, env = "KASSA_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// A demo shop with simulated devices in a temporary folder.
    #[arg(long, conflicts_with = "data")]
    demo: bool,
    /// The window's size at start, in pixels.
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "1366x768", value_parser = size)]
    size: (f64, f64),
}

fn size(text: &str) -> Result<(f64, f64), String> {
    let wrong = || format!("“{text}” is not a size such as 1366x768");
    let (width, height) = text.split_once('x').ok_or_else(wrong)?;
    let pixels = |text: &str| text.parse::<u16>().map(f64::from).map_err(|_| wrong());
    Ok((pixels(width)?, pixels(height)?))
}

/// The opened till, or why there is none: then the screen says so, and no command does anything.
pub struct Opened {
    till: Result<Arc<Till>, Failure>,
    telling: Arc<Telling>,
    /// The simulated devices and the folder of a demo shop live as long as the window.
    _demo: Option<DemoShop>,
}

impl Opened {
    pub fn till(&self) -> Result<&Arc<Till>, Failure> {
        self.till.as_ref().map_err(Clone::clone)
    }
}

struct DemoShop {
    _terminal: KaspiSimulator,
    folder: tempfile::TempDir,
}

/// Runs the window until it is closed.
pub fn run() -> ExitCode {
    let arguments = <Arguments as clap::Parser>::parse();
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(tracing_subscriber::EnvFilter::from_env("KASSA_LOG")).init();
    let ended = tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![
            commands::attempt::attempt_check,
            commands::attempt::attempt_open,
            commands::attempt::attempt_park,
            commands::attempt::attempt_resolve,
            commands::attempt::attempt_stop_waiting,
            commands::catalogue::catalogue_quick_keys,
            commands::catalogue::catalogue_search,
            commands::payment::cash_preview,
            commands::payment::cash_return,
            commands::payment::payment_cash,
            commands::payment::payment_device,
            commands::receipt::receipt_save_pdf,
            commands::sale::item_add,
            commands::sale::item_scan,
            commands::sale::item_sell_by_price,
            commands::sale::line_remove,
            commands::sale::line_restore,
            commands::sale::line_set_quantity,
            commands::sale::price_change,
            commands::sale::price_preview,
            commands::sale::sale_discard,
            commands::sale::sale_hold,
            commands::sale::sale_recall,
            commands::screen::locale_set,
            commands::screen::screen_dismiss,
            commands::screen::view_show,
        ])
        .setup(move |app| {
            let opened = tauri::async_runtime::block_on(open(app.handle(), &arguments));
            if let Ok(till) = opened.till() {
                tauri::async_runtime::spawn(follow(app.handle().clone(), till.clone(), opened.telling.clone()));
            }
            app.manage(opened);
            let (width, height) = arguments.size;
            WebviewWindowBuilder::new(app, WINDOW, WebviewUrl::default()).title("Kassa").inner_size(width, height).build()?;
            Ok(())
        })
        .run(tauri::generate_context!());
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Kassa could not open its window: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The shop in the folder; without one, and on wish, the demo shop.
async fn open(app: &AppHandle, arguments: &Arguments) -> Opened {
    if !arguments.demo {
        let folder = match &arguments.data {
            Some(folder) => Ok(folder.clone()),
            None => app.path().app_data_dir(),
        };
        let till = match folder {
            Ok(folder) => Till::open(Opening::at(&folder)).await,
            Err(error) => return Opened { till: Err(Failure::internal(&error.to_string())), telling: Arc::default(), _demo: None },
        };
        match till {
            Err(TillError::NoShop) if arguments.data.is_none() => {}
            till => return Opened { till: till.map_err(Failure::from), telling: Arc::default(), _demo: None },
        }
    }
    match open_demo().await {
        Ok((till, demo)) => Opened { till: Ok(till), telling: Arc::default(), _demo: Some(demo) },
        Err(failure) => Opened { till: Err(failure), telling: Arc::default(), _demo: None },
    }
}

/// A training till: the demo shop on simulated devices, in a folder that goes away with the window.
async fn open_demo() -> Result<(Arc<Till>, DemoShop), Failure> {
    let internal = |error: &dyn std::fmt::Display| Failure::internal(&error.to_string());
    let folder = tempfile::tempdir().map_err(|error| internal(&error))?;
    let terminal = KaspiSimulator::start(demo::kaspi_options()).await.map_err(|error| internal(&error))?;
    till::init(folder.path(), &demo::shop_at(terminal.address())).await?;
    let demo = DemoShop { _terminal: terminal, folder };
    let till = Till::open(Opening { training: true, ..Opening::at(demo.folder.path()) }).await?;
    till.import(demo::GOODS.as_bytes(), false).await?;
    Ok((till, demo))
}

/// Sends the screen a view after every change. Changes that come together are one view.
async fn follow(app: AppHandle, till: Arc<Till>, telling: Arc<Telling>) {
    let mut changes = till.changes();
    while changes.changed().await.is_ok() {
        changes.mark_unchanged();
        match till.snapshot().await {
            Ok(snapshot) => {
                if let Err(error) = app.emit_to(WINDOW, VIEW_CHANGED, telling.news(contract::view(&snapshot, &till))) {
                    tracing::warn!(%error, "the screen could not be told");
                }
            }
            Err(error) => tracing::error!(%error, "the till could not be read"),
        }
    }
}
