//! The rules of a sale, pure: no sockets, no clock, no database, no wire types.
//!
//! Time, ids and randomness come in as arguments. One noun, one file:
//!
//! | noun | file |
//! |---|---|
//! | amounts, currencies, rounding | [`money`] |
//! | quantities and units | [`quantity`] |
//! | VAT | [`tax`] |
//! | what a sale is rung up on: steps, VAT in or on top | [`terms`] |
//! | a line: a good, how much, at what price | [`line`] |
//! | what is on a sale and what is due | [`sale`] |
//! | marking codes | [`marking`] |
//! | discounts and how they are split | [`discount`] |
//! | every figure of a sale | [`total`] |
//! | giving back a paid sale, whole or in part | [`refund`] |
//! | cash and device tenders | [`tender`] |
//! | the payment machine | [`payment`] |
//! | what is printed | [`receipt`], laid out by [`layout`] |
//! | roles, rights and their limits, PINs | [`people`] |
//! | questions asked of the world outside | [`ports`] |

#[cfg(feature = "broken")]
pub mod broken;
pub mod discount;
pub mod layout;
pub mod line;
pub mod marking;
pub mod money;
pub mod payment;
pub mod people;
pub mod ports;
pub mod quantity;
pub mod receipt;
pub mod refund;
pub mod sale;
pub mod tax;
pub mod tender;
pub mod terms;
pub mod total;
