//! The types of KQL, and the values that columns and expressions have.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A type of KQL. `guid` and `decimal` are missing: no table of online endpoints has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    Bool,
    /// Ticks of 100 ns since the beginning of the year 1.
    DateTime,
    /// A JSON value.
    Dynamic,
    /// 32 bits.
    Int,
    /// 64 bits.
    Long,
    Real,
    String,
    /// Ticks of 100 ns.
    TimeSpan,
}

impl Type {
    /// The name in queries and in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::DateTime => "datetime",
            Self::Dynamic => "dynamic",
            Self::Int => "int",
            Self::Long => "long",
            Self::Real => "real",
            Self::String => "string",
            Self::TimeSpan => "timespan",
        }
    }

    /// The type with a name in a query, where several have two.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "bool" | "boolean" => Self::Bool,
            "datetime" | "date" => Self::DateTime,
            "dynamic" => Self::Dynamic,
            "int" => Self::Int,
            "long" => Self::Long,
            "real" | "double" => Self::Real,
            "string" => Self::String,
            "timespan" | "time" => Self::TimeSpan,
            _ => return None,
        })
    }

    pub(crate) fn is_integer(self) -> bool {
        matches!(self, Self::Int | Self::Long)
    }

    pub(crate) fn is_number(self) -> bool {
        self.is_integer() || self == Self::Real
    }

    /// Whether values are [`Value::Long`].
    pub(crate) fn is_long(self) -> bool {
        self.is_integer() || matches!(self, Self::DateTime | Self::TimeSpan)
    }

    /// What a missing value is: null, except for strings, which are never null.
    pub fn missing(self) -> Value {
        if self == Self::String { Value::text("") } else { Value::Null }
    }

    /// Whether a column of this type can hold a value.
    pub fn holds(self, value: &Value) -> bool {
        match value {
            Value::Null => self != Self::String,
            Value::Bool(_) => self == Self::Bool,
            Value::Long(number) => match self {
                Self::Int => i32::try_from(*number).is_ok(),
                _ => self.is_long() && *number != i64::MIN,
            },
            Value::Real(_) => self == Self::Real,
            Value::Text(_) => self == Self::String,
            Value::Dynamic(_) => self == Self::Dynamic,
        }
    }
}

/// A value. What a number means depends on the type of its column.
#[derive(Clone, Debug)]
pub enum Value {
    Null,
    Bool(bool),
    /// Also a time or a time span, in ticks of 100 ns. `i64::MIN` is no value: columns keep null as it.
    Long(i64),
    Real(f64),
    Text(Arc<str>),
    Dynamic(Arc<Json>),
}

impl Value {
    /// A string.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::Text(Arc::from(text.as_ref()))
    }

    /// A JSON value; JSON's null is null.
    pub fn dynamic(json: Json) -> Self {
        if json.is_null() { Self::Null } else { Self::Dynamic(Arc::new(json)) }
    }

    /// Whether it is null. A string never is.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The string, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The number, time or time span, if it is one.
    pub fn as_long(&self) -> Option<i64> {
        if let Self::Long(number) = self { Some(*number) } else { None }
    }

    /// The number as a floating-point one.
    pub fn as_real(&self) -> Option<f64> {
        match self {
            Self::Long(number) => Some(*number as f64),
            Self::Real(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(is) = self { Some(*is) } else { None }
    }

    /// About how many bytes it takes, in memory and in an answer.
    pub(crate) fn size(&self) -> usize {
        let own = size_of::<Self>();
        match self {
            Self::Text(text) => own + text.len(),
            Self::Dynamic(json) => own + json_size(json),
            _ => own,
        }
    }

    /// The order of `sort`. Values of one type are compared; null and NaN come first.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Long(a), Self::Long(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Dynamic(a), Self::Dynamic(b)) => a.to_string().cmp(&b.to_string()),
            _ => match (self.as_real(), other.as_real()) {
                (Some(a), Some(b)) => {
                    a.partial_cmp(&b).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
                }
                _ => self.rank().cmp(&other.rank()),
            },
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Long(_) | Self::Real(_) => 2,
            Self::Text(_) => 3,
            Self::Dynamic(_) => 4,
        }
    }

    /// A real number's bits, so that equal numbers have equal bits.
    fn bits(number: f64) -> u64 {
        if number == 0.0 { 0 } else { number.to_bits() }
    }
}

fn json_size(json: &Json) -> usize {
    match json {
        Json::String(text) => text.len() + 24,
        Json::Array(items) => items.iter().map(json_size).sum::<usize>() + 24,
        Json::Object(items) => {
            items.iter().map(|(key, value)| key.len() + 48 + json_size(value)).sum::<usize>() + 24
        }
        _ => 24,
    }
}

/// Equality of keys: null is equal to null, and NaN to NaN.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Long(a), Self::Long(b)) => a == b,
            (Self::Real(a), Self::Real(b)) => Self::bits(*a) == Self::bits(*b),
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Dynamic(a), Self::Dynamic(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Null => state.write_u8(0),
            Self::Bool(is) => is.hash(state),
            Self::Long(number) => number.hash(state),
            Self::Real(number) => Self::bits(*number).hash(state),
            Self::Text(text) => text.hash(state),
            Self::Dynamic(json) => json.to_string().hash(state),
        }
    }
}
