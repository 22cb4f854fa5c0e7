//! What the rows on the screen show.

use super::Model;
use super::blocks::{Known, block_of};
use super::folds::Item;
use std::sync::Arc;

/// A row in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// The head of the section that begins with this line.
    Head(u64),
    Line {
        number: u64,
        /// As it was written, with secrets hidden.
        text: Arc<str>,
    },
    /// A line that is being read.
    Waiting(u64),
    /// A block that could not be read, in the place of its first line on the screen.
    Failed { number: u64, block: u64 },
}

impl Row {
    /// What distinguishes the row from all others in the document.
    #[must_use]
    pub fn key(&self) -> (u8, u64) {
        match self {
            Self::Head(first) => (0, *first),
            Self::Line { number, .. } => (1, *number),
            Self::Waiting(number) => (2, *number),
            Self::Failed { number, .. } => (3, *number),
        }
    }
}

/// The head of a section.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Head {
    pub title: String,
    /// The number of its first line.
    pub first: u64,
    pub lines: u64,
    pub failed: bool,
    /// Whether more lines may follow.
    pub is_written: bool,
    pub is_open: bool,
}

impl Head {
    /// `120 lines`, `7 lines so far`.
    #[must_use]
    pub fn extent(&self) -> String {
        let lines = count_of_lines(self.lines);
        if self.is_written { format!("{lines} so far") } else { lines }
    }
}

/// `1 line`, `20 lines`.
#[must_use]
pub fn count_of_lines(lines: u64) -> String {
    if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") }
}

impl Model {
    /// The rows to have in the document.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let mut failed = None;
        let mut row = |item| match item {
            Item::Head(section) => Row::Head(self.sections.get(section).map_or(0, |one| one.first)),
            Item::Line(number) => match self.blocks.line(number) {
                Known::Text(text) => Row::Line { number, text },
                Known::Waiting => Row::Waiting(number),
                Known::Failed => {
                    let block = block_of(number);
                    // The other lines of the block stay empty.
                    match failed.replace(block) == Some(block) {
                        true => Row::Waiting(number),
                        false => Row::Failed { number, block },
                    }
                }
            },
        };
        self.items().map(&mut row).collect()
    }

    /// The heads of all sections.
    #[must_use]
    pub fn heads(&self) -> Vec<Head> {
        let indices = 0..self.sections.len();
        indices.filter_map(|index| self.head_at(index)).collect()
    }

    /// The head of the section that begins with a line.
    #[must_use]
    pub fn head(&self, first: u64) -> Option<Head> {
        let index = self.sections.partition_point(|section| section.first < first);
        self.head_at(index).filter(|head| head.first == first)
    }

    fn head_at(&self, index: usize) -> Option<Head> {
        let section = self.sections.get(index)?;
        self.folds.row_of_head(index)?;
        Some(Head {
            title: section.title.clone(),
            first: section.first,
            lines: self.folds.lines_of(index),
            failed: section.failed,
            is_written: section.last.is_none() && !self.ended,
            is_open: self.choices.is_open(section),
        })
    }

    /// The number of the line at the top of the screen; of a section's first line if its head is there.
    #[must_use]
    pub fn top_line(&self) -> u64 {
        let (row, _) = self.heights.at(self.place.top);
        match self.folds.item(row) {
            Some(Item::Line(line)) => line,
            Some(Item::Head(section)) => self.sections.get(section).map_or(1, |one| one.first),
            None => 1,
        }
    }

    /// The shown line that is `step` lines after this one, or before it; `None` at either end.
    #[must_use]
    pub fn neighbour(&self, line: u64, step: i64) -> Option<u64> {
        let (mut row, mut left, mut found) = (self.folds.row_of(line), step.unsigned_abs(), None);
        while left > 0 {
            let next = if step > 0 { Some(row + 1) } else { row.checked_sub(1) };
            let Some(item) = next.and_then(|next| self.folds.item(next)) else { return found };
            row = next.unwrap_or(row);
            if let Item::Line(line) = item {
                (found, left) = (Some(line), left - 1);
            }
        }
        found
    }
}
