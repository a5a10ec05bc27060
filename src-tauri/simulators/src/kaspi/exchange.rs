//! One request and its reply with all that a fault script does to them.
//! Pure, so that a storm in memory misbehaves exactly as the sockets do.

use super::protection::Registration;
use super::replies::{Reply, Response};
use super::request::{Op, Request};
use super::terminal::Terminal;
use crate::faults::{FaultScript, Verb};

/// How a reply reaches the till, if it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The connection closed before the request was processed.
    Refused,
    /// The request was processed; the connection closed without a byte.
    Dropped,
    /// The till asks to be registered: the reply comes when somebody has pressed. The number is its place.
    Waits(u64),
    /// The reply goes out, this way.
    Sent(Sending),
}

/// A reply on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// What is sent.
    pub response: Response,
    /// How long it is kept back, in real milliseconds.
    pub delay_ms: u64,
    /// How often it is written: 1, or 2 for a duplicate.
    pub copies: usize,
    /// After how many bytes of the whole HTTP reply the connection closes.
    pub cut_at: Option<usize>,
    /// How long before each byte, in real milliseconds.
    pub ms_per_byte: u64,
}

/// Puts a request to the terminal, with the faults that are due.
pub fn exchange(terminal: &mut Terminal, script: &mut FaultScript, request: &Request, now_ms: i64) -> Delivery {
    let verbs = script.next(request.op.word());
    if verbs.contains(&Verb::Refuse) {
        return Delivery::Refused;
    }
    let (mut reply, process_id) = match answer(terminal, &verbs, request, now_ms) {
        Ok(answer) => answer,
        Err(ticket) => return Delivery::Waits(ticket),
    };
    for verb in &verbs {
        match (verb, &process_id) {
            (Verb::Forget, Some(id)) => terminal.forget(id),
            (Verb::ApproveThenDrop, Some(id)) => terminal.approve(id, now_ms),
            _ => alter(&mut reply, verb),
        }
    }
    if verbs.contains(&Verb::DropReply) || verbs.contains(&Verb::ApproveThenDrop) {
        return Delivery::Dropped;
    }
    let mut sending = Sending { response: reply.into_response(), delay_ms: 0, copies: 1, cut_at: None, ms_per_byte: 0 };
    for verb in &verbs {
        spoil(&mut sending, verb);
    }
    Delivery::Sent(sending)
}

/// The reply to a till that had to wait for its registration.
pub(super) fn told(reply: Reply) -> Sending {
    Sending { response: reply.into_response(), delay_ms: 0, copies: 1, cut_at: None, ms_per_byte: 0 }
}

/// The terminal's own reply, or the one a fault puts in its place; and the
/// operation it is about. The request takes effect unless such a fault says
/// otherwise.
fn answer(terminal: &mut Terminal, verbs: &[Verb], request: &Request, now_ms: i64) -> Result<(Reply, Option<String>), u64> {
    let mut replacement = None;
    let mut takes_effect = true;
    for verb in verbs {
        match verb {
            Verb::Busy => {
                replacement = Some(Reply::busy());
                takes_effect = false;
            }
            Verb::HttpStatus { status, processed } => {
                replacement = Some(Reply::general(*status));
                takes_effect &= processed;
            }
            Verb::Error { http, status_code, text, processed } => {
                replacement = Some(Reply::error(*http, *status_code, text.clone()));
                takes_effect &= processed;
            }
            _ => {}
        }
    }
    let mut own = match (takes_effect, request.op) {
        (false, _) => None,
        (true, Op::Register) => match terminal.register(request, now_ms) {
            Registration::Told(reply) => Some(reply),
            Registration::Waits(ticket) if replacement.is_none() => return Err(ticket),
            Registration::Waits(_) => None,
        },
        (true, _) => Some(terminal.reply(request, now_ms)),
    };
    let process_id = match own.as_mut().and_then(Reply::process_data) {
        Some(data) => Some(data.process_id.clone()),
        None => request.param("processId").map(str::to_owned),
    };
    // Without its own reply there is a replacement: only one withholds it.
    let reply = replacement.or(own).unwrap_or_else(Reply::busy);
    Ok((reply, process_id))
}

/// Puts other words into a reply about an operation.
fn alter(reply: &mut Reply, verb: &Verb) {
    let Some(data) = reply.process_data() else {
        return;
    };
    match verb {
        Verb::Amount(amount) => {
            if let Some(cheque) = &mut data.cheque_info {
                cheque.amount = amount.clone();
            }
        }
        Verb::StatusWord(word) => data.status.clone_from(word),
        Verb::OtherOperation(id) => data.process_id.clone_from(id),
        Verb::SubStatus(word) => data.sub_status = Some(word.clone()),
        _ => {}
    }
}

/// Spoils the bytes of a reply, or the way they go out.
fn spoil(sending: &mut Sending, verb: &Verb) {
    let body = &mut sending.response.body;
    match verb {
        Verb::Garbage => *body = b"<html><body>Service Unavailable</body></html>".to_vec(),
        Verb::Empty => body.clear(),
        Verb::FlipBit(bit) if !body.is_empty() => {
            let byte = (bit / 8) % body.len();
            body[byte] ^= 1 << (bit % 8);
        }
        Verb::DelayMs(delay_ms) => sending.delay_ms += delay_ms,
        Verb::Duplicate => sending.copies = 2,
        Verb::CutAt(bytes) => sending.cut_at = Some(*bytes),
        Verb::SlowLoris(ms_per_byte) => sending.ms_per_byte = *ms_per_byte,
        _ => {}
    }
}
