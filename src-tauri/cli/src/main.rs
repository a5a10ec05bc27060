//! `kassactl`: the till without a window, for scripts, integrators and support.
//!
//! With `--json` one object goes to standard output and nothing else; logs go to standard error.
//! Exit codes: 0 done · 2 usage · 3 refused by a rule · 10 declined or cancelled · 11 in doubt ·
//! 12 not started, safe to retry · 13 another instance.

mod answer;
mod asker;
mod catalogue;
mod demo;
mod kaspi;
mod refund;
mod report;
mod sell;
mod shop;
mod simulate;

use answer::{Answer, Failed};
use asker::Asker;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "kassactl", version, about = "Kassa without a window", disable_help_subcommand = true)]
struct Arguments {
    /// The till's data folder.
    #[arg(long, global = true, env = "KASSA_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// In whose name; the PIN is in KASSA_PIN. Needed to write where the shop has people.
    #[arg(long, global = true, value_name = "NAME")]
    user: Option<String>,
    /// One JSON object on standard output.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Set the shop up from its settings file.
    Init {
        #[arg(long, value_name = "shop.json")]
        settings: PathBuf,
        /// The key of the PINs is gone for good, and why: the people of the file get new PINs. The journal keeps it.
        #[arg(long, value_name = "REASON")]
        replace_lost_key: Option<String>,
    },
    /// Take goods from a CSV or XLSX file: all, or none with the mistakes by row.
    Import(catalogue::Import),
    /// Find goods by the beginnings of words, code, barcode, or `=PRICE`. Works beside a running till.
    Search { text: String },
    /// Sell goods.
    Sell(sell::Sell),
    /// Give a receipt back, whole or in part, the way it was paid.
    Refund(refund::Refund),
    /// Payment attempts.
    Attempts(shop::Attempts),
    /// Ask the devices what became of open attempts; nothing is charged.
    Recover,
    /// A receipt again.
    Receipt(shop::ReceiptArguments),
    /// What the open shift has come to.
    Report {
        #[command(subcommand)]
        kind: report::Report,
    },
    /// The hash-chained journal.
    Journal {
        #[command(subcommand)]
        action: shop::JournalAction,
    },
    /// The Kaspi terminal beside its payments.
    Kaspi {
        #[command(subcommand)]
        action: kaspi::Kaspi,
    },
    /// The device side, for trying things out.
    Simulate {
        #[command(subcommand)]
        device: simulate::Device,
    },
    /// A scripted sale in a demo shop with a simulated terminal.
    Demo,
}

fn main() -> ExitCode {
    let wants_json = std::env::args().any(|argument| argument == "--json");
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if wants_json && error.use_stderr() => {
            let message: Vec<String> =
                error.to_string().lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
            return Failed::usage(&message.join(" ")).print(true);
        }
        Err(error) => error.exit(),
    };
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(tracing_subscriber::EnvFilter::from_env("KASSA_LOG")).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failed::internal(&error.to_string()).print(arguments.json),
    };
    let json = arguments.json;
    match runtime.block_on(run(arguments)) {
        Ok(answer) => answer.print(json),
        Err(failed) => failed.print(json),
    }
}

async fn run(arguments: Arguments) -> Result<Answer, Failed> {
    let (data, user) = (arguments.data, arguments.user);
    let folder = || data.clone().ok_or_else(|| Failed::usage("--data DIR names the till's folder"));
    let asker = || Asker::of(folder()?, user.clone());
    match arguments.command {
        Command::Init { settings, replace_lost_key } => shop::init(&asker()?, &settings, replace_lost_key.as_deref()).await,
        Command::Import(import) => catalogue::import(&asker()?, import).await,
        Command::Search { text } => catalogue::search(&folder()?, &text).await,
        Command::Sell(sell) => sell::sell(&asker()?, sell).await,
        Command::Refund(refund) => refund::refund(&asker()?, refund).await,
        Command::Attempts(attempts) => shop::attempts(&asker()?, attempts).await,
        Command::Recover => shop::recover(&asker()?).await,
        Command::Receipt(receipt) => shop::receipt(&folder()?, receipt).await,
        Command::Report { kind } => report::report(&folder()?, kind).await,
        Command::Journal { action } => shop::journal(&folder()?, action).await,
        Command::Kaspi { action } => kaspi::run(&asker()?, action).await,
        Command::Simulate { device } => simulate::run(device).await,
        Command::Demo => demo::run(arguments.json).await,
    }
}
