//! Comparisons of two values of one type.

use std::cmp::Ordering;

use crate::types::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub(crate) fn parse(operator: &str) -> Option<Self> {
        Some(match operator {
            "==" => Self::Equal,
            "!=" | "<>" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    /// Whether it asks only for equality, which all types have.
    pub(crate) fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::NotEqual)
    }

    /// The comparison with its sides exchanged.
    pub(crate) fn mirrored(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }

    pub(crate) fn of<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }

    /// The result where a side or both are null; `None` is null (Kusto, "Null values", equality and inequality, binary
    /// operators).
    pub(crate) fn with_null(self, are_both_null: bool) -> Option<bool> {
        match self {
            Self::Equal if !are_both_null => Some(false),
            Self::NotEqual if !are_both_null => Some(true),
            _ => None,
        }
    }

    pub(crate) fn apply(self, left: &Value, right: &Value) -> Value {
        if left.is_null() || right.is_null() {
            let both = left.is_null() && right.is_null();
            return self.with_null(both).map_or(Value::Null, Value::Bool);
        }
        Value::Bool(match (left, right) {
            (Value::Long(a), Value::Long(b)) => self.of(a, b),
            (Value::Text(a), Value::Text(b)) => self.of(a, b),
            (Value::Bool(a), Value::Bool(b)) => self.of(a, b),
            (Value::Dynamic(_), Value::Dynamic(_)) => {
                let order = if left == right { Ordering::Equal } else { Ordering::Less };
                self.of(&order, &Ordering::Equal)
            }
            _ => match (left.as_real(), right.as_real()) {
                (Some(a), Some(b)) => self.of(&a, &b),
                _ => return Value::Null,
            },
        })
    }
}
