//! Handling of untrusted text: truncation, and characters that are invisible or change the direction of text.

/// Truncates a text to at most `max` characters with an ellipsis, after a whole word if one ends nearby.
#[must_use]
pub fn shortened(text: &str, max: usize) -> String {
    if text.char_indices().nth(max).is_none() {
        return text.to_owned();
    }
    let cut = text.char_indices().nth(max.saturating_sub(1)).map_or(0, |(at, _)| at);
    let (kept, next) = text.split_at(cut);
    let nearby = kept.len() - kept.len() / 3;
    let end = match next.starts_with(char::is_whitespace) {
        true => kept.len(),
        false => kept.rfind(char::is_whitespace).filter(|at| *at >= nearby).unwrap_or(kept.len()),
    };
    format!("{}…", kept.get(..end).unwrap_or(kept).trim_end())
}

/// A text as a sentence: with a capital letter and a full stop. A name at the beginning would become another name.
#[must_use]
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase).into_iter().flatten();
    let stop = if text.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{}{}{stop}", first.collect::<String>(), chars.as_str())
}

/// Whether a character is invisible but has an effect: a bidirectional control (Unicode UAX 9) or a zero-width
/// character. Joiners do not count, because many languages and emoji need them.
fn is_hidden(sign: char) -> bool {
    matches!(sign,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2064}'
        | '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a character alone is invisible.
fn is_empty(sign: char) -> bool {
    is_hidden(sign)
        || sign.is_whitespace()
        || sign.is_control()
        // Joiners, variation selectors, fillers, and the braille blank.
        || matches!(sign,
            '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{115f}' | '\u{1160}'
            | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}')
}

/// Whether a text has no visible characters.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(is_empty)
}

/// Replaces invisible characters and those that change the direction of text with their codes: `⟨U+202E⟩`.
#[must_use]
pub fn visible(text: &str) -> String {
    if !text.contains(is_hidden) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for sign in text.chars() {
        match is_hidden(sign) {
            true => shown.push_str(&format!("⟨U+{:04X}⟩", u32::from(sign))),
            false => shown.push(sign),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_sentence_has_a_capital_letter_and_one_full_stop() {
        for (text, whole) in [
            ("the path is empty", "The path is empty."),
            (" Done. ", "Done."),
            ("“x” is not a percentage", "“x” is not a percentage."),
            ("überlang", "Überlang."),
            ("0 % cannot be mirrored", "0 % cannot be mirrored."),
        ] {
            assert_eq!(sentence(text), whole);
        }
    }

    #[test]
    fn a_text_of_invisible_characters_is_blank() {
        for blank in [
            "",
            " \t\n",
            "\u{200b}",
            "\u{202e}\u{202c}",
            "\u{3164}",
            "\u{2800}\u{a0}",
            "\u{200d}\u{fe0f}",
            "\u{ad}",
            "\u{e0041}",
            "\u{feff}\u{2060}",
        ] {
            assert!(is_blank(blank), "{blank:?}");
        }
        for seen in [".", "ü", "\u{202e}x", "👍🏽", "שלום", "می‌خواهم"] {
            assert!(!is_blank(seen), "{seen:?}");
        }
    }

    #[test]
    fn controls_become_visible_and_languages_stay_unchanged() {
        for (text, shown) in [
            ("Dana\u{202e}ttocS", "Dana⟨U+202E⟩ttocS"),
            ("a\u{200b}b\u{2066}c", "a⟨U+200B⟩b⟨U+2066⟩c"),
            ("\u{feff}name", "⟨U+FEFF⟩name"),
            ("x\u{e0041}", "x⟨U+E0041⟩"),
        ] {
            assert_eq!(visible(text), shown);
            assert_eq!(visible(shown), shown);
        }
        for text in ["Zoë O’Neil", "שלום עולם", "می‌خواهم", "👩‍💻 ❤️", "tab\tand\nline"]
        {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn a_long_text_is_truncated_after_a_word_with_an_ellipsis() {
        for (text, max, expected) in [
            ("short", 5, "short"),
            ("", 0, ""),
            ("the deployment failed", 21, "the deployment failed"),
            ("the deployment failed", 20, "the deployment…"),
            ("the deployment failed", 15, "the deployment…"),
            ("0123456789abcdef", 8, "0123456…"),
            ("äöü äöü", 5, "äöü…"),
            ("x", 0, "…"),
        ] {
            assert_eq!(shortened(text, max), expected, "{text} {max}");
        }
    }

    proptest! {
        #[test]
        fn truncation_respects_the_maximum_and_keeps_short_texts(text in ".{0,60}", max in 1_usize..70) {
            let short = shortened(&text, max);
            prop_assert!(short.chars().count() <= max);
            prop_assert_eq!(text.chars().count() <= max, short == text);
        }
    }
}
