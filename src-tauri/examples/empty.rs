//! An empty window of the same framework: what `make bench` measures Kassa's window against. It answers one command at
//! once, and its page writes one piece of text when Enter is pressed.

/// Named like a command of the cashier's window, so that the same capability allows it.
#[tauri::command]
fn view_show() -> &'static str {
    "empty"
}

fn main() {
    let ended = tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![view_show])
        .setup(|app| {
            let window = tauri::WebviewWindowBuilder::new(app, "sale", tauri::WebviewUrl::default());
            window.title("Empty").inner_size(1366.0, 768.0).build()?;
            Ok(())
        })
        .run(tauri::generate_context!("examples/empty/tauri.conf.json"));
    if let Err(error) = ended {
        eprintln!("the empty window could not open: {error}");
    }
}
