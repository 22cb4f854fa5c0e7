//! The rules of `.dockerignore`. Pure.
//!
//! They are those of Docker's documentation and of its implementation (moby/patternmatcher): a pattern matches from the
//! context's root; `*` and `?` stay within a folder, `**` does not; a pattern that matches a folder matches everything in
//! it; `!` includes again; the last matching line decides.

use regex::{RegexSet, RegexSetBuilder};
use std::fmt::Write as _;

/// Longest file, in bytes. Source: those of large public repositories have 5 kB.
pub const FILE_BYTES_MAX: usize = 64 * 1024;
/// Maximum size of the compiled patterns, in bytes: our own limit, far more than people write by hand.
const COMPILED_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Most patterns. Source: memory of the compiled patterns.
const PATTERNS_MAX: usize = 1_000;

/// Why a `.dockerignore` cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IgnoreError {
    #[error("the file has more than {FILE_BYTES_MAX} bytes. Use wildcards")]
    TooLarge,
    #[error("there are more than {PATTERNS_MAX} patterns. Use wildcards")]
    TooMany,
    #[error("line {line}: the pattern is invalid: {reason}. Docker refuses it, too")]
    Pattern { line: usize, reason: &'static str },
    #[error("the patterns need too much memory. Use fewer wildcards")]
    TooComplex,
}

/// The rules.
#[derive(Debug, Clone)]
pub struct Ignore {
    patterns: RegexSet,
    /// Whether the pattern with the same index begins with `!`.
    is_included: Vec<bool>,
}

impl Ignore {
    /// Reads a file. Bytes that are not UTF-8 are replaced, as Docker compares bytes and no name contains them.
    ///
    /// # Errors
    /// [`IgnoreError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, IgnoreError> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(IgnoreError::TooLarge);
        }
        let text = String::from_utf8_lossy(bytes);
        let (mut all, mut is_included) = (Vec::new(), Vec::new());
        for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
            // Only in the first column.
            if line.starts_with('#') {
                continue;
            }
            let line = line.trim();
            let (pattern, is_again) = match line.strip_prefix('!') {
                Some(pattern) => (pattern.trim(), true),
                None => (line, false),
            };
            let invalid = |reason| IgnoreError::Pattern { line: number, reason };
            match (pattern.is_empty(), is_again) {
                (true, false) => continue,
                (true, true) => return Err(invalid("nothing follows the exclamation mark")),
                _ => {}
            }
            all.push(expression(&clean(pattern)).map_err(invalid)?);
            is_included.push(is_again);
        }
        if all.len() > PATTERNS_MAX {
            return Err(IgnoreError::TooMany);
        }
        let patterns = RegexSetBuilder::new(all)
            .size_limit(COMPILED_BYTES_MAX)
            .build()
            .map_err(|_| IgnoreError::TooComplex)?;
        Ok(Self { patterns, is_included })
    }

    /// Whether a path is left out. The path is relative to the context, without `./`.
    #[must_use]
    pub fn is_ignored(&self, path: &str) -> bool {
        if self.is_included.is_empty() {
            return false;
        }
        let mut has_matched = vec![false; self.is_included.len()];
        let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        for part in folders.chain([path]) {
            for index in self.patterns.matches(part) {
                has_matched[index] = true;
            }
        }
        let decides = |(_, has_matched): &(&bool, &bool)| **has_matched;
        let last = self.is_included.iter().zip(&has_matched).rev().find(decides);
        last.is_some_and(|(is_included, _)| !is_included)
    }
}

/// The path without `.`, `..`, double and outer slashes.
fn clean(pattern: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if pattern.starts_with('/') => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The regular expression of a pattern.
fn expression(pattern: &str) -> Result<String, &'static str> {
    let mut expression = String::from("(?s)^");
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '*' if rest.peek() == Some(&'*') => {
                rest.next();
                if rest.peek() == Some(&'/') {
                    rest.next();
                }
                expression.push_str(if rest.peek().is_none() { ".*" } else { "(?:.*/)?" });
            }
            '*' => expression.push_str("[^/]*"),
            '?' => expression.push_str("[^/]"),
            '[' => class(&mut rest, &mut expression)?,
            '\\' => {
                let next = rest.next().ok_or("nothing follows the backslash")?;
                literal(next, &mut expression);
            }
            c => literal(c, &mut expression),
        }
    }
    expression.push('$');
    Ok(expression)
}

fn literal(c: char, expression: &mut String) {
    expression.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
}

/// `[a-z]` or `[^a-z]`, after the bracket.
fn class(
    rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
    expression: &mut String,
) -> Result<(), &'static str> {
    const OPEN: &str = "the bracket is not closed";
    let is_negated = rest.next_if_eq(&'^').is_some();
    expression.push_str(if is_negated { "[^/" } else { "[" });
    let mut ranges = 0;
    loop {
        let c = rest.next().ok_or(OPEN)?;
        if c == ']' {
            break;
        }
        let low = member(c, rest).ok_or(OPEN)?;
        let high = match rest.next_if_eq(&'-') {
            Some(_) => {
                let c = rest.next().filter(|c| *c != ']').ok_or(OPEN)?;
                member(c, rest).ok_or(OPEN)?
            }
            None => low,
        };
        if high < low {
            return Err("a range in brackets ends before it begins");
        }
        ranges += 1;
        let (low, high) = (u32::from(low), u32::from(high));
        // Writing to a string cannot fail.
        let _ = write!(expression, "\\x{{{low:x}}}-\\x{{{high:x}}}");
    }
    if ranges == 0 {
        return Err("the brackets are empty");
    }
    expression.push(']');
    Ok(())
}

