//! Reading the tree: sources without their comments and strings, the paths they name, the members of the workspace.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Folders that hold nothing of ours.
const NOT_OURS: [&str; 5] = ["target", "node_modules", "dist", "gen", ".git"];

pub struct Source {
    /// From the top of the tree, with `/`.
    pub path: String,
    /// As it stands in the file.
    pub text: String,
    /// The text of a Rust file with comments, strings and characters blanked; other files as they stand.
    pub code: String,
}

impl Source {
    fn read(file: &Path) -> Source {
        let text = read(file);
        let code = if file.extension().is_some_and(|extension| extension == "rs") { blanked(&text) } else { text.clone() };
        let path = file.strip_prefix(top()).unwrap_or(file).to_string_lossy().replace('\\', "/");
        Source { path, text, code }
    }

    pub fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.path)
    }

    /// What goes to the shop: nothing of a `tests` folder or file, nothing from the first `#[cfg(test)]` on.
    pub fn shipped(&self) -> &str {
        if self.path.contains("/tests/") || self.path.ends_with("/tests.rs") || self.path.starts_with("tests/") {
            return "";
        }
        self.code.split("#[cfg(test)]").next().unwrap_or_default()
    }

    /// Lines, counted from 1, in which `part` stands.
    pub fn lines_with(&self, part: &str) -> Vec<usize> {
        numbered(&self.code).filter(|(_, line)| line.contains(part)).map(|(number, _)| number).collect()
    }

    /// Every path the code names, with its line: `use` trees written out, and `a::b::c` where it stands.
    pub fn paths(&self) -> Vec<(usize, String)> {
        let mut code = self.code.clone();
        let mut paths = Vec::new();
        let mut from = 0;
        while let Some((start, end)) = next_use(&code, from) {
            let line = line_of(&code, start);
            let mut found = Vec::new();
            write_out("", code[start + 3..end].trim(), &mut found);
            paths.extend(found.into_iter().map(|path| (line, path)));
            let blank: String = code[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
            code.replace_range(start..end, &blank);
            from = start + blank.len();
        }
        for (number, line) in numbered(&code) {
            paths.extend(chains(line).into_iter().map(|path| (number, path)));
        }
        paths
    }

    /// Every word of the code, with its line.
    pub fn words(&self) -> impl Iterator<Item = (usize, &str)> {
        numbered(&self.code).flat_map(|(number, line)| words(line).map(move |word| (number, word)))
    }

    /// What a TypeScript or Svelte file imports, with its line; relative names from `ui/src` on.
    pub fn imports(&self) -> Vec<(usize, String)> {
        let mut imports = Vec::new();
        for (number, line) in numbered(&self.code) {
            for opening in ["from '", "from \"", "import '", "import \"", "import('", "import(\""] {
                for (at, _) in line.match_indices(opening) {
                    let rest = &line[at + opening.len()..];
                    let name = rest.split(['\'', '"']).next().unwrap_or_default();
                    imports.push((number, self.resolved(name)));
                }
            }
        }
        imports
    }

    fn resolved(&self, name: &str) -> String {
        if !name.starts_with('.') {
            return name.to_owned();
        }
        let mut folders: Vec<&str> = self.path.split('/').collect();
        folders.pop();
        for part in name.split('/') {
            match part {
                "." => {}
                ".." => drop(folders.pop()),
                part => folders.push(part),
            }
        }
        folders.join("/")
    }
}

/// A member of the workspace.
pub struct Member {
    /// The crate's name, as sources write it.
    pub name: String,
    pub folder: String,
    /// What it is built from, tests apart.
    pub dependencies: Vec<String>,
}

pub fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").components().collect()
}

pub fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{} cannot be read: {error}", file.display()))
}

pub fn page(path: &str) -> String {
    read(&top().join(path))
}

/// Whether a path is `start` or lies within it.
pub fn within(path: &str, start: &str) -> bool {
    path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

pub fn rust(folder: &str) -> Vec<Source> {
    sources(folder, &["rs"])
}

pub fn screens(folder: &str) -> Vec<Source> {
    sources(folder, &["ts", "svelte"])
}

/// The sources under a folder. A folder that is not there is a mistake in the rule, not obedience to it.
fn sources(folder: &str, endings: &[&str]) -> Vec<Source> {
    let mut files = Vec::new();
    collect(&top().join(folder), endings, &mut files);
    assert!(!files.is_empty(), "{folder} holds no sources: a rule of the house looks in the wrong place");
    files.sort();
    files.iter().map(|file| Source::read(file)).collect()
}

fn collect(folder: &Path, endings: &[&str], files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            if !NOT_OURS.iter().any(|not_ours| name == *not_ours) {
                collect(&path, endings, files);
            }
        } else if path.extension().is_some_and(|extension| endings.iter().any(|ending| extension == *ending)) {
            files.push(path);
        }
    }
}

pub fn members() -> Vec<Member> {
    let workspace = page("Cargo.toml");
    let list = workspace.split("\nmembers = [").nth(1).and_then(|rest| rest.split(']').next()).unwrap_or_default();
    let members: Vec<Member> = list.split('"').skip(1).step_by(2).map(member).collect();
    assert!(!members.is_empty(), "Cargo.toml lists no members");
    members
}

