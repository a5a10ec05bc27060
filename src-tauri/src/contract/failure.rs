//! From what the till refuses to a code the screen has words for.

use super::{Approval, Failure, FailureCode};
use checkout::marking::MarkingError;
use checkout::refund::RefundError;
use checkout::sale::SaleError;
use till::TillError;
use till::barcode::BarcodeError;
use till::instance::InstanceError;
use till::keychain::KeyError;
use till::people::PeopleError;

impl Failure {
    fn of(code: FailureCode, message: String) -> Failure {
        Failure { code, message, approval: None, pin: None }
    }

    /// No other window than the cashier's gives commands.
    pub fn of_another_window() -> Failure {
        Failure::of(FailureCode::NotAllowed, "this window gives no commands".to_owned())
    }

    pub fn internal(message: &str) -> Failure {
        Failure::of(FailureCode::Internal, message.to_owned())
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
            TillError::MoreThanDue => FailureCode::MoreThanDue,
            TillError::DecidedAlready(_) => FailureCode::DecidedAlready,
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
                SaleError::NotPositive
                | SaleError::TooMuch { .. }
                | SaleError::TooFine { .. }
                | SaleError::BelowZero
                | SaleError::Money(_) => FailureCode::BadAmount,
            },
            // Decided, but its part has gone back another way meanwhile. The rest is said to `kassactl` alone.
            TillError::Refund(RefundError::NotNext) => FailureCode::DecidedAlready,
            TillError::Refund(_) => FailureCode::Internal,
            TillError::Damaged(_) => FailureCode::Damaged,
            TillError::NoShop => FailureCode::NoShop,
            TillError::SignInNeeded => FailureCode::SignInNeeded,
            TillError::NotAllowed(_) => FailureCode::NotAllowed,
            TillError::NeedsApproval(_) => FailureCode::NeedsApproval,
            TillError::ApprovalGone => FailureCode::ApprovalGone,
            TillError::People(refusal) => match refusal {
                PeopleError::WrongPin(_) => FailureCode::WrongPin,
                PeopleError::UnknownBadge(_) => FailureCode::UnknownBadge,
                PeopleError::BadPin(_) => FailureCode::BadPin,
                PeopleError::BadName => FailureCode::BadName,
                PeopleError::BadBadge => FailureCode::BadBadge,
                PeopleError::NotABadge => FailureCode::NotABadge,
                PeopleError::ReasonMissing => FailureCode::ReasonMissing,
                PeopleError::LastOwner => FailureCode::LastOwner,
            },
            TillError::Key(KeyError::Lost) => FailureCode::KeyLost,
            TillError::Key(KeyError::Unusable(_)) => FailureCode::Storage,
            // Said to `kassactl` alone.
            TillError::Key(KeyError::NotLost) | TillError::Kaspi(_) => FailureCode::Internal,
            TillError::CommandReused | TillError::Settings(_) | TillError::Goods(_) | TillError::Receipt(_) => FailureCode::Internal,
        };
        let mut failure = Failure::of(code, error.to_string());
        match &error {
            TillError::NeedsApproval(asked) => failure.approval = Some(Box::new(Approval::of(asked, asked.currency))),
            TillError::People(PeopleError::WrongPin(wait) | PeopleError::UnknownBadge(wait)) => failure.pin = Some((*wait).into()),
            _ => {}
        }
        failure
    }
}
