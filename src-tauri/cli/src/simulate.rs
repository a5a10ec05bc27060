//! `kassactl simulate`: the device side over a real socket, until it is stopped.

use crate::answer::{Answer, Failed};
use clap::{Subcommand, ValueEnum};
use serde_json::json;
use simulators::kaspi::{Customer, Ending, KaspiSimulator, Method, Options, parse_faults};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Device {
    /// A Kaspi Smart POS in open mode.
    Kaspi {
        /// Where to listen; port 0 takes a free one.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// What goes wrong: a JSON fault script.
        #[arg(long, value_name = "FILE")]
        faults: Option<PathBuf>,
        /// Where the device's own ledger goes, as JSON Lines.
        #[arg(long, value_name = "FILE")]
        ledger: Option<PathBuf>,
        /// Divides every time of the terminal, 1 to 1000.
        #[arg(long, default_value_t = 1)]
        time_scale: u32,
        /// Who stands in front of the terminal.
        #[arg(long, value_enum, default_value_t = Who::Pays)]
        customer: Who,
        /// How he pays.
        #[arg(long, value_enum, default_value_t = How::Qr)]
        method: How,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Who {
    Pays,
    Declines,
    WalksAway,
    LeavesUnconfirmed,
    CashierCancels,
    PaysAfterCancel,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum How {
    Qr,
    Card,
    Alaqan,
}

pub async fn run(device: Device) -> Result<Answer, Failed> {
    let Device::Kaspi { listen, faults, ledger, time_scale, customer, method } = device;
    let faults = match faults {
        Some(file) => {
            let text = std::fs::read_to_string(&file).map_err(|error| Failed::file(&file, &error))?;
            parse_faults(&text).map_err(|error| Failed::refused("faults", error.to_string()))?
        }
        None => Vec::new(),
    };
    let customer = Customer { method: method_of(method), ..Customer::who(ending_of(customer)) };
    let options = Options { listen, faults, ledger_file: ledger, time_scale, customer, ..simulators::demo::kaspi_options() };
    let simulator = KaspiSimulator::start(options).await.map_err(|error| Failed::refused("simulator", error.to_string()))?;
    let ready = json!({ "simulator": "kaspi", "address": simulator.address().to_string(), "time_scale": time_scale });
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{ready}").and_then(|()| out.flush());
    std::future::pending::<()>().await;
    Ok(Answer::done(ready, String::new()))
}

fn ending_of(who: Who) -> Ending {
    match who {
        Who::Pays => Ending::Pays,
        Who::Declines => Ending::Declines,
        Who::WalksAway => Ending::WalksAway,
        Who::LeavesUnconfirmed => Ending::LeavesUnconfirmed,
        Who::CashierCancels => Ending::CashierCancels,
        Who::PaysAfterCancel => Ending::PaysAfterCancel,
    }
}

fn method_of(how: How) -> Method {
    match how {
        How::Qr => Method::Qr,
        How::Card => Method::Card,
        How::Alaqan => Method::Alaqan,
    }
}
