//! Surrogate pairs: JSON writes an emoji as two escapes in double quotes, `"\ud83d\ude00"`.
//!
//! PyYAML accepts such pairs, and Python's JSON encoder writes them as one character, but the parser rejects them. So
//! each pair is replaced by a mask of the same length before parsing, and restored afterwards.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::Range;

/// Two escaped noncharacters. A text that contains them is not masked.
const MASK: &str = "\\ufdd0\\ufdd1";
/// The parsed mask in double quotes.
const MASKED: &str = "\u{fdd0}\u{fdd1}";
/// The number of characters of a pair.
const LENGTH: usize = 12;

/// The masked pairs, in the order of the text.
#[derive(Default)]
pub(super) struct Pairs {
    pairs: VecDeque<Pair>,
}

struct Pair {
    at: usize,
    written: String,
    meant: char,
}

/// Masks all pairs.
pub(super) fn mask(text: &str) -> (Cow<'_, str>, Pairs) {
    let lower = || text.to_ascii_lowercase();
    if !text.contains("\\u") || text.contains('\u{fdd0}') || lower().contains("\\ufdd0") {
        return (Cow::Borrowed(text), Pairs::default());
    }
    let chars: Vec<char> = text.chars().collect();
    let (mut all, mut pairs) = (String::with_capacity(text.len()), VecDeque::new());
    let mut at = 0;
    while at < chars.len() {
        if let Some(meant) = chars.get(at..at + LENGTH).and_then(pair) {
            let written = chars[at..at + LENGTH].iter().collect();
            pairs.push_back(Pair { at, written, meant });
            all.push_str(MASK);
            at += LENGTH;
        } else {
            // An escaped backslash does not begin another escape.
            let step = if chars[at] == '\\' { 2 } else { 1 };
            all.extend(chars[at..].iter().take(step));
            at += step;
        }
    }
    if pairs.is_empty() {
        (Cow::Borrowed(text), Pairs::default())
    } else {
        (Cow::Owned(all), Pairs { pairs })
    }
}

/// The character of two escapes.
fn pair(chars: &[char]) -> Option<char> {
    let unit = |chars: &[char]| {
        let digits: String = chars.strip_prefix(&['\\', 'u'])?.iter().collect();
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        u16::from_str_radix(&digits, 16).ok().filter(|_| is_hex)
    };
    let (high, low) = chars.split_at(LENGTH / 2);
    let mut read = char::decode_utf16([unit(high)?, unit(low)?]);
    let first = read.next()?.ok()?;
    read.next().is_none().then_some(first)
}

impl Pairs {
    /// Restores the pairs of a scalar: as characters in double quotes, elsewhere as the original text.
    pub(super) fn unmask(&mut self, text: &str, range: &Range<usize>, escaped: bool) -> String {
        let mut text = text.to_owned();
        while let Some(pair) = self.pairs.front().filter(|pair| pair.at < range.end) {
            if pair.at >= range.start {
                text = if escaped {
                    text.replacen(MASKED, &pair.meant.to_string(), 1)
                } else {
                    text.replacen(MASK, &pair.written, 1)
                };
            }
            self.pairs.pop_front();
        }
        text
    }
}
