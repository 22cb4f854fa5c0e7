//! Functions of strings.

use regex::Regex;
use serde_json::Value as Json;

use super::{TEXT_BYTES_MAX, cast};
use crate::types::{Type, Value};

/// How two strings are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    /// A term: letters and digits between other characters (Kusto, "String operators", what is a term?).
    Term,
    TermPrefix,
    TermSuffix,
    Anywhere,
    Start,
    End,
}

/// `has`, `!contains_cs`, `=~` and the like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TextTest {
    part: Part,
    is_case_sensitive: bool,
    is_negated: bool,
}

impl TextTest {
    pub(crate) fn parse(operator: &str) -> Option<Self> {
        let is_negated = operator.starts_with('!');
        let bare = operator.strip_prefix('!').unwrap_or(operator);
        let (bare, is_case_sensitive) = match bare.strip_suffix("_cs") {
            Some(bare) => (bare, true),
            None => (bare, false),
        };
        let part = match bare {
            "=~" | "~" => Part::Whole,
            "has" => Part::Term,
            "hasprefix" => Part::TermPrefix,
            "hassuffix" => Part::TermSuffix,
            "contains" => Part::Anywhere,
            "startswith" => Part::Start,
            "endswith" => Part::End,
            _ => return None,
        };
        Some(Self { part, is_case_sensitive, is_negated })
    }

    pub(super) fn apply(self, left: &Value, right: &Value) -> Value {
        let (left, right) =
            (left.as_text().unwrap_or_default(), right.as_text().unwrap_or_default());
        Value::Bool(self.of(left, right))
    }

    /// Whether it holds for two strings.
    pub(crate) fn of(self, left: &str, right: &str) -> bool {
        let is = if self.is_case_sensitive {
            self.part.of(left, right)
        } else if left.is_ascii() && right.is_ascii() {
            self.part.of(&left.to_ascii_lowercase(), &right.to_ascii_lowercase())
        } else {
            self.part.of(&left.to_lowercase(), &right.to_lowercase())
        };
        is != self.is_negated
    }
}

impl Part {
    fn of(self, left: &str, right: &str) -> bool {
        match self {
            Self::Whole => left == right,
            Self::Anywhere => left.contains(right),
            Self::Start => left.starts_with(right),
            Self::End => left.ends_with(right),
            Self::Term => has_term(left, right, true, true),
            Self::TermPrefix => has_term(left, right, true, false),
            Self::TermSuffix => has_term(left, right, false, true),
        }
    }
}

/// The longest text that is looked for at every place. Longer ones are looked for behind each other, so that the time stays
/// linear; only a text that overlaps itself can then be missed.
const OVERLAPPING_BYTES_MAX: usize = 256;

/// Whether `right` occurs where terms begin, or end, or both. A `right` of several terms must match all of them in turn, with
/// what is between them.
fn has_term(left: &str, right: &str, is_start: bool, is_end: bool) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let (begins, ends) = (is_part(right.chars().next()), is_part(right.chars().next_back()));
    let mut from = 0;
    while let Some(found) = left.get(from..).and_then(|rest| rest.find(right)) {
        let at = from + found;
        let before = left[..at].chars().next_back();
        let after = left[at + right.len()..].chars().next();
        let starts_well = !is_start || !begins || !is_part(before);
        let ends_well = !is_end || !ends || !is_part(after);
        if starts_well && ends_well {
            return true;
        }
        let letter = left[at..].chars().next().map_or(1, char::len_utf8);
        from = at + if right.len() > OVERLAPPING_BYTES_MAX { right.len() } else { letter };
    }
    false
}

/// A string of at most [`TEXT_BYTES_MAX`] bytes.
fn limited(mut text: String) -> Value {
    if text.len() > TEXT_BYTES_MAX {
        text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
    }
    Value::text(text)
}

