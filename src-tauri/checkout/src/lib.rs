//! The rules of a sale, pure: no sockets, no clock, no database, no wire types.
//!
//! Time, ids and randomness come in as arguments. One noun, one file:
//!
//! | noun | file |
//! |---|---|
//! | amounts, currencies, rounding | [`money`] |
//! | quantities and units | [`quantity`] |
//! | VAT | [`tax`] |
//! | lines, totals, what is due | [`sale`] |
//! | cash and device tenders | [`tender`] |
//! | the payment machine | [`payment`] |
//! | what is printed | [`receipt`], laid out by [`layout`] |
//! | questions asked of the world outside | [`ports`] |

pub mod layout;
pub mod money;
pub mod payment;
pub mod ports;
pub mod quantity;
pub mod receipt;
pub mod sale;
pub mod tax;
pub mod tender;
