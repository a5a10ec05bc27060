//! Every command of the window is listed, so that no other window and no page may call one unasked.

/// The commands, as `src/commands` defines them and `src/lib.rs` registers them; a test holds the lists together.
const COMMANDS: &[&str] = &[
    "about_show",
    "attempt_check",
    "attempt_open",
    "attempt_park",
    "attempt_resolve",
    "attempt_stop_waiting",
    "cash_preview",
    "cash_return",
    "catalogue_quick_keys",
    "catalogue_search",
    "goods_show",
    "import_leave",
    "import_read",
    "import_stop",
    "import_take",
    "import_undo",
    "item_add",
    "item_scan",
    "item_sell_by_price",
    "journal_show",
    "journal_verify",
    "lift_give",
    "line_remove",
    "line_restore",
    "line_set_quantity",
    "locale_set",
    "owner_make",
    "payment_cash",
    "payment_device",
    "people_show",
    "person_add",
    "person_change",
    "person_remove",
    "person_set_badge",
    "person_set_pin",
    "price_change",
    "price_preview",
    "receipt_qr",
    "receipt_save_pdf",
    "sale_discard",
    "sale_hold",
    "sale_recall",
    "screen_dismiss",
    "session_lock",
    "session_open",
    "session_open_by_badge",
    "settings_save",
    "settings_show",
    "view_show",
    "window_close",
];

fn main() {
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest)) {
        println!("cargo::error={error:#}");
    }
}
