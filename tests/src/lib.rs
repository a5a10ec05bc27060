//! What the tests of the whole share.
//!
//! | | |
//! |---|---|
//! | [`shop`] | a shop in a temporary folder, with a simulated terminal on a real socket |
//! | [`storm`] | the real till in memory and on the disk, with everything that may go wrong by seed, and its auditor |
//! | [`timeline`] | the Kaspi driver and the terminal in memory, on a clock that a test moves |
//! | [`chance`] | chance by a seed, the same each time |
//! | [`ctl`] | the real `kassactl` process |
//! | [`close_key`] | the key that closes a window |
//! | [`disk`] | a ledger that cannot be written |
//! | [`kill`] | a shop whose till is killed, and its auditor |
//! | [`power`] | a disk that is watched or fails, and what a power cut leaves of it |
//! | [`fuzz`] | every parser of bytes from outside, with what must hold for any bytes |
//! | [`window`] | the real window under a virtual display |
//! | [`seen`] | what people see and hear of it: pictures, flaws, names |
//! | [`reader`] | a screen reader at it: the accessibility tree of the platform |
//! | [`scanner`] | a scanner at that display: the system's own keys |

pub mod chance;
pub mod close_key;
pub mod ctl;
pub mod disk;
pub mod fuzz;
pub mod kill;
pub mod measure;
pub mod power;
pub mod reader;
pub mod scanner;
pub mod seen;
pub mod shop;
pub mod storm;
pub mod timeline;
pub mod window;
