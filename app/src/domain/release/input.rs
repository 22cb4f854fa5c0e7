//! Inputs as a workflow file gives them, before they are checked.

use super::number::{self, Number};
use serde::{Deserialize, Serialize};
use std::fmt;

pub use super::inputs::{Again, Inputs};

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

    /// A text without quotes as GitHub reads it (YAML 1.2: only `true` and `false` are flags, `yes` is a text).
    #[must_use]
    pub fn plain(text: &str) -> Self {
        match text {
            "true" | "True" | "TRUE" => return Self::Bool(true),
            "false" | "False" | "FALSE" => return Self::Bool(false),
            "" | "~" | "null" | "Null" | "NULL" => return Self::Null,
            _ => {}
        }
        match (number::read(text), text.parse::<i64>()) {
            (None, _) => Self::text(text),
            // As written where that says more: `0001`, `100.0`.
            (Some(_), Ok(number)) if number.to_string() == text => Self::Integer(number),
            (Some(_), _) => Self::Float(text.to_owned()),
        }
    }

    /// The number that it is.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => number::read(&number.to_string()).and_then(is),
            Self::Float(written) => number::read(written).and_then(is),
            _ => None,
        }
    }

    /// Whether it stands for "not given": nothing, an empty text, or 0.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Integer(_) | Self::Float(_) => self.number() == Some(0.0),
            _ => false,
        }
    }

    /// The text that GitHub makes of it for an input of the type `string`; `None` for what has none.
    #[must_use]
    pub fn as_text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Bool(flag) => Some(flag.to_string()),
            Self::Integer(_) | Self::Float(_) => self.number().map(number::text),
            Self::Null => Some(String::new()),
            Self::Expression(_) | Self::Other(_) => None,
        }
    }

    /// It as one would type it.
    #[must_use]
    pub fn written(&self) -> String {
        match self {
            Self::Text(text) | Self::Float(text) => text.clone(),
            Self::Bool(flag) => flag.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Null => String::new(),
            Self::Expression(expression) => expression.0.clone(),
            Self::Other(what) => what.clone(),
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

fn is(number: Number) -> Option<f64> {
    match number {
        Number::Is(number) => Some(number),
        Number::TooLarge => None,
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
    /// The column of its key there, from 1.
    #[serde(default)]
    pub column: Option<u32>,
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
