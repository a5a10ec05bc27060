//! The one guard. A command reaches the till through [`Caller`] alone, and [`Caller`] is had only with the right in the
//! table below, from the cashier's window. What the screen hides is hidden for comfort; what is refused is refused here.

use crate::contract::{self, Failure, Told};
use crate::{Opened, WINDOW};
use checkout::people::Right::{Discount, Doubt, People, PriceChange, Sell, Settings, Void};
use std::sync::Arc;
use tauri::Runtime;
use tauri::ipc::{CommandArg, CommandItem, InvokeBody, InvokeError};
use till::seat::Need::{Nobody, Open, Right};
use till::seat::{Call, Need, Pass};
use till::{Till, TillError};

/// What each command of build.rs asks for; one without a row here is refused, and fails a test.
pub(super) const NEEDS: [(&str, Need); 59] = [
    ("about_show", Open),
    ("attempt_check", Right(Sell)),
    ("attempt_open", Right(Sell)),
    ("attempt_park", Right(Sell)),
    ("attempt_resolve", Right(Doubt)),
    ("attempt_stop_waiting", Right(Sell)),
    ("cash_preview", Right(Sell)),
    ("cash_return", Right(Sell)),
    ("catalogue_quick_keys", Right(Sell)),
    ("catalogue_search", Right(Sell)),
    ("goods_show", Right(Settings)),
    ("import_leave", Right(Settings)),
    ("import_read", Right(Settings)),
    ("import_stop", Right(Settings)),
    ("import_take", Right(Settings)),
    ("import_undo", Right(Settings)),
    ("item_add", Right(Sell)),
    // A price that a label or a hand gives to a good of the catalogue is measured by the till; all else is free.
    ("item_scan", Right(PriceChange)),
    ("item_sell_by_price", Right(PriceChange)),
    ("journal_show", Right(Settings)),
    ("journal_verify", Right(Settings)),
    ("kaspi_forget", Right(Settings)),
    ("kaspi_give_up", Right(Settings)),
    ("kaspi_register", Right(Settings)),
    ("kaspi_renew", Right(Settings)),
    ("kaspi_search", Right(Settings)),
    ("kaspi_show", Right(Settings)),
    ("kaspi_test", Right(Settings)),
    ("kaspi_try", Right(Settings)),
    ("kaspi_unlock", Right(Settings)),
    // Asks for the other's PIN itself, and allows nothing that was not refused before.
    ("lift_give", Right(Sell)),
    ("line_remove", Right(Sell)),
    ("line_restore", Right(Sell)),
    ("line_set_quantity", Right(Sell)),
    ("locale_set", Open),
    ("owner_make", Nobody),
    ("payment_cash", Right(Sell)),
    ("payment_device", Right(Sell)),
    ("people_show", Right(People)),
    ("person_add", Right(People)),
    ("person_change", Right(People)),
    ("person_remove", Right(People)),
    ("person_set_badge", Right(People)),
    ("person_set_pin", Right(People)),
    // A discount or a price: the till measures it and looks again.
    ("price_change", Right(Discount)),
    ("price_preview", Right(Sell)),
    ("receipt_qr", Right(Sell)),
    ("receipt_save_pdf", Right(Sell)),
    ("sale_discard", Right(Void)),
    ("sale_hold", Right(Sell)),
    ("sale_recall", Right(Sell)),
    ("screen_dismiss", Right(Sell)),
    // Leaving the till needs nobody's leave, and coming is what a PIN is asked for.
    ("session_lock", Open),
    ("session_open", Open),
    ("session_open_by_badge", Open),
    ("settings_save", Right(Settings)),
    ("settings_show", Right(Settings)),
    ("view_show", Open),
    // Nothing is lost by it, and the switch on the wall asks nobody either.
    ("window_close", Open),
];

/// Who gives a command, and leave to do it.
pub struct Caller {
    opened: Arc<Opened>,
    pass: Pass,
}

impl<'de, R: Runtime> CommandArg<'de, R> for Caller {
    fn from_command(command: CommandItem<'de, R>) -> Result<Self, InvokeError> {
        let webview = command.message.webview_ref();
        let opened = tauri::Manager::try_state::<Arc<Opened>>(webview).ok_or_else(|| Failure::internal("a command before the till"))?;
        let pass = admit(&opened, webview.label(), command.name, command.message.payload())?;
        Ok(Caller { opened: opened.inner().clone(), pass })
    }
}

fn admit(opened: &Opened, window: &str, command: &str, body: &InvokeBody) -> Result<Pass, Failure> {
    if window != WINDOW {
        return Err(Failure::of_another_window());
    }
    let row = NEEDS.iter().find(|(known, _)| *known == command);
    let (_, need) = row.ok_or_else(|| Failure::internal("a command without a right"))?;
    // Only what another may allow is remembered word by word; PINs and badges come with other commands.
    let arguments = match (need, body) {
        (Right(right), InvokeBody::Json(arguments)) if right.is_liftable() => arguments.to_string(),
        _ => String::new(),
    };
    Ok(opened.till()?.admit(*need, Call { command: command.to_owned(), arguments })?)
}

impl Caller {
    pub(super) fn name_or_typed(&self, typed: String) -> String {
        self.pass.name_or_typed(typed)
    }

    /// Does the command in the caller's name and answers what it answers.
    pub(super) async fn answer<T, E, F>(self, act: impl FnOnce(Arc<Till>) -> F) -> Result<T, Failure>
    where
        E: From<TillError>,
        Failure: From<E>,
        F: Future<Output = Result<T, E>>,
    {
        let till = self.opened.till()?;
        Ok(till.with(self.pass, act(till.clone())).await?)
    }

    /// Does the command in the caller's name and answers the view after it.
    pub(super) async fn told<T, E, F>(self, act: impl FnOnce(Arc<Till>) -> F) -> Result<Told, Failure>
    where
        E: From<TillError>,
        Failure: From<E>,
        F: Future<Output = Result<T, E>>,
    {
        let opened = self.opened.clone();
        self.answer(act).await?;
        let till = opened.till()?;
        Ok(opened.telling.news(contract::view(&till.snapshot().await?, till)))
    }

    /// Closes the window, whatever is open.
    pub(super) fn leave(self) {
        self.opened.leaving.notify_one();
    }

    /// The view with all its lines, for a screen that has none yet.
    pub(super) async fn told_whole(self) -> Result<Told, Failure> {
        let till = self.opened.till()?;
        Ok(self.opened.telling.whole(contract::view(&till.snapshot().await?, till)))
    }
}
