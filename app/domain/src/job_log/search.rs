//! Searches for a plain text in a log, without regard to case.

use super::line::{Line, Span};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Maximum length of a searched text, in characters: our own limit.
pub const QUERY_CHARS_MAX: usize = 200;
/// Maximum number of matches of one search: our own limit. A page cannot show more in a useful way.
pub const MATCHES_MAX: usize = 1_000;

/// A text to search for. Letters match in both cases, one by one: `ß` does not match `SS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    folded: Vec<char>,
    is_ascii: bool,
}

impl Query {
    /// The query for a text, cut to [`QUERY_CHARS_MAX`] characters; `None` if it is empty.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let cut = text.chars().take(QUERY_CHARS_MAX);
        let folded: Vec<_> = cut.flat_map(char::to_lowercase).collect();
        let is_ascii = folded.iter().all(char::is_ascii);
        (!folded.is_empty()).then_some(Self { folded, is_ascii })
    }

    /// Whether certainly no line of a raw text matches as it is shown: a quick test for long texts.
    #[must_use]
    pub fn is_absent(&self, raw: &str) -> bool {
        // Lines of these characters are shown as they are, apart from what is cut off.
        let is_plain = raw.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n'));
        is_plain && !self.is_in_ascii(raw.as_bytes())
    }

    fn is_in_ascii(&self, raw: &[u8]) -> bool {
        let byte = |sign: &char| u8::try_from(*sign).ok().filter(u8::is_ascii);
        let wanted: Option<Vec<u8>> = self.folded.iter().map(byte).collect();
        let Some(wanted) = wanted.filter(|wanted| wanted.len() <= raw.len()) else { return false };
        let first = wanted.first().copied().unwrap_or_default();
        let both = [first, first.to_ascii_uppercase()];
        let is_at = |at: usize| {
            both.contains(&raw[at]) && raw[at..at + wanted.len()].eq_ignore_ascii_case(&wanted)
        };
        (0..=raw.len() - wanted.len()).any(is_at)
    }

    /// The ranges of bytes of a text that match, at most `max`. They do not overlap.
    #[must_use]
    pub fn ranges(&self, text: &str, max: usize) -> Vec<Range<usize>> {
        if self.is_ascii && text.is_ascii() {
            let at =
                |index: usize, byte: u8| (index, index + 1, char::from(byte.to_ascii_lowercase()));
            return self.among(text.bytes().enumerate().map(|(index, byte)| at(index, byte)), max);
        }
        let signs = text.char_indices().flat_map(|(at, sign)| {
            let end = at + sign.len_utf8();
            sign.to_lowercase().map(move |lower| (at, end, lower))
        });
        self.among(signs, max)
    }

    /// The matches among lower-case characters with the range of the character that each is from.
    fn among(
        &self,
        signs: impl Iterator<Item = (usize, usize, char)>,
        max: usize,
    ) -> Vec<Range<usize>> {
        let signs: Vec<_> = signs.collect();
        let length = self.folded.len();
        let (mut found, mut at) = (Vec::<Range<usize>>::new(), 0);
        while let Some(window) = signs.get(at..at + length).filter(|_| found.len() < max) {
            let is_match =
                window.iter().zip(&self.folded).all(|((.., sign), wanted)| sign == wanted);
            let range = window.first().zip(window.last()).map(|(first, last)| first.0..last.1);
            // One character may become several in lower case, and is not shown as two matches.
            let is_new =
                |range: &Range<usize>| found.last().is_none_or(|last| last.end <= range.start);
            match range.filter(|range| is_match && is_new(range)) {
                Some(range) => {
                    found.push(range);
                    at += length;
                }
                None => at += 1,
            }
        }
        found
    }
}

/// A place in a log that matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// The number of the line.
    pub line: u64,
    /// The bytes of the line's shown text.
    pub range: Range<usize>,
}

/// A search through lines, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    query: Query,
    matches: Vec<Match>,
    is_full: bool,
}

impl Search {
    /// Starts a search.
    #[must_use]
    pub fn new(query: Query) -> Self {
        Self { query, matches: Vec::new(), is_full: false }
    }

    /// Searches in the next line's shown text. Returns whether the search still accepts matches.
    pub fn push(&mut self, line: u64, text: &str) -> bool {
        if !self.is_full {
            // One more than fits shows that there are more.
            let free = MATCHES_MAX - self.matches.len();
            let mut ranges = self.query.ranges(text, free + 1);
            self.is_full = ranges.len() > free;
            ranges.truncate(free);
            self.matches.extend(ranges.into_iter().map(|range| Match { line, range }));
        }
        !self.is_full
    }

    /// The matches so far, at most [`MATCHES_MAX`].
    #[must_use]
    pub fn matches(&self) -> &[Match] {
        &self.matches
    }

    /// Whether there are more matches than [`MATCHES_MAX`].
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.is_full
    }
}

