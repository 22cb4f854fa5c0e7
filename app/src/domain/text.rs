//! Texts that are too long to be shown or kept whole.

/// A text of at most `max` characters: the whole of it, or its beginning with an ellipsis, which ends after a word
/// where one ends nearby.
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_is_cut_after_a_word_and_says_so() {
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
        fn it_never_grows_and_whole_texts_stay_whole(text in ".{0,60}", max in 1_usize..70) {
            let short = shortened(&text, max);
            prop_assert!(short.chars().count() <= max);
            prop_assert_eq!(text.chars().count() <= max, short == text);
        }
    }
}
