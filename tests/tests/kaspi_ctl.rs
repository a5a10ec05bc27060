//! `kassactl` beside a simulated terminal with its protection on: real processes, real TLS.

use acceptance::ctl;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

const PASSPHRASE: &str = "қызыл алма, ақ сүт";

/// `kassactl simulate kaspi --tls`, until it is dropped.
struct Simulated {
    process: Child,
    address: String,
}

impl Simulated {
    fn start(folder: &TempDir, more: &[&str]) -> Simulated {
        let authority = authority(folder);
        let usual =
            ["simulate", "kaspi", "--listen", "127.0.0.1:0", "--tls", "--time-scale", "20", "--authority", authority.to_str().unwrap()];
        let mut command = ctl::command(folder.path(), &[&usual, more].concat());
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        Simulated { process, address: ready["address"].as_str().unwrap().to_owned() }
    }

    fn press(&mut self, line: &str) {
        writeln!(self.process.stdin.as_mut().unwrap(), "{line}").unwrap();
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn authority(folder: &TempDir) -> PathBuf {
    folder.path().join("authority.pem")
}

fn data(folder: &TempDir) -> PathBuf {
    folder.path().join("data")
}

/// As on a machine that trusts the simulated terminal's authority.
fn command(folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = ctl::command(&data(folder), arguments);
    let keys = folder.path().join("keys");
    command.env("SSL_CERT_FILE", authority(folder)).env("KASSA_KEYS", keys).env("KASSA_PASSPHRASE", PASSPHRASE);
    command
}

fn run(folder: &TempDir, arguments: &[&str]) -> (i32, Value) {
    ctl::answer(&command(folder, arguments).output().unwrap())
}

fn set_up(folder: &TempDir, address: &str, security: &str) {
    let mut shop: Value = serde_json::from_str(simulators::demo::SHOP).unwrap();
    shop["devices"]["kaspi"]["address"] = json!(address);
    shop["devices"]["kaspi"]["security"] = json!(security);
    shop["devices"]["kaspi"]["time_scale"] = json!(20);
    ctl::set_up(&data(folder), &shop.to_string());
}

fn bytes_under(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        bytes.extend(if path.is_dir() { bytes_under(&path) } else { std::fs::read(path).unwrap() });
    }
    bytes
}

#[test]
fn k30_a_shop_is_let_in_and_sells_over_verified_tls() {
    let folder = tempfile::tempdir().unwrap();
    let terminal = Simulated::start(&folder, &[]);
    set_up(&folder, &terminal.address, "strict");
    let (code, state) = run(&folder, &["kaspi", "status"]);
    assert_eq!((code, &state["kaspi"]["token"]), (12, &json!("none")), "{state}");
    let (code, state) = run(&folder, &["kaspi", "register"]);
    assert_eq!((code, &state["kaspi"]["ready"]), (0, &json!(true)), "{state}");
    assert_eq!(state["kaspi"]["unit"]["serial"], state["kaspi"]["answering_unit"]["serial"]);
    let (code, sold) = run(&folder, &["sell", "--item", "1001", "--pay", "kaspi"]);
    assert_eq!(code, 0, "{sold}");
    let (code, state) = run(&folder, &["kaspi", "renew"]);
    assert_eq!((code, &state["kaspi"]["token"]), (0, &json!("let_in")), "{state}");
    let (code, sold) = run(&folder, &["sell", "--item", "1001", "--pay", "kaspi"]);
    assert_eq!(code, 0, "{sold}");

    // A machine that does not trust the authority believes nobody, and says why.
    let empty = folder.path().join("none.pem");
    std::fs::write(&empty, "").unwrap();
    let (code, sold) =
        ctl::answer(&command(&folder, &["sell", "--item", "1001", "--pay", "kaspi"]).env("SSL_CERT_FILE", empty).output().unwrap());
    assert_eq!((code, &sold["attempts"][0]["reason"]), (12, &json!("certificate_unknown")), "{sold}");
}

#[test]
fn k29_somebody_presses_on_the_simulated_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Simulated::start(&folder, &["--press", "keys"]);
    set_up(&folder, &terminal.address, "strict");
    let asking = command(&folder, &["kaspi", "register"]).stdout(Stdio::piped()).spawn().unwrap();
    // The press may come before the question; it is pressed until the till is let in.
    let output = pressed_until_answered(&mut terminal, asking);
    let (code, state) = ctl::answer(&output);
    assert_eq!((code, &state["kaspi"]["token"]), (0, &json!("let_in")), "{state}");
    let (code, refused) = run(&folder, &["kaspi", "register"]);
    assert_eq!((code, &refused["error"]["code"]), (3, &json!("name_taken")), "{refused}");
    assert!(refused["error"]["hint"].as_str().unwrap().contains("Запретить"));
}

