//! `kassactl` in somebody's name, and people in the settings file.

use super::{CASHIER, OWNER, bytes_under, data, keys, with_people};
use acceptance::ctl;
use serde_json::{Value, json};
use simulators::demo;
use tempfile::TempDir;

fn ctl(shop: &TempDir, user: Option<(&str, &str)>, arguments: &[&str]) -> (i32, Value) {
    let mut command = ctl::command(&data(shop), arguments);
    command.env("KASSA_KEYS", keys(shop)).env_remove("KASSA_PIN");
    if let Some((name, pin)) = user {
        command.args(["--user", name]).env("KASSA_PIN", pin);
    }
    ctl::answer(&command.output().unwrap())
}

#[test]
fn a_script_writes_in_somebody_s_name_and_within_their_right() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, goods) = (folder.path().join("shop.json"), folder.path().join("goods.csv"));
    std::fs::write(&shop, with_people(demo::SHOP).to_string()).unwrap();
    std::fs::write(&goods, demo::GOODS).unwrap();
    let init = ["init", "--settings", shop.to_str().unwrap()];
    assert_eq!(ctl(&folder, None, &init).0, 0);
    let code = |answer: &(i32, Value)| (answer.0, answer.1["error"]["code"].as_str().unwrap_or_default().to_owned());
    let refused = |code: &str| (3, code.to_owned());
    let import = ["import", goods.to_str().unwrap()];
    let sell = ["sell", "--item", "1001", "--pay", "cash"];
    assert_eq!(code(&ctl(&folder, None, &import)), refused("sign_in_needed"));
    assert_eq!(code(&ctl(&folder, None, &sell)), refused("sign_in_needed"));
    assert_eq!(code(&ctl(&folder, None, &["recover"])), refused("sign_in_needed"));
    assert_eq!(code(&ctl(&folder, None, &init)), refused("sign_in_needed"));
    assert_eq!(code(&ctl(&folder, Some(CASHIER), &import)), refused("not_allowed"));
    assert_eq!(code(&ctl(&folder, Some(("Гүлнар", "333333")), &init)), refused("not_allowed"), "people are an owner's");
    assert_eq!(ctl(&folder, Some(OWNER), &import).0, 0);
    assert_eq!(ctl(&folder, Some(CASHIER), &sell).0, 0);
    let doubt = ["attempts", "resolve", "01987f2e-8a3c-7d10-9a55-3f0c6f0a7b11", "--as", "declined", "--reason", "r"];
    assert_eq!(code(&ctl(&folder, Some(CASHIER), &doubt)), refused("needs_approval"));
    assert_eq!(code(&ctl(&folder, Some(OWNER), &doubt)), refused("not_found"));
    assert_eq!(code(&ctl(&folder, Some((CASHIER.0, "0000")), &sell)), refused("wrong_pin"));
    assert_eq!(ctl(&folder, None, &["report", "x"]).0, 0, "reading goes without a name");
    assert_eq!(ctl(&folder, None, &["journal", "verify"]).0, 0);
    let (_, hers) = ctl(&folder, None, &["journal", "export", "--person", CASHIER.0]);
    let closed = |fact: &&Value| fact["kind"] == "sale_closed";
    assert_eq!(hers["entries"].as_array().unwrap().iter().filter(closed).count(), 1);
    assert_eq!(ctl(&folder, Some(OWNER), &init).0, 0);
}

#[test]
fn guesses_of_a_script_are_counted_across_its_runs() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path().join("shop.json");
    std::fs::write(&shop, with_people(demo::SHOP).to_string()).unwrap();
    assert_eq!(ctl(&folder, None, &["init", "--settings", shop.to_str().unwrap()]).0, 0);
    let guess = |pin: &str| ctl(&folder, Some((CASHIER.0, pin)), &["recover"]);
    for left in [4, 3, 2, 1, 0] {
        assert_eq!(guess("0000").1["error"]["details"]["tries_left"], left);
    }
    let (exit, answer) = guess(CASHIER.1);
    assert_eq!((exit, answer["error"]["code"].as_str()), (3, Some("wrong_pin")), "the right one comes too late");
    assert!(answer["error"]["details"]["wait_ms"].as_i64().unwrap() > 0);
}

