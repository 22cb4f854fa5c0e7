//! Aggregates of `summarize`.

use super::binder::{Binder, Result, Scope};
use super::{Expr, names};
use crate::kql::syntax::{At, Syntax};
use crate::types::{Type, Value};

/// The most items of `make_set()` and `make_list()` (Kusto, "make_set()").
const ITEMS_MAX: usize = 1_048_576;
/// The most percentiles of a call.
const PERCENTILES_MAX: usize = 100;

/// The names, and whether a condition is the last argument but limits.
const NAMES: [(&str, bool); 23] = [
    ("count", false),
    ("countif", true),
    ("dcount", false),
    ("dcountif", true),
    ("sum", false),
    ("sumif", true),
    ("avg", false),
    ("avgif", true),
    ("min", false),
    ("minif", true),
    ("max", false),
    ("maxif", true),
    ("percentile", false),
    ("percentiles", false),
    ("make_set", false),
    ("make_set_if", true),
    ("make_list", false),
    ("make_list_if", true),
    ("makeset", false),
    ("makelist", false),
    ("take_any", false),
    ("arg_max", false),
    ("arg_min", false),
];

pub(super) fn is_aggregate(name: &str) -> bool {
    NAMES.iter().any(|(one, _)| *one == name)
}

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}

/// What is computed of a group's values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Aggregate {
    Count,
    /// Exact, where the service estimates.
    Distinct,
    Sum,
    Average,
    Least,
    Greatest,
    /// The values of these ranks; exact, where the service estimates.
    Percentiles(Vec<f64>),
    /// Different values, at most so many.
    Set(usize),
    List(usize),
    Any,
    /// The values of the other arguments where the first is greatest, or least.
    Extreme {
        is_greatest: bool,
    },
}

/// A call of an aggregate.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) aggregate: Aggregate,
    pub(crate) arguments: Vec<Expr>,
    /// Only rows for which it is true count.
    pub(crate) condition: Option<Expr>,
    /// The types of the results: one for each percentile, otherwise one.
    pub(crate) outputs: Vec<Type>,
}

/// The calls of a `summarize`.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// The names of the columns before the first result.
    pub(super) keys: Vec<String>,
    pub(super) calls: Vec<Call>,
}

/// A result of a call: the name for its column, and the column.
pub(super) type Output = (String, Expr);

