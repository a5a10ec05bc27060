//! The device side of every protocol, with faults on purpose.
//!
//! A simulator speaks the vendor's real protocol over a real socket, with its
//! own codec: this crate imports neither the drivers nor the rules nor the
//! database, so that a mistake made there is not repeated here. Each simulator
//! keeps its own [`ledger`] of what money really moved, and misbehaves by a
//! [fault script](faults). Simulators serve the training mode, the tests and
//! integrators.
//!
//! | Module | What it holds |
//! |---|---|
//! | [`kaspi`] | Kaspi Smart POS, local API v2 |
//! | [`faults`] | fault scripts, shared by all simulators |
//! | [`ledger`] | the independent record of every attempt |
//! | [`demo`] | the demo shop: settings, goods, terminal |

pub mod demo;
mod error;
pub mod faults;
pub mod kaspi;
pub mod ledger;

pub use error::SimulatorError;
