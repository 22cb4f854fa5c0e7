//! Unchecked inputs from a workflow file.

use super::number::{self, Number};
use serde::{Deserialize, Serialize};
use std::fmt;

pub use super::inputs::{Again, Inputs};

/// Maximum number of inputs of one job. The templates have about thirty.
pub const INPUTS_MAX: usize = 200;

/// A text that contains `${{ … }}`. Only GitHub can evaluate it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expression(pub String);

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A YAML value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    Text(String),
    /// `true` or `false`, without quotes.
    Bool(bool),
    Integer(i64),
    /// Any other number, as written.
    Float(String),
    Null,
    Expression(Expression),
    /// A list or a map; the string says which (`a list`).
    Other(String),
}

impl Given {
    /// An expression if the text contains `${{`, otherwise plain text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.contains("${{") { Self::Expression(Expression(text)) } else { Self::Text(text) }
    }

    /// Parses an unquoted value as GitHub does (YAML 1.2: only `true` and `false` are booleans; `yes` is a string).
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
            // Keep the spelling where an integer would lose it: `0001`, `100.0`.
            (Some(_), Ok(number)) if number.to_string() == text => Self::Integer(number),
            (Some(_), _) => Self::Float(text.to_owned()),
        }
    }

    /// The numeric value, if this is a number.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => number::read(&number.to_string()).and_then(is),
            Self::Float(written) => number::read(written).and_then(is),
            _ => None,
        }
    }

    /// Whether the value counts as not given: null, an empty text, or 0.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Integer(_) | Self::Float(_) => self.number() == Some(0.0),
            _ => false,
        }
    }

    /// The string that GitHub converts the value to for an input of type `string`, if the value can be converted.
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

    /// The value as a person would type it.
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

    /// The type and value for messages: `the text “true”`, `the number 12.5`.
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

/// Truncates a text from a file for use in a message.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

/// One input and its position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    pub given: Given,
    /// Line in the workflow file, counted from 1; `None` if a person gave the input.
    pub line: Option<u32>,
    /// Column of the key, counted from 1.
    pub column: Option<u32>,
}

/// A value of a release: known, or to be answered by a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked<T> {
    Known(T),
    /// Only GitHub can evaluate the expression.
    Unknown(Expression),
}

impl<T> Asked<T> {
    /// The value, if known.
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