fn pressed_until_answered(terminal: &mut Simulated, mut asking: Child) -> Output {
    while asking.try_wait().unwrap().is_none() {
        terminal.press("");
        std::thread::yield_now();
    }
    asking.wait_with_output().unwrap()
}

#[test]
fn k30_a_key_is_shown_to_be_compared_before_it_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let terminal = Simulated::start(&folder, &[]);
    set_up(&folder, &terminal.address, "pinned");
    let (code, shown) = run(&folder, &["kaspi", "register"]);
    assert_eq!((code, &shown["error"]["code"]), (3, &json!("key_to_compare")), "{shown}");
    let key = shown["error"]["details"]["key"].as_str().unwrap();
    let (code, state) = run(&folder, &["kaspi", "register", "--trust-key", key]);
    assert_eq!((code, &state["kaspi"]["ready"]), (0, &json!(true)), "{state}");
}

#[test]
fn k29_an_open_terminal_has_no_registration_and_discovery_says_what_answers() {
    let folder = tempfile::tempdir().unwrap();
    let terminal = Simulated::start(&folder, &[]);
    set_up(&folder, &terminal.address, "open");
    let (code, refused) = run(&folder, &["kaspi", "register"]);
    assert_eq!((code, &refused["error"]["code"]), (3, &json!("open_mode")), "{refused}");
    let (code, found) = run(&folder, &["kaspi", "discover"]);
    assert_eq!(code, 0);
    assert_eq!(found["terminals"], json!([{ "address": terminal.address, "protected": true, "unit": null }]));
    let (code, refused) = run(&folder, &["kaspi", "discover", "--take", "00043010999"]);
    assert_eq!((code, &refused["error"]["code"]), (3, &json!("not_found")), "{refused}");
    let (code, sold) = run(&folder, &["sell", "--item", "1001", "--pay", "kaspi"]);
    assert_eq!(code, 12, "http against a protected terminal begins nothing: {sold}");
}

/// All that is written while a shop registers, sells, renews and exports: logs at their most talkative, answers, the ledger
/// and every file but the one that is encrypted.
#[test]
fn k32_no_token_is_written_anywhere_in_the_clear() {
    let folder = tempfile::tempdir().unwrap();
    let terminal = Simulated::start(&folder, &[]);
    set_up(&folder, &terminal.address, "insecure");
    let mut told = Vec::new();
    let export = folder.path().join("journal.jsonl");
    let commands: [&[&str]; 8] = [
        &["kaspi", "register"],
        &["sell", "--item", "1001", "--pay", "kaspi"],
        &["kaspi", "renew"],
        &["kaspi", "status"],
        &["kaspi", "discover"],
        &["attempts"],
        &["recover"],
        &["journal", "export", "--out", export.to_str().unwrap()],
    ];
    for arguments in commands {
        let output = command(&folder, arguments).env("KASSA_LOG", "trace").output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
        told.extend(output.stdout);
        told.extend(output.stderr);
    }
    assert!(String::from_utf8_lossy(&told).contains("sqlx"), "everything that can be logged is");
    let written = [told, bytes_under(folder.path())].concat();
    // The simulated terminal's tokens: 32 hexadecimal digits that end in their number.
    let digits = |window: &[u8]| window.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_token = |window: &&[u8]| digits(window) && window[16..].starts_with(b"00000000000000");
    let found: Vec<String> = written.windows(32).filter(is_token).map(|window| String::from_utf8_lossy(window).into_owned()).collect();
    assert!(found.is_empty(), "{found:?}");
    assert!(!String::from_utf8_lossy(&written).contains(PASSPHRASE));
    let (_, tokens) = run(&folder, &["kaspi", "status"]);
    assert_eq!(tokens["kaspi"]["token"], json!("let_in"), "there were tokens to be found");
}
