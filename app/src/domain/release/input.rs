//! Inputs as a workflow file gives them, before they are checked.

use super::Question;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Most inputs of one job. The templates have some thirty.
pub const INPUTS_MAX: usize = 200;

/// A text with a `${{ … }}` in it: GitHub works it out, we do not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expression(pub String);

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A value as YAML gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// A text.
    Text(String),
    /// `true` or `false`, without quotes.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number, as written.
    Float(String),
    /// Nothing.
    Null,
    /// A text with an expression in it.
    Expression(Expression),
    /// A list or a map, named so.
    Other(String),
}

impl Given {
    /// A text; with `${{` in it, an expression.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.contains("${{") { Self::Expression(Expression(text)) } else { Self::Text(text) }
    }

    /// Whether it stands for "not given": nothing, an empty text, or 0.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Null | Self::Integer(0) => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Float(number) => number.parse::<f64>().is_ok_and(|number| number == 0.0),
            _ => false,
        }
    }

    /// What it is, for messages: `the text “true”`, `the number 12.5`.
    #[must_use]
    pub fn described(&self) -> String {
        match self {
            Self::Text(text) => format!("the text “{}”", shortened(text)),
            Self::Bool(flag) => flag.to_string(),
            Self::Integer(number) => format!("the number {number}"),
            Self::Float(number) => format!("the number {}", shortened(number)),
            Self::Null => "empty".to_owned(),
            Self::Expression(expression) => {
                format!("the expression {}", shortened(&expression.0))
            }
            Self::Other(what) => shortened(what),
        }
    }
}

/// A text from a file, short enough for a message.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

/// One input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Its value.
    pub given: Given,
    /// Its line in the workflow file, from 1; `None` when a person gave it.
    pub line: Option<u32>,
}

/// A job's inputs, by key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Inputs(BTreeMap<String, Input>);

impl Inputs {
    /// No inputs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one, with its line in the file; returns the one that had the key before.
    pub fn insert(
        &mut self,
        key: impl Into<String>,
        given: Given,
        line: Option<u32>,
    ) -> Option<Input> {
        self.0.insert(key.into(), Input { given, line })
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Input> {
        self.0.get(key)
    }

    /// All of them, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Input)> {
        self.0.iter().map(|(key, input)| (key.as_str(), input))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These inputs, with those of `answers` in their place.
    #[must_use]
    pub fn with(&self, answers: &Self) -> Self {
        let mut all = self.0.clone();
        all.extend(answers.0.iter().map(|(key, input)| (key.clone(), input.clone())));
        Self(all)
    }

    /// Those that are expressions.
    #[must_use]
    pub fn questions(&self) -> Vec<Question> {
        let mut questions = Vec::new();
        for (key, input) in &self.0 {
            if let Given::Expression(expression) = &input.given {
                let expression = expression.clone();
                questions.push(Question { key: key.clone(), line: input.line, expression });
            }
        }
        questions
    }
}

impl FromIterator<(String, Given)> for Inputs {
    fn from_iter<I: IntoIterator<Item = (String, Given)>>(all: I) -> Self {
        Self(all.into_iter().map(|(key, given)| (key, Input { given, line: None })).collect())
    }
}

/// A value of a release: known, or still to be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked<T> {
    /// It is this.
    Known(T),
    /// Only GitHub knows.
    Unknown(Expression),
}

impl<T> Asked<T> {
    /// The value, when it is known.
    #[must_use]
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }
}

impl<T: fmt::Display> fmt::Display for Asked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(value) => value.fmt(f),
            Self::Unknown(expression) => expression.fmt(f),
        }
    }
}
