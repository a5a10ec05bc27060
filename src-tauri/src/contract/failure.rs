//! From what the till refuses to a code the screen has words for.

use super::{Failure, FailureCode};
use checkout::marking::MarkingError;
use checkout::sale::SaleError;
use till::TillError;
use till::barcode::BarcodeError;
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
            TillError::UnknownCode(_) | TillError::Barcode(BarcodeError::Empty) => FailureCode::UnknownCode,
            TillError::Barcode(BarcodeError::CheckDigit(_)) => FailureCode::CheckDigit,
            TillError::Barcode(BarcodeError::Zero(_)) => FailureCode::EmptyLabel,
            TillError::Barcode(BarcodeError::Marking) => FailureCode::MarkingIncomplete,
            TillError::CustomerCard(_) => FailureCode::CustomerCard,
            TillError::UnknownLabel(_) => FailureCode::UnknownLabel,
            TillError::NoDevice(_) => FailureCode::DeviceMissing,
            TillError::DeviceBusy => FailureCode::DeviceBusy,
            TillError::Decision(_) => FailureCode::EvidenceMissing,
            TillError::NotFound(_) => FailureCode::NotFound,
            TillError::ImportUnderWay => FailureCode::ImportUnderWay,
            TillError::Sale(refusal) => match refusal {
                SaleError::Empty => FailureCode::CartEmpty,
                SaleError::Locked => FailureCode::CartLocked,
                SaleError::InDoubt => FailureCode::SaleInDoubt,
                SaleError::NothingDue | SaleError::NothingTaken => FailureCode::NothingDue,
                SaleError::NoLine(_) | SaleError::NothingRemoved => FailureCode::NotFound,
                SaleError::Marking(MarkingError::CodeNeeded(_)) => FailureCode::MarkingNeeded,
                SaleError::Marking(MarkingError::OneByOne) => FailureCode::MarkingOneByOne,
                SaleError::Marking(MarkingError::InCart(_)) => FailureCode::MarkingInCart,
                SaleError::Marking(MarkingError::Sold(_)) => FailureCode::MarkingSold,
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
            TillError::Damaged(_) => FailureCode::Damaged,
            TillError::NoShop => FailureCode::NoShop,
            TillError::CommandReused | TillError::Settings(_) | TillError::Goods(_) | TillError::Receipt(_) => FailureCode::Internal,
        };
        Failure { code, message: error.to_string() }
    }
}
