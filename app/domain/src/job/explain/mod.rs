//! Explains the failures of builds in plain words: rules map lines of a log to what happened and what to do.
//!
//! An explanation is an interpretation, so screens also show the line that it is from. A failure that matches no rule
//! has no explanation.

mod rules;
mod sign;
#[cfg(test)]
mod tests;

use crate::job_log::line::Line;
use crate::job_log::{plain, repeats_instruction, without_marker, without_time};
use crate::text::{shortened, visible};
use serde::{Deserialize, Serialize};
use sign::Pairs;

/// Maximum length of the line in an explanation, in characters.
const LINE_CHARS_MAX: usize = 200;
/// Maximum length of the subject of an explanation, in characters.
const SUBJECT_CHARS_MAX: usize = 120;
/// How much of a line is searched for signs, in bytes. Builders report failures in short lines.
const SEARCHED_BYTES_MAX: usize = 8 * 1024;

/// Why a build failed, in plain words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The rule's name in kebab case: `no-such-layer`.
    pub rule: String,
    pub what: String,
    /// What to do.
    pub todo: String,
    /// What the line is about, such as a package, a layer or an image.
    pub subject: Option<String>,
    /// The line that says so, as it is shown.
    pub line: String,
    /// The number of that line.
    pub number: u64,
}

/// Reads a log line by line and keeps the line that explains a failure best: one of the most specific rule, and among
/// those the first, because later ones repeat it or follow from it. Can be stored and resumed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Explainer {
    best: Option<Best>,
    /// The current line in lower case. Only its memory is kept.
    #[serde(skip)]
    lower: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Best {
    /// The rule's name. Its place in the table may differ when a stored state is resumed.
    rule: String,
    number: u64,
    /// The beginning of the line without time and marker.
    text: String,
}

impl Explainer {
    /// Reads the next line, with or without its time and escape sequences.
    pub fn push(&mut self, number: u64, raw: &str) {
        let raw = without_marker(without_time(beginning(raw)));
        let text = plain(raw);
        self.lower.clear();
        self.lower.push_str(text.trim_start());
        self.lower.make_ascii_lowercase();
        let best = self.best.as_ref().map(|best| best.rule.as_str());
        let pairs = Pairs::of(&self.lower);
        let mut better = rules::all().take_while(|rule| Some(rule.name) != best);
        let Some(rule) = better.find(|rule| rule.fits(&self.lower, &pairs)) else { return };
        if !repeats_instruction(&text) && !rules::is_harmless(&self.lower) {
            let (rule, text) = (rule.name.to_owned(), text.into_owned());
            self.best = Some(Best { rule, number, text });
        }
    }

    /// The explanation, if a line matched a rule. It is meaningful only if the build failed.
    #[must_use]
    pub fn explanation(&self) -> Option<Explanation> {
        let Best { rule, number, text } = self.best.as_ref()?;
        let rule = rules::all().find(|one| one.name == rule)?;
        let subject = rule.subject(text).map(|word| shortened(&visible(word), SUBJECT_CHARS_MAX));
        Some(Explanation {
            rule: rule.name.to_owned(),
            what: rule.what(subject.as_deref()),
            todo: rule.todo.to_owned(),
            subject,
            line: shortened(Line::parse(text).text().trim(), LINE_CHARS_MAX),
            number: *number,
        })
    }
}

/// The part of a line that is searched.
fn beginning(raw: &str) -> &str {
    let end = (0..=SEARCHED_BYTES_MAX.min(raw.len())).rev().find(|at| raw.is_char_boundary(*at));
    raw.get(..end.unwrap_or(0)).unwrap_or(raw)
}
