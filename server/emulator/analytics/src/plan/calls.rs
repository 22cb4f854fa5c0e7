//! Scalar functions: how many arguments they take, of which types, and what they result in.

use super::binder::{Binder, Result, Scope};
use super::types::{arithmetic, common};
use super::{Expr, INGESTED, aggregates, unknown};
use crate::functions::{Arithmetic, Domain, Function, Part, Period};
use crate::kql::error::nearest;
use crate::kql::syntax::{At, Syntax};
use crate::types::{Type, Value};

/// The functions, and the least and most arguments.
const FUNCTIONS: [(&str, usize, usize); 58] = [
    ("abs", 1, 1),
    ("ago", 1, 1),
    ("array_length", 1, 1),
    ("bin", 2, 2),
    ("case", 3, 64),
    ("ceiling", 1, 1),
    ("coalesce", 2, 64),
    ("dayofmonth", 1, 1),
    ("extract", 3, 4),
    ("floor", 2, 2),
    ("getmonth", 1, 1),
    ("gettype", 1, 1),
    ("getyear", 1, 1),
    ("hourofday", 1, 1),
    ("iff", 3, 3),
    ("iif", 3, 3),
    ("indexof", 2, 2),
    ("ingestion_time", 0, 0),
    ("isempty", 1, 1),
    ("isnotempty", 1, 1),
    ("isnotnull", 1, 1),
    ("isnull", 1, 1),
    ("max_of", 2, 64),
    ("min_of", 2, 64),
    ("monthofyear", 1, 1),
    ("not", 1, 1),
    ("notempty", 1, 1),
    ("notnull", 1, 1),
    ("now", 0, 1),
    ("parse_json", 1, 1),
    ("parsejson", 1, 1),
    ("replace_string", 3, 3),
    ("round", 1, 2),
    ("split", 2, 3),
    ("startofday", 1, 1),
    ("startofmonth", 1, 1),
    ("startofweek", 1, 1),
    ("startofyear", 1, 1),
    ("strcat", 1, 64),
    ("strcat_delim", 2, 64),
    ("strlen", 1, 1),
    ("substring", 2, 3),
    ("tobool", 1, 1),
    ("toboolean", 1, 1),
    ("todatetime", 1, 1),
    ("todouble", 1, 1),
    ("todynamic", 1, 1),
    ("toint", 1, 1),
    ("tolong", 1, 1),
    ("tolower", 1, 1),
    ("toobject", 1, 1),
    ("toreal", 1, 1),
    ("tostring", 1, 1),
    ("totimespan", 1, 1),
    ("toupper", 1, 1),
    ("trim", 2, 2),
    ("trim_end", 2, 2),
    ("trim_start", 2, 2),
];

