//! From what the screen asks to what the till and the rules know.

use super::{Decision, PriceChange, PriceReasonCode, TenderCode};

impl From<PriceChange> for till::discount::PriceChange {
    fn from(change: PriceChange) -> Self {
        match change {
            PriceChange::Line { line_id: line, price } => till::discount::PriceChange::Line { line, price },
            PriceChange::LineDiscount { line_id: line, discount } => till::discount::PriceChange::LineDiscount { line, discount },
            PriceChange::CartDiscount { discount } => till::discount::PriceChange::CartDiscount { discount },
        }
    }
}

impl From<PriceReasonCode> for checkout::discount::PriceReason {
    fn from(code: PriceReasonCode) -> Self {
        match code {
            PriceReasonCode::Damaged => checkout::discount::PriceReason::Damaged,
            PriceReasonCode::BestBefore => checkout::discount::PriceReason::BestBefore,
            PriceReasonCode::ShelfPrice => checkout::discount::PriceReason::ShelfPrice,
            PriceReasonCode::RegularCustomer => checkout::discount::PriceReason::RegularCustomer,
            PriceReasonCode::Goodwill => checkout::discount::PriceReason::Goodwill,
        }
    }
}

impl From<Decision> for checkout::payment::Decision {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Approved => checkout::payment::Decision::Approved,
            Decision::Declined => checkout::payment::Decision::Declined,
            Decision::Returned => checkout::payment::Decision::Returned,
        }
    }
}

impl From<TenderCode> for checkout::tender::TenderKind {
    fn from(code: TenderCode) -> Self {
        match code {
            TenderCode::Cash => checkout::tender::TenderKind::Cash,
            TenderCode::Kaspi => checkout::tender::TenderKind::Kaspi,
        }
    }
}
