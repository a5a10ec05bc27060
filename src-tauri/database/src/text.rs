//! Between the rules' types and the text on the disk.

use crate::DatabaseError;
use checkout::money::{Currency, Money};
use serde_json::Value;
use uuid::Uuid;

pub(crate) fn damaged(what: impl Into<String>) -> DatabaseError {
    DatabaseError::Damaged(what.into())
}

/// Reads a code by the rules' own table.
pub(crate) fn coded<T>(code: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, DatabaseError> {
    read(code).ok_or_else(|| damaged(format!("the word “{code}”")))
}

pub(crate) fn id(text: &str) -> Result<Uuid, DatabaseError> {
    Uuid::parse_str(text).map_err(|_| damaged(format!("the id “{text}”")))
}

pub(crate) fn money(minor: i64, currency: Currency) -> Result<Money, DatabaseError> {
    Money::new(minor, currency).map_err(|_| damaged(format!("the amount {minor}")))
}

/// JSON with sorted keys and no spaces: the same facts always give the same bytes.
pub(crate) fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort_unstable();
            let fields: Vec<String> =
                names.into_iter().map(|name| format!("{}:{}", Value::from(name.as_str()), canonical(&fields[name]))).collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_same_facts_give_the_same_bytes() {
        let one = json!({"b": 1, "a": [{"d": "ё\n", "c": null}]});
        assert_eq!(canonical(&one), "{\"a\":[{\"c\":null,\"d\":\"ё\\n\"}],\"b\":1}");
    }
}
