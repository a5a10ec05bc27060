//! Golden frames where they stand already: the string literals of the tests beside a parser, and whole files.

use std::path::{Path, PathBuf};

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The frames of a file, named from the top of the repository: of a Rust source its literals, of any other the file itself.
pub fn frames(file: &str) -> Vec<Vec<u8>> {
    let bytes = std::fs::read(top().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    if !file.ends_with(".rs") {
        return vec![bytes];
    }
    let source = String::from_utf8(bytes).unwrap();
    let mut frames = literals(&source);
    frames.extend(objects(&source));
    assert!(!frames.is_empty(), "{file} has no frames");
    frames
}

/// Inputs that once made a parser fail.
pub fn found_before(target: &str) -> Vec<Vec<u8>> {
    let folder = top().join("tests/fuzz/found").join(target);
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().map(|entry| std::fs::read(entry.path()).unwrap()).collect()
}

/// The string literals of a Rust source. Reading them needs no whole grammar: what is misread is a frame all the same.
fn literals(source: &str) -> Vec<Vec<u8>> {
    let code: String = source.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect();
    let mut frames = Vec::new();
    let mut rest = code.as_str();
    while let Some(at) = rest.find('"') {
        let hashes = rest[..at].bytes().rev().take_while(|byte| *byte == b'#').count();
        let is_raw = rest[..at - hashes].ends_with('r');
        let body = &rest[at + 1..];
        let end = if is_raw { body.find(&format!("\"{}", "#".repeat(hashes))) } else { end_of(body) };
        let Some(end) = end else { break };
        frames.push(if is_raw { body.as_bytes()[..end].to_vec() } else { unescaped(&body[..end]) });
        rest = &body[end + 1..];
    }
    frames.retain(|frame| !frame.is_empty());
    frames
}

fn end_of(body: &str) -> Option<usize> {
    let mut escaped = false;
    body.char_indices().find_map(|(at, c)| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends.then_some(at)
    })
}

/// `\n`, `\xff`, `\u{1d}` and the backslash at the end of a line.
fn unescaped(body: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut chars = body.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            bytes.extend(c.to_string().bytes());
            continue;
        }
        match chars.next() {
            Some('n') => bytes.push(b'\n'),
            Some('r') => bytes.push(b'\r'),
            Some('t') => bytes.push(b'\t'),
            Some('0') => bytes.push(0),
            Some('x') => bytes.extend(u8::from_str_radix(&chars.by_ref().take(2).collect::<String>(), 16).ok()),
            Some('u') => {
                let code: String = chars.by_ref().skip(1).take_while(|c| *c != '}').collect();
                let c = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
                bytes.extend(c.into_iter().flat_map(|c| c.to_string().into_bytes()));
            }
            Some('\n') => chars = chars.as_str().trim_start().chars(),
            Some(other) => bytes.extend(other.to_string().bytes()),
            None => {}
        }
    }
    bytes
}

/// What stands in `json!(…)`.
fn objects(source: &str) -> Vec<Vec<u8>> {
    let mut objects = Vec::new();
    for (at, opening) in source.match_indices("json!(") {
        let body = &source[at + opening.len()..];
        let mut depth = 1;
        let end = body.bytes().position(|byte| {
            depth += match byte {
                b'(' => 1,
                b')' => -1,
                _ => 0,
            };
            depth == 0
        });
        objects.extend(end.map(|end| body.as_bytes()[..end].to_vec()));
    }
    objects
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_read_as_the_compiler_reads_them() {
        let source = "a(\"x\\u{1d}\\\"y\\xff\");\n// \"no code\"\nb(r#\"{\"k\":1}\"#, \"one \\\n   two\", json!({\"k\": (1)}))";
        let read = [b"x\x1d\"y\xff".to_vec(), b"{\"k\":1}".to_vec(), b"one two".to_vec(), b"k".to_vec()];
        assert_eq!(literals(source), read);
        assert_eq!(objects(source), [b"{\"k\": (1)}"]);
    }
}
