//! Plain scalars that the parser accepts but PyYAML rejects.

/// Characters that end a line in YAML 1.1: next line, line separator and paragraph separator.
const BREAKS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// Why PyYAML rejects the text of a plain scalar; `in_flow` is within `[]` or `{}`.
pub(super) fn refused(text: &str, in_flow: bool) -> Option<&'static str> {
    if text.contains(BREAKS) {
        Some(
            "this value contains a character that ends a line (U+0085, U+2028 or U+2029). Quote the value or remove it",
        )
    } else if in_flow && text.contains('?') {
        Some("within [] or {} Azure's tools end a value without quotes at a ?. Quote the value")
    } else if in_flow && text.starts_with(['|', '>']) {
        Some(
            "a block of several lines (| or >) is not allowed within [] or {}. Write the text in quotes",
        )
    } else {
        None
    }
}
