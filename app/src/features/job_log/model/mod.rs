//! The viewer's state and rules, without the browser.

pub mod blocks;
#[cfg(test)]
mod blocks_tests;
pub mod choices;
pub mod finding;
pub mod folds;
pub mod heights;
pub mod place;
mod rows;
#[cfg(test)]
mod tests;
pub mod window;

use crate::port::{LogPage, LogSection};
use blocks::{Blocks, block_of};
use choices::Choices;
use domain::job::view::LogSize;
use folds::{Folds, Item};
use heights::Heights;
use place::Place;
pub use rows::{Head, Row, count_of_lines};
use std::collections::{BTreeMap, BTreeSet};
use window::{Scale, Window, window};

/// The height of a row before it was measured, in pixels.
const ROW: f64 = 24.0;
/// The height of the screen before it was measured, in pixels.
const VIEW: f64 = 600.0;
/// Wrapped lines whose height is remembered: our own limit. It is measured again when the line is on the screen.
const EXTRAS_MAX: usize = 10_000;

/// The viewer's state.
#[derive(Debug, Clone)]
pub struct Model {
    /// How much of the log is there, as far as the browser knows.
    pub size: LogSize,
    /// Whether no more lines follow.
    pub ended: bool,
    pub choices: Choices,
    pub blocks: Blocks,
    pub place: Place,
    /// Counts the changes of rows and sections.
    pub layout: u64,
    /// The first and last line of a selection.
    held: Option<(u64, u64)>,
    sections: Vec<LogSection>,
    folds: Folds,
    heights: Heights,
    row: f64,
    /// By how much wrapped lines are higher than a row, in pixels.
    extras: BTreeMap<u64, f64>,
}

impl Model {
    /// A log at its end.
    #[must_use]
    pub fn new(size: LogSize, ended: bool, sections: Vec<LogSection>) -> Self {
        let mut model = Self {
            size,
            ended,
            choices: Choices::new(ended),
            blocks: Blocks::default(),
            place: Place::at_end(size.lines, VIEW),
            layout: 0,
            held: None,
            sections,
            folds: Folds::default(),
            heights: Heights::default(),
            row: ROW,
            extras: BTreeMap::new(),
        };
        model.lay_out();
        model
    }