/// The arguments were made strings before.
pub(super) fn concatenate(values: &[Value], delimiter: &str) -> Value {
    let mut text = String::new();
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            text.push_str(delimiter);
        }
        text.push_str(value.as_text().unwrap_or_default());
        if text.len() > TEXT_BYTES_MAX {
            break;
        }
    }
    limited(text)
}

/// A group of the first match; nothing if there is no match.
pub(super) fn extract(pattern: &Regex, group: usize, value: &Value) -> Value {
    let text = value.as_text().unwrap_or_default();
    let found = pattern.captures(text).and_then(|captures| captures.get(group));
    Value::text(found.map_or("", |found| found.as_str()))
}

/// The parts between delimiters, or an array of only one of them.
pub(super) fn split(value: &Value, delimiter: &Value, index: Option<&Value>) -> Value {
    let (text, delimiter) =
        (value.as_text().unwrap_or_default(), delimiter.as_text().unwrap_or_default());
    let parts: Vec<Json> = if delimiter.is_empty() {
        vec![Json::from(text)]
    } else {
        text.split(delimiter).map(Json::from).collect()
    };
    let parts = match index.map(|index| index.as_long().and_then(|at| usize::try_from(at).ok())) {
        None => parts,
        Some(at) => at.and_then(|at| parts.into_iter().nth(at)).into_iter().collect(),
    };
    Value::dynamic(Json::Array(parts))
}

pub(super) fn replace(value: &Value, from: &Value, to: Option<&Value>) -> Value {
    let (text, from) = (value.as_text().unwrap_or_default(), from.as_text().unwrap_or_default());
    let to = to.and_then(Value::as_text).unwrap_or_default();
    if from.is_empty() {
        return value.clone();
    }
    // So that the result is never built when it is far too long.
    let most = text.matches(from).count().saturating_mul(to.len());
    if most > TEXT_BYTES_MAX * 2 {
        limited(text.to_owned())
    } else {
        limited(text.replace(from, to))
    }
}

/// From a letter on, which may be counted from the end, for a number of letters (Kusto, "substring()").
pub(super) fn substring(value: &Value, from: &Value, length: Option<&Value>) -> Value {
    let text = value.as_text().unwrap_or_default();
    let from = from.as_long().unwrap_or(0);
    let count = text.chars().count();
    let skipped = if from < 0 {
        count.saturating_sub(usize::try_from(from.unsigned_abs()).unwrap_or(usize::MAX))
    } else {
        usize::try_from(from).unwrap_or(usize::MAX)
    };
    let taken = match length.and_then(Value::as_long) {
        Some(length) => usize::try_from(length).unwrap_or(0),
        None => usize::MAX,
    };
    Value::text(text.chars().skip(skipped).take(taken).collect::<String>())
}

pub(super) fn length(value: &Value) -> Value {
    let count = value.as_text().unwrap_or_default().chars().count();
    Value::Long(i64::try_from(count).unwrap_or(i64::MAX))
}

/// The letter at which a string occurs; -1 if it does not.
pub(super) fn index_of(value: &Value, part: &Value) -> Value {
    let (text, part) = (value.as_text().unwrap_or_default(), part.as_text().unwrap_or_default());
    let at = text.find(part).map(|at| text[..at].chars().count());
    Value::Long(at.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1))
}

/// Without the matches at the beginning and at the end.
pub(super) fn trim(pattern: &Regex, value: &Value) -> Value {
    let mut text = value.as_text().unwrap_or_default();
    if let Some(found) = pattern.find(text).filter(|found| found.start() == 0) {
        text = &text[found.end()..];
    }
    let last = pattern.find_iter(text).last().filter(|found| found.end() == text.len());
    Value::text(last.map_or(text, |found| &text[..found.start()]))
}

/// The values of a list as lower-case strings, for `in~`.
pub(crate) fn folded(kind: Type, value: &Value) -> Value {
    Value::text(cast::to_text(kind, value).to_lowercase())
}
