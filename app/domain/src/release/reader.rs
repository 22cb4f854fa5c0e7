//! Reads inputs one by one, converts them as GitHub does, and collects all problems.

use super::input::{Asked, Expression, Given, Input, Inputs, shortened};
use super::note::{Note, Weight};
use super::version::TemplateVersion;
use super::{Problem, Template, unknown};
use std::fmt::Display;
use std::str::FromStr;

/// Reads the inputs of one job.
pub(super) struct Reader<'a> {
    pub(super) inputs: &'a Inputs,
    pub(super) template: Template,
    pub(super) version: &'a TemplateVersion,
    pub(super) known: Vec<&'static str>,
    problems: Vec<Problem>,
    notes: Vec<Note>,
}

/// The problems and notes that a reader collected.
pub(super) type Said = (Vec<Problem>, Vec<Note>);

impl<'a> Reader<'a> {
    pub(super) fn new(
        inputs: &'a Inputs,
        template: Template,
        version: &'a TemplateVersion,
    ) -> Self {
        let (known, problems, notes) = (Vec::new(), Vec::new(), Vec::new());
        Self { inputs, template, version, known, problems, notes }
    }

    fn line(&self, key: &str) -> Option<u32> {
        self.inputs.get(key).and_then(|input| input.line)
    }

    /// Adds a problem with an input.
    pub(super) fn problem(&mut self, key: &str, message: impl Into<String>) {
        let line = self.line(key);
        self.problems.push(Problem { key: key.to_owned(), line, message: message.into() });
    }

    /// Adds a note about an input.
    pub(super) fn note(&mut self, weight: Weight, key: &str, message: impl Into<String>) {
        let line = self.line(key);
        self.notes.push(Note { weight, key: key.to_owned(), line, message: message.into() });
    }

    /// Whether an input has a problem.
    pub(super) fn is_wrong(&self, key: &str) -> bool {
        self.problems.iter().any(|problem| problem.key == key)
    }

    /// The input, unless it counts as not given (0 or empty).
    pub(super) fn given(&mut self, key: &'static str) -> Option<&'a Input> {
        self.known.push(key);
        self.inputs.get(key).filter(|input| !input.given.is_absent())
    }

    /// Whether the file has the key, even with an empty value.
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

    /// Reads a required text.
    pub(super) fn text<T>(&mut self, key: &'static str, way_out: &str) -> Option<Asked<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.known.push(key);
        let is_empty = |given: &Given| given.as_text().is_some_and(|text| text.trim().is_empty());
        match self.inputs.get(key).map(|input| &input.given) {
            Some(given) if !is_empty(given) => self.converted(key, given),
            _ => {
                self.missing(key, way_out);
                None
            }
        }
    }

    /// Reads an optional text.
    pub(super) fn text_if_given<T>(&mut self, key: &'static str) -> Option<Asked<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        let given = &self.given(key)?.given;
        self.converted(key, given)
    }

    /// Reads a text, or a number or boolean that GitHub converts to a string.
    fn converted<T>(&mut self, key: &'static str, given: &Given) -> Option<Asked<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        if let Given::Expression(expression) = given {
            return self.asked(key, expression);
        }
        let Some(text) = given.as_text() else {
            self.not_text(key, given);
            return None;
        };
        match text.parse() {
            Ok(value) => {
                self.note_conversion(key, given, &text);
                Some(Asked::Known(value))
            }
            Err(error) => {
                let from = match given {
                    Given::Text(_) => String::new(),
                    other => {
                        format!(" (GitHub reads “{}” from {})", shortened(&text), other.described())
                    }
                };
                self.problem(key, format!("{key}: {error}{from}"));
                None
            }
        }
    }

    fn note_conversion(&mut self, key: &str, given: &Given, text: &str) {
        let written = match given {
            Given::Text(_) => return,
            Given::Float(written) => written.clone(),
            other => other.as_text().unwrap_or_default(),
        };
        let text = shortened(text);
        let message = if written == text {
            format!("{key} is {}, which GitHub converts to the text “{text}”.", given.described())
        } else {
            format!(
                "{key} is {}, which GitHub converts to the text “{text}”. Put the value in quotes if you mean “{}”.",
                given.described(),
                shortened(&written)
            )
        };
        self.note(Weight::Note, key, message);
    }