/// A line's spans, divided at the edges of matches, with whether each is in a match. The ranges are in order.
#[must_use]
pub fn marked(line: &Line, ranges: &[Range<usize>]) -> Vec<(Span, bool)> {
    let (mut parts, mut start) = (Vec::new(), 0);
    for span in &line.spans {
        let end = start + span.text.len();
        let mut at = start;
        let edges = ranges.iter().flat_map(|range| [(range.start, false), (range.end, true)]);
        for (edge, is_marked) in edges.chain([(end, false)]) {
            let edge = edge.clamp(at, end);
            // An edge inside of a character, of another line's match, divides nothing.
            let Some(text) = span.text.get(at - start..edge - start) else { continue };
            if !text.is_empty() {
                parts.push((Span { text: text.to_owned(), style: span.style }, is_marked));
            }
            at = edge;
        }
        start = end;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found<'a>(query: &str, text: &'a str) -> Vec<&'a str> {
        let query = Query::new(query).expect("a query");
        query.ranges(text, 100).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn letters_match_in_both_cases() {
        for (query, text, expected) in [
            ("error", "Error: ERROR error", &["Error", "ERROR", "error"][..]),
            ("aa", "aaaa a", &["aa", "aa"]),
            ("GRÜN", "ein grüner Baum", &["grün"]),
            ("grün", "EIN GRÜNER BAUM", &["GRÜN"]),
            ("i", "İ", &["İ"]),
            (".*", "a.*b", &[".*"]),
            (" ", "a b", &[" "]),
            ("x", "", &[]),
            ("long", "lon", &[]),
        ] {
            assert_eq!(found(query, text), expected, "{query} in {text}");
        }
        assert_eq!(Query::new(""), None);
        let long = Query::new(&"x".repeat(1_000)).expect("a query");
        let found = long.ranges(&"x".repeat(QUERY_CHARS_MAX), 9);
        assert!(matches!(found.as_slice(), [one] if *one == (0..QUERY_CHARS_MAX)), "{found:?}");
    }

    #[test]
    fn a_text_without_the_query_is_left_out_quickly() {
        let check = |query: &str, raw: &str, expected: bool| {
            let query = Query::new(query).expect("a query");
            assert_eq!(query.is_absent(raw), expected, "{query:?} in {raw}");
        };
        check("error", "no Error\nat all", false);
        check("error", "no err\nor at all", true);
        check("grün", "a plain text", true);
        check("a longer query", "short", true);
        check("x", "", true);
        // What is shown of these lines differs from what is in them.
        check("error", "err\u{1b}[0mor", false);
        check("k", "\u{212a}", false);
    }

    #[test]
    fn a_search_stops_at_its_limit_and_says_so() {
        let mut search = Search::new(Query::new("x").expect("a query"));
        assert!(search.push(7, &"x".repeat(MATCHES_MAX)));
        assert!(!search.has_more());
        assert!(search.push(8, "y"));
        assert!(!search.push(9, "x"));
        assert!(search.has_more() && search.matches().len() == MATCHES_MAX);
        assert_eq!(search.matches()[1], Match { line: 7, range: 1..2 });
    }

    #[test]
    fn spans_are_divided_at_the_edges_of_matches() {
        let line = Line::parse("no \u{1b}[31mred err\u{1b}[0mor here");
        let query = Query::new("error").expect("a query");
        let parts = marked(&line, &query.ranges(&line.text(), 9));
        let words: Vec<_> = parts.iter().map(|(span, is)| (span.text.as_str(), *is)).collect();
        assert_eq!(
            words,
            [("no ", false), ("red ", false), ("err", true), ("or", true), (" here", false)]
        );
        assert_eq!(parts[2].0.style, line.spans[1].style);
    }

    proptest! {
        #[test]
        fn no_match_is_left_out(
            raw in "(2026-11-30T12:00:00.0000000Z )?(##\\[error\\])?[a-cK \u{1b}\u{212a}\r\t\u{202e}ß\\[0m]{0,30}",
            query in "[a-cKß\\[ 0m]{1,3}",
        ) {
            let query = Query::new(&query).expect("a query");
            if query.is_absent(&raw) {
                let text = Line::parse(&raw).text();
                prop_assert!(query.ranges(&text, 1).is_empty(), "{text}");
            }
        }

        #[test]
        fn a_text_is_found_in_itself_and_marking_keeps_the_text(
            before in "[a-zA-ZäÄİß ]{0,9}",
            query in "[a-zA-ZäÄİß ]{1,4}",
            after in "[a-zA-ZäÄİß ]{0,9}",
            ranges in prop::collection::vec((0_usize..30, 0_usize..9), 0..3),
        ) {
            let text = format!("{before}{}{after}", query.to_uppercase());
            let query = Query::new(&query.to_uppercase()).expect("a query");
            let found = query.ranges(&text, 99);
            prop_assert!(!found.is_empty());
            prop_assert!(found.iter().all(|range| text.get(range.clone()).is_some()));
            let line = Line::parse(&text);
            let hostile: Vec<_> = ranges.iter().map(|(start, length)| *start..start + length).collect();
            for ranges in [found, hostile] {
                let parts = marked(&line, &ranges);
                prop_assert_eq!(parts.iter().map(|(span, _)| span.text.as_str()).collect::<String>(), line.text());
            }
        }
    }
}
