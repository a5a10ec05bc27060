//! From what the till refuses to a code the screen has words for.

use super::{Failure, FailureCode};
use checkout::sale::SaleError;
use till::TillError;
use till::instance::InstanceError;

impl Failure {
    pub fn internal(message: &str) -> Failure {
        Failure { code: FailureCode::Internal, message: message.to_owned() }
    }
}

impl From<TillError> for Failure {
    fn from(error: TillError) -> Failure {
        let code = match &error {
            TillError::Instance(InstanceError::Taken) => FailureCode::AnotherInstance,
            TillError::Instance(InstanceError::Unusable(_)) | TillError::Storage(_) | TillError::Import(_) => FailureCode::Storage,
            TillError::UnknownCode(_) | TillError::Barcode(_) | TillError::CustomerCard(_) => FailureCode::UnknownCode,
            TillError::NoDevice(_) => FailureCode::DeviceMissing,
            TillError::DeviceBusy => FailureCode::DeviceBusy,
            TillError::Decision(_) => FailureCode::EvidenceMissing,
            TillError::NotFound(_) => FailureCode::NotFound,
            TillError::Sale(refusal) => match refusal {
                SaleError::Empty => FailureCode::CartEmpty,
                SaleError::Locked => FailureCode::CartLocked,
                SaleError::InDoubt => FailureCode::SaleInDoubt,
                SaleError::NothingDue | SaleError::NothingTaken => FailureCode::NothingDue,
                SaleError::NoLine(_) | SaleError::NothingRemoved => FailureCode::NotFound,
                SaleError::Quantity(_) => FailureCode::BadQuantity,
                SaleError::Discount(_) => FailureCode::BadDiscount,
                // Said by the reversal of a sale, which no command of the screen asks for yet.
                SaleError::NotPaid => FailureCode::Internal,
                SaleError::NotPositive
                | SaleError::TooMuch { .. }
                | SaleError::TooFine { .. }
                | SaleError::BelowZero
                | SaleError::Money(_) => FailureCode::BadAmount,
            },
            TillError::Settings(_) | TillError::NoShop | TillError::Goods(_) | TillError::Receipt(_) => FailureCode::Internal,
        };
        Failure { code, message: error.to_string() }
    }
}
