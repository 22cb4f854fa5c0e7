//! Scalars: their source text, and what PyYAML's safe loader makes of it.
//!
//! The patterns are those of YAML 1.1 as PyYAML 6 implements them, oddities included: `1e3` is a text
//! (its exponents need a dot and a sign), `1:30` is 90, `0o17` is a text and `017` is 15.

mod number;
mod timestamp;

pub use timestamp::Timestamp;

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: its type is told from its text.
    Plain,
    /// In quotes or as a block: a text.
    Quoted,
}

/// The types that a tag (`!!str`) can force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Forced {
    Text,
    Int,
    Float,
    Bool,
    Null,
    Timestamp,
}

/// A scalar as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// Its text: folded and unescaped, but never retyped.
    pub text: String,
    /// How it was written.
    pub style: Style,
    pub(super) forced: Option<Forced>,
}

/// What a scalar means to Azure's tools.
#[derive(Debug, Clone, PartialEq)]
pub enum Typed {
    /// `null`, `~`, nothing.
    Null,
    /// `true`, `yes`, `on` and their opposites.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// A number with a point.
    Float(f64),
    /// A text.
    Text(String),
    /// A date or time.
    Timestamp(Timestamp),
}

impl Scalar {
    /// A text, as if written in quotes.
    #[must_use]
    pub fn quoted(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::Quoted, forced: None }
    }

    /// A plain scalar: its type is told from its text.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::Plain, forced: None }
    }

    /// Its type and value.
    ///
    /// # Errors
    /// Where PyYAML fails too: a date that is none (`2024-13-01`), a lone `=` or `<<`, a tag that does not fit
    /// its text (`!!int x`); and whole numbers beyond 38 digits.
    pub fn typed(&self) -> Result<Typed, String> {
        let text = self.text.as_str();
        match (self.forced, self.style) {
            (None, Style::Quoted) | (Some(Forced::Text), _) => Ok(Typed::Text(text.to_owned())),
            (None, Style::Plain) => plain(text),
            (Some(Forced::Null), _) => Ok(Typed::Null),
            (Some(Forced::Bool), _) => match text.to_lowercase().as_str() {
                "yes" | "true" | "on" => Ok(Typed::Bool(true)),
                "no" | "false" | "off" => Ok(Typed::Bool(false)),
                _ => Err(format!("“{}” is not a !!bool", short(text))),
            },
            (Some(Forced::Int), _) => number::int(text).map(Typed::Int),
            (Some(Forced::Float), _) => number::float(text).map(Typed::Float),
            (Some(Forced::Timestamp), _) => timestamp::read(text).map(Typed::Timestamp),
        }
    }

    /// Whether it is `null`, `~` or nothing at all.
    #[must_use]
    pub fn is_null(&self) -> bool {
        match self.forced {
            Some(forced) => forced == Forced::Null,
            None => self.style == Style::Plain && is_null(&self.text),
        }
    }

    /// What it is, in words.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.typed() {
            Ok(Typed::Null) => "empty",
            Ok(Typed::Bool(_)) => "true or false",
            Ok(Typed::Int(_)) => "a whole number",
            Ok(Typed::Float(_)) => "a number",
            Ok(Typed::Text(_)) => "a text",
            Ok(Typed::Timestamp(_)) => "a date",
            Err(_) => "unreadable",
        }
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn plain(text: &str) -> Result<Typed, String> {
    if is_null(text) {
        return Ok(Typed::Null);
    }
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Ok(Typed::Bool(true));
        }
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Ok(Typed::Bool(false));
        }
        "<<" => return Err("a lone << is how mappings are merged. Quote it".to_owned()),
        "=" => return Err("a lone = has a meaning of its own in YAML 1.1. Quote it".to_owned()),
        _ => {}
    }
    if number::looks_float(text) {
        number::float(text).map(Typed::Float)
    } else if number::looks_int(text) {
        number::int(text).map(Typed::Int)
    } else if timestamp::looks(text) {
        timestamp::read(text).map(Typed::Timestamp)
    } else {
        Ok(Typed::Text(text.to_owned()))
    }
}

/// The start of a text that may be long, on one line.
pub(crate) fn short(text: &str) -> String {
    const CHARS_MAX: usize = 60;
    let line: String =
        text.chars().take(CHARS_MAX).map(|c| if c.is_control() { '␣' } else { c }).collect();
    if text.chars().nth(CHARS_MAX).is_some() { format!("{line}…") } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_are_what_pyyaml_says() {
        use Typed::{Bool, Float, Int, Null};
        let text = |text: &str| Typed::Text(text.to_owned());
        for (plain, typed) in [
            ("", Null),
            ("~", Null),
            ("Null", Null),
            ("nULL", text("nULL")),
            ("yes", Bool(true)),
            ("Off", Bool(false)),
            ("y", text("y")),
            ("oN", text("oN")),
            ("0", Int(0)),
            ("-0", Int(0)),
            ("0001", Int(1)),
            ("017", Int(15)),
            ("08", text("08")),
            ("0o17", text("0o17")),
            ("0x1F", Int(31)),
            ("0b1_1", Int(3)),
            ("1_000", Int(1000)),
            ("+7", Int(7)),
            ("1:30", Int(90)),
            ("1:60", text("1:60")),
            ("-1:30", Int(-90)),
            ("01:30", text("01:30")),
            ("0_", Int(0)),
            ("1.5", Float(1.5)),
            ("1.", Float(1.0)),
            (".5", Float(0.5)),
            ("+.5", text("+.5")),
            ("1e3", text("1e3")),
            ("1.0e3", text("1.0e3")),
            ("1.0e+3", Float(1000.0)),
            ("1:30.5", Float(90.5)),
            ("-.inf", Float(f64::NEG_INFINITY)),
            (".", text(".")),
            ("1_0.5_0", Float(10.5)),
            ("infinity", text("infinity")),
            ("-", text("-")),
            ("2024-01-02", Typed::Timestamp(timestamp::read("2024-01-02").expect("a date"))),
            ("2024-1-2", text("2024-1-2")),
            ("1.2.3", text("1.2.3")),
        ] {
            assert_eq!(Scalar::plain(plain).typed(), Ok(typed), "{plain}");
            assert_eq!(Scalar::quoted(plain).typed(), Ok(text(plain)), "quoted {plain}");
        }
        for wrong in ["=", "<<", "2024-13-01", "2024-02-30", "0b_", "0x_"] {
            assert!(Scalar::plain(wrong).typed().is_err(), "{wrong}");
        }
    }
}