impl Binder<'_> {
    pub(super) fn call(
        &mut self,
        at: At,
        name: &str,
        arguments: &[Syntax],
        scope: &mut Scope<'_>,
    ) -> Result<Expr> {
        if aggregates::is_aggregate(name) {
            return self.aggregate_value(at, name, arguments, scope);
        }
        let Some((_, least, most)) = FUNCTIONS.iter().find(|(one, ..)| *one == name) else {
            return Err(self.unknown_function(at, name));
        };
        if !(*least..=*most).contains(&arguments.len()) {
            let count =
                if least == most { least.to_string() } else { format!("{least} to {most}") };
            let message = format!("{name}(): function expects {count} argument(s).");
            return Err(self.semantic(at, name, Some("SEM0219"), message));
        }
        let values =
            arguments.iter().map(|one| self.expression(one, scope)).collect::<Result<Vec<_>>>()?;
        self.function(at, name, values, scope)
    }

    pub(super) fn unknown_function(&self, at: At, name: &str) -> crate::kql::error::QueryError {
        if unknown::is_function(name) {
            return self.unsupported(at, "function", name);
        }
        let known = FUNCTIONS.iter().map(|(name, ..)| *name).chain(aggregates::names());
        let mut message = format!("Unknown function: '{name}'.");
        if let Some(near) = nearest(name, known) {
            message.push_str(&format!(" Did you mean {near}?"));
        }
        self.semantic(at, name, Some("SEM0260"), message)
    }

    fn function(
        &mut self,
        at: At,
        name: &str,
        values: Vec<Expr>,
        scope: &Scope<'_>,
    ) -> Result<Expr> {
        use Type::{Bool, DateTime, Dynamic, Long, String};
        let mut arguments = values.clone().into_iter();
        let mut next = || arguments.next().unwrap_or_else(|| Expr::constant(Dynamic, Value::Null));
        let first = values.first().map_or(Dynamic, |one| one.kind);
        if let Some(kind) = conversion(name) {
            return Ok(next().cast(kind));
        }
        match name {
            "todynamic" | "toobject" | "parse_json" | "parsejson" => {
                let value = next();
                let value = if first == String { value } else { value.cast(Dynamic) };
                Ok(Expr::call(Dynamic, Function::ParseJson, vec![value]))
            }
            "ago" => self.time(at, name, Arithmetic::Subtract, next()),
            "now" if values.is_empty() => Ok(Expr::constant(DateTime, Value::Long(self.now))),
            "now" => self.time(at, name, Arithmetic::Add, next()),
            "ingestion_time" => {
                Ok(scope.column(INGESTED).unwrap_or_else(|| Expr::constant(DateTime, Value::Null)))
            }
            "isnull" => Ok(Expr::call(Bool, Function::IsNull, values)),
            "isempty" => Ok(Expr::call(Bool, Function::IsEmpty, values)),
            "isnotnull" | "notnull" => Ok(not(Expr::call(Bool, Function::IsNull, values))),
            "isnotempty" | "notempty" => Ok(not(Expr::call(Bool, Function::IsEmpty, values))),
            "not" => Ok(not(self.bool(at, name, next())?)),
            "bin" | "floor" => self.bin(at, name, values),
            "iff" | "iif" | "case" | "coalesce" | "max_of" | "min_of" => {
                self.branches(at, name, values)
            }
            "abs" | "round" | "ceiling" => Ok(rounded(name, values)),
            "gettype" => Ok(Expr::call(String, Function::TypeName(first), values)),
            "array_length" => {
                Ok(Expr::call(Long, Function::ArrayLength, vec![next().cast(Dynamic)]))
            }
            "strcat" | "strcat_delim" => {
                let function = if name == "strcat" {
                    Function::Concatenate
                } else {
                    Function::ConcatenateWith
                };
                let texts = values.into_iter().map(|value| value.cast(String)).collect();
                Ok(Expr::call(String, function, texts))
            }
            _ => match time_function(name) {
                Some((kind, function)) => {
                    Ok(Expr::call(kind, function, vec![next().cast(DateTime)]))
                }
                None => self.text_function(at, name, values),
            },
        }
    }

    /// `now` plus or minus a time span.
    fn time(&self, at: At, name: &str, sign: Arithmetic, span: Expr) -> Result<Expr> {
        let now = Expr::constant(Type::DateTime, Value::Long(self.now));
        match span.kind {
            Type::TimeSpan => arithmetic(sign, now, span),
            _ => None,
        }
        .ok_or_else(|| {
            let message =
                format!("{name}(): argument #1 expected to be a timespan expression, such as 1h.");
            self.semantic(at, name, Some("SEM0219"), message)
        })
    }

    fn bool(&self, at: At, name: &str, value: Expr) -> Result<Expr> {
        match value.kind {
            Type::Bool | Type::Dynamic => Ok(value.cast(Type::Bool)),
            kind => {
                let message = format!("{name}(): expected a bool expression, not {}.", kind.name());
                Err(self.semantic(at, name, Some("SEM0219"), message))
            }
        }
    }

    fn bin(&self, at: At, name: &str, values: Vec<Expr>) -> Result<Expr> {
        let kinds = (values.first().map(|one| one.kind), values.get(1).map(|one| one.kind));
        let (kind, cast) = match kinds {
            (Some(Type::DateTime), Some(Type::TimeSpan)) => (Type::DateTime, None),
            (Some(Type::TimeSpan), Some(Type::TimeSpan)) => (Type::TimeSpan, None),
            (Some(a), Some(b)) if a.is_integer() && b.is_integer() => (Type::Long, None),
            (Some(a), Some(b)) if a.is_number() && b.is_number() => (Type::Real, Some(Type::Real)),
            _ => {
                let message = format!(
                    "{name}(): a datetime or timespan is rounded to a timespan, such as 5m, and a number to a number."
                );
                return Err(self.semantic(at, name, Some("SEM0219"), message));
            }
        };
        let values = values.into_iter().map(|value| match cast {
            Some(kind) => value.cast(kind),
            None => value,
        });
        Ok(Expr::call(kind, Function::Bin(Domain::of_bin(kind)), values.collect()))
    }

    /// Functions that result in one of their arguments.
    fn branches(&mut self, at: At, name: &str, values: Vec<Expr>) -> Result<Expr> {
        let count = values.len();
        let is_condition = |place: usize| match name {
            "iff" | "iif" => place == 0,
            "case" => place.is_multiple_of(2) && place + 1 < count,
            _ => false,
        };
        if name == "case" && count.is_multiple_of(2) {
            let message =
                "case(): conditions and values in turn, and then the value for none of them.";
            return Err(self.semantic(at, name, Some("SEM0219"), message));
        }
        let kinds = values.iter().enumerate().filter(|(place, _)| !is_condition(*place));
        let Some(kind) = common(kinds.map(|(_, value)| value.kind)) else {
            let message = format!(
                "{name}(): the values are of different types. Convert them, for example with tostring()."
            );
            return Err(self.semantic(at, name, None, message));
        };
        let mut cast = Vec::new();
        for (place, value) in values.into_iter().enumerate() {
            cast.push(if is_condition(place) {
                self.bool(at, name, value)?
            } else {
                value.cast(kind)
            });
        }
        let function = match name {
            "case" => Function::Case,
            "coalesce" => Function::Coalesce,
            "max_of" => Function::GreatestOf,
            "min_of" => Function::LeastOf,
            _ => Function::If,
        };
        Ok(Expr::call(kind, function, cast))
    }
}

