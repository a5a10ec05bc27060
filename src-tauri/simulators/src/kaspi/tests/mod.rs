//! The terminal stepped by hand (`states`, `refunds`, `checks`, `golden`, `protected`) and
//! over its socket (`wire`, `fault_wire`).

mod checks;
mod fault_wire;
mod golden;
mod protected;
mod refunds;
mod states;
mod wire;

use serde_json::Value;

use super::*;

/// 06.03.23 14:20:00 on the terminal's clock.
const START_MS: i64 = 1_678_094_400_000;

/// A terminal on a bench: every request moves the clock by the time given.
struct Bench {
    terminal: Terminal,
    now_ms: i64,
}

impl Bench {
    fn new(customer: Customer) -> Self {
        Self::with(Settings::default(), customer)
    }

    fn with(settings: Settings, customer: Customer) -> Self {
        Self { terminal: Terminal::new(settings, customer), now_ms: START_MS }
    }

    fn get(&mut self, target: &str) -> (u16, Value) {
        let response = self.terminal.handle(&Request::get(target), self.now_ms);
        let body = serde_json::from_slice(&response.body).unwrap();
        (response.status, body)
    }

    fn pass(&mut self, duration_ms: i64) {
        self.now_ms += duration_ms;
        self.terminal.advance(self.now_ms);
    }

    fn start(&mut self, target: &str) -> String {
        let (http, body) = self.get(target);
        assert_eq!((http, &body["statusCode"]), (200, &Value::from(0)), "{body}");
        body["data"]["processId"].as_str().unwrap().to_owned()
    }

    fn pay(&mut self, amount: i64) -> String {
        self.start(&format!("/v2/payment?amount={amount}"))
    }

    /// `status/subStatus`, or the error's code.
    fn shows(&mut self, process_id: &str) -> String {
        let (_, body) = self.get(&format!("/v2/status?processId={process_id}"));
        told(&body)
    }

    fn actualized(&mut self, process_id: &str) -> String {
        let (_, body) = self.get(&format!("/v2/actualize?processId={process_id}"));
        told(&body)
    }

    /// Pays with a scripted customer and gives the transaction id.
    fn paid(&mut self, amount: i64) -> String {
        let id = self.pay(amount);
        self.pass(10_000);
        let (_, body) = self.get(&format!("/v2/status?processId={id}"));
        assert_eq!(body["data"]["status"], "success", "{body}");
        body["data"]["transactionId"].as_str().unwrap().to_owned()
    }

    /// `op amount_minor state` of each ledger line.
    fn ledger(&self) -> Vec<String> {
        ledger_words(self.terminal.ledger().entries())
    }
}

fn told(body: &Value) -> String {
    match (&body["data"]["status"], &body["data"]["subStatus"]) {
        (Value::String(status), Value::String(sub)) => format!("{status}/{sub}"),
        _ => body["statusCode"].to_string(),
    }
}

fn ledger_words(entries: &[Entry]) -> Vec<String> {
    entries
        .iter()
        .map(|entry| {
            let state = serde_json::to_value(entry.state).unwrap();
            let state = state.as_str().unwrap();
            format!("{} {} {state}", entry.op, entry.amount_minor)
        })
        .collect()
}
