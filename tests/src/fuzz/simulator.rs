//! What a simulator is given: fault scripts, and requests that no till would send.

use drivers::kaspi::messages;
use drivers::link::HttpReply;
use simulators::faults::{FaultScript, ScriptError};
use simulators::kaspi::{Customer, Delivery, Op, Request, Settings, Terminal, exchange, parse_faults};

pub fn script(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match parse_faults(text) {
        Ok(faults) => {
            for fault in &faults {
                assert!(Op::WORDS.contains(&fault.on.as_str()) && fault.nth != Some(0) && fault.times != Some(0), "{fault:?}");
            }
            let mut script = FaultScript::new(faults.clone());
            for op in Op::WORDS.iter().cycle().take(30) {
                assert!(script.next(op).len() <= faults.len());
            }
        }
        Err(ScriptError::Line { index, reason }) => assert!(index >= 1 && !reason.is_empty()),
        Err(ScriptError::NotAList(reason)) => assert!(!reason.is_empty()),
    }
}

/// Each line is the target of a request; the driver can read whatever the terminal answers.
pub fn request(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (mut terminal, mut script) = (Terminal::new(Settings::default(), Customer::default()), FaultScript::default());
    let mut now_ms = 1_678_090_451_700;
    for target in text.lines().take(8) {
        now_ms += 3_000;
        terminal.advance(now_ms);
        match exchange(&mut terminal, &mut script, &Request::get(target), now_ms) {
            Delivery::Sent(sending) => {
                let (status, body) = (sending.response.status, sending.response.body);
                messages::read(&HttpReply { status, body }).unwrap_or_else(|error| panic!("{target:?}: {error}"));
            }
            Delivery::Refused | Delivery::Dropped | Delivery::Waits(_) => {
                panic!("without a fault, and in open mode, every request is answered: {target:?}")
            }
        }
    }
}
