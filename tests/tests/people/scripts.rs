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
    let (_, answer) = ctl(&folder, None, &["init", "--settings", file.to_str().unwrap()]);
    assert!(!answer.to_string().contains("1234"), "a PIN is not repeated: {answer}");
    assert_eq!(
        init(json!([{"name": "Q", "role": "cashier", "pin": "1234"}, {"name": "Q", "role": "owner", "pin": "123456"}])),
        refused("people[1].name")
    );
    assert_eq!(init(json!([{"name": "Q", "role": "cashier", "pin": "1234", "age": 7}])), refused("people[0].age"));
    assert_eq!(init(json!([{"name": "Q".repeat(61), "role": "owner", "pin": "123456"}])), refused("people[0].name"));
    assert_eq!(init(json!([{"name": "Q", "role": "supervisor", "pin": "123456"}])), refused("people"), "nobody could change the people");
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

/// A shop that is set up with its people, and changes its file afterwards.
struct Set {
    folder: TempDir,
    file: std::path::PathBuf,
}

impl Set {
    fn up() -> Set {
        let folder = tempfile::tempdir().unwrap();
        let set = Set { file: folder.path().join("shop.json"), folder };
        assert_eq!(set.init(None, &[], |_| {}).0, 0);
        set
    }

    fn init(&self, user: Option<(&str, &str)>, more: &[&str], change: impl Fn(&mut Value)) -> (i32, Value) {
        let mut shop = with_people(demo::SHOP);
        change(&mut shop);
        std::fs::write(&self.file, shop.to_string()).unwrap();
        ctl(&self.folder, user, &[&["init", "--settings", self.file.to_str().unwrap()], more].concat())
    }

    fn replaced(&self) -> Vec<Value> {
        let (_, journal) = ctl(&self.folder, None, &["journal", "export"]);
        let entries = journal["entries"].as_array().unwrap().iter();
        entries.filter(|fact| fact["kind"] == "pin_key_replaced").map(|fact| fact["body"]["reason"].clone()).collect()
    }

    fn comes_in(&self, user: (&str, &str)) -> (i32, Value) {
        let (exit, answer) = ctl(&self.folder, Some(user), &["recover"]);
        (exit, answer["error"]["code"].clone())
    }
}

fn without_people(shop: &mut Value) {
    shop.as_object_mut().unwrap().remove("people");
}

fn new_pin(shop: &mut Value) {
    shop["people"] = json!([{"name": OWNER.0, "role": "owner", "pin": "111111"}]);
}

#[test]
fn an_emptied_key_store_gives_nobody_a_new_pin_unasked() {
    let set = Set::up();
    let away = set.folder.path().join("away");
    std::fs::rename(keys(&set.folder), &away).unwrap();
    for change in [new_pin, without_people] {
        for user in [None, Some((OWNER.0, "111111")), Some(OWNER)] {
            let (exit, answer) = set.init(user, &[], change);
            assert_eq!((exit, &answer["error"]["code"]), (3, &json!("key_lost")), "{user:?}");
            let hint = answer["error"]["hint"].as_str().unwrap();
            assert!(hint.contains("nothing was changed") && hint.contains("--replace-lost-key"), "{hint}");
        }
    }
    assert_eq!(set.comes_in(OWNER), (3, json!("key_lost")));
    std::fs::rename(&away, keys(&set.folder)).unwrap();
    assert_eq!(set.comes_in(OWNER).0, 0, "with the key back all is as it was");
    assert_eq!(set.comes_in((OWNER.0, "111111")), (3, json!("wrong_pin")));
    assert_eq!(set.replaced(), Vec::<Value>::new());
}

#[test]
fn a_lost_key_is_replaced_on_somebody_s_word_and_the_journal_keeps_it() {
    let set = Set::up();
    let replace = |reason: &str, change: fn(&mut Value)| {
        let (exit, answer) = set.init(None, &["--replace-lost-key", reason], change);
        (exit, answer["error"]["code"].clone(), answer["error"]["path"].clone())
    };
    let refused = |code: &str, path: Value| (3, json!(code), path);
    assert_eq!(replace("r", new_pin), refused("key_not_lost", Value::Null), "the key is there");
    assert_eq!(set.comes_in(OWNER).0, 0);
    std::fs::remove_dir_all(keys(&set.folder)).unwrap();
    assert_eq!(replace(" ", new_pin), refused("reason_missing", Value::Null));
    assert_eq!(replace("r", without_people), refused("settings", json!("people")));
    assert_eq!(
        replace("r", |shop| shop["people"][3] = json!({"name": "Q", "role": "cashier", "pin": "1111"})),
        refused("settings", json!("people"))
    );
    assert_eq!(set.replaced(), Vec::<Value>::new());
    assert_eq!(replace("the disk burnt", new_pin).0, 0);
    assert_eq!(set.replaced(), [json!("the disk burnt")]);
    assert_eq!(set.comes_in((OWNER.0, "111111")).0, 0);
    assert_eq!(set.comes_in(CASHIER), (3, json!("wrong_pin")), "her PIN was kept with the key that is gone");
    assert_eq!(replace("once more", new_pin), refused("key_not_lost", Value::Null));
}

#[test]
fn people_are_taken_only_where_all_of_the_file_can_be() {
    let set = Set::up();
    let goods = set.folder.path().join("goods.csv");
    std::fs::write(&goods, demo::GOODS).unwrap();
    assert_eq!(ctl(&set.folder, Some(OWNER), &["import", goods.to_str().unwrap()]).0, 0);
    let refused = |change: fn(&mut Value)| {
        let (exit, answer) = set.init(Some(OWNER), &[], change);
        (exit, answer["error"]["path"].as_str().unwrap_or_default().to_owned())
    };
    let other_currency = |shop: &mut Value| {
        shop["shop"]["currency"] = json!("EUR");
        shop["people"][0]["pin"] = json!("9999");
        shop["people"].as_array_mut().unwrap().push(json!({"name": "Q", "role": "cashier", "pin": "1111"}));
    };
    assert_eq!(refused(other_currency), (3, "shop.currency".to_owned()));
    assert_eq!(set.comes_in(CASHIER).0, 0, "her PIN is the old one");
    assert_eq!(set.comes_in(("Q", "1111")), (3, json!("not_found")));
    assert_eq!(refused(|shop| shop["people"][3]["role"] = json!("supervisor")), (3, "people".to_owned()), "the last owner stays one");
    // Others come to a shop that has its owner, and an owner is followed by another in one file.
    assert_eq!(refused(|shop| shop["people"] = json!([{"name": "Q", "role": "cashier", "pin": "1111"}])).0, 0);
    let handed_over = |shop: &mut Value| {
        shop["people"][3]["role"] = json!("supervisor");
        shop["people"].as_array_mut().unwrap().push(json!({"name": "R", "role": "owner", "pin": "222222"}));
    };
    assert_eq!(refused(handed_over).0, 0);
    assert_eq!(set.init(Some(("R", "222222")), &[], without_people).0, 0);
}
