//! The law of the house, read from the sources: who may import whom, and what may not be written where.
//! A broken rule names the file and the line. The reasons: `src-tauri/ARCHITECTURE.md`.

#[path = "house/reading.rs"]
mod reading;

use reading::{Source, catalogue, members, numbered, page, placeholders, rust, screens, within, words};
use std::collections::{BTreeMap, BTreeSet};

/// Which members a member may import. A new member gets a row here before it gets a file.
const MAY_IMPORT: [(&str, &[&str]); 8] = [
    ("checkout", &[]),
    ("drivers", &["checkout"]),
    ("database", &["checkout"]),
    ("till", &["checkout", "drivers", "database"]),
    ("simulators", &[]),
    ("kassa", &["till", "checkout", "simulators"]),
    ("kassactl", &["till", "checkout", "simulators"]),
    ("acceptance", &["till", "checkout", "simulators", "drivers", "database"]),
];

/// Crates that one member alone may know; the benches set raw SQLite beside the ledger.
const AT_HOME_IN: [(&str, &[&str]); 4] =
    [("tauri", &["kassa"]), ("tauri_build", &["kassa"]), ("sqlx", &["database", "acceptance"]), ("reqwest", &["drivers"])];

/// All that the rules may be built from: values, no I/O.
const RULES_ARE_BUILT_FROM: [&str; 5] = ["jiff", "thiserror", "unicode_normalization", "unicode_width", "uuid"];

/// What the rules and the conversations with devices never name: the world outside.
const OUTSIDE: [&str; 12] =
    ["tokio", "sqlx", "reqwest", "tauri", "hyper", "std::fs", "std::net", "std::process", "std::thread", "std::env", "std::io", "std::os"];

const DEVICES: [&str; 8] = ["kaspi", "mypos", "cashlogy", "loymax", "umico", "escpos", "pdf", "scanner"];

/// Where the screens make a number: a count of things, never an amount.
const COUNTS: [(&str, &str); 2] =
    [("ui/src/words.ts", "rules.select(Number(count))"), ("ui/src/backend/fake-sale.ts", "itemCount: Number(pieces)")];

const LINES_AT_MOST: usize = 600;

fn uphold(law: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{law}\n  {}\n", broken.join("\n  "));
}

/// The places in some sources where a path is named that is not allowed there.
fn naming(sources: &[Source], forbidden: impl Fn(&Source, &str) -> bool) -> Vec<String> {
    let mut broken = Vec::new();
    for source in sources {
        for (line, path) in source.paths() {
            if forbidden(source, &path) {
                broken.push(format!("{} names {path}", source.at(line)));
            }
        }
    }
    broken
}

#[test]
fn members_import_only_what_lies_below_them() {
    let members = members();
    let crates: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let mut broken = Vec::new();
    for member in &members {
        let Some((_, may)) = MAY_IMPORT.iter().find(|(name, _)| *name == member.name) else {
            broken.push(format!("{}: the table of imports in tests/tests/house.rs has no row for it", member.folder));
            continue;
        };
        let strange = |name: &str| {
            let other_member = crates.contains(&name) && name != member.name && !may.contains(&name);
            let not_at_home = AT_HOME_IN.iter().any(|(guest, homes)| *guest == name && !homes.contains(&member.name.as_str()));
            other_member || not_at_home
        };
        let manifest = format!("{}/Cargo.toml", member.folder);
        broken.extend(member.dependencies.iter().filter(|name| strange(name)).map(|name| format!("{manifest} depends on {name}")));
        broken.extend(naming(&rust(&format!("{}/src", member.folder)), |_, path| strange(path.split("::").next().unwrap_or_default())));
    }
    uphold("Arrows point downward only (the table of imports).", &broken);
}

#[test]
fn the_rules_are_pure() {
    let mut broken = Vec::new();
    for member in members().iter().filter(|member| member.name == "checkout") {
        let strangers = member.dependencies.iter().filter(|name| !RULES_ARE_BUILT_FROM.contains(&name.as_str()));
        broken.extend(strangers.map(|name| format!("{}/Cargo.toml depends on {name}", member.folder)));
    }
    let outside = |path: &str| OUTSIDE.iter().chain(&["serde", "serde_json"]).any(|name| within(path, name));
    broken.extend(naming(&rust("src-tauri/checkout/src"), |_, path| outside(path)));
    uphold("checkout knows values alone: no I/O, no runtime, no wire types.", &broken);
}