fn not(value: Expr) -> Expr {
    Expr::call(Type::Bool, Function::Not, vec![value])
}

/// `abs`, `round` and `ceiling`.
fn rounded(name: &str, values: Vec<Expr>) -> Expr {
    let first = values.first().map_or(Type::Real, |one| one.kind);
    let function = match name {
        "abs" => {
            let kind = if first == Type::Int { Type::Long } else { first };
            return Expr::call(kind, Function::Absolute, values);
        }
        "round" => Function::Round,
        _ => Function::Ceiling,
    };
    let cast =
        |(at, value): (usize, Expr)| value.cast(if at == 0 { Type::Real } else { Type::Long });
    Expr::call(Type::Real, function, values.into_iter().enumerate().map(cast).collect())
}

/// The type to which a function converts.
fn conversion(name: &str) -> Option<Type> {
    Some(match name {
        "tostring" => Type::String,
        "toint" => Type::Int,
        "tolong" => Type::Long,
        "toreal" | "todouble" => Type::Real,
        "tobool" | "toboolean" => Type::Bool,
        "todatetime" => Type::DateTime,
        "totimespan" => Type::TimeSpan,
        _ => return None,
    })
}

/// Functions of a time.
fn time_function(name: &str) -> Option<(Type, Function)> {
    Some(match name {
        "startofday" => (Type::DateTime, Function::StartOf(Period::Day)),
        "startofweek" => (Type::DateTime, Function::StartOf(Period::Week)),
        "startofmonth" => (Type::DateTime, Function::StartOf(Period::Month)),
        "startofyear" => (Type::DateTime, Function::StartOf(Period::Year)),
        "hourofday" => (Type::Int, Function::Part(Part::Hour)),
        "dayofmonth" => (Type::Int, Function::Part(Part::DayOfMonth)),
        "getmonth" | "monthofyear" => (Type::Int, Function::Part(Part::Month)),
        "getyear" => (Type::Int, Function::Part(Part::Year)),
        _ => return None,
    })
}
