//! What the screen may ask of the till. Each command is a few lines: read the arguments, ask the till,
//! answer with what the screen must show.

pub mod attempt;
pub mod catalogue;
pub mod payment;
pub mod receipt;
pub mod sale;
pub mod screen;

use crate::Opened;
use crate::contract::{self, Failure, Told};
use till::TillError;

/// The view after a command.
async fn shown(opened: &Opened, done: Result<(), TillError>) -> Result<Told, Failure> {
    done?;
    let till = opened.till()?;
    Ok(opened.telling.news(contract::view(&till.snapshot().await?, till)))
}

/// The view with all its lines, for a screen that has none yet.
async fn shown_whole(opened: &Opened) -> Result<Told, Failure> {
    let till = opened.till()?;
    Ok(opened.telling.whole(contract::view(&till.snapshot().await?, till)))
}

/// An id the screen made: a repeat of the same command carries the same one.
fn id(text: &str) -> Result<uuid::Uuid, Failure> {
    uuid::Uuid::parse_str(text).map_err(|_| Failure::internal("a command without a proper id"))
}
