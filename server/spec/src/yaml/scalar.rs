//! Scalars: their source text, and its conversion by PyYAML's safe loader.
//!
//! The patterns are those of YAML 1.1 as PyYAML 6 implements them, with its oddities: `1e3` is a string (a number with
//! an exponent needs a dot and a sign), `1:30` is 90, `0o17` is a string and `017` is 15.

mod number;
mod timestamp;

pub use timestamp::Timestamp;

/// The style of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: the text determines the type.
    Plain,
    /// In quotes or as a block: a string.
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

/// A scalar as in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// Folded and unescaped, but not converted.
    pub text: String,
    pub style: Style,
    pub(super) forced: Option<Forced>,
}

/// The value that Azure's tools read from a scalar.
#[derive(Debug, Clone, PartialEq)]
pub enum Typed {
    /// `null`, `~` or empty.
    Null,
    /// `true`, `yes`, `on` and their opposites.
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(String),
    Timestamp(Timestamp),
}

impl Scalar {
    /// A string, as if in quotes.
    #[must_use]
    pub fn quoted(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::Quoted, forced: None }
    }

    /// A plain scalar, whose text determines its type.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::Plain, forced: None }
    }

    /// The typed value.
    ///
    /// # Errors
    /// The same as in PyYAML: an impossible date (`2024-13-01`), a lone `=` or `<<`, a tag that does not match its
    /// text (`!!int x`). Also integers of more than 38 digits.
    pub fn typed(&self) -> Result<Typed, String> {
        let text = self.text.as_str();
        match (self.forced, self.style) {
            (None, Style::Quoted) | (Some(Forced::Text), _) => Ok(Typed::Text(text.to_owned())),
            (None, Style::Plain) => plain(text),
            (Some(Forced::Null), _) => Ok(Typed::Null),
            (Some(Forced::Bool), _) => match text.to_lowercase().as_str() {
                "yes" | "true" | "on" => Ok(Typed::Bool(true)),
                "no" | "false" | "off" => Ok(Typed::Bool(false)),
                _ => Err(format!(
                    "the tag !!bool requires true or false, but the value is “{}”. Write one of them, or remove the tag",
                    short(text)
                )),
            },
            (Some(Forced::Int), _) => number::int(text).map(Typed::Int),
            (Some(Forced::Float), _) => number::float(text).map(Typed::Float),
            (Some(Forced::Timestamp), _) => timestamp::read(text).map(Typed::Timestamp),
        }
    }

    /// Whether the scalar is `null`, `~` or empty.
    #[must_use]
    pub fn is_null(&self) -> bool {
        match self.forced {
            Some(forced) => forced == Forced::Null,
            None => self.style == Style::Plain && is_null(&self.text),
        }
    }

    /// The kind of value, with an article.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.typed() {
            Ok(Typed::Null) => "an empty value",
            Ok(Typed::Bool(_)) => "a boolean",
            Ok(Typed::Int(_)) => "an integer",
            Ok(Typed::Float(_)) => "a number",
            Ok(Typed::Text(_)) => "a string",
            Ok(Typed::Timestamp(_)) => "a date",
            Err(_) => "an unreadable value",
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
        "<<" => {
            return Err(
                "<< alone is YAML's merge key, not a value. Write \"<<\" in quotes".to_owned()
            );
        }
        "=" => {
            return Err(
                "= alone has a special meaning in YAML 1.1. Write \"=\" in quotes".to_owned()
            );
        }
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

/// Cuts a text for use in a one-line message.
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
    fn plain_scalars_have_the_types_of_pyyaml() {
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
