//! Quotes text for a POSIX shell. Ours instead of `shlex`, which only build scripts bring along: it quotes `=` and `,` too
//! and chooses other quotes, so the exported commands would change and be harder to read.

/// A word, quoted when it needs to be.
pub(super) fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// A here-document that writes a file, with a delimiter that does not occur in the content.
pub(super) fn file(path: &str, content: &str) -> String {
    let mut delimiter = "YAML".to_owned();
    while content.lines().any(|line| line == delimiter) {
        delimiter.push('_');
    }
    let end = if content.ends_with('\n') { "" } else { "\n" };
    format!("cat > {} <<'{delimiter}'\n{content}{end}{delimiter}\n", word(path))
}
