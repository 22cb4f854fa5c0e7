//! Which sections the reader opened and closed.

use crate::port::LogSection;
use domain::job_log::fold::SECTIONS_MAX;
use std::collections::BTreeMap;

/// The reader's choices by the first line of the section. Other sections are open, except those of a job that had ended
/// when the page was loaded: of these only failed sections are open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    made: BTreeMap<u64, bool>,
    had_ended: bool,
}

impl Choices {
    /// No choices. `had_ended`: whether the job had ended when the page was loaded.
    #[must_use]
    pub fn new(had_ended: bool) -> Self {
        Self { made: BTreeMap::new(), had_ended }
    }

    /// Whether a section is open.
    #[must_use]
    pub fn is_open(&self, section: &LogSection) -> bool {
        let chosen = self.made.get(&section.first).copied();
        chosen.unwrap_or(!self.had_ended || section.failed)
    }

    /// Opens or closes a section.
    pub fn set(&mut self, section: &LogSection, open: bool) {
        self.made.insert(section.first, open);
    }

    /// The choices as a short text: `1+ 20-`.
    #[must_use]
    pub fn written(&self) -> String {
        let sign = |open| if open { '+' } else { '-' };
        let words = self.made.iter().map(|(first, open)| format!("{first}{}", sign(*open)));
        words.collect::<Vec<_>>().join(" ")
    }

    /// Takes over choices that were written. Anything else in the text is ignored.
    pub fn read(&mut self, text: &str) {
        let choice = |word: &str| {
            let opened = word.strip_suffix('+').map(|first| (first, true));
            let (first, open) = opened.or_else(|| Some((word.strip_suffix('-')?, false)))?;
            Some((first.parse().ok()?, open))
        };
        self.made.extend(text.split(' ').take(SECTIONS_MAX).filter_map(choice));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(first: u64, failed: bool) -> LogSection {
        LogSection { title: String::new(), first, last: None, failed }
    }

    #[test]
    fn a_failed_section_is_open_and_others_only_while_the_job_runs() {
        for (had_ended, failed, expected) in
            [(false, false, true), (false, true, true), (true, true, true), (true, false, false)]
        {
            let choices = Choices::new(had_ended);
            assert_eq!(choices.is_open(&section(1, failed)), expected, "{had_ended} {failed}");
        }
    }

    #[test]
    fn a_choice_wins_and_survives_being_written() {
        let mut choices = Choices::new(true);
        choices.set(&section(20, true), false);
        choices.set(&section(1, false), true);
        assert_eq!(choices.written(), "1+ 20-");
        let mut again = Choices::new(true);
        again.read(&choices.written());
        assert_eq!(again, choices);
        assert!(again.is_open(&section(1, false)) && !again.is_open(&section(20, true)));
    }

    #[test]
    fn what_is_no_choice_is_ignored() {
        for text in ["", " ", "+", "x+", "-1+", "1", "1*", "99999999999999999999999+"] {
            let mut choices = Choices::default();
            choices.read(text);
            assert_eq!(choices, Choices::default(), "{text:?}");
        }
    }
}
