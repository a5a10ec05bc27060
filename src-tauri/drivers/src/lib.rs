//! The drivers: each device in a folder of its own, over links that know bytes and no device.
//!
//! A driver is a conversation ([`kaspi::session`]), its words ([`kaspi::messages`]), and the piece that
//! joins both to a link (`mod.rs`). It never decides about money: it reports what the device said, and the
//! payment machine decides.

pub mod kaspi;
pub mod link;
pub mod pdf;
