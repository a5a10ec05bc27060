//! What can go wrong at the till.

use crate::instance::InstanceError;
use crate::settings::SettingsError;
use crate::{barcode, goods, kaspi, keychain, lift, people};
use checkout::payment::Illegal;
use checkout::refund::RefundError;
use checkout::sale::SaleError;
use database::DatabaseError;

#[derive(Debug, thiserror::Error)]
pub enum TillError {
    #[error(transparent)]
    Instance(#[from] InstanceError),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("this folder holds no shop yet")]
    NoShop,
    #[error("no good has the code {0}")]
    UnknownCode(String),
    #[error(transparent)]
    Barcode(#[from] barcode::BarcodeError),
    /// A label of the shop's own scale; neither its item nor the code as a whole is in the catalogue.
    #[error("the label is for item {0}, and no good has that code")]
    UnknownLabel(String),
    #[error("{0} is a customer card; no loyalty programme is set up")]
    CustomerCard(String),
    #[error(transparent)]
    Sale(#[from] SaleError),
    #[error(transparent)]
    Refund(#[from] RefundError),
    #[error("no {0} is set up")]
    NoDevice(&'static str),
    #[error("the device still works on another payment")]
    DeviceBusy,
    #[error("this id belongs to another command; nothing was done")]
    CommandReused,
    #[error("{0}")]
    Decision(String),
    #[error("more than is still due was taken for it; it goes back on the terminal, and is recorded as returned")]
    MoreThanDue,
    /// The device answered first, or another person.
    #[error("{0}")]
    DecidedAlready(String),
    #[error("there is no {0}")]
    NotFound(String),
    #[error(transparent)]
    Goods(#[from] goods::GoodsError),
    /// The catalogue stays as it was.
    #[error("{0}")]
    Import(DatabaseError),
    #[error("an import is under way already")]
    ImportUnderWay,
    #[error("the receipt could not be made: {0}")]
    Receipt(String),
    #[error("nobody is signed in")]
    SignInNeeded,
    #[error("the role does not allow it ({})", .0.code())]
    NotAllowed(checkout::people::Right),
    #[error("this is beyond what may be done alone ({}); another person may allow it", .0.right.code())]
    NeedsApproval(Box<lift::Approval>),
    #[error("what was refused can no longer be allowed")]
    ApprovalGone,
    #[error(transparent)]
    People(#[from] people::PeopleError),
    #[error(transparent)]
    Key(#[from] keychain::KeyError),
    #[error(transparent)]
    Kaspi(#[from] kaspi::KaspiError),
    #[error(transparent)]
    Storage(DatabaseError),
    /// Nothing is sold on it, and nothing is summed up from it.
    #[error("the ledger is damaged: {0}")]
    Damaged(String),
}

impl From<DatabaseError> for TillError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::DeviceBusy => TillError::DeviceBusy,
            DatabaseError::Illegal(illegal @ (Illegal::DecisionIncomplete | Illegal::ReferenceMissing)) => {
                TillError::Decision(illegal.to_string())
            }
            DatabaseError::Illegal(illegal) => TillError::DecidedAlready(illegal.to_string()),
            DatabaseError::Sale(error) => TillError::Sale(error),
            DatabaseError::Refund(error) => TillError::Refund(error),
            DatabaseError::NotFound(what) => TillError::NotFound(what),
            DatabaseError::NameTaken(_) => people::PeopleError::BadName.into(),
            DatabaseError::BadgeTaken => people::PeopleError::BadBadge.into(),
            DatabaseError::LastOwner => people::PeopleError::LastOwner.into(),
            DatabaseError::HasPeople => TillError::NotAllowed(checkout::people::Right::People),
            DatabaseError::Import(_) | DatabaseError::Stopped => TillError::Import(error),
            DatabaseError::Damaged(what) => TillError::Damaged(what),
            other => TillError::Storage(other),
        }
    }
}

impl From<checkout::money::MoneyError> for TillError {
    fn from(error: checkout::money::MoneyError) -> Self {
        TillError::Sale(error.into())
    }
}

impl From<checkout::discount::DiscountError> for TillError {
    fn from(error: checkout::discount::DiscountError) -> Self {
        TillError::Sale(error.into())
    }
}

impl From<checkout::quantity::QuantityError> for TillError {
    fn from(error: checkout::quantity::QuantityError) -> Self {
        TillError::Sale(error.into())
    }
}
