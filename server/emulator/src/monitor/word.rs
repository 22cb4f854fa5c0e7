//! Words with a meaning, in the properties of rules and settings.

use serde_json::Value;

/// How a value is compared with a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    GreaterThan,
    GreaterThanOrEqual,
    LessThan,
    LessThanOrEqual,
    Equals,
    NotEquals,
}

impl Comparison {
    /// All of them by name. Alert rules do not have the last one.
    pub const ALL: [(&str, Self); 6] = [
        ("GreaterThan", Self::GreaterThan),
        ("GreaterThanOrEqual", Self::GreaterThanOrEqual),
        ("LessThan", Self::LessThan),
        ("LessThanOrEqual", Self::LessThanOrEqual),
        ("Equals", Self::Equals),
        ("NotEquals", Self::NotEquals),
    ];

    /// Whether a value is one that is looked for.
    pub fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::GreaterThan => value > threshold,
            Self::GreaterThanOrEqual => value >= threshold,
            Self::LessThan => value < threshold,
            Self::LessThanOrEqual => value <= threshold,
            Self::Equals => value == threshold,
            Self::NotEquals => value != threshold,
        }
    }
}

/// The meaning of a word, in any case.
///
/// # Errors
/// The words that are known, in a sentence.
pub fn one_of<T: Copy>(value: &Value, name: &str, known: &[(&str, T)]) -> Result<T, String> {
    let text = value.as_str().unwrap_or_default();
    let found = known.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    found.map(|(_, one)| *one).ok_or_else(|| {
        let known: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        format!("The {name} must be one of {}.", known.join(", "))
    })
}
