//! Reading inputs one by one, and collecting everything that is wrong with them.

use super::input::{Asked, Given, Input, Inputs, shortened};
use super::percent::Percent;
use super::{Problem, Template};
use std::fmt::Display;
use std::str::FromStr;

/// Most edits between an unknown key and the one that is suggested instead.
const EDITS_MAX: usize = 4;

/// Reads the inputs of one job.
pub(super) struct Reader<'a> {
    inputs: &'a Inputs,
    known: Vec<&'static str>,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(inputs: &'a Inputs) -> Self {
        Self { inputs, known: Vec::new(), problems: Vec::new() }
    }

    /// Adds a problem of a key.
    pub(super) fn problem(&mut self, key: &str, message: impl Into<String>) {
        let line = self.inputs.get(key).and_then(|input| input.line);
        self.problems.push(Problem { key: key.to_owned(), line, message: message.into() });
    }

    /// An input that is given, which 0 and empty are not.
    pub(super) fn given(&mut self, key: &'static str) -> Option<&'a Input> {
        self.known.push(key);
        self.inputs.get(key).filter(|input| !input.given.is_absent())
    }

    /// Whether the key stands in the file, be it empty.
    pub(super) fn is_written(&self, key: &str) -> bool {
        self.inputs.get(key).is_some()
    }

    fn missing(&mut self, key: &'static str, way_out: &str) {
        let message = match self.inputs.get(key) {
            None => format!("{key} is missing. {way_out}"),
            Some(_) => format!("{key} is empty. {way_out}"),
        };
        self.problem(key, message);
    }

    /// A text that must be there.
    pub(super) fn text<T>(&mut self, key: &'static str, way_out: &str) -> Option<Asked<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        // A number 0 is something given of the wrong type, not something left out.
        if let Some(Input { given: given @ (Given::Integer(0) | Given::Float(_)), .. }) =
            self.inputs.get(key)
        {
            self.known.push(key);
            self.not_text(key, given);
            return None;
        }
        if self.given(key).is_none() {
            self.missing(key, way_out);
            return None;
        }
        self.text_if_given(key)
    }

    /// A text that may be left out.
    pub(super) fn text_if_given<T>(&mut self, key: &'static str) -> Option<Asked<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        match &self.given(key)?.given {
            Given::Expression(expression) => Some(Asked::Unknown(expression.clone())),
            Given::Text(text) => match text.parse() {
                Ok(value) => Some(Asked::Known(value)),
                Err(error) => {
                    self.problem(key, format!("{key}: {error}"));
                    None
                }
            },
            other => {
                self.not_text(key, other);
                None
            }
        }
    }

    fn not_text(&mut self, key: &str, given: &Given) {
        let what = given.described();
        self.problem(
            key,
            format!("{key} is {what}, and must be a text. Put it in quotes, so that it stays as you write it"),
        );
    }

    /// `true` or `false` that must be there.
    pub(super) fn flag(&mut self, key: &'static str, way_out: &str) -> Option<Asked<bool>> {
        self.known.push(key);
        match self.inputs.get(key).map(|input| &input.given) {
            None | Some(Given::Null) => {
                self.missing(key, way_out);
                None
            }
            Some(_) => self.flag_if_given(key),
        }
    }

    /// `true` or `false` that may be left out.
    pub(super) fn flag_if_given(&mut self, key: &'static str) -> Option<Asked<bool>> {
        self.known.push(key);
        match &self.inputs.get(key)?.given {
            Given::Null => None,
            Given::Bool(flag) => Some(Asked::Known(*flag)),
            Given::Expression(expression) => Some(Asked::Unknown(expression.clone())),
            other => {
                let what = other.described();
                self.problem(
                    key,
                    format!(
                        "{key} is {what}, and must be true or false without quotes: GitHub refuses \
                         anything else for this input. Write {key}: true or {key}: false"
                    ),
                );
                None
            }
        }
    }

    /// A percentage that may be left out.
    pub(super) fn percent(&mut self, key: &'static str) -> Option<Asked<Percent>> {
        let message = match &self.given(key)?.given {
            Given::Expression(expression) => return Some(Asked::Unknown(expression.clone())),
            Given::Integer(number) => match Percent::try_from(*number) {
                Ok(percent) => return Some(Asked::Known(percent)),
                Err(error) => format!("{key}: {error}"),
            },
            other => format!(
                "{key} is {}, and must be a whole number from 1 to 100 without quotes, or 0 to leave it out. \
                 Write for example {key}: 20",
                other.described()
            ),
        };
        self.problem(key, message);
        None
    }

    /// Ends reading: whatever key nobody asked for is unknown.
    pub(super) fn finish(mut self, template: Template) -> Vec<Problem> {
        for (key, _) in self.inputs.iter() {
            if !self.known.contains(&key) {
                let file = template.file();
                let nearest =
                    self.known.iter().map(|known| (strsim::levenshtein(key, known), known));
                let nearest = nearest.min().filter(|(edits, _)| *edits <= EDITS_MAX);
                let way_out = match nearest {
                    Some((_, nearest)) => format!("Did you mean {nearest}?"),
                    None => "Remove it or correct its spelling.".to_owned(),
                };
                let key = key.to_owned();
                let message = format!("{} is no input of {file}. {way_out}", shortened(&key));
                self.problem(&key, message);
            }
        }
        self.problems
    }
}
