//! A receipt as a QR code: its words, for the customer's phone to keep. It needs no network and names no address.

use checkout::layout::Row;
use qrcode::{Color, EcLevel, QrCode};

/// With more modules on a side they are too small to be read from a till's screen.
const LARGEST: usize = 137;

/// A square of dark and light modules, without the quiet zone around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    pub size: usize,
    /// Row by row; true is dark.
    pub dark: Vec<bool>,
}

impl Qr {
    /// None where the text is too long for a code that can be read from a screen.
    pub fn of(text: &str) -> Option<Qr> {
        let code = QrCode::with_error_correction_level(text, EcLevel::L).ok().filter(|code| code.width() <= LARGEST)?;
        let dark = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
        Some(Qr { size: code.width(), dark })
    }
}

/// The receipt's words without what only paper needs: rules, blank rows and the spaces that fill a row.
pub fn words(rows: &[Row]) -> String {
    let rows = rows.iter().map(|row| row.text().split_whitespace().collect::<Vec<_>>().join(" "));
    let told: Vec<String> = rows.filter(|row| row.chars().any(char::is_alphanumeric)).collect();
    told.join("\n")
}
