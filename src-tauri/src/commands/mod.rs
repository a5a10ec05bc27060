//! What the screen may ask of the till. Each command is a few lines: read the arguments, ask the till,
//! answer with what the screen must show.

pub mod attempt;
pub mod catalogue;
pub mod payment;
pub mod receipt;
pub mod sale;
pub mod screen;

use crate::contract::{self, Failure, View};
use till::{Till, TillError};

/// The view after a command.
async fn shown(till: &Till, done: Result<(), TillError>) -> Result<View, Failure> {
    done?;
    Ok(contract::view(&till.snapshot().await?, till))
}

/// An id the screen made: a repeat of the same command carries the same one.
fn id(text: &str) -> Result<uuid::Uuid, Failure> {
    uuid::Uuid::parse_str(text).map_err(|_| Failure::internal("a command without a proper id"))
}
