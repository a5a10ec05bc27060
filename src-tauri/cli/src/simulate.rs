//! `kassactl simulate`: the device side over a real socket, until it is stopped.

use crate::answer::{Answer, Failed};
use clap::{Subcommand, ValueEnum};
use serde_json::json;
use simulators::kaspi::{
    Approval, Certificate, Customer, Ending, KaspiSimulator, Method, Options, Press as Pressed, Protection, Years, parse_faults,
};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum Device {
    /// A Kaspi Smart POS, in open mode or with its protection on.
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
        /// With its protection on: HTTPS with a certificate for *.kaspipos.kz, registration and tokens.
        #[arg(long)]
        tls: bool,
        /// Where the authority that signed the certificate goes (PEM): SSL_CERT_FILE makes a till trust it.
        #[arg(long, value_name = "FILE", requires = "tls")]
        authority: Option<PathBuf>,
        /// Who presses when a till asks to be let in.
        #[arg(long, value_enum, default_value_t = Press::AtOnce, requires = "tls")]
        press: Press,
        /// The serial number it tells.
        #[arg(long)]
        serial: Option<String>,
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
pub enum Press {
    /// Somebody, at once.
    AtOnce,
    /// You: Enter allows, any other line denies.
    Keys,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum How {
    Qr,
    Card,
    Alaqan,
}

pub async fn run(device: Device) -> Result<Answer, Failed> {
    let Device::Kaspi { listen, faults, ledger, time_scale, customer, method, tls, authority, press, serial } = device;
    let faults = match faults {
        Some(file) => {
            let text = std::fs::read_to_string(&file).map_err(|error| Failed::file(&file, &error))?;
            parse_faults(&text).map_err(|error| Failed::refused("faults", error.to_string()))?
        }
        None => Vec::new(),
    };
    let customer = Customer { method: method_of(method), ..Customer::who(ending_of(customer)) };
    let usual = simulators::demo::kaspi_options();
    let (certificate, protection) = match tls {
        true => (Some(certificate(authority.as_deref())?), Some(protection(press))),
        false => (None, None),
    };
    let serial = serial.unwrap_or_else(|| usual.serial.clone());
    let options = Options { listen, faults, ledger_file: ledger, time_scale, customer, serial, tls: certificate, protection, ..usual };
    let simulator = KaspiSimulator::start(options).await.map_err(|error| Failed::refused("simulator", error.to_string()))?;
    let ready = json!({ "simulator": "kaspi", "address": simulator.address().to_string(), "time_scale": time_scale });
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{ready}").and_then(|()| out.flush());
    match press {
        Press::Keys => keys(&simulator).await,
        Press::AtOnce => std::future::pending::<()>().await,
    }
    Ok(Answer::done(ready, String::new()))
}

fn certificate(authority: Option<&Path>) -> Result<Certificate, Failed> {
    let certificate =
        Certificate::of(&["*.kaspipos.kz"], Years::default()).map_err(|error| Failed::refused("simulator", error.to_string()))?;
    if let Some(file) = authority {
        std::fs::write(file, certificate.authority_pem()).map_err(|error| Failed::file(file, &error))?;
    }
    Ok(certificate)
}

fn protection(press: Press) -> Protection {
    let approval = match press {
        Press::AtOnce => Approval::AtOnce,
        Press::Keys => Approval::ByHand,
    };
    Protection { approval, ..Protection::default() }
}

/// A line is a press on the terminal's screen.
async fn keys(simulator: &KaspiSimulator) {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            let _ = tell.send(line);
        }
    });
    while let Some(line) = told.recv().await {
        let pressed = if line.trim().is_empty() { Pressed::Allow } else { Pressed::Deny };
        if let Err(nothing) = simulator.press(pressed) {
            let _ = writeln!(std::io::stderr(), "{nothing}");
        }
    }
    std::future::pending::<()>().await;
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
