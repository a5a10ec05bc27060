//! The Kaspi terminal beside its payments: letting the till in, its tokens, how it stands, where it is.

use crate::answer::{Answer, Failed};
use crate::asker::Asker;
use checkout::people::Right;
use checkout::ports::Unit;
use clap::Subcommand;
use serde_json::{Value, json};
use till::kaspi::{Found, Heard, Network, Standing, State};

#[derive(Subcommand)]
pub enum Kaspi {
    /// Ask the terminal to let this till in; somebody presses «Разрешить» on its screen.
    Register {
        /// In pinned mode: the key that you have compared.
        #[arg(long, value_name = "FINGERPRINT")]
        trust_key: Option<String>,
    },
    /// Renew the tokens now. By itself Kassa does so at the first payment in their last hour, and when they are refused.
    Renew,
    /// Throw this till's tokens away, also where the passphrase of their file is lost. Forbid the till on the terminal, too.
    Forget,
    /// Who answers at the terminal's address, and whether payments can begin. Charges nothing.
    Status,
    /// Look for terminals in the shop's network.
    Discover {
        /// Its beginning, with a port if it is not 8080: 192.168.1:8080. Without it: where the terminal was.
        #[arg(long)]
        network: Option<String>,
        /// Take the terminal with this serial number into use where it was found.
        #[arg(long, value_name = "SERIAL")]
        take: Option<String>,
    },
}

pub async fn run(asker: &Asker, command: Kaspi) -> Result<Answer, Failed> {
    match command {
        Kaspi::Register { trust_key } => {
            let register = async |till: &std::sync::Arc<till::Till>| Ok(till.register_kaspi(trust_key.as_deref()).await?);
            told(asker.at_till(Right::Settings, "kaspi register", register).await?)
        }
        Kaspi::Renew => told(asker.at_till(Right::Settings, "kaspi renew", async |till| Ok(till.renew_kaspi().await?)).await?),
        Kaspi::Forget => told(asker.at_till(Right::Settings, "kaspi forget", async |till| Ok(till.forget_kaspi().await?)).await?),
        Kaspi::Status => told(asker.at_till(Right::Sell, "kaspi status", async |till| Ok(till.kaspi_state().await?)).await?),
        Kaspi::Discover { network, take } => discover(asker, network, take).await,
    }
}

/// 12 where a payment would not begin.
fn told(state: State) -> Result<Answer, Failed> {
    let ready = state.is_ready();
    let token = match state.standing {
        None => "open",
        Some(Standing::Unknown) => "none",
        Some(Standing::LetIn) => "let_in",
        Some(Standing::Forgotten) => "forgotten",
    };
    let (answers, seen, why) = match &state.answers {
        Heard::Unit(unit) => ("unit", Some(unit), None),
        Heard::NotAllowed => ("not_allowed", None, None),
        Heard::Nothing(failure) => ("nothing", None, Some(failure.to_string())),
    };
    let why = state.locked.as_ref().map(ToString::to_string).or(why);
    let object = json!({ "kaspi": {
        "address": state.address, "security": state.security.code(), "name": state.name, "ready": ready, "token": token,
        "token_ends": state.ends, "unit": state.unit.as_ref().map(unit_object), "answers": answers,
        "answering_unit": seen.map(unit_object), "reason": why, "latency_ms": state.latency_ms,
    }});
    let mut text = format!("{}  {}  {}\n", state.address, state.security.code(), if ready { "ready" } else { "not ready" });
    text.push_str(&format!("  token: {token}{}\n", state.ends.map(|ends| format!(", until {ends}")).unwrap_or_default()));
    text.push_str(&format!("  answers: {}\n", seen.map_or_else(|| answers.to_owned(), unit_text)));
    if let Some(bound) = state.unit.as_ref().filter(|bound| seen.is_some_and(|seen| seen != *bound)) {
        text.push_str(&format!("  this till belongs to another unit: {}\n", unit_text(bound)));
    }
    text.extend(why.map(|why| format!("  {why}\n")));
    Ok(Answer { object, text, code: if ready { 0 } else { 12 } })
}

async fn discover(asker: &Asker, network: Option<String>, take: Option<String>) -> Result<Answer, Failed> {
    let read =
        |text: String| Network::read(&text, 8080).ok_or_else(|| Failed::usage("--network is the beginning of an address: 192.168.1"));
    let network = network.map(read).transpose()?;
    let right = if take.is_some() { Right::Settings } else { Right::Sell };
    let (found, taken) = asker
        .at_till(right, "kaspi discover", async |till| {
            let found = till.discover_kaspi(network).await?;
            let taken = match &take {
                Some(serial) => Some(till.take_kaspi(&found, serial).await?),
                None => None,
            };
            Ok((found, taken))
        })
        .await?;
    let objects: Vec<Value> = found.iter().map(found_object).collect();
    let mut text: String = found.iter().map(|found| format!("{}\n", found_text(found))).collect();
    if text.is_empty() {
        text = "no terminal answers in this network\n".to_owned();
    }
    if let Some(taken) = &taken {
        text.push_str(&format!("taken: {}\n", found_text(taken)));
    }
    Ok(Answer::done(json!({ "terminals": objects, "taken": taken.as_ref().map(found_object) }), text))
}

fn unit_object(unit: &Unit) -> Value {
    json!({ "serial": unit.serial, "terminal_id": unit.terminal })
}

fn unit_text(unit: &Unit) -> String {
    format!("unit {}, terminal {}", unit.serial, unit.terminal)
}

fn found_object(found: &Found) -> Value {
    json!({ "address": found.address, "protected": found.protected, "unit": found.unit.as_ref().map(unit_object) })
}

fn found_text(found: &Found) -> String {
    let mode = if found.protected { "protected" } else { "open" };
    let unit = found.unit.as_ref().map_or_else(|| "tells its number only to a till that is let in".to_owned(), unit_text);
    format!("{}  {mode}  {unit}", found.address)
}