/// A driver's conversation, words and framing.
fn is_pure_part_of_a_driver(source: &Source) -> bool {
    ["/session.rs", "/messages.rs", "/frame.rs"].iter().any(|name| source.path.ends_with(name))
}

#[test]
fn conversations_and_messages_touch_no_wire() {
    let mut pure = rust("src-tauri/drivers/src");
    pure.retain(is_pure_part_of_a_driver);
    assert!(pure.len() >= 2, "session.rs and messages.rs of a driver were not found");
    let broken = naming(&pure, |_, path| OUTSIDE.iter().any(|name| within(path, name)));
    uphold("session.rs, messages.rs and frame.rs take bytes and time and give bytes and facts: no runtime, no socket.", &broken);
}

#[test]
fn pure_files_have_no_clock_and_no_dice() {
    let mut pure = rust("src-tauri/drivers/src");
    pure.retain(is_pure_part_of_a_driver);
    pure.extend(rust("src-tauri/checkout/src"));
    let mut broken = naming(&pure, |_, path| {
        let last = path.rsplit("::").next().unwrap_or_default();
        let dice = ["rand", "fastrand", "getrandom"].iter().any(|name| within(path, name));
        dice || last == "now" || last.starts_with("now_v") || last == "new_v4" || path == "std::time::*"
    });
    for source in &pure {
        let clocks = source.words().filter(|(_, word)| ["SystemTime", "Instant", "RandomState"].contains(word));
        broken.extend(clocks.map(|(line, word)| format!("{} names {word}", source.at(line))));
    }
    uphold("Time, ids and chance are passed in: a rule must give the same answer when it is replayed.", &broken);
}

#[test]
fn links_name_no_device_and_devices_not_each_other() {
    let drivers = rust("src-tauri/drivers/src");
    let mut broken = Vec::new();
    for source in drivers.iter().filter(|source| source.path.contains("/src/link/")) {
        for (line, text) in numbered(&source.text) {
            let named = words(text).map(str::to_lowercase).find(|word| DEVICES.iter().any(|device| word.contains(device)));
            broken.extend(named.map(|word| format!("{} names {word}", source.at(line))));
        }
    }
    broken.extend(naming(&drivers, |source, path| {
        let own = source.path.split("/src/").nth(1).and_then(|rest| rest.split_once('/')).map(|(folder, _)| folder);
        let (mut names, from_the_top) = (path.split("::"), path.starts_with("crate::") || path.starts_with("super::"));
        own.is_some() && from_the_top && names.any(|name| DEVICES.contains(&name) && Some(name) != own)
    }));
    uphold("A link carries bytes for any device; a device does not know the others.", &broken);
}

#[test]
fn money_is_never_a_float() {
    let mut broken = Vec::new();
    for source in ["checkout", "till", "database"].iter().flat_map(|name| rust(&format!("src-tauri/{name}"))) {
        let typed = source.words().filter(|(_, word)| word.ends_with("f64") || word.ends_with("f32"));
        broken.extend(typed.map(|(line, word)| format!("{} has {word}", source.at(line))));
        let written = numbered(&source.code).filter(|(_, line)| has_float_literal(line));
        broken.extend(written.map(|(line, _)| format!("{} has a number with a point", source.at(line))));
    }
    for source in screens("ui/src").iter().filter(|source| !source.path.ends_with(".test.ts")) {
        for (line, text) in numbered(&source.text) {
            let number = ["parseFloat", "parseInt", "Number(", ".toFixed("].iter().find(|name| text.contains(*name));
            let a_count = COUNTS.iter().any(|(path, count)| source.path == *path && text.contains(count));
            broken.extend(number.filter(|_| !a_count).map(|name| format!("{} has {name}", source.at(line))));
        }
    }
    uphold("Amounts are whole minor units; the screen shows the text it is given and computes nothing.", &broken);
}

/// `1.5`, but not the ranges `1..5` nor the fields `pair.0.1`.
fn has_float_literal(line: &str) -> bool {
    let digit = |place: Option<char>| place.is_some_and(|c| c.is_ascii_digit());
    line.match_indices('.').any(|(at, _)| {
        let whole = line[..at].trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
        let in_word = whole.ends_with(|c: char| c.is_alphanumeric() || c == '.');
        digit(line[..at].chars().next_back()) && digit(line[at + 1..].chars().next()) && !in_word
    })
}

