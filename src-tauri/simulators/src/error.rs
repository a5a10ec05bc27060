use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::faults::ScriptError;

/// Why a simulator could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The address is taken, or not one of this machine's.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The ledger file cannot be created or opened.
    #[error("cannot open the ledger file {}: {source}", path.display())]
    LedgerFile {
        /// The file asked for.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The time scale is outside 1–1000.
    #[error("time_scale is {0}; it must be from 1 to 1000")]
    TimeScale(u32),
    /// The fault script does not fit this device.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// The step asked for makes no sense now, such as confirming what nobody
    /// has scanned.
    #[error("not possible now: {0}")]
    NotPossible(&'static str),
    /// The certificate cannot be made.
    #[error("the certificate cannot be made: {0}")]
    Certificate(String),
    /// The simulator already listens.
    #[error("the simulator is already listening on {0}")]
    AlreadyListening(SocketAddr),
}