impl Binder<'_> {
    /// The value of a call within an expression: its first result.
    pub(super) fn aggregate_value(
        &mut self,
        at: At,
        name: &str,
        arguments: &[Syntax],
        scope: &mut Scope<'_>,
    ) -> Result<Expr> {
        let outputs = self.aggregate(at, name, arguments, scope)?;
        outputs.into_iter().next().map(|(_, expr)| expr).ok_or_else(|| self.arity(at, name, "1"))
    }

    pub(super) fn arity(&self, at: At, name: &str, count: &str) -> crate::kql::error::QueryError {
        self.semantic(
            at,
            name,
            Some("SEM0219"),
            format!("{name}(): function expects {count} argument(s)."),
        )
    }

    /// All results of a call.
    pub(super) fn aggregate(
        &mut self,
        at: At,
        name: &str,
        arguments: &[Syntax],
        scope: &mut Scope<'_>,
    ) -> Result<Vec<Output>> {
        let Some(mut calls) = scope.aggregates.take() else {
            let message = format!(
                "'{}' operator: the aggregate '{name}' can only be used in summarize.",
                scope.operator
            );
            return Err(self.semantic(at, name, None, message));
        };
        let first =
            calls.keys.len() + calls.calls.iter().map(|call| call.outputs.len()).sum::<usize>();
        let (call, names) = self.aggregate_call(at, name, arguments, scope, &calls.keys)?;
        let columns =
            call.outputs.iter().enumerate().map(|(place, kind)| Expr::column(*kind, first + place));
        let outputs = names.into_iter().zip(columns).collect();
        calls.calls.push(call);
        scope.aggregates = Some(calls);
        Ok(outputs)
    }

    fn aggregate_call(
        &mut self,
        at: At,
        name: &str,
        arguments: &[Syntax],
        scope: &mut Scope<'_>,
        keys: &[String],
    ) -> Result<(Call, Vec<String>)> {
        if let "arg_max" | "arg_min" = name {
            return self.extreme(at, name, arguments, scope, keys);
        }
        let is_conditional = NAMES.iter().any(|(one, is)| *one == name && *is);
        let mut rest = arguments;
        let mut take = || {
            let (first, others) = rest.split_first()?;
            rest = others;
            Some(first)
        };
        let subject = match name {
            "count" | "countif" => None,
            _ => Some(take().ok_or_else(|| self.arity(at, name, "1"))?),
        };
        let condition =
            if is_conditional {
                Some(take().ok_or_else(|| {
                    self.arity(at, name, if name == "countif" { "1" } else { "2" })
                })?)
            } else {
                None
            };
        let value = subject.map(|subject| self.expression(subject, scope)).transpose()?;
        let condition = condition.map(|one| self.condition(one, scope)).transpose()?;
        let numbers = rest
            .iter()
            .map(|one| self.constant_number(one, name, scope))
            .collect::<Result<Vec<_>>>()?;
        let kind = value.as_ref().map_or(Type::Long, |value| value.kind);
        let (aggregate, output) = self.aggregate_kind(at, name, kind, &numbers)?;
        let subject = subject.and_then(names::result).unwrap_or_default();
        let outputs = output_names(name, &aggregate, subject);
        // A dynamic value counts as the number in it.
        let is_numeric =
            matches!(aggregate, Aggregate::Sum | Aggregate::Average | Aggregate::Percentiles(_));
        let value = value.map(|value| {
            if is_numeric && value.kind == Type::Dynamic { value.cast(Type::Real) } else { value }
        });
        let arguments = value.into_iter().collect();
        let call = Call { aggregate, arguments, condition, outputs: vec![output; outputs.len()] };
        Ok((call, outputs))
    }

    /// The aggregate of a name, and the type of its results.
    fn aggregate_kind(
        &self,
        at: At,
        name: &str,
        kind: Type,
        numbers: &[f64],
    ) -> Result<(Aggregate, Type)> {
        let wrong = |message: String| self.semantic(at, name, Some("SEM0219"), message);
        let summable = match kind {
            Type::Int | Type::Long => Some(Type::Long),
            Type::Real | Type::Dynamic => Some(Type::Real),
            Type::TimeSpan => Some(Type::TimeSpan),
            _ => None,
        };
        let not_summable = || {
            wrong(format!(
                "{name}(): argument #1 expected to be a number or a timespan, not {}.",
                kind.name()
            ))
        };
        let limit = numbers.first().map_or(ITEMS_MAX, |most| (*most as usize).min(ITEMS_MAX));
        let count_max = match name {
            "dcount" | "dcountif" | "percentile" | "make_set" | "make_set_if" | "make_list"
            | "make_list_if" | "makeset" | "makelist" => 1,
            "percentiles" => PERCENTILES_MAX,
            _ => 0,
        };
        if numbers.len() > count_max {
            return Err(wrong(format!("{name}(): there are too many arguments.")));
        }
        Ok(match name {
            "count" | "countif" => (Aggregate::Count, Type::Long),
            "dcount" | "dcountif" => (Aggregate::Distinct, Type::Long),
            "sum" | "sumif" => (Aggregate::Sum, summable.ok_or_else(not_summable)?),
            "avg" | "avgif" if kind == Type::DateTime => (Aggregate::Average, Type::DateTime),
            "avg" | "avgif" => match summable.ok_or_else(not_summable)? {
                Type::TimeSpan => (Aggregate::Average, Type::TimeSpan),
                _ => (Aggregate::Average, Type::Real),
            },
            "min" | "minif" => (Aggregate::Least, kind),
            "max" | "maxif" => (Aggregate::Greatest, kind),
            "percentile" | "percentiles" => {
                let is_rank = |rank: &f64| (0.0..=100.0).contains(rank);
                if numbers.is_empty() || !numbers.iter().all(is_rank) {
                    return Err(wrong(format!(
                        "{name}(): the percentiles are constants from 0 to 100."
                    )));
                }
                let output = if kind == Type::DateTime {
                    kind
                } else {
                    summable.ok_or_else(not_summable)?
                };
                (Aggregate::Percentiles(numbers.to_vec()), output)
            }
            "make_set" | "make_set_if" | "makeset" => (Aggregate::Set(limit), Type::Dynamic),
            "make_list" | "make_list_if" | "makelist" => (Aggregate::List(limit), Type::Dynamic),
            _ => (Aggregate::Any, kind),
        })
    }

    fn constant_number(
        &mut self,
        syntax: &Syntax,
        name: &str,
        scope: &mut Scope<'_>,
    ) -> Result<f64> {
        let expr = self.expression(syntax, scope)?;
        expr.value().and_then(Value::as_real).ok_or_else(|| {
            let message = format!("{name}(): this argument must be a constant number.");
            self.semantic(syntax.at, name, Some("SEM0219"), message)
        })
    }
}

/// The names of an aggregate's columns (Microsoft's open-source language service, `Aggregates.cs`).
fn output_names(name: &str, aggregate: &Aggregate, subject: String) -> Vec<String> {
    let prefix = match name {
        "make_set" | "make_set_if" | "makeset" => "set",
        "make_list" | "make_list_if" | "makelist" => "list",
        "percentiles" => "percentile",
        name => name,
    };
    match aggregate {
        Aggregate::Percentiles(ranks) => {
            let ranks = ranks.iter().map(|rank| names::percentile(*rank));
            ranks.map(|rank| format!("{prefix}_{subject}_{rank}")).collect()
        }
        Aggregate::Any if subject.is_empty() => vec!["any_".to_owned()],
        Aggregate::Any => vec![subject],
        _ => vec![format!("{prefix}_{subject}")],
    }
}