#[test]
fn only_the_ledger_attests_an_intent() {
    const HOME: &str = "src-tauri/database/src/attempt.rs";
    let mut broken = Vec::new();
    let mut at_home = 0;
    for source in rust("src-tauri").iter().filter(|source| source.path != "src-tauri/checkout/src/payment/attempt.rs") {
        let calls = numbered(source.shipped()).filter(|(_, line)| words(line).any(|word| word == "attest"));
        for (line, _) in calls {
            if source.path == HOME {
                at_home += 1;
            } else {
                broken.push(source.at(line));
            }
        }
    }
    uphold(&format!("CommittedIntent::attest is called in {HOME} alone: only a committed intent lets a byte leave."), &broken);
    assert_eq!(at_home, 1, "{HOME} attests in one place: after the commit of the intent");
}

#[test]
fn files_stay_readable() {
    let mut broken = Vec::new();
    for source in rust("src-tauri").iter().chain(&rust("tests")) {
        let lines = source.text.lines().count();
        if lines > LINES_AT_MOST {
            broken.push(format!("{} has {lines} lines", source.path));
        }
    }
    uphold(&format!("No Rust file is longer than {LINES_AT_MOST} lines: it is two rooms by then."), &broken);
}

#[test]
fn nothing_is_left_unfinished_or_switched_off() {
    let mut broken = Vec::new();
    for source in rust("src-tauri").iter().chain(&rust("tests")) {
        for part in ["#[ignore", ", ignore)]", "todo!(", "unimplemented!("] {
            broken.extend(source.lines_with(part).into_iter().map(|line| format!("{} has {part}", source.at(line))));
        }
    }
    for source in screens("ui/src") {
        for part in ["it.", "test.", "describe."].iter().flat_map(|who| ["skip(", "only(", "todo("].map(|what| format!("{who}{what}"))) {
            broken.extend(source.lines_with(&part).into_iter().map(|line| format!("{} has {part}", source.at(line))));
        }
    }
    uphold("A test runs or is removed; a function works or is not there.", &broken);
}

#[test]
fn acceptance_tests_wait_for_events_not_for_time() {
    // Durations are what benches are for.
    let tests: Vec<_> = rust("tests").into_iter().filter(|source| !source.path.starts_with("tests/benches/")).collect();
    let broken = naming(&tests, |_, path| {
        ["thread::sleep", "time::sleep", "time::sleep_until"].iter().any(|sleep| path == *sleep || path.ends_with(&format!("::{sleep}")))
    });
    uphold("Tests wait for what happens, never for a length of time: a slow machine must not fail them.", &broken);
}

#[test]
fn one_folder_of_the_screens_knows_the_host() {
    let mut broken = Vec::new();
    for source in screens("ui/src").iter().filter(|source| !source.path.starts_with("ui/src/backend/")) {
        let imported = source.imports().into_iter().filter(|(_, name)| name.starts_with("@tauri-apps"));
        broken.extend(imported.map(|(line, name)| format!("{} imports {name}", source.at(line))));
    }
    uphold("Only ui/src/backend imports @tauri-apps.", &broken);
}

#[test]
fn screens_do_not_know_each_other() {
    let screen = |path: &str| {
        let rest = path.strip_prefix("ui/src/screens/")?;
        rest.split('/').next().map(str::to_owned)
    };
    let mut broken = Vec::new();
    for source in screens("ui/src/screens") {
        let other = |name: &str| screen(name).is_some_and(|other| Some(other) != screen(&source.path));
        broken.extend(
            source.imports().into_iter().filter(|(_, name)| other(name)).map(|(line, name)| format!("{} imports {name}", source.at(line))),
        );
    }
    uphold("A screen imports no other screen; what two share is a part.", &broken);
}

#[test]
fn parts_know_no_backend() {
    let mut broken = Vec::new();
    for source in screens("ui/src/parts") {
        let lines: BTreeMap<usize, &str> = numbered(&source.text).collect();
        for (line, name) in source.imports() {
            let types_alone = name == "ui/src/backend/contract" && lines.get(&line).is_some_and(|text| text.contains("import type"));
            let above = name.starts_with("ui/src/screens/") || (name.starts_with("ui/src/backend") && !types_alone);
            broken.extend(above.then(|| format!("{} imports {name}", source.at(line))));
        }
    }
    uphold("A part is drawn from what it is given: of the backend it may name the contract's types alone.", &broken);
}

