//! The methods of the API: what each request asks and what it is answered.
//!
//! Source: protocol sheet §1.3–§1.5, vendor file §4.14–§4.22. The causes "It
//! has to be a number" and "It has to be true or false" are ours: the vendor
//! shows only three.

use super::bank::Receipt;
use super::customer::Method;
use super::process::{Kind, Process, Shown, Stage};
use super::replies::{AddInfo, BLOCKED, ChequeInfo, Data, DeviceInfo, ProcessData, Reply, amount_text, receipt_date};
use super::request::{Op, Request};
use super::terminal::{Blocked, Terminal};

impl Terminal {
    /// Answers a request; the reply is not bytes yet, so a fault can alter it.
    pub(super) fn reply(&mut self, request: &Request, now_ms: i64) -> Reply {
        self.advance(now_ms);
        if let Some(guard) = &mut self.guard
            && let Err(refusal) = guard.admit(request, now_ms)
        {
            return refusal;
        }
        let answer = match request.op {
            Op::Payment => self.payment(request, now_ms),
            Op::Refund => self.refund(request, now_ms),
            Op::Status => self.status(request),
            Op::Actualize => self.actualize(request),
            Op::DeviceInfo => Ok(self.device_info()),
            Op::Renew => self.renew(request, now_ms),
            // Answered by the guard; a terminal in open mode has no such URL.
            Op::Register | Op::Other => Err(Reply::general(404)),
        };
        answer.unwrap_or_else(|refusal| refusal)
    }

    fn payment(&mut self, request: &Request, now_ms: i64) -> Result<Reply, Reply> {
        let amount_tenge = amount(request)?;
        own_receipt(request)?;
        match self.blocked {
            Blocked::No => {}
            Blocked::WithHttp400 => return Err(Reply::error(400, 106, BLOCKED)),
            Blocked::WithHttp200 => return Err(Reply::error(200, 106, BLOCKED)),
        }
        self.start(Kind::Payment, amount_tenge, now_ms)
    }

    fn refund(&mut self, request: &Request, now_ms: i64) -> Result<Reply, Reply> {
        let amount_tenge = amount(request)?;
        let method = Method::of(required(request, "method")?).ok_or_else(|| Reply::unvalidated("method", "Unknown payment method"))?;
        let purchase = required(request, "transactionId")?.to_owned();
        own_receipt(request)?;
        let kind = Kind::Refund { method, purchase, set_aside: false };
        self.start(kind, amount_tenge, now_ms)
    }

    fn start(&mut self, kind: Kind, amount_tenge: i64, now_ms: i64) -> Result<Reply, Reply> {
        if self.is_busy() {
            return Err(Reply::busy());
        }
        Ok(Reply::started(self.begin(kind, amount_tenge, now_ms)))
    }

    fn status(&mut self, request: &Request) -> Result<Reply, Reply> {
        let id = required(request, "processId")?;
        let process = self.known(id).ok_or_else(not_found)?.clone();
        Ok(Reply::process(self.describe(id, &process)))
    }

    fn actualize(&mut self, request: &Request) -> Result<Reply, Reply> {
        let id = required(request, "processId")?;
        let online = self.online;
        let process = self.known(id).ok_or_else(not_found)?;
        if process.is_followed() {
            let text = "This transaction is unable to actualize";
            return Err(Reply::error(200, 103, text));
        }
        if !online {
            return Err(Reply::error(200, 100, "No internet"));
        }
        if process.screen_ms.is_none() {
            return Err(Reply::error(200, 104, "Transaction not found"));
        }
        // The vendor does not say which methods cannot be actualized; the
        // sheet has the code for cards, which leave no QR order behind.
        if process.method == Some(Method::Card) {
            let text = "Unsupported transaction pay method";
            return Err(Reply::error(200, 102, text));
        }
        if process.is_final() {
            process.shown = Shown::Followed;
        }
        let process = process.clone();
        Ok(Reply::process(self.describe(id, &process)))
    }