/// A character of a class, which a backslash may precede.
fn member(c: char, rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<char> {
    if c == '\\' { rest.next() } else { Some(c) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file: &str, ignored: &[&str], kept: &[&str]) {
        let rules = Ignore::parse(file.as_bytes()).expect(file);
        for path in ignored {
            assert!(rules.is_ignored(path), "{file:?} must ignore {path}");
        }
        for path in kept {
            assert!(!rules.is_ignored(path), "{file:?} must keep {path}");
        }
    }

    /// docs.docker.com, “Build context”, .dockerignore files.
    #[test]
    fn the_examples_of_dockers_documentation_hold() {
        check("# comment\n", &[], &["# comment", "comment"]);
        check("*/temp*", &["somedir/temporary.txt", "somedir/temp"], &["temp", "a/b/temp"]);
        check("*/*/temp*", &["somedir/subdir/temporary.txt"], &["somedir/temporary.txt"]);
        check("temp?", &["tempa", "tempb"], &["temp", "tempab", "a/tempa"]);
        check("/foo/bar", &["foo/bar", "foo/bar/x"], &["a/foo/bar", "foo"]);
        check("foo/bar/", &["foo/bar", "foo/bar/x"], &["a/foo/bar"]);
        check("**/*.go", &["main.go", "a/b/main.go"], &["main.gox", "go"]);
        check("*.md\n!README.md", &["CHANGES.md"], &["README.md", "docs/a.md"]);
        check(
            "*.md\n!README*.md\nREADME-secret.md",
            &["README-secret.md", "x.md"],
            &["README.md", "README-a.md"],
        );
        check("*.md\nREADME-secret.md\n!README*.md", &["x.md"], &["README-secret.md"]);
        check(".", &[], &["a", "a/b"]);
        check("**\n!src", &["a", "b/c"], &["src", "src/main.rs"]);
    }

    /// Cases of moby/patternmatcher.
    #[test]
    fn patterns_match_as_docker_matches_them() {
        check("**", &["file", "file/", "dir/file"], &[]);
        check("**/", &["file", "dir/file"], &[]);
        check("**/**", &["dir/dir/file"], &[]);
        check("dir/**", &["dir/file", "dir/dir2/file"], &["file", "adir/file"]);
        check("**/dir2/*", &["dir/dir2/file", "dir2/file", "dir/dir2/dir2/file"], &["dir/dir2"]);
        check("**file", &["file", "dir/file", "dir/dir/file"], &["dir/file.txt"]);
        check("**/file", &["file", "dir/dir/file"], &["afile", "a/filed"]);
        check("**/file*txt", &["dir/file.txt", "file-txt"], &["file.txt.bak"]);
        check("**/**/*.txt", &["a.txt", "dir/dir/file.txt"], &["a.txt2"]);
        check("a**/*.txt", &["a/file.txt", "a/dir/file.txt"], &["adir/file2", "file.txt"]);
        check("a/*.txt", &["a/file.txt"], &["a/dir/file.txt"]);
        check("a[b-d]e", &["ace"], &["ae", "aze", "a/e"]);
        check("a[^b-d]e", &["aze"], &["ace", "a/e"]);
        check("abc.def", &["abc.def"], &["abcdef", "abcZdef"]);
        check("a\\*b", &["a*b"], &["aab"]);
        check("a\\d", &["ad"], &["a1"]);
        check("[a\\-c]", &["a", "-", "c"], &["b"]);
        check(".*", &[".foo", ".git/config"], &["foo"]);
        check("(a)|b$+", &["(a)|b$+"], &["a", "b"]);
        check("a\n!a/b\na/b/c", &["a", "a/x", "a/b/c/d"], &["a/b", "a/b/x"]);
        check("./a/../b//c/", &["b/c"], &["a/../b/c", "a"]);
        check("  a  \r\n! b \n", &["a"], &["b"]);
        check("\u{feff}a", &["a"], &[]);
        check("", &[], &["a"]);
    }

    #[test]
    fn an_invalid_pattern_is_refused_with_its_line() {
        for (file, said) in [
            ("a\n!", "line 2: the pattern is invalid: nothing follows the exclamation mark"),
            ("[", "the bracket is not closed"),
            ("a\n\n[a-", "line 3: the pattern is invalid: the bracket is not closed"),
            ("[]", "the brackets are empty"),
            ("[z-a]", "ends before it begins"),
            ("a\\", "nothing follows the backslash"),
        ] {
            let refused = Ignore::parse(file.as_bytes()).expect_err(file).to_string();
            assert!(refused.contains(said), "{file:?}: {refused}");
        }
        let long = "a\n".repeat(PATTERNS_MAX + 1);
        assert_eq!(Ignore::parse(long.as_bytes()).expect_err("too many"), IgnoreError::TooMany);
        let large = vec![b'a'; FILE_BYTES_MAX + 1];
        assert_eq!(Ignore::parse(&large).expect_err("too large"), IgnoreError::TooLarge);
        let complex = "?".repeat(60_000);
        assert_eq!(Ignore::parse(complex.as_bytes()).map(|_| ()), Err(IgnoreError::TooComplex));
    }
}
