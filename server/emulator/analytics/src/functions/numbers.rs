//! Arithmetic on numbers, times and time spans.

use time::{Date, Month};

use super::{Part, Period};
use crate::ticks;
use crate::types::{Type, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// In which numbers is calculated, and what the result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Domain {
    /// Whole numbers and time spans.
    Long,
    Real,
    /// Whole numbers, the result being a time.
    Time,
    /// Real numbers, the result being a time span.
    Span,
}

impl Arithmetic {
    pub(crate) fn parse(operator: &str) -> Option<Self> {
        Some(match operator {
            "+" => Self::Add,
            "-" => Self::Subtract,
            "*" => Self::Multiply,
            "/" => Self::Divide,
            "%" => Self::Modulo,
            _ => return None,
        })
    }

    /// `None` is null: a division by zero, or a result that has no room.
    pub(crate) fn longs(self, left: i64, right: i64) -> Option<i64> {
        match self {
            Self::Add => Some(left.wrapping_add(right)),
            Self::Subtract => Some(left.wrapping_sub(right)),
            Self::Multiply => Some(left.wrapping_mul(right)),
            Self::Divide => left.checked_div(right),
            // Never negative (Kusto, "Numerical operators", the modulo operator).
            Self::Modulo => left.checked_rem_euclid(right),
        }
        .filter(|number| *number != i64::MIN)
    }

    pub(crate) fn reals(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Modulo => left.rem_euclid(right),
        }
    }

    pub(crate) fn apply(self, domain: Domain, left: &Value, right: &Value) -> Value {
        if let (Domain::Long | Domain::Time, Some(left), Some(right)) =
            (domain, left.as_long(), right.as_long())
        {
            let number = self.longs(left, right);
            let number = number.filter(|ticks| domain == Domain::Long || ticks::is_time(*ticks));
            return number.map_or(Value::Null, Value::Long);
        }
        match (domain, left.as_real(), right.as_real()) {
            (Domain::Real, Some(left), Some(right)) => Value::Real(self.reals(left, right)),
            (Domain::Span, Some(left), Some(right)) => long(self.reals(left, right).round()),
            _ => Value::Null,
        }
    }
}

/// A real number as a whole one, if it has room.
pub(crate) fn long(number: f64) -> Value {
    let has_room = number.abs() < 9.223_372_036_854_775e18;
    if has_room { Value::Long(number as i64) } else { Value::Null }
}

/// The greatest multiple of `size` that is not greater than `number`; null if the size is not positive (Kusto, "bin()").
pub(crate) fn bin(number: i64, size: i64) -> Option<i64> {
    if size <= 0 {
        return None;
    }
    number.checked_sub(number.rem_euclid(size))
}

pub(super) fn bin_values(domain: Domain, value: &Value, size: &Value) -> Value {
    if domain != Domain::Real {
        let (value, size) = (value.as_long(), size.as_long());
        return value
            .zip(size)
            .and_then(|(value, size)| bin(value, size))
            .map_or(Value::Null, Value::Long);
    }
    match (value.as_real(), size.as_real()) {
        (Some(value), Some(size)) if size > 0.0 => Value::Real((value / size).floor() * size),
        _ => Value::Null,
    }
}

pub(super) fn absolute(value: &Value) -> Value {
    match value {
        Value::Long(number) => Value::Long(number.saturating_abs()),
        Value::Real(number) => Value::Real(number.abs()),
        _ => Value::Null,
    }
}

pub(super) fn round(value: &Value, digits: Option<&Value>) -> Value {
    let digits = digits.and_then(Value::as_long).unwrap_or(0).clamp(-15, 15);
    let factor = 10_f64.powi(i32::try_from(digits).unwrap_or(0));
    value.as_real().map_or(Value::Null, |number| Value::Real((number * factor).round() / factor))
}

pub(super) fn start_of(period: Period, value: &Value) -> Value {
    let date = value.as_long().and_then(ticks::date);
    let Some(date) = date else { return Value::Null };
    let first = |month: Month| Date::from_calendar_date(date.year(), month, 1).ok();
    let start = match period {
        Period::Day => Some(date),
        // A week begins on Sunday (Kusto, "startofweek()").
        Period::Week => date
            .checked_sub(time::Duration::days(i64::from(date.weekday().number_days_from_sunday()))),
        Period::Month => first(date.month()),
        Period::Year => first(Month::January),
    };
    start.map_or(Value::Null, |date| Value::Long(ticks::of_date(date)))
}

pub(super) fn part(part: Part, value: &Value) -> Value {
    let Some(ticks) = value.as_long() else { return Value::Null };
    let Some(date) = ticks::date(ticks) else { return Value::Null };
    Value::Long(match part {
        Part::Hour => ticks.rem_euclid(ticks::DAY) / ticks::HOUR,
        Part::DayOfMonth => i64::from(date.day()),
        Part::Month => i64::from(u8::from(date.month())),
        Part::Year => i64::from(date.year()),
    })
}

impl Domain {
    /// The domain of `bin` for values of a type.
    pub(crate) fn of_bin(kind: Type) -> Self {
        match kind {
            Type::Real => Self::Real,
            Type::DateTime => Self::Time,
            _ => Self::Long,
        }
    }
}
