//! The course of an operation: what each event does to it, to the bank and to
//! the ledger.
//!
//! Source: protocol sheet §1.6, vendor file §4.1–§4.3.

use super::customer::{Ending, Method};
use super::process::{self, Event, Kind, Shown, Stage};
use super::terminal::Terminal;
use crate::ledger::{Line, State};

impl Terminal {
    pub(super) fn happen(&mut self, id: i64, event: Event, at_ms: i64) {
        match event {
            Event::ScreenReady => self.show_screen(id, at_ms),
            Event::Approaches => self.approach(id, at_ms),
            Event::PinAsked => {
                if let Some(process) = self.processes.get_mut(&id) {
                    process.pin_entered = true;
                    process.enter(Stage::WaitForPinCode, at_ms);
                }
            }
            Event::Confirms => self.pay(id, at_ms),
            Event::Declines => {
                let text = match self.processes.get(&id).and_then(|process| process.method) {
                    Some(Method::Card) => process::CARD_DECLINED,
                    Some(Method::Qr | Method::Alaqan) | None => process::CUSTOMER_CANCELLED,
                };
                self.settle(id, Stage::Declined(text), at_ms);
            }
            Event::CashierCancels => self.cancel(id, at_ms),
            Event::TimesOut => self.settle(id, Stage::Declined(process::NOT_CONFIRMED), at_ms),
            Event::QrDies => self.settle(id, Stage::Cancelled(process::NOT_CONFIRMED), at_ms),
        }
    }

    /// The terminal has asked the bank and shows the QR; or it could not.
    pub(super) fn show_screen(&mut self, id: i64, at_ms: i64) {
        let Some(process) = self.processes.get_mut(&id) else {
            return;
        };
        if process.stage != Stage::Initialize {
            return;
        }
        if !self.online {
            self.lose_sight(id, process::NO_INTERNET, None);
            self.settle(id, Stage::Cancelled(process::NO_INTERNET), at_ms);
            return;
        }
        process.screen_ms = Some(at_ms);
        let amount_tenge = process.amount_tenge;
        if let Kind::Refund { method, purchase, set_aside } = &mut process.kind {
            match self.bank.set_aside(purchase, *method, amount_tenge) {
                Ok(()) => *set_aside = true,
                Err(reason) => {
                    process.method = Some(*method);
                    self.settle(id, Stage::Declined(reason), at_ms);
                    return;
                }
            }
        }
        process.enter(Stage::WaitUser, at_ms);
    }

    pub(super) fn approach(&mut self, id: i64, at_ms: i64) {
        let Some(process) = self.processes.get_mut(&id) else {
            return;
        };
        let method = process.likely_method();
        process.method = Some(method);
        let stage = match (&process.kind, method) {
            (Kind::Refund { .. }, _) => Stage::ProcessRefund,
            (Kind::Payment, Method::Card) => Stage::ProcessingCard,
            (Kind::Payment, Method::Qr | Method::Alaqan) => Stage::WaitForQrConfirmation,
        };
        process.enter(stage, at_ms);
        if process.customer.ends == Ending::PaysAfterCancel && !process.customer.held {
            self.cancel(id, at_ms);
        }
    }

    /// A card is taken out of the slot by a cancel: nothing can follow. A QR
    /// lives on.
    fn cancel(&mut self, id: i64, at_ms: i64) {
        let Some(process) = self.processes.get(&id) else {
            return;
        };
        let card = process.awaits_answer() && process.method == Some(Method::Card);
        self.lose_sight(id, process::CANCELLED_ON_TERMINAL, Some("ProcessCancelled"));
        if card {
            self.settle(id, Stage::Cancelled(process::CANCELLED_ON_TERMINAL), at_ms);
        }
    }

    /// The terminal stops following the operation: from now on `unknown`. The
    /// vendor shows only ProcessCancelled with it; other causes get the word
    /// of a failure.
    pub(super) fn lose_sight(&mut self, id: i64, message: &'static str, word: Option<&'static str>) {
        if let Some(process) = self.processes.get_mut(&id)
            && process.is_running()
        {
            let sub_status = word.unwrap_or(process.failure_word());
            process.shown = Shown::Unknown { message, sub_status };
        }
    }

    pub(super) fn pay(&mut self, id: i64, at_ms: i64) {
        let Some(process) = self.processes.get(&id) else {
            return;
        };
        let Some(method) = process.method.filter(|_| process.awaits_answer()) else {
            return;
        };
        let pin = process.pin_entered;
        let receipt = match &process.kind {
            Kind::Payment => self.bank.pay(method, process.amount_tenge, pin, at_ms),
            Kind::Refund { purchase, .. } => self.bank.refund(method, purchase, pin, at_ms),
        };
        self.settle(id, Stage::Approved(receipt), at_ms);
    }

    /// The money is decided: the stage becomes final, the ledger gets its line.
    fn settle(&mut self, id: i64, stage: Stage, at_ms: i64) {
        let Some(process) = self.processes.get_mut(&id) else {
            return;
        };
        if process.is_final() {
            return;
        }
        let (state, reference) = match &stage {
            Stage::Approved(receipt) => (State::Approved, Some(receipt.reference.clone())),
            Stage::Cancelled(_) => (State::Cancelled, None),
            _ => (State::Declined, None),
        };
        if let Kind::Refund { purchase, set_aside: true, .. } = &process.kind
            && state != State::Approved
        {
            self.bank.give_back(purchase, process.amount_tenge);
        }
        process.enter(stage, at_ms);
        self.open.retain(|open| *open != id);
        self.ledger.record(Line {
            op: process.op_word(),
            device_id: id.to_string(),
            amount_minor: process.amount_tenge * 100,
            state,
            method: process.method.map(Method::word),
            reference,
        });
    }
}
