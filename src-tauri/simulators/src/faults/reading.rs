//! Reading a fault script, and refusing what it cannot mean.

use serde::Deserialize;
use serde_json::Value;

use super::{Fault, Verb};

/// A fault script that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// The text is not a JSON list.
    #[error("the fault script is not a JSON list: {0}")]
    NotAList(String),
    /// One line of it is wrong; lines are counted from 1.
    #[error("fault {index}: {reason}")]
    Line {
        /// Which line, counted from 1.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
}

/// Reads a script; `ops` are the operations the device has.
///
/// # Errors
/// [`ScriptError`] names the first line with an unknown key, verb or
/// operation, or with a value that does not fit its verb.
pub fn parse(text: &str, ops: &[&str]) -> Result<Vec<Fault>, ScriptError> {
    let lines: Vec<Value> = serde_json::from_str(text).map_err(|error| ScriptError::NotAList(error.to_string()))?;
    let mut faults = Vec::with_capacity(lines.len());
    for (position, line) in lines.into_iter().enumerate() {
        let fault: Fault =
            serde_json::from_value(line).map_err(|error| ScriptError::Line { index: position + 1, reason: error.to_string() })?;
        faults.push(fault);
    }
    check_ops(&faults, ops)?;
    Ok(faults)
}

/// Refuses a script that names an operation the device does not have.
///
/// # Errors
/// [`ScriptError::Line`] with the index of the first such fault.
pub fn check_ops(faults: &[Fault], ops: &[&str]) -> Result<(), ScriptError> {
    for (position, fault) in faults.iter().enumerate() {
        if !ops.contains(&fault.on.as_str()) {
            return Err(ScriptError::Line {
                index: position + 1,
                reason: format!("unknown operation `{}`, this device has {}", fault.on, ops.join(", ")),
            });
        }
    }
    Ok(())
}

