//! What operators and functions of expressions do with values. Types were checked before; here, values are of the types that
//! each function expects, or null.

pub(crate) mod cast;
mod compare;
mod dynamic;
mod numbers;
pub(crate) mod text;

use std::collections::HashSet;
use std::sync::Arc;

use regex::Regex;

use crate::types::{Type, Value};
pub(crate) use compare::Comparison;
pub(crate) use numbers::{Arithmetic, Domain, bin};
use text::TextTest;

/// The longest string that a function makes: longer ones are cut, as the service cuts those that it ingests (Kusto, "The
/// string data type").
pub(crate) const TEXT_BYTES_MAX: usize = 1 << 20;

/// A function of the values of one row.
#[derive(Clone, Debug)]
pub(crate) enum Function {
    /// Two values of one type.
    Compare(Comparison),
    Arithmetic(Arithmetic, Domain),
    Bin(Domain),
    And,
    Or,
    Not,
    Text(TextTest),
    Matches(Regex),
    /// Whether a value is in a set; lower case for `in~`.
    In {
        set: Arc<HashSet<Value>>,
        is_folded: bool,
    },
    Cast(Type, Type),
    IsNull,
    IsEmpty,
    If,
    Case,
    Coalesce,
    Concatenate,
    ConcatenateWith,
    Extract {
        pattern: Regex,
        group: usize,
    },
    Split,
    Replace,
    Substring,
    Length,
    Lower,
    Upper,
    IndexOf,
    Trim(Regex),
    ParseJson,
    Member,
    ArrayLength,
    TypeName(Type),
    Absolute,
    Round,
    Ceiling,
    StartOf(Period),
    Part(Part),
    LeastOf,
    GreatestOf,
}

/// What a time is rounded down to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Period {
    Day,
    Week,
    Month,
    Year,
}

/// A number of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Hour,
    DayOfMonth,
    Month,
    Year,
}

impl Function {
    /// The value for some arguments.
    pub(crate) fn apply(&self, values: &[Value]) -> Value {
        let first = values.first().unwrap_or(&Value::Null);
        let second = values.get(1).unwrap_or(&Value::Null);
        match self {
            Self::Compare(comparison) => comparison.apply(first, second),
            Self::Arithmetic(arithmetic, domain) => arithmetic.apply(*domain, first, second),
            Self::Bin(domain) => numbers::bin_values(*domain, first, second),
            Self::And => all(values, false),
            Self::Or => all(values, true),
            Self::Not => first.as_bool().map_or(Value::Null, |is| Value::Bool(!is)),
            Self::Text(test) => test.apply(first, second),
            Self::Matches(regex) => {
                Value::Bool(regex.is_match(first.as_text().unwrap_or_default()))
            }
            Self::In { set, is_folded } => is_in(set, *is_folded, first),
            Self::Cast(from, to) => cast::cast(*from, *to, first),
            Self::IsNull => Value::Bool(first.is_null()),
            Self::IsEmpty => Value::Bool(first.is_null() || first.as_text() == Some("")),
            Self::If => if_else(values),
            Self::Case => case(values),
            Self::Coalesce => coalesce(values),
            _ => self.apply_more(first, second, values),
        }
    }

    fn apply_more(&self, first: &Value, second: &Value, values: &[Value]) -> Value {
        match self {
            Self::Concatenate => text::concatenate(values, ""),
            Self::ConcatenateWith => text::concatenate(
                values.get(1..).unwrap_or_default(),
                first.as_text().unwrap_or_default(),
            ),
            Self::Extract { pattern, group } => text::extract(pattern, *group, first),
            Self::Split => text::split(first, second, values.get(2)),
            Self::Replace => text::replace(first, second, values.get(2)),
            Self::Substring => text::substring(first, second, values.get(2)),
            Self::Length => text::length(first),
            Self::Lower => Value::text(first.as_text().unwrap_or_default().to_lowercase()),
            Self::Upper => Value::text(first.as_text().unwrap_or_default().to_uppercase()),
            Self::IndexOf => text::index_of(first, second),
            Self::Trim(pattern) => text::trim(pattern, first),
            Self::ParseJson => dynamic::parse(first),
            Self::Member => dynamic::member(first, second),
            Self::ArrayLength => dynamic::array_length(first),
            Self::TypeName(kind) => dynamic::type_name(*kind, first),
            Self::Absolute => numbers::absolute(first),
            Self::Round => numbers::round(first, values.get(1)),
            Self::Ceiling => {
                first.as_real().map_or(Value::Null, |number| Value::Real(number.ceil()))
            }
            Self::StartOf(period) => numbers::start_of(*period, first),
            Self::Part(part) => numbers::part(*part, first),
            Self::LeastOf => extreme(values, std::cmp::Ordering::is_lt),
            Self::GreatestOf => extreme(values, std::cmp::Ordering::is_gt),
            _ => Value::Null,
        }
    }
}

/// `or` if `decisive` is true, `and` if it is false: the decisive value decides, and null beside the other is null
/// (Kusto, "Null values", exceptions to this rule).
fn all(values: &[Value], decisive: bool) -> Value {
    let mut has_null = false;
    for value in values {
        match value.as_bool() {
            Some(is) if is == decisive => return Value::Bool(decisive),
            Some(_) => {}
            None => has_null = true,
        }
    }
    if has_null { Value::Null } else { Value::Bool(!decisive) }
}

/// As a chain of `or` and `==` (Kusto, "Null values", the `in` operator).
fn is_in(set: &HashSet<Value>, is_folded: bool, value: &Value) -> Value {
    let folded;
    let value = match value {
        Value::Text(text) if is_folded => {
            folded = Value::text(text.to_lowercase());
            &folded
        }
        value => value,
    };
    match (value.is_null(), set.contains(value)) {
        (true, true) => Value::Null,
        (true, false) => Value::Bool(false),
        (false, is) => Value::Bool(is),
    }
}

/// Null counts as false (Kusto, "iff()").
fn if_else(values: &[Value]) -> Value {
    let at = if values.first().and_then(Value::as_bool) == Some(true) { 1 } else { 2 };
    values.get(at).cloned().unwrap_or(Value::Null)
}

/// Conditions and values in turn, and then the value for none of them.
fn case(values: &[Value]) -> Value {
    for pair in values.chunks(2) {
        match pair {
            [condition, value] if condition.as_bool() == Some(true) => return value.clone(),
            [otherwise] => return otherwise.clone(),
            _ => {}
        }
    }
    Value::Null
}

/// The first value that is not null, and for strings not empty (Kusto, "coalesce()").
fn coalesce(values: &[Value]) -> Value {
    let is_there = |value: &&Value| !value.is_null() && value.as_text() != Some("");
    let last = || values.last().cloned().unwrap_or(Value::Null);
    values.iter().find(is_there).cloned().unwrap_or_else(last)
}

/// The least or greatest value that is not null.
fn extreme(values: &[Value], is_better: impl Fn(std::cmp::Ordering) -> bool) -> Value {
    let mut best: Option<&Value> = None;
    for value in values.iter().filter(|value| !value.is_null()) {
        if best.is_none_or(|best| is_better(value.order(best))) {
            best = Some(value);
        }
    }
    best.cloned().unwrap_or(Value::Null)
}