    /// How many lines there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.size.lines
    }

    /// Computes the rows again, and keeps what is at the top of the screen there.
    fn lay_out(&mut self) {
        let (row, inside) = self.heights.at(self.place.top);
        let anchor = self.folds.item(row);
        let anchor = anchor.map(|item| match item {
            Item::Head(section) => (self.sections.get(section).map_or(1, |one| one.first), true),
            Item::Line(line) => (line, false),
        });
        self.arrange();
        if let (Some((line, is_head)), false) = (anchor, self.place.follows) {
            let head =
                is_head.then(|| self.folds.row_of_head(self.folds.section_of(line)?)).flatten();
            let row = head.unwrap_or_else(|| self.folds.row_of(line));
            self.place.top = self.heights.top_of(row) + inside;
        }
        self.place.resized(self.heights.total(), self.size.lines, self.held.is_some());
    }

    fn arrange(&mut self) {
        self.layout += 1;
        let choices = &self.choices;
        let is_open = |section: &LogSection| choices.is_open(section);
        self.folds = Folds::new(self.size.lines, &self.sections, is_open);
        let folds = &self.folds;
        let shown = self.extras.iter().filter(|(line, _)| !folds.is_hidden(**line));
        let extras = shown.map(|(line, extra)| (folds.row_of(*line), *extra));
        self.heights = Heights::new(folds.rows(), self.row, extras);
    }

    /// The heights of a row and of the screen, in pixels.
    #[must_use]
    pub fn screen(&self) -> (f64, f64) {
        (self.row, self.place.view)
    }

    /// Notes the measured heights of a row and of the screen, in pixels.
    pub fn measured_screen(&mut self, row: f64, view: f64) {
        if row > 0.0 && (row != self.row || view != self.place.view) {
            (self.row, self.place.view) = (row, view);
            self.lay_out();
        }
    }

    /// Notes the measured heights of lines, in pixels. Returns whether anything changed.
    pub fn measured_lines(&mut self, lines: &[(u64, f64)]) -> bool {
        let mut changed = false;
        for &(line, height) in lines {
            let extra = (height - self.row).max(0.0);
            let known = self.extras.get(&line).copied().unwrap_or_default();
            if (extra - known).abs() < 0.5 {
                continue;
            }
            changed = true;
            match extra > 0.0 {
                true => self.extras.insert(line, extra),
                false => self.extras.remove(&line),
            };
        }
        if self.extras.len() > EXTRAS_MAX {
            let near = self.top_line();
            self.extras.retain(|line, _| line.abs_diff(near) < EXTRAS_MAX as u64 / 2);
        }
        if changed {
            self.lay_out();
        }
        changed
    }

    /// Forgets the heights of wrapped lines, because the width has changed.
    pub fn forget_heights(&mut self) {
        self.extras.clear();
        self.lay_out();
    }

    /// Adds new lines. Lines that are known already change nothing. Returns the number of the first new one.
    pub fn append(&mut self, page: &LogPage) -> u64 {
        let before = self.size.lines;
        let lines = page.first.saturating_sub(1) + page.lines.len() as u64;
        self.blocks.append(page.first, &page.lines);
        self.size =
            LogSize { lines: before.max(lines), bytes: self.size.bytes.max(page.size.bytes) };
        let is_last = page.ended && self.size.lines >= page.size.lines;
        if is_last && !self.ended {
            self.ended = true;
            self.layout += 1;
        }
        if self.size.lines > before {
            self.lay_out();
        }
        before + 1
    }

    /// Replaces the sections.
    pub fn set_sections(&mut self, sections: Vec<LogSection>) {
        if sections != self.sections {
            self.sections = sections;
            self.lay_out();
        }
    }

    /// Opens or closes the section that begins with a line.
    pub fn toggle(&mut self, first: u64) {
        let section = self.sections.iter().find(|section| section.first == first);
        if let Some(section) = section {
            self.choices.set(section, !self.choices.is_open(section));
            // The section's head stays where it is, even if the end of the log was on the screen.
            self.place.follows = false;
            self.lay_out();
            self.place.scrolled(self.place.top, self.heights.total(), self.size.lines);
        }
    }

    /// Opens or closes all sections.
    pub fn toggle_all(&mut self, open: bool) {
        self.sections.iter().for_each(|section| self.choices.set(section, open));
        self.lay_out();
    }

    /// Takes over the reader's earlier choices.
    pub fn choose(&mut self, written: &str) {
        self.choices.read(written);
        self.lay_out();
    }

    /// Shows a line, and opens its section.
    pub fn show(&mut self, line: u64) {
        let line = line.clamp(1, self.size.lines.max(1));
        let hiding = self.folds.section_of(line).filter(|_| self.folds.is_hidden(line));
        if let Some(section) = hiding.and_then(|index| self.sections.get(index)) {
            self.choices.set(section, true);
            self.lay_out();
        }
        self.show_row(self.folds.row_of(line));
    }

    /// Shows the head of a section that begins with a line.
    pub fn show_head(&mut self, first: u64) {
        let head = self.folds.section_of(first).and_then(|section| self.folds.row_of_head(section));
        self.show_row(head.unwrap_or_else(|| self.folds.row_of(first)));
    }

    fn show_row(&mut self, row: u64) {
        let top = self.heights.top_of(row);
        self.place.show(top, self.row, self.heights.total(), self.size.lines);
    }

    /// Goes to the end.
    pub fn show_end(&mut self) {
        self.place.go_to_end(self.heights.total(), self.size.lines);
    }

    /// Notes that the reader scrolled, and which lines are selected.
    pub fn scrolled(&mut self, scrolled: f64, held: Option<(u64, u64)>) {
        let top = self.scale().position(scrolled);
        self.held = held;
        self.place.scrolled(top, self.heights.total(), self.size.lines);
    }

    /// Notes which lines are selected.
    pub fn hold(&mut self, held: Option<(u64, u64)>) {
        self.held = held;
    }

    /// How the browser's position relates to that of the rows.
    #[must_use]
    pub fn scale(&self) -> Scale {
        Scale::new(self.heights.total(), self.place.view)
    }

    /// The rows to have in the document.
    #[must_use]
    pub fn window(&self) -> Window {
        let row = |line| self.folds.row_of(line);
        let held = self.held.map(|(first, last)| (row(first), row(last)));
        window(&self.heights, self.folds.rows(), self.place.top, self.place.view, held)
    }

    fn items(&self) -> impl Iterator<Item = Item> {
        let Window { first, end, .. } = self.window();
        (first..end).filter_map(|row| self.folds.item(row))
    }

    /// The blocks to read now. They count as being read.
    pub fn wanted(&mut self) -> Vec<u64> {
        let lines = self.items().filter_map(|item| match item {
            Item::Line(line) => Some(block_of(line)),
            Item::Head(_) => None,
        });
        let needed: BTreeSet<u64> = lines.collect();
        self.blocks.wanted(&needed, self.size.lines)
    }
}
