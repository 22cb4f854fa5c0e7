//! Where rows come from: tables, literals, and unions of these.

use std::rc::Rc;

use super::binder::{Binder, Named, Result, Scope};
use super::pipeline::scanned;
use super::types::{comparable, compare};
use super::{Bound, Expr, Plan, names};
use crate::functions::text::TextTest;
use crate::functions::{Comparison, Function};
use crate::kql::error::{list, nearest};
use crate::kql::syntax::{At, Source, Syntax, Union};
use crate::schema::Column;
use crate::types::{Type, Value};

/// The column by which the service limits a query to a time span.
const TIME: &str = "TimeGenerated";
/// The column by which the service limits a query to a resource.
const RESOURCE: &str = "_ResourceId";
/// The most rows that a query may contain itself.
const RANGE_ROWS_MAX: i64 = 1_000_000;

impl Binder<'_> {
    /// `first` is the operator behind the source, for errors.
    pub(super) fn source(&mut self, at: At, source: &Source, first: Option<&str>) -> Result<Bound> {
        match source {
            Source::Table(name) => self.table(at, name, first),
            Source::Nested(pipeline) => self.pipeline(pipeline),
            Source::Union(union) => self.union(at, None, union),
            Source::Print(list) => {
                let row = Plan::Rows { kinds: Vec::new(), rows: Rc::new(vec![Vec::new()]) };
                self.project(Bound::leaf(row, Vec::new()), list, "print", false)
            }
            Source::Range { name, from, to, step } => self.range(at, name, [from, to, step]),
            Source::Rows { columns, values } => self.rows(at, columns, values),
        }
    }

    fn table(&mut self, at: At, name: &str, first: Option<&str>) -> Result<Bound> {
        match self.find(name) {
            Some(Named::Table(bound)) => return Ok(bound.clone()),
            Some(Named::Scalar(..)) => {
                let message = format!("'{name}' is a value, not a table.");
                return Err(self.semantic(at, name, None, message));
            }
            None => {}
        }
        let Some(snapshot) = self.store.snapshot(name) else {
            let operator = first.map(|first| format!("'{first}' operator: ")).unwrap_or_default();
            let tables = self.store.tables();
            let known = || tables.iter().map(String::as_str);
            let near = nearest(name, known())
                .map(|near| format!(". Did you mean {near}?"))
                .unwrap_or_default();
            let message = format!(
                "{operator}Failed to resolve table or column expression named '{name}'{near} Known tables: {}.",
                list(known())
            );
            return Err(self.semantic(at, name, Some("SEM0100"), message));
        };
        let columns = scanned(&snapshot.columns);
        let scan = Bound::leaf(Plan::Scan(Rc::new(snapshot)), columns.clone());
        let conditions = [self.span_condition(&columns), self.resource_condition(&columns)];
        Ok(conditions.into_iter().flatten().fold(scan, |scan, condition| {
            scan.over(columns.clone(), |input| Plan::Where { input, condition })
        }))
    }

    /// Rows from the request's time span.
    fn span_condition(&self, columns: &[Column]) -> Option<Expr> {
        let (from, to) = self.span?;
        let at = columns
            .iter()
            .position(|column| column.name == TIME && column.kind == Type::DateTime)?;
        let time = || Expr::column(Type::DateTime, at);
        let limit = |ticks: i64| Expr::constant(Type::DateTime, Value::Long(ticks));
        let low = compare(Comparison::GreaterOrEqual, time(), limit(from));
        let high = compare(Comparison::Less, time(), limit(to));
        Some(Expr::call(Type::Bool, Function::And, vec![low, high]))
    }

    /// Rows of the request's resource. Tables without the column have no rows of resources.
    fn resource_condition(&self, columns: &[Column]) -> Option<Expr> {
        let resource = self.resource?;
        let text = |value: &str| Expr::constant(Type::String, Value::text(value));
        let Some(at) = columns.iter().position(|column| column.name == RESOURCE) else {
            return Some(Expr::constant(Type::Bool, Value::Bool(false)));
        };
        let test = |operator: &str, value: &str| {
            let test = TextTest::parse(operator)?;
            let values = vec![Expr::column(Type::String, at), text(value)];
            Some(Expr::call(Type::Bool, Function::Text(test), values))
        };
        let is_it = test("=~", resource)?;
        let is_below = test("startswith", &format!("{resource}/"))?;
        Some(Expr::call(Type::Bool, Function::Or, vec![is_it, is_below]))
    }

    fn constant(&mut self, syntax: &Syntax, operator: &str) -> Result<Expr> {
        let expr = self.expression(syntax, &mut Scope::nothing(operator))?;
        if expr.value().is_none() {
            let message = format!("'{operator}' operator: the value must be constant.");
            return Err(self.semantic(syntax.at, operator, None, message));
        }
        Ok(expr)
    }

    fn range(&mut self, at: At, name: &str, limits: [&Syntax; 3]) -> Result<Bound> {
        let [from, to, step] = limits;
        let (from, to) = (self.constant(from, "range")?, self.constant(to, "range")?);
        let step = self.constant(step, "range")?;
        let kind = if from.kind == Type::Int { Type::Long } else { from.kind };
        let step_kind = if kind == Type::DateTime { Type::TimeSpan } else { kind };
        let is_valid = kind.is_long() && to.kind.is_long() && step.kind == step_kind;
        let numbers = (from.value().and_then(Value::as_long), to.value().and_then(Value::as_long));
        let step = step.value().and_then(Value::as_long).filter(|step| *step != 0);
        let (true, (Some(from), Some(to)), Some(step)) = (is_valid, numbers, step) else {
            let message = "'range' operator: from, to and step must be whole numbers, or times and a time span.";
            return Err(self.semantic(at, "range", None, message));
        };
        if to.saturating_sub(from) / step > RANGE_ROWS_MAX {
            let message =
                format!("'range' operator: the range has more than {RANGE_ROWS_MAX} rows.");
            return Err(self.semantic(at, "range", None, message));
        }
        let [from, to, step] = [from, to, step].map(Value::Long);
        let columns = vec![Column { name: name.to_owned(), kind }];
        Ok(Bound::leaf(Plan::Range { kind, from, to, step }, columns))
    }

    fn rows(&mut self, at: At, columns: &[(String, Type)], values: &[Syntax]) -> Result<Bound> {
        if !values.len().is_multiple_of(columns.len()) {
            let message = format!(
                "'datatable' operator: {} values do not fill rows of {} columns.",
                values.len(),
                columns.len()
            );
            return Err(self.semantic(at, "datatable", None, message));
        }
        let mut rows = Vec::new();
        for chunk in values.chunks(columns.len()) {
            let mut row = Vec::new();
            for ((_, kind), value) in columns.iter().zip(chunk) {
                let value = self.constant(value, "datatable")?.cast(*kind);
                row.push(value.value().cloned().unwrap_or(Value::Null));
            }
            rows.push(row);
        }
        let kinds = columns.iter().map(|(_, kind)| *kind).collect();
        let columns =
            columns.iter().map(|(name, kind)| Column { name: name.clone(), kind: *kind }).collect();
        Ok(Bound::leaf(Plan::Rows { kinds, rows: Rc::new(rows) }, columns))
    }

    /// The rows of several tables, in the columns of all of them.
    pub(super) fn union(&mut self, at: At, input: Option<Bound>, union: &Union) -> Result<Bound> {
        let mut inputs: Vec<(String, Bound)> =
            input.map(|bound| ("union_arg0".to_owned(), bound)).into_iter().collect();
        for source in &union.sources {
            let name = match &source.source {
                Source::Table(name) if name == "*" => {
                    for name in self.store.tables() {
                        inputs.push((name.clone(), self.table(source.at, &name, Some("union"))?));
                    }
                    continue;
                }
                Source::Table(name) => name.clone(),
                _ => format!("union_arg{}", inputs.len()),
            };
            match self.source(source.at, &source.source, Some("union")) {
                Ok(bound) => inputs.push((name, bound)),
                Err(_) if union.is_fuzzy && matches!(source.source, Source::Table(_)) => {}
                Err(error) => return Err(error),
            }
        }
        if inputs.is_empty() {
            return Err(self.semantic(
                at,
                "union",
                None,
                "'union' operator: none of the tables exists.",
            ));
        }
        Ok(merge(inputs, union))
    }
}

