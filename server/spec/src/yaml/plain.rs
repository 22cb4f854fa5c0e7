//! What a scalar without quotes cannot hold in PyYAML, though the parser below reads it.

/// Characters that YAML 1.1 takes for the end of a line: next line, line and paragraph separator.
const BREAKS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// Why PyYAML would not read it; `in_flow` is within `[]` or `{}`.
pub(super) fn refused(text: &str, in_flow: bool) -> Option<&'static str> {
    if text.contains(BREAKS) {
        Some(
            "a character that ends a line (U+0085, U+2028 or U+2029) stands in this value. Quote the value or remove it",
        )
    } else if in_flow && text.contains('?') {
        Some("within [] or {} Azure's tools end a value without quotes at a ?. Quote the value")
    } else if in_flow && text.starts_with(['|', '>']) {
        Some(
            "a text of several lines (| or >) cannot stand within [] or {}. Write the text in quotes",
        )
    } else {
        None
    }
}
