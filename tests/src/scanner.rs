//! A scanner at the window's display: a keyboard that is faster than a hand. Its keys are the system's own, by their
//! place, and pass through the keyboard layout as a real scanner's do.

use std::process::Command;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt as _, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, Window};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

/// A scanner sends a key every few milliseconds.
const PACE_MS: u32 = 3;

/// Places on the keyboard, as the X server numbers them.
pub mod place {
    pub const TAB: u8 = 23;
    pub const ENTER: u8 = 36;
    pub const CAPS_LOCK: u8 = 66;
    /// `0` stands behind `9`.
    pub const DIGITS: [u8; 10] = [19, 10, 11, 12, 13, 14, 15, 16, 17, 18];
}

pub struct Scanner {
    display: String,
    server: RustConnection,
    root: Window,
}

impl Scanner {
    pub fn at(display: &str) -> Scanner {
        let (server, screen) = RustConnection::connect(Some(display)).unwrap();
        let root = server.setup().roots[screen].root;
        Scanner { display: display.to_owned(), server, root }
    }

    /// Sets the keyboard's layout, `kz` or `us`.
    pub fn layout(&self, name: &str) {
        let done = Command::new("setxkbmap").args(["-display", &self.display, "-layout", name]).status();
        assert!(done.expect("setxkbmap comes with Xvfb").success(), "no layout {name}");
    }

    /// Presses and lets go of keys, one behind the other.
    pub fn press(&self, places: impl IntoIterator<Item = u8>) {
        for place in places {
            for event in [KEY_PRESS_EVENT, KEY_RELEASE_EVENT] {
                self.server.xtest_fake_input(event, place, PACE_MS / 2, self.root, 0, 0, 0).unwrap();
            }
        }
        // The answer comes when all keys have been pressed.
        self.server.get_input_focus().unwrap().reply().unwrap();
    }

    /// Scans codes of digits; the next begins where the one before ends.
    pub fn scan(&self, codes: &[&str]) {
        let keys =
            |code: &str| code.bytes().map(|digit| place::DIGITS[usize::from(digit - b'0')]).chain([place::ENTER]).collect::<Vec<_>>();
        self.press(codes.iter().flat_map(|code| keys(code)));
    }
}
