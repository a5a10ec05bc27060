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
use tauri::{AppHandle, Emitter, Manager, Url, WebviewUrl, WebviewWindowBuilder, WindowEvent};
use till::{Opening, Till};
use tokio::sync::Notify;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// The event that carries a [`contract::Told`] to the screen.
pub const VIEW_CHANGED: &str = "view-changed";
/// The event that asks the screen for the warning before the window closes.
pub const CLOSE_ASKED: &str = "close-asked";
/// The one window whose commands are listened to.
const WINDOW: &str = "sale";
/// For so long changes are gathered, and a command may answer with them itself.
const GATHERED: std::time::Duration = std::time::Duration::from_millis(4);
const UNTIL_THE_NEXT_TRY: std::time::Duration = std::time::Duration::from_millis(500);

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
    /// The person at the till closes the window, having been told what is open.
    leaving: Arc<Notify>,
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
    let told = EnvFilter::builder().with_env_var("KASSA_LOG").with_default_directive(LevelFilter::WARN.into()).from_env_lossy();
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(told).init();
    let ended = tauri::Builder::default()
        .invoke_handler(handler())
        .setup(move |app| {
            let opened = tauri::async_runtime::block_on(open(app.handle(), &arguments));
            if let Ok(till) = opened.till() {
                tauri::async_runtime::spawn(follow(app.handle().clone(), till.clone(), opened.telling.clone()));
                let till = till.clone();
                tauri::async_runtime::spawn(async move { till.look_over().await });
            }
            app.manage(Arc::new(opened));
            let (width, height) = arguments.size;
            let window = WebviewWindowBuilder::new(app, WINDOW, WebviewUrl::default())
                .title("Kassa")
                .inner_size(width, height)
                .on_navigation(is_own_page)
                // The page takes a dropped goods file itself, as bytes.
                .disable_drag_drop_handler()
                .build()?;
            let app = app.handle().clone();
            tauri::async_runtime::spawn(leave(app.clone()));
            window.on_window_event(move |event| closing(&app, event));
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

/// Every command of the window.
fn handler<R: tauri::Runtime>() -> impl Fn(tauri::ipc::Invoke<R>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        commands::attempt::attempt_check,
        commands::attempt::attempt_open,
        commands::attempt::attempt_park,
        commands::attempt::attempt_resolve,
        commands::attempt::attempt_stop_waiting,
        commands::catalogue::catalogue_quick_keys,
        commands::catalogue::catalogue_search,
        commands::import::goods_show,
        commands::import::import_leave,
        commands::import::import_read,
        commands::import::import_stop,
        commands::import::import_take,
        commands::import::import_undo,
        commands::journal::journal_show,
        commands::journal::journal_verify,
        commands::kaspi::kaspi_forget,
        commands::kaspi::kaspi_give_up,
        commands::kaspi::kaspi_register,
        commands::kaspi::kaspi_renew,
        commands::kaspi::kaspi_search,
        commands::kaspi::kaspi_show,
        commands::kaspi::kaspi_test,
        commands::kaspi::kaspi_try,
        commands::kaspi::kaspi_unlock,
        commands::payment::cash_preview,
        commands::payment::cash_return,
        commands::payment::payment_cash,
        commands::payment::payment_device,
        commands::people::lift_give,
        commands::people::owner_make,
        commands::people::people_show,
        commands::people::person_add,
        commands::people::person_change,
        commands::people::person_remove,
        commands::people::person_set_badge,
        commands::people::person_set_pin,
        commands::people::session_lock,
        commands::people::session_open,
        commands::people::session_open_by_badge,
        commands::receipt::receipt_qr,
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
        commands::screen::window_close,
        commands::settings::about_show,
        commands::settings::settings_save,
        commands::settings::settings_show,
    ]
}

/// With payments open the window stays, and the screen asks whether it shall.
fn closing(app: &AppHandle, event: &WindowEvent) {
    let opened = app.state::<Arc<Opened>>();
    let Ok(till) = opened.till() else { return };
    match event {
        WindowEvent::CloseRequested { api, .. } if tauri::async_runtime::block_on(till.has_open_payments()) => {
            api.prevent_close();
            if let Err(error) = app.emit_to(WINDOW, CLOSE_ASKED, ()) {
                tracing::error!(%error, "the screen could not be asked whether to close");
            }
        }
        WindowEvent::Destroyed => tauri::async_runtime::block_on(till.close()),
        _ => {}
    }
}

/// Closes the window once the person at the till has said so. While a payment's start is on its way it stays: closed now,
/// nobody would know the terminal's number for it.
async fn leave(app: AppHandle) {
    let opened = app.state::<Arc<Opened>>().inner().clone();
    opened.leaving.notified().await;
    if let Ok(till) = opened.till() {
        till.past_the_start().await;
    }
    if let Some(Err(error)) = app.get_webview_window(WINDOW).map(|window| window.destroy()) {
        tracing::error!(%error, "the window could not be closed");
    }
}

/// The window shows the screens that are built in, and nothing from elsewhere.
fn is_own_page(url: &Url) -> bool {
    let development = !cfg!(feature = "custom-protocol") && url.host_str() == Some("localhost");
    url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost") || development
}

/// The shop in the folder, or the demo shop where it is asked for. A till whose shop is not found must not sell on
/// simulated devices.
async fn open(app: &AppHandle, arguments: &Arguments) -> Opened {
    if !arguments.demo {
        let folder = match &arguments.data {
            Some(folder) => Ok(folder.clone()),
            None => app.path().app_data_dir(),
        };
        let till = match folder {
            Ok(folder) => Till::open(Opening::at(&folder)).await.map_err(Failure::from),
            Err(error) => Err(Failure::internal(&error.to_string())),
        };
        return Opened { till, telling: Arc::default(), leaving: Arc::default(), _demo: None };
    }
    match open_demo().await {
        Ok((till, demo)) => Opened { till: Ok(till), telling: Arc::default(), leaving: Arc::default(), _demo: Some(demo) },
        Err(failure) => Opened { till: Err(failure), telling: Arc::default(), leaving: Arc::default(), _demo: None },
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

/// Sends the screen a view after every change that it has not been told of in the answer to a command. Changes that come
/// together are one view.
async fn follow(app: AppHandle, till: Arc<Till>, telling: Arc<Telling>) {
    let mut changes = till.changes();
    while changes.changed().await.is_ok() {
        tokio::time::sleep(GATHERED).await;
        changes.mark_unchanged();
        if telling.has_told(*changes.borrow()) {
            continue;
        }
        while let Err(error) = show(&app, &telling, &till).await {
            tracing::error!(%error, "the screen could not be told; it is tried again");
            tokio::time::sleep(UNTIL_THE_NEXT_TRY).await;
        }
    }
}

async fn show(app: &AppHandle, telling: &Telling, till: &Till) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let snapshot = till.snapshot().await?;
    Ok(app.emit_to(WINDOW, VIEW_CHANGED, telling.news(contract::view(&snapshot, till)))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_shows_nothing_from_elsewhere() {
        for (address, own) in [
            ("tauri://localhost/index.html", true),
            ("http://tauri.localhost/", true),
            ("https://example.com/", false),
            ("file:///etc/passwd", false),
            ("https://tauri.localhost.example.com/", false),
            ("data:text/html,x", false),
        ] {
            assert_eq!(is_own_page(&address.parse().unwrap()), own, "{address}");
        }
    }
}