/// The columns of all inputs. Where two have columns of one name and different types, the type is added to the name
/// (Kusto, "union operator").
fn merge(inputs: Vec<(String, Bound)>, union: &Union) -> Bound {
    let mut merged: Vec<Column> = Vec::new();
    for (_, bound) in &inputs {
        for column in &bound.columns {
            if !merged.contains(column) {
                merged.push(column.clone());
            }
        }
    }
    if union.is_inner {
        merged.retain(|column| inputs.iter().all(|(_, bound)| bound.columns.contains(column)));
    }
    let named: Vec<Column> = merged
        .iter()
        .map(|column| {
            let is_double = merged.iter().filter(|one| one.name == column.name).count() > 1;
            let suffix = if is_double { format!("_{}", column.kind.name()) } else { String::new() };
            Column { name: format!("{}{suffix}", column.name), kind: column.kind }
        })
        .collect();
    let mut columns = named.clone();
    if let Some(name) = &union.with_source {
        columns.insert(0, Column { name: names::unique(name, &named), kind: Type::String });
    }
    let (mut size, mut depth, mut plans) = (1, 0, Vec::new());
    for (name, bound) in inputs {
        let mut exprs: Vec<Expr> = Vec::new();
        if union.with_source.is_some() {
            exprs.push(Expr::constant(Type::String, Value::text(&name)));
        }
        for column in &merged {
            let at = bound.columns.iter().position(|one| one == column);
            let missing = || Expr::constant(column.kind, column.kind.missing());
            exprs.push(at.map_or_else(missing, |at| Expr::column(column.kind, at)));
        }
        size += bound.size + 1;
        depth = depth.max(bound.depth + 1);
        plans.push(Plan::Project { input: Box::new(bound.plan), columns: exprs });
    }
    Bound { plan: Plan::Union(plans), columns, size, depth: depth + 1 }
}

/// Whether two keys can be joined.
pub(super) fn joinable(left: Expr, right: Expr) -> Option<(Expr, Expr)> {
    let (left, right, is_text) = comparable(Comparison::Equal, left, right)?;
    (!is_text).then_some((left, right))
}
