//! Quoting for a POSIX shell.

/// A word, quoted when it needs to be.
pub(super) fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// A here-document that writes a file; the delimiter does not occur in it.
pub(super) fn file(path: &str, content: &str) -> String {
    let mut delimiter = "YAML".to_owned();
    while content.lines().any(|line| line == delimiter) {
        delimiter.push('_');
    }
    let end = if content.ends_with('\n') { "" } else { "\n" };
    format!("cat > {} <<'{delimiter}'\n{content}{end}{delimiter}\n", word(path))
}
