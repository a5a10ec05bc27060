//! What the screen may ask of the till. Each command is a few lines: read the arguments, ask the till as its caller,
//! answer with what the screen must show. Who may call it stands in [`guard`].

pub mod attempt;
pub mod catalogue;
pub mod guard;
pub mod import;
pub mod journal;
pub mod kaspi;
#[cfg(test)]
mod listed;
#[cfg(test)]
mod matrix;
pub mod payment;
pub mod people;
pub mod receipt;
pub mod sale;
pub mod screen;
pub mod settings;

use crate::contract::Failure;

/// An id the screen made: a repeat of the same command carries the same one.
fn id(text: &str) -> Result<uuid::Uuid, Failure> {
    uuid::Uuid::parse_str(text).map_err(|_| Failure::internal("a command without a proper id"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    fn capability() -> Value {
        serde_json::from_str(include_str!("../../capabilities/sale.json")).unwrap()
    }

    fn configuration() -> Value {
        serde_json::from_str(include_str!("../../tauri.conf.json")).unwrap()
    }

    #[test]
    fn the_window_may_listen_and_call_the_listed_commands_and_nothing_else() {
        let capability = capability();
        assert_eq!(capability["windows"], json!(["sale"]));
        for key in ["remote", "webviews"] {
            assert!(capability.get(key).is_none(), "{key} would let other pages in");
        }
        let permissions = capability["permissions"].as_array().unwrap();
        let others: Vec<&str> = permissions.iter().filter_map(Value::as_str).filter(|name| !name.starts_with("allow-")).collect();
        assert_eq!(others, ["core:event:allow-listen", "core:event:allow-unlisten"]);
        assert!(permissions.iter().all(Value::is_string), "a permission with a scope of its own is looked at first");
        assert_eq!(configuration()["app"]["security"]["capabilities"], json!(["sale"]));
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/capabilities")).unwrap().count();
        assert_eq!(files, 1, "one capability for the one window");
    }

    #[test]
    fn the_page_runs_its_own_scripts_and_reaches_nothing_but_the_till() {
        let configuration = configuration();
        let security = &configuration["app"]["security"];
        let policy = security["csp"].as_object().unwrap();
        for (directive, sources) in policy {
            for source in sources.as_str().unwrap().split(' ') {
                assert!(["'self'", "'none'", "ipc:", "http://ipc.localhost"].contains(&source), "{directive} lets in {source}");
            }
        }
        assert_eq!(policy["default-src"], "'self'");
        assert_eq!(policy["connect-src"], "ipc: http://ipc.localhost");
        for closed in ["object-src", "frame-src", "base-uri", "form-action"] {
            assert_eq!(policy[closed], "'none'", "{closed}");
        }
        assert!(security.get("dangerousDisableAssetCspModification").is_none());
        assert!(configuration["app"].get("withGlobalTauri").is_none(), "scripts reach the till by import alone");
    }
}
