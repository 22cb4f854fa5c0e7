//! A search in the log: its matching lines, and at which of them the reader is.

use crate::port::LogMatches;
use domain::job_log::search::Query;

/// A search and its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The text as the reader wrote it.
    pub text: String,
    pub query: Query,
    /// The numbers of the matching lines, each once and in order.
    lines: Vec<u64>,
    /// Whether there are more.
    more: bool,
    at: Option<usize>,
}

impl Finding {
    /// The result of a search.
    #[must_use]
    pub fn new(text: String, query: Query, matches: LogMatches) -> Self {
        let LogMatches { mut lines, more } = matches;
        lines.sort_unstable();
        lines.dedup();
        Self { text, query, lines, more, at: None }
    }

    /// Searches in a new line. A result that is incomplete stays so, because the lines between are not known.
    pub fn push(&mut self, number: u64, text: &str) {
        let is_new = self.lines.last().is_none_or(|last| *last < number);
        if !self.more && is_new && !self.query.ranges(text, 1).is_empty() {
            self.lines.push(number);
        }
    }

    /// Goes to the next matching line, or to the one before, and returns it. After the last one comes the first. The
    /// first step goes to the nearest match from line `from` on.
    pub fn step(&mut self, forward: bool, from: u64) -> Option<u64> {
        let count = self.lines.len();
        if count == 0 {
            return None;
        }
        let after = |line: u64| self.lines.partition_point(|found| *found < line);
        let next = match (self.at, forward) {
            (Some(at), true) => (at + 1) % count,
            (Some(at), false) => (at + count - 1) % count,
            (None, true) => after(from) % count,
            (None, false) => (after(from) + count - 1) % count,
        };
        self.at = Some(next);
        self.current()
    }

    /// The line at which the reader is.
    #[must_use]
    pub fn current(&self) -> Option<u64> {
        self.lines.get(self.at?).copied()
    }

    /// The result in words.
    #[must_use]
    pub fn words(&self) -> String {
        let count = self.lines.len();
        let of = match (count, self.more) {
            (0, _) => return "No line matches.".to_owned(),
            (1, false) => "1 matching line".to_owned(),
            (1, true) => "the first matching line".to_owned(),
            (count, false) => format!("{count} matching lines"),
            (count, true) => format!("the first {count} matching lines"),
        };
        match self.at {
            Some(at) => format!("{} of {of}", at + 1),
            None => of,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn finding(lines: &[u64], more: bool) -> Finding {
        let query = Query::new("error").expect("a query");
        Finding::new("error".to_owned(), query, LogMatches { lines: lines.to_vec(), more })
    }

    #[test]
    fn the_first_step_goes_to_the_nearest_match_and_further_ones_around() {
        for (forward, from, expected) in [
            (true, 1, [5, 9, 20, 5]),
            (true, 9, [9, 20, 5, 9]),
            (true, 21, [5, 9, 20, 5]),
            (false, 9, [5, 20, 9, 5]),
            (false, 1, [20, 9, 5, 20]),
        ] {
            let mut found = finding(&[5, 5, 9, 20, 20], false);
            let steps = [(); 4].map(|()| found.step(forward, from).expect("a line"));
            assert_eq!(steps, expected, "{forward} {from}");
        }
        assert_eq!(finding(&[], false).step(true, 1), None);
    }

    #[test]
    fn the_result_is_said_in_words() {
        assert_eq!(finding(&[], false).words(), "No line matches.");
        assert_eq!(finding(&[7, 7], false).words(), "1 matching line");
        let mut many = finding(&[7, 8, 9], true);
        assert_eq!(many.words(), "the first 3 matching lines");
        many.step(true, 8);
        assert_eq!(many.words(), "2 of the first 3 matching lines");
    }

    #[test]
    fn new_lines_that_match_are_added_unless_the_result_is_incomplete() {
        let mut found = finding(&[3], false);
        found.push(4, "an ERROR");
        found.push(5, "fine");
        found.push(4, "error again");
        assert_eq!(found.words(), "2 matching lines");
        let mut incomplete = finding(&[3], true);
        incomplete.push(4, "error");
        assert_eq!(incomplete.words(), "the first matching line");
    }

    proptest! {
        #[test]
        fn steps_visit_every_match_once_before_they_repeat(
            lines in prop::collection::btree_set(1_u64..500, 1..40),
            from in 1_u64..500,
            forward in any::<bool>(),
        ) {
            let lines: Vec<_> = lines.into_iter().collect();
            let mut found = finding(&lines, false);
            let mut visited: Vec<_> =
                lines.iter().map(|_| found.step(forward, from).expect("a line")).collect();
            let first = visited[0];
            prop_assert_eq!(found.step(forward, from), Some(first));
            visited.sort_unstable();
            prop_assert_eq!(visited, lines);
        }
    }
}