    /// Keeps an expression as a question, or reports why GitHub cannot evaluate it.
    fn asked<T>(&mut self, key: &str, expression: &Expression) -> Option<Asked<T>> {
        match super::expression::refused(&expression.0, super::expression::Place::With) {
            None => Some(Asked::Unknown(expression.clone())),
            Some(why) => {
                let shown = shortened(&expression.0);
                let message = format!(
                    "{key}: GitHub cannot evaluate {shown}: {why}. GitHub therefore rejects the whole file. Write a \
                     value"
                );
                self.problem(key, message);
                None
            }
        }
    }

    fn not_text(&mut self, key: &str, given: &Given) {
        let what = given.described();
        let why = match given {
            Given::Float(_) | Given::Integer(_) => {
                "which is too large for GitHub: it rejects the whole file"
            }
            _ => "but must be a text",
        };
        self.problem(key, format!("{key} is {what}, {why}. Write a text, in quotes"));
    }

    /// Reads a required boolean.
    pub(super) fn flag(&mut self, key: &'static str, way_out: &str) -> Option<Asked<bool>> {
        self.known.push(key);
        if self.inputs.get(key).is_none() {
            self.missing(key, way_out);
            return None;
        }
        self.flag_if_given(key)
    }

    /// Reads an optional boolean.
    pub(super) fn flag_or(&mut self, key: &'static str, default: bool) -> Option<Asked<bool>> {
        self.known.push(key);
        if self.inputs.get(key).is_none() {
            return Some(Asked::Known(default));
        }
        self.flag_if_given(key)
    }

    /// Reads an optional boolean. An empty value is a problem.
    pub(super) fn flag_if_given(&mut self, key: &'static str) -> Option<Asked<bool>> {
        self.known.push(key);
        match &self.inputs.get(key)?.given {
            Given::Bool(flag) => Some(Asked::Known(*flag)),
            Given::Expression(expression) => self.asked(key, expression),
            Given::Null => {
                let message = format!(
                    "{key} is empty, and GitHub rejects the call: a boolean input must be true or false. \
                     Write {key}: true or {key}: false"
                );
                self.problem(key, message);
                None
            }
            other => {
                let what = other.described();
                self.problem(
                    key,
                    format!(
                        "{key} is {what}, but must be true or false without quotes: GitHub rejects \
                         anything else for this input. Write {key}: true or {key}: false"
                    ),
                );
                None
            }
        }
    }

    /// Reads an optional whole number. An empty value is a problem, because GitHub rejects it.
    pub(super) fn number<T>(&mut self, key: &'static str, range: &str) -> Option<Asked<T>>
    where
        T: TryFrom<i64>,
        T::Error: Display,
    {
        self.known.push(key);
        let given = &self.inputs.get(key)?.given;
        let whole = given.number().filter(|number| number.fract() == 0.0);
        let whole = whole.and_then(|number| format!("{number:.0}").parse::<i64>().ok());
        let message = match (given, whole) {
            (Given::Expression(expression), _) => return self.asked(key, expression),
            (Given::Null, _) => format!(
                "{key} is empty, and GitHub rejects the call: a number input must be a number. Write a number, \
                 or remove the line"
            ),
            (_, Some(whole)) => match T::try_from(whole) {
                Ok(value) => {
                    self.note_number(key, given, whole);
                    return Some(Asked::Known(value));
                }
                Err(error) => format!("{key}: {error}"),
            },
            (other, None) => format!(
                "{key} is {}, but must be a whole number from {range} without quotes. Example: {key}: 20",
                other.described()
            ),
        };
        self.problem(key, message);
        None
    }

    fn note_number(&mut self, key: &str, given: &Given, whole: i64) {
        if let Given::Float(written) = given {
            let written = shortened(written);
            self.note(
                Weight::Note,
                key,
                format!("{key}: GitHub reads {written} as the number {whole}."),
            );
        }
    }

    /// Ends reading and reports every key that was not read as unknown.
    pub(super) fn finish(mut self, declared: Option<&[super::contract::Declared]>) -> Said {
        unknown::tell(&mut self, declared);
        (self.problems, self.notes)
    }
}