fn member(folder: &str) -> Member {
    let manifest = page(&format!("{folder}/Cargo.toml"));
    let (mut section, mut name, mut dependencies) = (String::new(), String::new(), Vec::new());
    for line in manifest.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            section = header.trim_end_matches(']').to_owned();
            if let Some((kind, dependency)) = section.rsplit_once("dependencies.")
                && !kind.ends_with("dev-")
            {
                dependencies.push(dependency.to_owned());
            }
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        if section == "package" && key.trim() == "name" {
            name = value.trim().trim_matches('"').to_owned();
        }
        if section.ends_with("dependencies") && !section.ends_with("dev-dependencies") {
            dependencies.push(key.split('.').next().unwrap_or_default().trim().to_owned());
            // A dependency under another name is still that dependency.
            let renamed = value.split_once("package = \"").and_then(|(_, rest)| rest.split('"').next());
            dependencies.extend(renamed.map(str::to_owned));
        }
    }
    let written = |name: String| name.replace('-', "_");
    Member { name: written(name), folder: folder.to_owned(), dependencies: dependencies.into_iter().map(written).collect() }
}

/// A message catalogue: key and sentence.
pub fn catalogue(locale: &str) -> BTreeMap<String, String> {
    let path = format!("ui/messages/{locale}.json");
    serde_json::from_str(&page(&path)).unwrap_or_else(|error| panic!("{path} is not a flat list of sentences: {error}"))
}

/// The `{placeholders}` of a sentence, sorted.
pub fn placeholders(sentence: &str) -> Vec<&str> {
    let mut found: Vec<&str> = sentence.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect();
    found.sort_unstable();
    found.dedup();
    found
}

pub fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

pub fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !in_word(c)).filter(|word| !word.is_empty())
}

fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

/// The next `use …;` of the code: where it starts and where its semicolon stands.
fn next_use(code: &str, from: usize) -> Option<(usize, usize)> {
    code[from..].match_indices("use").map(|(at, _)| from + at).find_map(|start| {
        let alone = !code[..start].ends_with(in_word) && code[start + 3..].starts_with(char::is_whitespace);
        let end = code[start..].find(';')? + start;
        alone.then_some((start, end))
    })
}

/// Writes a `use` tree out: `a::{b, c::d}` as `a::b` and `a::c::d`.
fn write_out(before: &str, tree: &str, paths: &mut Vec<String>) {
    let tree = tree.trim();
    let Some((head, rest)) = tree.split_once('{') else {
        let path = tree.split_whitespace().next().unwrap_or_default();
        return paths.push(format!("{before}{path}").trim_start_matches("::").trim_end_matches("::self").to_owned());
    };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut depth, mut start) = (0, 0);
    for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if !inner[start..at].trim().is_empty() {
                    write_out(&format!("{before}{}", head.trim()), &inner[start..at], paths);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// The paths of two and more names in a line.
fn chains(line: &str) -> Vec<String> {
    let named = line.split(|c: char| !in_word(c) && c != ':').map(|chain| chain.trim_matches(':'));
    named.filter(|chain| chain.contains("::")).map(str::to_owned).collect()
}

/// Rust code with comments, strings and characters turned to spaces; lines stay where they are.
pub fn blanked(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let length = blank_length(&chars, at).unwrap_or(0);
        if length == 0 {
            code.push(chars[at]);
            at += 1;
        } else {
            let end = (at + length).min(chars.len());
            code.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    code
}

/// How many characters from here on are a comment, a string or a character; none where code stands.
fn blank_length(chars: &[char], at: usize) -> Option<usize> {
    let rest = &chars[at..];
    let find = |from: usize, end: &str| {
        let end: Vec<char> = end.chars().collect();
        (from..rest.len()).find(|place| rest[*place..].starts_with(&end)).map_or(rest.len(), |place| place + end.len())
    };
    let after_word = at > 0 && in_word(chars[at - 1]);
    match rest[0] {
        '/' if rest.get(1) == Some(&'/') => Some(rest.iter().position(|c| *c == '\n').unwrap_or(rest.len())),
        '/' if rest.get(1) == Some(&'*') => Some(find(2, "*/")),
        '"' => Some(quoted(rest, '"')),
        '\'' if rest.get(1) == Some(&'\\') => Some(quoted(rest, '\'')),
        '\'' if rest.get(2) == Some(&'\'') => Some(3),
        'r' | 'b' | 'c' if !after_word => {
            let prefix = rest.iter().take_while(|c| matches!(c, 'r' | 'b' | 'c')).count();
            let hashes = rest[prefix..].iter().take_while(|c| **c == '#').count();
            let raw = rest[..prefix].contains(&'r') && prefix <= 2 && rest.get(prefix + hashes) == Some(&'"');
            raw.then(|| find(prefix + hashes + 1, &format!("\"{}", "#".repeat(hashes))))
        }
        _ => None,
    }
}

/// The length of what stands between two quotes, backslashes heeded.
fn quoted(rest: &[char], quote: char) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}
