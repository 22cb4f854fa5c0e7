//! The parser's findings in words: what is wrong, and what to write instead.

/// Parts of the parser's messages, and what they mean for the person who wrote the file. The first that fits counts.
const MEANINGS: [(&str, &str); 16] = [
    ("tab", "a tab is not allowed here. Replace it with spaces"),
    (
        "flow sequence",
        "a list in [] is not closed, or lacks a comma between two items. Write the ] or the comma",
    ),
    (
        "flow mapping",
        "a mapping in {} is not closed, or lacks a comma between two keys. Write the } or the comma",
    ),
    ("unexpected end of stream", "a quote is opened but not closed. Close it"),
    (
        "unknown anchor",
        "this alias names an anchor that is not defined above. Define it there with &, write the value out, or quote a \
         text that begins with *",
    ),
    (
        "escape",
        "in double quotes a backslash begins an escape, and this one does not exist. Write two backslashes, or use \
         single quotes",
    ),
    (
        "hexadecimal number",
        "in double quotes \\x, \\u and \\U need their hexadecimal digits. Write them, or use single quotes",
    ),
    (
        "mapping values are not allowed",
        "a second colon with a space follows in one line, or the indentation is wrong. Quote a text that has a colon, or \
         correct the indentation",
    ),
    (
        "simple key expect",
        "the colon after a key is missing. Write “key: value”, and put a text of several lines in quotes",
    ),
    (
        "expected key",
        "this line is not a key of the mapping above it. Indent it like the other keys, and quote a text that has colons \
         or quotes",
    ),
    (
        "expected '-'",
        "this line is not an item of the list above it. Begin it with “- ”, or indent it like the key of the list",
    ),
    (
        "block sequence entries",
        "a list cannot begin here. Begin it in a line of its own, with “- ”",
    ),
    ("trailing content", "text follows the closing quote. Put the whole text in quotes"),
    (
        "indentation",
        "the indentation is wrong. Indent the keys of one mapping by the same number of spaces",
    ),
    ("unexpected character", "a value cannot begin with this character. Quote the value"),
    ("node content", "a value is missing here. Write it, or remove the comma or bracket before it"),
];

/// What the parser's message means, with a remedy.
pub(super) fn explained(info: &str) -> String {
    let meaning = MEANINGS.iter().find(|(part, _)| info.contains(part));
    let meaning = meaning.map_or_else(
        || format!("{info}. Check the indentation, the colons and the quotes here and in the line above"),
        |(_, meaning)| (*meaning).to_owned(),
    );
    format!("this is not YAML: {meaning}")
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, parse};

    #[test]
    fn malformed_text_is_explained_with_what_to_write_instead() {
        for (text, part) in [
            ("a: [1", "Write the ] or the comma"),
            ("a: {b: 1", "Write the } or the comma"),
            ("a: 'x", "a quote is opened but not closed. Close it"),
            ("a: \"x", "a quote is opened but not closed. Close it"),
            ("a: *x", "this alias names an anchor that is not defined above"),
            ("a: \"\\q\"", "Write two backslashes, or use single quotes"),
            ("a: b: c", "Quote a text that has a colon"),
            ("a: 1\nb\nc: 2", "the colon after a key is missing"),
            ("a: @b", "a value cannot begin with this character. Quote the value"),
            ("a: \"b\" c", "quote"),
        ] {
            let problem = parse("a.yml", text.as_bytes(), Limits::default()).expect_err(text);
            assert!(problem.message.contains(part), "{text:?}: {problem}");
            assert!(problem.message.starts_with("this is not YAML: "), "{text:?}: {problem}");
        }
    }
}
