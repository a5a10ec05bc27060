//! What the tests of the whole share.
//!
//! | | |
//! |---|---|
//! | [`shop`] | a shop in a temporary folder, with a simulated terminal on a real socket |
//! | [`timeline`] | the Kaspi driver and the terminal in memory, on a clock that a test moves |
//! | [`ctl`] | the real `kassactl` process |
//! | [`close_key`] | the key that closes a window |
//! | [`disk`] | a ledger that cannot be written |
//! | [`window`] | the real window under a virtual display |
//! | [`scanner`] | a scanner at that display: the system's own keys |

pub mod close_key;
pub mod ctl;
pub mod disk;
pub mod measure;
pub mod scanner;
pub mod shop;
pub mod timeline;
pub mod window;
