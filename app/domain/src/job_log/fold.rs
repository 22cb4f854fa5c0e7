//! The sections of a log, which a viewer folds: GitHub's groups, and the steps of docker, BuildKit, buildah and Azure
//! Container Registry.
//!
//! Sections are flat: one ends where the next begins. Lines between sections belong to no section. BuildKit runs steps
//! at the same time and writes their lines alternately, so a step can have several sections; all but the first are
//! marked as continued. Everything that the next line needs is in [`Sections`], which can be stored and resumed.

use super::header::{Header, ends_numbered, ends_task, follows_steps, header};
use super::line::{Kind, Line};
use crate::text::shortened;
use serde::{Deserialize, Serialize};

/// Maximum number of sections of a log, including the one for the rest: our own limit. The largest Dockerfile builds
/// have about a hundred steps.
pub const SECTIONS_MAX: usize = 500;
/// Maximum length of a section's title, in characters.
pub const TITLE_CHARS_MAX: usize = 120;

/// What a section is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SectionKind {
    /// A group of GitHub Actions.
    Group,
    /// An instruction of a Dockerfile.
    Step,
    /// A step of BuildKit with this number.
    Numbered(u32),
    /// A step of an Azure Container Registry task.
    Task,
    /// All lines from the first section that exceeds [`SECTIONS_MAX`].
    Rest {
        /// How many sections it replaces.
        sections: u64,
        /// The number of the last BuildKit step in it.
        numbered: Option<u32>,
    },
}

/// Consecutive lines with a title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    pub kind: SectionKind,
    pub title: String,
    /// The number of the first line, which contains the title.
    pub first: u64,
    /// The number of the last line so far.
    pub last: u64,
    pub has_error: bool,
    /// Whether an earlier section has the beginning of the same step.
    pub continued: bool,
}

/// The sections of the lines so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sections {
    list: Vec<Section>,
    /// Whether the last section continues with the next line.
    is_open: bool,
}

impl Sections {
    /// The sections, in the order of their lines.
    #[must_use]
    pub fn list(&self) -> &[Section] {
        &self.list
    }

    /// The section that contains a line.
    #[must_use]
    pub fn at(&self, number: u64) -> Option<&Section> {
        let after = self.list.partition_point(|section| section.first <= number);
        let section = self.list.get(after.checked_sub(1)?)?;
        (number <= section.last).then_some(section)
    }

    /// Reads the next line. Line numbers ascend.
    pub fn push(&mut self, number: u64, line: &Line) {
        let head = line.head(TITLE_CHARS_MAX + 1);
        match (self.open_kind(), line.kind) {
            (Some(SectionKind::Rest { .. }), _) => self.count(line, &head),
            (_, Kind::Group) => self.begin(SectionKind::Group, &head, number),
            (Some(SectionKind::Group), _) => self.is_open = line.kind != Kind::EndGroup,
            (open, _) => return self.step(open, number, line, &head),
        }
        self.extend(number, line);
    }

    fn open_kind(&self) -> Option<SectionKind> {
        self.list.last().filter(|_| self.is_open).map(|section| section.kind)
    }

    /// Reads a line outside groups.
    fn step(&mut self, open: Option<SectionKind>, number: u64, line: &Line, head: &str) {
        let found = header(head);
        match (found, open) {
            (Some(Header::Numbered(step, rest)), open) => {
                let kind = SectionKind::Numbered(step);
                if open != Some(kind) {
                    self.begin(kind, rest, number);
                }
                self.extend(number, line);
                self.is_open = self.is_rest() || !ends_numbered(rest);
                return;
            }
            (Some(Header::Step), _) => self.begin(SectionKind::Step, head, number),
            (Some(Header::Task), _) => {
                let title = head.split(". ").next().unwrap_or(head);
                self.begin(SectionKind::Task, title, number);
            }
            (None, None) => return,
            // Empty lines separate BuildKit's steps; any other line follows the last one.
            (None, Some(SectionKind::Numbered(_))) => {
                self.is_open = head.trim().is_empty();
                return;
            }
            (None, Some(SectionKind::Step)) if follows_steps(head) => {
                self.is_open = false;
                return;
            }
            (None, Some(_)) => {}
        }
        self.extend(number, line);
        if open == Some(SectionKind::Task) && found.is_none() && ends_task(head) {
            self.is_open = false;
        }
    }

    fn begin(&mut self, kind: SectionKind, title: &str, first: u64) {
        let numbered = match kind {
            SectionKind::Numbered(number) => Some(number),
            _ => None,
        };
        let (kind, title, continued) = match self.list.len() + 1 < SECTIONS_MAX {
            true => {
                let earlier = self.list.iter().find(|one| numbered.is_some() && one.kind == kind);
                let title = earlier.map_or(title, |one| one.title.as_str());
                (kind, shortened(title.trim(), TITLE_CHARS_MAX), earlier.is_some())
            }
            false => {
                let kind = SectionKind::Rest { sections: 1, numbered };
                (kind, "Further sections".to_owned(), false)
            }
        };
        self.list.push(Section { kind, title, first, last: first, has_error: false, continued });
        self.is_open = true;
    }

    fn is_rest(&self) -> bool {
        matches!(self.open_kind(), Some(SectionKind::Rest { .. }))
    }

    /// Counts the section that a line would begin.
    fn count(&mut self, line: &Line, head: &str) {
        let Some(Section { kind: SectionKind::Rest { sections, numbered }, .. }) =
            self.list.last_mut()
        else {
            return;
        };
        let begins = match header(head) {
            _ if line.kind == Kind::Group => true,
            Some(Header::Numbered(number, _)) => numbered.replace(number) != Some(number),
            Some(Header::Step | Header::Task) => true,
            None => false,
        };
        *sections += u64::from(begins);
    }

    fn extend(&mut self, number: u64, line: &Line) {
        if let Some(section) = self.list.last_mut() {
            section.last = section.last.max(number);
            section.has_error |= line.kind == Kind::Error;
        }
    }
}