/// A line as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    on: String,
    nth: Option<u32>,
    times: Option<u32>,
    #[serde(rename = "do")]
    verb: String,
    value: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HttpStatusValue {
    status: u16,
    #[serde(default)]
    processed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorValue {
    http: u16,
    status_code: i32,
    text: String,
    #[serde(default)]
    processed: bool,
}

impl TryFrom<Line> for Fault {
    type Error = String;

    fn try_from(line: Line) -> Result<Self, String> {
        if line.nth == Some(0) {
            return Err("`nth` counts from 1".to_owned());
        }
        if line.times == Some(0) {
            return Err("`times` is at least 1".to_owned());
        }
        Ok(Self { verb: verb(&line.verb, line.value)?, on: line.on, nth: line.nth, times: line.times })
    }
}

const VERBS: &str = "drop_reply, cut_at, delay_ms, duplicate, forget, busy, amount, http_status, \
                     error, approve_then_drop, garbage, empty, slow_loris, flip_bit, refuse, \
                     status_word, other_operation, sub_status";

fn verb(word: &str, value: Option<Value>) -> Result<Verb, String> {
    let plain = |verb: Verb| match &value {
        None => Ok(verb),
        Some(_) => Err(format!("`{word}` takes no value")),
    };
    match word {
        "drop_reply" => plain(Verb::DropReply),
        "duplicate" => plain(Verb::Duplicate),
        "forget" => plain(Verb::Forget),
        "busy" => plain(Verb::Busy),
        "approve_then_drop" => plain(Verb::ApproveThenDrop),
        "garbage" => plain(Verb::Garbage),
        "empty" => plain(Verb::Empty),
        "refuse" => plain(Verb::Refuse),
        "cut_at" => read(word, "a number of bytes", value).map(Verb::CutAt),
        "delay_ms" => read(word, "milliseconds", value).map(Verb::DelayMs),
        "slow_loris" => read(word, "milliseconds per byte", value).map(Verb::SlowLoris),
        "flip_bit" => read(word, "the index of a bit", value).map(Verb::FlipBit),
        "status_word" => read(word, "a text", value).map(Verb::StatusWord),
        "other_operation" => read(word, "an id", value).map(Verb::OtherOperation),
        "sub_status" => read(word, "a text", value).map(Verb::SubStatus),
        "amount" => match value {
            Some(amount @ (Value::String(_) | Value::Number(_))) => Ok(Verb::Amount(amount)),
            _ => Err("`amount` needs a value: a text or a number".to_owned()),
        },
        "http_status" => http_status(value),
        "error" => {
            let fields = "{\"http\", \"status_code\", \"text\"}";
            let error: ErrorValue = read(word, fields, value)?;
            Ok(Verb::Error {
                http: status_in_range(error.http)?,
                status_code: error.status_code,
                text: error.text,
                processed: error.processed,
            })
        }
        _ => Err(format!("unknown verb `{word}`, known are {VERBS}")),
    }
}

fn http_status(value: Option<Value>) -> Result<Verb, String> {
    let wanted = "an HTTP status";
    let read = match value {
        Some(object @ Value::Object(_)) => read("http_status", wanted, Some(object))?,
        other => HttpStatusValue { status: read("http_status", wanted, other)?, processed: false },
    };
    Ok(Verb::HttpStatus { status: status_in_range(read.status)?, processed: read.processed })
}

fn status_in_range(status: u16) -> Result<u16, String> {
    if (100..=599).contains(&status) { Ok(status) } else { Err(format!("{status} is no HTTP status")) }
}

fn read<T: serde::de::DeserializeOwned>(word: &str, wanted: &str, value: Option<Value>) -> Result<T, String> {
    let value = value.ok_or_else(|| format!("`{word}` needs a value: {wanted}"))?;
    serde_json::from_value(value).map_err(|error| format!("`{word}` needs a value: {wanted} ({error})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPS: &[&str] = &["payment", "status"];

    fn one(text: &str) -> Result<Fault, ScriptError> {
        parse(text, OPS).map(|mut faults| faults.remove(0))
    }

    #[test]
    fn a_line_says_where_when_and_what() {
        let fault = one(r#"[{"on":"payment","nth":2,"do":"cut_at","value":17}]"#).unwrap();
        assert_eq!(fault, Fault::new("payment", Verb::CutAt(17)).nth(2));
    }

    #[test]
    fn every_verb_is_read() {
        let cases = [
            (r#""do":"drop_reply""#, Verb::DropReply),
            (r#""do":"cut_at","value":40"#, Verb::CutAt(40)),
            (r#""do":"delay_ms","value":250"#, Verb::DelayMs(250)),
            (r#""do":"duplicate""#, Verb::Duplicate),
            (r#""do":"forget""#, Verb::Forget),
            (r#""do":"busy""#, Verb::Busy),
            (r#""do":"amount","value":"1 T""#, Verb::Amount(Value::from("1 T"))),
            (r#""do":"amount","value":7"#, Verb::Amount(Value::from(7))),
            (r#""do":"http_status","value":500"#, Verb::HttpStatus { status: 500, processed: false }),
            (r#""do":"http_status","value":{"status":502,"processed":true}"#, Verb::HttpStatus { status: 502, processed: true }),
            (
                r#""do":"error","value":{"http":200,"status_code":108,"text":"no"}"#,
                Verb::Error { http: 200, status_code: 108, text: "no".to_owned(), processed: false },
            ),
            (r#""do":"approve_then_drop""#, Verb::ApproveThenDrop),
            (r#""do":"garbage""#, Verb::Garbage),
            (r#""do":"empty""#, Verb::Empty),
            (r#""do":"slow_loris","value":2"#, Verb::SlowLoris(2)),
            (r#""do":"flip_bit","value":9"#, Verb::FlipBit(9)),
            (r#""do":"refuse""#, Verb::Refuse),
            (r#""do":"status_word","value":"odd""#, Verb::StatusWord("odd".to_owned())),
            (r#""do":"other_operation","value":"17""#, Verb::OtherOperation("17".to_owned())),
            (r#""do":"sub_status","value":"New""#, Verb::SubStatus("New".to_owned())),
        ];
        for (fields, verb) in cases {
            let fault = one(&format!(r#"[{{"on":"status",{fields}}}]"#)).unwrap();
            assert_eq!(fault.verb, verb, "{fields}");
        }
    }

    #[test]
    fn a_wrong_line_is_named_by_its_index() {
        let good = r#"{"on":"payment","do":"busy"}"#;
        let cases = [
            (r#"{"on":"payment","do":"explode"}"#, "unknown verb `explode`"),
            (r#"{"on":"payment","do":"busy","when":1}"#, "unknown field `when`"),
            (r#"{"on":"coffee","do":"busy"}"#, "unknown operation `coffee`"),
            (r#"{"on":"payment","do":"busy","value":1}"#, "`busy` takes no value"),
            (r#"{"on":"payment","do":"cut_at"}"#, "`cut_at` needs a value: a number of bytes"),
            (r#"{"on":"payment","do":"cut_at","value":-1}"#, "`cut_at` needs a value"),
            (r#"{"on":"payment","do":"amount","value":true}"#, "a text or a number"),
            (r#"{"on":"payment","do":"http_status","value":999}"#, "999 is no HTTP status"),
            (r#"{"on":"payment","do":"busy","nth":0}"#, "`nth` counts from 1"),
            (r#"{"on":"payment","do":"busy","times":0}"#, "`times` is at least 1"),
            (r#"{"do":"busy"}"#, "missing field `on`"),
        ];
        for (line, reason) in cases {
            let error = parse(&format!("[{good},{line}]"), OPS).unwrap_err();
            let text = error.to_string();
            assert!(text.starts_with("fault 2: "), "{text}");
            assert!(text.contains(reason), "{text} should say {reason}");
        }
    }

    #[test]
    fn a_script_is_a_list() {
        assert!(matches!(parse("{}", OPS), Err(ScriptError::NotAList(_))));
    }
}
