//! The real `kassactl` process.

use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// The program under test. Its path comes from the build that ran these tests; without it nothing is tested.
fn program() -> String {
    std::env::var("KASSA_CTL").expect("KASSA_CTL must name the kassactl to test; `make test` sets it")
}

pub fn command(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.arg("--data").arg(data).arg("--json").args(arguments);
    command
}

/// The exit code and the object on standard output.
pub fn answer(output: &Output) -> (i32, Value) {
    let text = String::from_utf8_lossy(&output.stdout);
    let object = serde_json::from_str(text.trim()).unwrap_or_else(|_| panic!("not one JSON object: {text:?}"));
    (output.status.code().unwrap_or(-1), object)
}

pub fn run(data: &Path, arguments: &[&str]) -> (i32, Value) {
    answer(&command(data, arguments).output().unwrap())
}

/// What a command says to people.
pub fn text(data: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program()).arg("--data").arg(data).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Starts a command and leaves it running.
pub fn start(data: &Path, arguments: &[&str]) -> Child {
    command(data, arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// A new shop in a folder, set up and stocked by the program itself.
pub fn set_up(data: &Path, shop_json: &str) {
    let files = tempfile::tempdir().unwrap();
    let settings = files.path().join("shop.json");
    let goods = files.path().join("goods.csv");
    std::fs::write(&settings, shop_json).unwrap();
    std::fs::write(&goods, simulators::demo::GOODS).unwrap();
    let (code, _) = run(data, &["init", "--settings", settings.to_str().unwrap()]);
    assert_eq!(code, 0);
    let (code, imported) = run(data, &["import", goods.to_str().unwrap()]);
    assert_eq!(code, 0);
    assert!(imported["import"]["added"].as_i64().unwrap() > 50);
}
