//! Sections that can be folded: which line, or which section's head, is in which row of the screen.
//!
//! Each section has a row with its title. Its lines follow if it is open.

use crate::port::LogSection;

/// What is in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Item {
    /// The head of a section, by its index.
    Head(usize),
    /// A line, by its number.
    Line(u64),
}

/// Consecutive rows of one kind.
#[derive(Debug, Clone, Copy)]
struct Run {
    row: u64,
    rows: u64,
    first: Item,
}

/// The lines of a section.
#[derive(Debug, Clone, Copy)]
struct Part {
    section: usize,
    first: u64,
    last: u64,
    head: u64,
    is_open: bool,
}

/// The rows of a log.
#[derive(Debug, Clone, Default)]
pub struct Folds {
    runs: Vec<Run>,
    parts: Vec<Part>,
    rows: u64,
}

impl Folds {
    /// The rows of a log of `count` lines. Sections that overlap an earlier one, or lie outside of the log, are left
    /// out.
    #[must_use]
    pub fn new(count: u64, sections: &[LogSection], is_open: impl Fn(&LogSection) -> bool) -> Self {
        let mut folds = Self::default();
        let mut next = 1;
        for (index, section) in sections.iter().enumerate() {
            if section.first < next || section.first > count {
                continue;
            }
            let following = sections.get(index + 1).map_or(count, |other| {
                if other.first > section.first { other.first - 1 } else { count }
            });
            let last = section.last.unwrap_or(count).min(following).min(count).max(section.first);
            folds.lines(next, section.first - 1);
            let head = folds.rows;
            folds.push(Item::Head(index), 1);
            let is_open = is_open(section);
            if is_open {
                folds.lines(section.first, last);
            }
            folds.parts.push(Part { section: index, first: section.first, last, head, is_open });
            next = last + 1;
        }
        folds.lines(next, count);
        folds
    }

    fn lines(&mut self, first: u64, last: u64) {
        if first <= last {
            self.push(Item::Line(first), last - first + 1);
        }
    }

    fn push(&mut self, first: Item, rows: u64) {
        self.runs.push(Run { row: self.rows, rows, first });
        self.rows += rows;
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// What is in a row. Rows count from 0.
    #[must_use]
    pub fn item(&self, row: u64) -> Option<Item> {
        let after = self.runs.partition_point(|run| run.row <= row);
        let run = self.runs.get(after.checked_sub(1)?).filter(|run| row < run.row + run.rows)?;
        Some(match run.first {
            Item::Line(first) => Item::Line(first + (row - run.row)),
            head @ Item::Head(_) => head,
        })
    }

    fn part_of(&self, line: u64) -> Option<&Part> {
        let after = self.parts.partition_point(|part| part.first <= line);
        self.parts.get(after.checked_sub(1)?).filter(|part| line <= part.last)
    }

    /// The section that contains a line.
    #[must_use]
    pub fn section_of(&self, line: u64) -> Option<usize> {
        self.part_of(line).map(|part| part.section)
    }

    /// How many lines a section has.
    #[must_use]
    pub fn lines_of(&self, section: usize) -> u64 {
        let part = self.parts.iter().find(|part| part.section == section);
        part.map_or(0, |part| part.last - part.first + 1)
    }

    /// The row of a section's head.
    #[must_use]
    pub fn row_of_head(&self, section: usize) -> Option<u64> {
        self.parts.iter().find(|part| part.section == section).map(|part| part.head)
    }

    /// Whether a line is in a section that is closed.
    #[must_use]
    pub fn is_hidden(&self, line: u64) -> bool {
        self.part_of(line).is_some_and(|part| !part.is_open)
    }

    /// The row of a line; of its section's head if the section is closed.
    #[must_use]
    pub fn row_of(&self, line: u64) -> u64 {
        match self.part_of(line) {
            Some(part) if !part.is_open => part.head,
            Some(part) => part.head + 1 + (line - part.first),
            None => {
                // Lines outside of sections: after the last run of lines that begins before.
                let begins = |run: &&Run| matches!(run.first, Item::Line(first) if first <= line);
                let run = self.runs.iter().rev().find(begins);
                run.map_or(0, |run| match run.first {
                    Item::Line(first) => run.row + (line - first).min(run.rows - 1),
                    Item::Head(_) => run.row,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn section(first: u64, last: Option<u64>) -> LogSection {
        LogSection { title: format!("Step at {first}"), first, last, failed: false }
    }

    fn items(folds: &Folds) -> Vec<Item> {
        (0..folds.rows()).map(|row| folds.item(row).expect("a row")).collect()
    }

    #[test]
    fn a_closed_section_is_one_row_and_an_open_one_has_its_lines() {
        let sections = [section(2, Some(3)), section(5, None)];
        let folds = Folds::new(6, &sections, |section| section.first == 5);
        use Item::{Head, Line};
        assert_eq!(items(&folds), [Line(1), Head(0), Line(4), Head(1), Line(5), Line(6)]);
        let rows: Vec<_> = (1..=6).map(|line| folds.row_of(line)).collect();
        assert_eq!(rows, [0, 1, 1, 2, 4, 5]);
        assert_eq!((folds.lines_of(0), folds.lines_of(1)), (2, 2));
        assert_eq!(
            (folds.section_of(1), folds.section_of(3), folds.section_of(6)),
            (None, Some(0), Some(1))
        );
        assert!(folds.is_hidden(3) && !folds.is_hidden(4) && !folds.is_hidden(6));
        assert_eq!(
            (folds.row_of_head(0), folds.row_of_head(1), folds.row_of_head(2)),
            (Some(1), Some(3), None)
        );
        assert_eq!(folds.item(6), None);
    }

    #[test]
    fn a_section_that_is_still_written_ends_with_the_log_or_where_the_next_begins() {
        let sections = [section(1, None), section(4, None)];
        let folds = Folds::new(9, &sections, |_| true);
        assert_eq!((folds.lines_of(0), folds.lines_of(1)), (3, 6));
        assert_eq!(Folds::new(0, &sections, |_| true).rows(), 0);
    }

    #[test]
    fn a_log_without_sections_has_one_row_for_each_line() {
        let folds = Folds::new(100_000, &[], |_| false);
        assert_eq!(folds.rows(), 100_000);
        assert_eq!((folds.row_of(1), folds.row_of(100_000)), (0, 99_999));
        assert_eq!(folds.item(99_999), Some(Item::Line(100_000)));
    }

    proptest! {
        #[test]
        fn every_line_has_a_row_and_every_row_an_item_whatever_the_sections_are(
            count in 0_u64..60,
            edges in prop::collection::vec((0_u64..70, prop::option::of(0_u64..70)), 0..8),
            open in any::<u8>(),
        ) {
            let sections: Vec<_> = edges.into_iter().map(|(first, last)| section(first, last)).collect();
            let is_open = |section: &LogSection| open >> (section.first % 8) & 1 == 1;
            let folds = Folds::new(count, &sections, is_open);
            let items = items(&folds);
            let shown: Vec<_> = items.iter().filter_map(|item| match item {
                Item::Line(line) => Some(*line),
                Item::Head(_) => None,
            }).collect();
            prop_assert!(shown.is_sorted_by(|a, b| a < b), "{shown:?}");
            for line in 1..=count {
                let item = items.get(usize::try_from(folds.row_of(line)).expect("small"));
                match folds.is_hidden(line) {
                    true => prop_assert_eq!(item.copied(), folds.section_of(line).map(Item::Head)),
                    false => prop_assert_eq!(item.copied(), Some(Item::Line(line))),
                }
            }
        }
    }
}