    fn device_info(&self) -> Reply {
        Reply::done(Data::Device(DeviceInfo {
            pos_num: self.settings.pos_num.clone(),
            serial_num: self.settings.serial.clone(),
            terminal_id: self.settings.terminal_id.clone(),
        }))
    }

    fn describe(&self, id: &str, process: &Process) -> ProcessData {
        let (status, sub_status) = process.words();
        let mut data = ProcessData {
            process_id: id.to_owned(),
            status: status.to_owned(),
            sub_status: Some(sub_status.to_owned()),
            ..ProcessData::default()
        };
        match (&process.shown, &process.stage) {
            (Shown::Unknown { message, .. }, _) => data.message = Some((*message).to_owned()),
            (Shown::Followed, Stage::Declined(message) | Stage::Cancelled(message)) => {
                data.message = Some((*message).to_owned());
            }
            (Shown::Followed, Stage::Approved(receipt)) => {
                data.add_info = Some(AddInfo::plain());
                data.cheque_info = Some(self.cheque(process, receipt));
                data.transaction_id = Some(receipt.reference.clone());
            }
            (
                Shown::Followed,
                Stage::Initialize
                | Stage::WaitUser
                | Stage::WaitForQrConfirmation
                | Stage::ProcessingCard
                | Stage::WaitForPinCode
                | Stage::ProcessRefund,
            ) => {}
        }
        data
    }

    fn cheque(&self, process: &Process, receipt: &Receipt) -> ChequeInfo {
        let refund = process.kind != Kind::Payment;
        let card = receipt.method == Method::Card;
        // In the vendor's card examples, and only there, these two texts begin
        // with a space (sheet §1.4).
        let space = if card { " " } else { "" };
        let result =
            if refund { "Қайтару сәтті жасалды" } else { "Kaspi Gold-ман сатып алу. Мақұлданды" };
        let shop = &self.settings.shop;
        let text = amount_text(process.amount_tenge, refund, self.settings.grouping);
        ChequeInfo {
            address: shop.address.clone(),
            amount: text.into(),
            authorization_code: card.then(|| receipt.authorization_code.clone()),
            bin: shop.bin.clone(),
            card_mask: card.then_some("440043*****6389"),
            city: format!("{space}{}", shop.city),
            date: receipt_date(receipt.at_ms),
            host_response_code: card.then_some("000"),
            icc: card.then_some(if refund { "" } else { "Visa Debit" }),
            method: receipt.method.word(),
            order_number: (!card).then(|| receipt.reference.clone()),
            pin_entered: receipt.pin_entered.then_some(true),
            rrn: card.then(|| receipt.reference.clone()),
            status: format!("{space}{result}"),
            store_name: shop.store_name.clone(),
            terminal_id: self.settings.terminal_id.clone(),
            kind: process.op_word(),
        }
    }
}

fn not_found() -> Reply {
    Reply::error(200, 101, "Process not found")
}

pub(super) fn required<'a>(request: &'a Request, name: &str) -> Result<&'a str, Reply> {
    match request.param(name) {
        None => Err(Reply::missing(name)),
        Some("") => Err(Reply::unvalidated(name, "It's empty")),
        Some(value) => Ok(value),
    }
}

/// Whole tenge from 1 to what a 32-bit `Int` holds.
fn amount(request: &Request) -> Result<i64, Reply> {
    let amount = required(request, "amount")?.parse::<i32>().map_err(|_| Reply::unvalidated("amount", "It has to be a number"))?;
    if amount <= 0 {
        return Err(Reply::unvalidated("amount", "Must be greater 0"));
    }
    Ok(i64::from(amount))
}

/// `owncheque` decides only whether the terminal prints, so it is read and
/// then left alone.
fn own_receipt(request: &Request) -> Result<(), Reply> {
    match request.param("owncheque") {
        None | Some("true" | "false") => Ok(()),
        Some(_) => Err(Reply::unvalidated("owncheque", "It has to be true or false")),
    }
}
