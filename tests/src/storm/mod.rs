//! The storm: the real till, its ledger and draft on the disk, the real Kaspi driver, against the simulated terminal,
//! with everything that may go wrong by chance, and the till killed at any moment. A seed replays exactly.
//!
//! | | |
//! |---|---|
//! | [`world`] | time, terminals, what is under way; the moment of death |
//! | [`time`] | the till's clock; each look at it may be the last |
//! | [`terminal`] | the real driver on the storm's link |
//! | [`faults`] | what goes wrong, and who the customers are |
//! | [`photograph`] | what a killed process leaves on the disk |
//! | [`run`] | one shop's day under one seed; a campaign of many |
//! | [`cashier`] | sells, waits, retries, parks, decides |
//! | [`returns`] | gives back what was sold |
//! | [`books`], [`auditor`] | what the ledger file says, and whether it is true |

pub mod auditor;
pub mod books;
pub mod cashier;
pub mod faults;
pub mod photograph;
pub mod returns;
pub mod run;
pub mod terminal;
pub mod time;
pub mod world;

pub use run::{Campaign, Outcome, Plan, Report, run};
