//! How long functions are. A function that fits on one screen is read as a whole.

use crate::sources::{Source, assert_none, rust, shipped};

const LINES_MAX: usize = 60;

/// The sources that are shipped, without benchmarks.
fn sources() -> impl Iterator<Item = Source> {
    shipped(rust()).into_iter().filter(|source| !source.path.contains("/benches/"))
}

/// The lines before the tests at the end of a file.
fn without_tests(text: &str) -> Vec<&str> {
    let lines: Vec<_> = text.lines().collect();
    let begins_tests = |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].contains("mod tests {");
    let end = lines.windows(2).position(begins_tests).unwrap_or(lines.len());
    lines[..end].to_vec()
}

/// The name of the function that begins on a line.
fn begun(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let is_qualifier = |word: &str| {
        ["async", "const", "unsafe", "extern", "\"C\"", "pub"].contains(&word)
            || word.starts_with("pub(")
    };
    let name = after.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    (before.split_whitespace().all(is_qualifier) && !name.is_empty()).then_some(name)
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The number of lines from a function's first line to its closing brace; `None` if the function has no body. As
/// rustfmt writes it, the brace has the first line's indentation.
fn length(lines: &[&str]) -> Option<usize> {
    let own = indentation(lines.first()?);
    let mut has_body = false;
    for (count, line) in (1..).zip(lines) {
        let is_own = indentation(line) == own;
        if has_body {
            if is_own && line.trim_start().starts_with('}') {
                return Some(count);
            }
        } else if line.ends_with(';') {
            return None;
        } else if is_own && line.ends_with('}') {
            return Some(count);
        } else {
            has_body = is_own && line.contains('{');
        }
    }
    None
}

/// Each function outside tests that is too long: its line, its name and its length.
fn long(text: &str) -> Vec<String> {
    let lines = without_tests(text);
    let too_long = |(at, line): (usize, &&str)| {
        let (name, count) = (begun(line)?, length(&lines[at..])?);
        (count > LINES_MAX).then(|| format!("{}: {name} has {count} lines", at + 1))
    };
    lines.iter().enumerate().filter_map(too_long).collect()
}

#[test]
fn functions_are_short_enough_to_read() {
    let mut breaking = Vec::new();
    for Source { path, text } in sources() {
        breaking.extend(long(&text).into_iter().map(|found| format!("{path}:{found}")));
    }
    assert_none("at most 60 lines from `fn` to the closing brace", &breaking);
}

#[test]
fn a_function_of_61_lines_is_too_long_and_one_of_60_is_not() {
    let function = |head: &str, lines: usize| {
        let body = "    step();\n".repeat(lines - head.lines().count() - 1);
        format!("{head} {{\n{body}}}\n")
    };
    let inside = |outer: &str, function: &str| {
        let lines = function.lines().map(|line| format!("    {line}\n"));
        format!("{outer} {{\n{}}}\n", lines.collect::<String>())
    };
    let text = [
        "trait Does {\n    fn it(\n        &self,\n    );\n}\n".to_owned(),
        "fn one_line() {}\n".to_owned(),
        function("fn short()", 60),
        "/// A fn with a comment.\n".to_owned(),
        function("pub(crate) async fn long(\n    one: u8,\n) -> u8", 61),
        inside("impl It", &function("fn inner()", 61)),
        format!("#[cfg(test)]\n{}", inside("mod tests", &function("fn in_tests()", 61))),
    ];
    assert_eq!(long(&text.concat()), ["68: long has 61 lines", "130: inner has 61 lines"]);
}
