//! The lists of commands agree: what is written as one anywhere in this crate, what the window's handler takes, and what
//! build.rs and the capability name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A function under an attribute that makes it a command.
#[derive(Debug, PartialEq, Eq)]
struct Command {
    name: String,
    arguments: String,
}

/// What build.rs lists.
pub(super) fn built() -> BTreeSet<&'static str> {
    let build = include_str!("../../build.rs");
    build.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\",")).collect()
}

/// Every source of the crate but this one, without its comments.
fn sources() -> Vec<(PathBuf, String)> {
    fn below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { below(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found.retain(|path| path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("commands/listed.rs"));
    let code = |path: &PathBuf| std::fs::read_to_string(path).unwrap().lines().map(bare).collect::<Vec<_>>().join("\n");
    found.iter().map(|path| (path.clone(), code(path))).collect()
}

fn bare(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}

/// The attribute that begins here, and what follows it.
fn attribute(code: &str) -> Option<(&str, &str)> {
    let inside = code.strip_prefix("#[")?;
    let mut open = 1;
    for (place, letter) in inside.char_indices() {
        open += i32::from(letter == '[') - i32::from(letter == ']');
        if open == 0 {
            return Some((&inside[..place], inside[place + 1..].trim_start()));
        }
    }
    None
}

/// Whatever way the attribute is written: with a path or without, with arguments, under a condition, among others.
fn commands(code: &str) -> Vec<Command> {
    let mut found = Vec::new();
    for (place, _) in code.match_indices("#[") {
        let Some((inside, mut rest)) = attribute(&code[place..]) else { continue };
        if !words(inside).any(|word| word == "command") {
            continue;
        }
        while let Some((_, after)) = attribute(rest) {
            rest = after;
        }
        let head = rest.split(['{', ';']).next().unwrap_or_default();
        // Without `fn` it is something else that another crate's attribute stands on.
        let Some((_, signature)) = head.split_once("fn ") else { continue };
        let name = words(signature).next().unwrap_or_default().to_owned();
        let (_, arguments) = signature.split_once('(').unwrap_or_default();
        found.push(Command { name, arguments: arguments.trim_start().to_owned() });
    }
    found
}

#[test]
fn a_command_is_found_however_it_is_written() {
    for written in [
        "tauri::command",
        "tauri::command(async)",
        "tauri::command(rename_all = \"snake_case\")",
        "::tauri::command",
        "command",
        "cfg_attr(not(test), tauri::command)",
    ] {
        for visible in ["pub ", "pub(crate) ", ""] {
            let code = format!("#[{written}]\n#[allow(x)]\n{visible}async fn till_rob<R: Runtime>(\n  app: AppHandle) {{}}");
            let found = commands(&code);
            assert_eq!(found.len(), 1, "{code}");
            assert_eq!(found[0].name, "till_rob");
            assert!(found[0].arguments.starts_with("app: AppHandle"), "{found:?}");
        }
    }
    assert_eq!(commands("#[command(name = \"kassa\")]\nstruct Arguments {}\nfn size() {}"), [], "a face's arguments are no command");
}

#[test]
fn every_list_names_every_command() {
    let sources = sources();
    assert!(sources.len() > 15, "the whole crate is looked through");
    let mut written: Vec<String> = sources.iter().flat_map(|(_, code)| commands(code)).map(|command| command.name).collect();
    written.sort();
    let built: Vec<&str> = built().into_iter().collect();
    assert_eq!(written, built, "what is written as a command is in build.rs once, wherever it stands");

    let handlers: Vec<&str> = sources.iter().flat_map(|(_, code)| code.split("generate_handler![").skip(1)).collect();
    assert_eq!(handlers.len(), 1, "the window has one handler");
    let entries = handlers[0].split(']').next().unwrap().split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let mut handled: Vec<&str> = entries.map(|entry| entry.rsplit("::").next().unwrap()).collect();
    handled.sort_unstable();
    assert_eq!(handled, built, "the handler takes them");

    let capability: serde_json::Value = serde_json::from_str(include_str!("../../capabilities/sale.json")).unwrap();
    let permissions = capability["permissions"].as_array().unwrap().iter().filter_map(|name| name.as_str()?.strip_prefix("allow-"));
    let mut permitted: Vec<String> = permissions.map(|name| name.replace('-', "_")).collect();
    permitted.sort();
    assert_eq!(permitted, built, "the window may call them");
}

#[test]
fn no_command_reaches_the_till_past_the_guard() {
    for (path, code) in sources() {
        for command in commands(&code) {
            assert!(command.arguments.starts_with("caller: Caller"), "{}: {command:?}", path.display());
        }
        let inside: usize = code
            .match_indices("#[")
            .filter_map(|(place, _)| attribute(&code[place..]))
            .filter(|(inside, _)| inside.contains("tauri::command"))
            .count();
        assert_eq!(code.matches("tauri::command").count(), inside, "{}: under another name it would not be seen", path.display());
        let of_commands = path.parent().is_some_and(|folder| folder.ends_with("commands"));
        if !of_commands || path.ends_with("guard.rs") || path.ends_with("matrix.rs") {
            continue;
        }
        for word in ["State<", "Opened", "AppHandle", "WebviewWindow"] {
            assert!(!code.contains(word), "{} reaches past the guard by {word}", path.display());
        }
    }
}