/// A key without its plural form: `search_found.few` → `search_found`, `few`.
fn plural(key: &str) -> Option<(&str, &str)> {
    key.rsplit_once('.').filter(|(_, form)| ["zero", "one", "two", "few", "many", "other"].contains(form))
}

#[test]
fn complete_catalogues_say_the_same_things() {
    let locales: BTreeMap<String, Vec<String>> =
        serde_json::from_str(&page("ui/messages/locales.json")).unwrap_or_else(|error| panic!("ui/messages/locales.json: {error}"));
    let complete = locales.get("complete").cloned().unwrap_or_default();
    assert!(complete.len() >= 2, "ui/messages/locales.json names the complete catalogues");
    let base = |key: &str| plural(key).map_or(key.to_owned(), |(key, _)| format!("{key} (plural)"));
    let english = catalogue("en");
    let keys: BTreeSet<String> = english.keys().map(|key| base(key)).collect();
    let mut broken = Vec::new();
    for locale in &complete {
        let catalogue = catalogue(locale);
        let own: BTreeSet<String> = catalogue.keys().map(|key| base(key)).collect();
        broken.extend(keys.difference(&own).map(|key| format!("{locale} lacks {key}")));
        broken.extend(own.difference(&keys).map(|key| format!("{locale} has {key}, which en lacks")));
        for (key, sentence) in &catalogue {
            let general = plural(key).map_or(key.clone(), |(key, _)| format!("{key}.other"));
            if !catalogue.contains_key(&general) {
                broken.push(format!("{locale} has {key} without {general}"));
            }
            let (here, there) = (placeholders(sentence), english.get(&general).map(|sentence| placeholders(sentence)).unwrap_or_default());
            if here != there && english.contains_key(&general) {
                broken.push(format!("{locale}: {key} has the places {here:?}, en has {there:?}"));
            }
        }
    }
    uphold("Complete catalogues have the same keys with the same {places}.", &broken);
}

#[test]
fn every_member_is_on_the_map() {
    let readme = page("README.md");
    let map = readme.split("## Where is").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap_or_default();
    let architecture = page("src-tauri/ARCHITECTURE.md");
    let shown =
        |folder: &str| [format!("`{folder}`"), format!("`{folder}/`")].iter().any(|name| map.contains(name) || architecture.contains(name));
    let broken: Vec<String> = members().into_iter().map(|member| member.folder).filter(|folder| !shown(folder)).collect();
    uphold("Every member's folder is named in README (Where is…?) or in src-tauri/ARCHITECTURE.md.", &broken);
}

/// An invariant without a test is a wish; a test that is not there proves nothing.
#[test]
fn every_invariant_names_a_test_that_exists() {
    let architecture = page("src-tauri/ARCHITECTURE.md");
    let tests: BTreeSet<String> = rust("src-tauri").iter().chain(&rust("tests")).flat_map(functions).collect();
    let mut broken = Vec::new();
    let invariants: Vec<&str> = architecture.split("\n- **A").skip(1).map(|rest| rest.split("\n\n").next().unwrap_or(rest)).collect();
    for (index, invariant) in invariants.iter().enumerate() {
        if !invariant.starts_with(&format!("{}**", index + 1)) {
            broken.push(format!("A{} is missing or out of its order", index + 1));
        }
        let proof = invariant.split("Proof:").nth(1).unwrap_or_default();
        let named: Vec<&str> = proof.split('`').skip(1).step_by(2).collect();
        if named.is_empty() {
            broken.push(format!("A{} names no test", index + 1));
        }
        // `k07_…` stands for the one test that begins so.
        let exists = |name: &str| match name.strip_suffix('…') {
            Some(start) => tests.iter().any(|test| test.starts_with(start)),
            None => tests.contains(name),
        };
        broken.extend(named.into_iter().filter(|name| !exists(name)).map(|name| format!("A{}: there is no test {name}", index + 1)));
    }
    assert!(!invariants.is_empty(), "src-tauri/ARCHITECTURE.md numbers its invariants A1, A2, …");
    uphold("Every invariant in src-tauri/ARCHITECTURE.md names tests that exist.", &broken);
}

fn functions(source: &Source) -> Vec<String> {
    let named = source.code.lines().filter_map(|line| line.split_once("fn ")).map(|(_, rest)| rest);
    named.filter_map(|rest| words(rest).next()).map(str::to_owned).collect()
}
