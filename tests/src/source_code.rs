//! The program's source code as the test of its architecture reads it: what each file names.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// One source file of the program.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path in the repository.
    pub path: String,
    /// The paths that its `use` lines bring in, one for each name.
    pub uses: Vec<String>,
    /// Its code without comments and unit tests.
    pub code: String,
}

impl Source {
    /// Takes a file apart.
    pub fn new(path: &str, text: &str) -> Self {
        let code = without_tests(&without_comments(text));
        Self {
            path: path.to_owned(),
            uses: imported(&code),
            code,
        }
    }

    /// Whether it lies below a folder.
    pub fn is_within(&self, folder: &str) -> bool {
        self.path.starts_with(folder)
    }

    /// Whether it is the layer of this name, as a file or a folder.
    pub fn is_named(&self, name: &str) -> bool {
        self.path.ends_with(&format!("/{name}.rs")) || self.path.contains(&format!("/{name}/"))
    }

    /// The capability that a file of the program belongs to: the first folder below `api/src`.
    pub fn capability(&self) -> Option<&str> {
        let (capability, _) = self.path.strip_prefix("api/src/")?.split_once('/')?;
        Some(capability)
    }

    /// Which of these paths the file names, in a `use` line or in the middle of its code.
    pub fn naming(&self, paths: &[&str]) -> Vec<String> {
        paths
            .iter()
            .filter(|path| {
                self.uses.iter().any(|used| is_below(used, path)) || contains_path(&self.code, path)
            })
            .map(|path| format!("{} names {path}", self.path))
            .collect()
    }
}

/// Whether a path is another or leads below it.
pub fn is_below(path: &str, above: &str) -> bool {
    let parts: Vec<&str> = path.split("::").collect();
    let wanted: Vec<&str> = above.split("::").collect();
    parts.starts_with(&wanted)
        || (!above.contains("::") && parts.contains(&above))
        || (parts.len() >= wanted.len() && parts.ends_with(&wanted))
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Whether code names a path: as whole words, and not as the end of a longer path of the project's own.
fn contains_path(code: &str, path: &str) -> bool {
    code.match_indices(path).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + path.len()..];
        let whole = !before.is_some_and(is_word) && !after.chars().next().is_some_and(is_word);
        let used =
            path.contains("::") || after.starts_with("::") || path.chars().any(char::is_uppercase);
        let local = !path.chars().any(char::is_uppercase) && before == Some(':');
        whole && used && !local
    })
}

/// The paths that start at the crate's root, anywhere in the code.
pub fn paths_in(code: &str) -> impl Iterator<Item = &str> {
    code.match_indices("crate::").map(|(at, _)| {
        let rest = &code[at..];
        let end = rest
            .find(|letter| !(is_word(letter) || letter == ':'))
            .unwrap_or(rest.len());
        &rest[..end]
    })
}

/// The paths that the `use` lines of code bring in, one for each name.
fn imported(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let starts_line = code[..at]
            .trim_end_matches(' ')
            .ends_with(['\n', ';', '{', '}', ')'])
            || at == 0;
        let is_public = code[..at].trim_end().ends_with("pub");
        if !(starts_line || is_public) {
            continue;
        }
        if let Some(end) = code[at..].find(';') {
            expand("", code[at + 4..at + end].trim(), &mut found);
        }
    }
    found
}

/// Writes out a tree of a `use` line: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn expand(prefix: &str, tree: &str, found: &mut Vec<String>) {
    let Some(open) = tree.find('{') else {
        let name = tree.split(" as ").next().unwrap_or(tree).trim();
        let path: String = format!("{prefix}{name}").split_whitespace().collect();
        found.push(path.trim_end_matches("::self").to_owned());
        return;
    };
    let prefix = format!("{prefix}{}", tree[..open].trim());
    let inner = tree[open + 1..].trim_end().trim_end_matches('}');
    let inner = if tree.trim_end().ends_with('}') {
        inner_of(&tree[open..])
    } else {
        inner
    };
    let mut depth = 0_usize;
    let mut start = 0;
    for (at, letter) in inner.char_indices().chain([(inner.len(), ',')]) {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                let part = inner[start..at].trim();
                if !part.is_empty() {
                    expand(&prefix, part, found);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// What stands between an opening bracket and the one that closes it at the end.
fn inner_of(tree: &str) -> &str {
    let tree = tree.trim();
    tree.strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(tree)
}

fn without_comments(text: &str) -> String {
    text.lines()
        .map(|line| match line.find("//") {
            Some(at) if !line[..at].ends_with(':') => &line[..at],
            _ => line,
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Unit tests stand at the end of a file and may name more than its code.
fn without_tests(code: &str) -> String {
    let end = code.find("#[cfg(test)]\nmod tests").unwrap_or(code.len());
    code[..end].to_owned()
}

/// The folder of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .expect("the repository")
}

/// All source files of the program, without the files of unit tests.
pub fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    for folder in ["api", "entity", "migration"] {
        collect(&root().join(folder), &mut found);
    }
    found
}

fn collect(folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source file");
            let relative = path.strip_prefix(root()).expect("a path of the repository");
            let is_test = relative
                .components()
                .any(|part| part.as_os_str() == "tests")
                || path.file_name().is_some_and(|name| name == "tests.rs");
            if !is_test {
                found.push(Source::new(&relative.to_string_lossy(), &text));
            }
        }
    }
}
