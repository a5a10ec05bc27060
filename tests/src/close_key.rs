//! The key that closes a window, as a window manager presses it.

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask};
use x11rb::rust_connection::RustConnection;

/// Asks every window at this display that can be asked to close.
pub fn press(display: &str) {
    let (server, screen) = RustConnection::connect(Some(display)).unwrap();
    let root = server.setup().roots[screen].root;
    let atom = |name: &str| server.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
    let (protocols, delete) = (atom("WM_PROTOCOLS"), atom("WM_DELETE_WINDOW"));
    let windows = server.query_tree(root).unwrap().reply().unwrap().children;
    let mut asked = 0;
    for window in windows {
        let offered = server.get_property(false, window, protocols, AtomEnum::ATOM, 0, 32).unwrap().reply().unwrap();
        let name = server.get_property(false, window, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 64).unwrap().reply().unwrap();
        let can_be_asked = offered.value32().is_some_and(|mut atoms| atoms.any(|atom| atom == delete));
        if can_be_asked && name.value.starts_with(b"Kassa") {
            let event = ClientMessageEvent::new(32, window, protocols, [delete, 0, 0, 0, 0]);
            server.send_event(false, window, EventMask::NO_EVENT, event).unwrap();
            asked += 1;
        }
    }
    server.get_input_focus().unwrap().reply().unwrap();
    assert_eq!(asked, 1, "one window of the till stands there");
}
