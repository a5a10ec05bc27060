//! What the screen may ask of the till. Each command is a few lines: read the arguments, ask the till,
//! answer with what the screen must show.

pub mod attempt;
pub mod catalogue;
pub mod import;
pub mod payment;
pub mod receipt;
pub mod sale;
pub mod screen;
pub mod settings;

use crate::Opened;
use crate::contract::{self, Failure, View};
use std::sync::Arc;
use till::{Till, TillError};

/// The view after a command.
async fn shown(till: &Till, done: Result<(), TillError>) -> Result<View, Failure> {
    done?;
    Ok(contract::view(&till.snapshot().await?, till))
}

/// The till, for who may change its settings and its goods. Whoever stands at the till may, as long as the shop has no
/// people in it: where it gets some, their right is asked here.
fn settings_till(opened: &Opened) -> Result<&Arc<Till>, Failure> {
    opened.till()
}

/// An id the screen made: a repeat of the same command carries the same one.
fn id(text: &str) -> Result<uuid::Uuid, Failure> {
    uuid::Uuid::parse_str(text).map_err(|_| Failure::internal("a command without a proper id"))
}