#[test]
fn people_in_the_settings_file_are_checked_and_not_kept_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.json");
    let init = |people: Value| {
        let mut shop = with_people(demo::SHOP);
        shop["people"] = people;
        std::fs::write(&file, shop.to_string()).unwrap();
        let (exit, answer) = ctl(&folder, None, &["init", "--settings", file.to_str().unwrap()]);
        (exit, answer["error"]["path"].as_str().unwrap_or_default().to_owned())
    };
    let refused = |path: &str| (3, path.to_owned());
    assert_eq!(init(json!([{"name": "Q", "role": "king", "pin": "1234"}])), refused("people[0].role"));
    assert_eq!(init(json!([{"name": "Q", "role": "cashier", "pin": "123"}])), refused("people[0].pin"));
    assert_eq!(
        init(json!([{"name": "Q", "role": "cashier", "pin": "1234"}, {"name": "R", "role": "owner", "pin": "12345"}])),
        refused("people[1].pin")
    );
    assert_eq!(init(json!([{"name": "Q", "role": "cashier", "pin": 1234}])), refused("people[0].pin"));
    assert_eq!(
        init(json!([{"name": "Q", "role": "cashier", "pin": "1234"}, {"name": "Q", "role": "owner", "pin": "123456"}])),
        refused("people[1].name")
    );
    assert_eq!(init(json!([{"name": "Q", "role": "cashier", "pin": "1234", "age": 7}])), refused("people[0].age"));
    assert!(!data(&folder).join("ledger.db").exists(), "a refused file makes no shop");
    assert_eq!(init(json!([{"name": "Q", "role": "owner", "pin": "908172"}])).0, 0);
    assert!(!bytes_under(&data(&folder)).windows(6).any(|window| window == b"908172"));
}

#[test]
fn nothing_of_a_pin_is_logged() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path().join("shop.json");
    std::fs::write(&shop, with_people(demo::SHOP).to_string()).unwrap();
    let told = |user: Option<(&str, &str)>, arguments: &[&str]| {
        let mut command = ctl::command(&data(&folder), arguments);
        command.env("KASSA_KEYS", keys(&folder)).env("KASSA_LOG", "trace");
        if let Some((name, pin)) = user {
            command.args(["--user", name]).env("KASSA_PIN", pin);
        }
        let output = command.output().unwrap();
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(log.contains("sqlx"), "everything that can be logged is: {log}");
        log + &String::from_utf8_lossy(&output.stdout)
    };
    let mut all = told(None, &["init", "--settings", shop.to_str().unwrap()]);
    all += &told(Some(OWNER), &["recover"]);
    all += &told(Some((CASHIER.0, "998877")), &["recover"]);
    for secret in [OWNER.1, "333333", "998877", "argon2id"] {
        assert!(!all.contains(secret), "{secret} is logged");
    }
}

#[test]
fn where_the_key_is_lost_the_settings_file_gives_new_pins() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path().join("shop.json");
    let write = |people: bool| {
        let mut file = with_people(demo::SHOP);
        if !people {
            file.as_object_mut().unwrap().remove("people");
        }
        std::fs::write(&shop, file.to_string()).unwrap();
    };
    let init = || ctl(&folder, None, &["init", "--settings", shop.to_str().unwrap()]);
    write(true);
    assert_eq!(init().0, 0);
    std::fs::remove_dir_all(keys(&folder)).unwrap();
    let lost = ctl(&folder, Some(OWNER), &["recover"]);
    assert_eq!((lost.0, lost.1["error"]["code"].as_str()), (3, Some("key_lost")));
    write(false);
    assert_eq!(init().1["error"]["code"], "sign_in_needed", "without people it opens nothing");
    write(true);
    assert_eq!(init().0, 0);
    assert_eq!(ctl(&folder, Some(OWNER), &["recover"]).0, 0);
    let (_, journal) = ctl(&folder, None, &["journal", "export"]);
    let replaced = |fact: &&Value| fact["kind"] == "pin_key_replaced";
    assert_eq!(journal["entries"].as_array().unwrap().iter().filter(replaced).count(), 1);
}
