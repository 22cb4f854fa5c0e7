//! Reads the sources.

use std::path::{Path, PathBuf};

/// Folders that hold no sources of ours.
const SKIPPED: [&str; 4] = ["target", "node_modules", "test-results", "playwright-report"];

/// One file.
pub struct Source {
    /// Its path in the repository, with `/`.
    pub path: String,
    pub text: String,
}

/// The repository. Asked while running: the target folder may be shared by clones, and what was compiled in one
/// of them may run in another.
#[expect(clippy::disallowed_methods, reason = "cargo says where a package is by this alone")]
fn repository() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs this");
    Path::new(&here).ancestors().nth(2).expect("server/house is two folders down").to_owned()
}

/// All files below a folder, or that file, with one of these extensions, sorted by path.
pub fn below(folder: &str, extensions: &[&str]) -> Vec<Source> {
    let root = repository();
    let mut open = vec![root.join(folder)];
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        if path.is_dir() {
            if SKIPPED.contains(&name.as_str()) || name.starts_with('.') {
                continue;
            }
            let entries = std::fs::read_dir(&path).expect("a folder");
            open.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|is| extensions.iter().any(|one| is == *one)) {
            let text = std::fs::read_to_string(&path).expect("text");
            let path = path.strip_prefix(&root).expect("it is below the root");
            found.push(Source { path: path.to_string_lossy().into_owned(), text });
        }
    }
    assert!(!found.is_empty(), "no {extensions:?} in {folder}");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// All Rust.
pub fn rust() -> Vec<Source> {
    ["app", "server"].iter().flat_map(|folder| below(folder, &["rs"])).collect()
}

/// Whether a path is one of tests by its name alone.
pub fn is_test(path: &str) -> bool {
    let is_module =
        ["tests.rs", "fixtures.rs"].iter().any(|name| path.ends_with(&format!("/{name}")));
    is_module || path.contains("/tests/") || path.ends_with("_tests.rs") || path.contains("_tests/")
}

/// The sources without those that are compiled for tests only, by their name or by a `#[cfg(test)]` before `mod`.
pub fn shipped(sources: Vec<Source>) -> Vec<Source> {
    let mut tests = Vec::new();
    for Source { path, text } in &sources {
        let folder = match path.rsplit_once('/') {
            Some((folder, "mod.rs" | "lib.rs" | "main.rs")) => folder.to_owned(),
            _ => path.trim_end_matches(".rs").to_owned(),
        };
        for after in text.split("#[cfg(test)]\n").skip(1) {
            let line = after.lines().next().unwrap_or_default();
            let name = line.strip_suffix(';').and_then(|line| line.split("mod ").nth(1));
            tests.extend(name.map(|name| format!("{folder}/{name}")));
        }
    }
    let is_for_tests = |path: &str| {
        let starts = |test: &String| {
            path.strip_prefix(test.as_str())
                .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        };
        is_test(path) || tests.iter().any(starts)
    };
    sources.into_iter().filter(|source| !is_for_tests(&source.path)).collect()
}

/// Fails with the rule and everything that breaks it.
#[track_caller]
pub fn assert_none(rule: &str, breaking: &[String]) {
    assert!(breaking.is_empty(), "{rule}:\n{}", breaking.join("\n"));
}
