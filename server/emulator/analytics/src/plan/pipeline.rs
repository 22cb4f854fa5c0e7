//! Pipelines: what each operator makes of the columns before it.

use super::aggregates::{Call, Calls, Output};
use super::binder::{Binder, Render, Result, Scope, visible};
use super::{Aggregate, Bound, Expr, INGESTED, Plan, SortKey, aggregates, names};
use crate::kql::syntax::{Named, Node, Operator, Order, Pipeline, Step, Syntax};
use crate::schema::Column;
use crate::types::{Type, Value};

impl Binder<'_> {
    pub(super) fn pipeline(&mut self, pipeline: &Pipeline) -> Result<Bound> {
        let first = pipeline.steps.first().map(|step| step.name.as_str());
        let bound = self.source(pipeline.at, &pipeline.source, first)?;
        let mut bound = self.checked(pipeline.at, bound)?;
        for step in &pipeline.steps {
            bound = self.step(bound, step)?;
            bound = self.checked(step.at, bound)?;
        }
        Ok(bound)
    }

    fn step(&mut self, input: Bound, step: &Step) -> Result<Bound> {
        let name = step.name.as_str();
        match &step.operator {
            Operator::Where(condition) => {
                let condition = self.condition(condition, &mut Scope::new(&input.columns, name))?;
                let columns = input.columns.clone();
                Ok(input.over(columns, |input| Plan::Where { input, condition }))
            }
            Operator::Project(list) => self.project(input, list, name, false),
            Operator::Extend(list) => self.project(input, list, name, true),
            Operator::ProjectAway(patterns) => self.keep(input, name, patterns, false),
            Operator::ProjectKeep(patterns) => self.keep(input, name, patterns, true),
            Operator::ProjectRename(renames) => self.rename(input, name, renames),
            Operator::Summarize { aggregates, by } => self.summarize(input, aggregates, by),
            Operator::Sort(orders) => {
                let keys = self.orders(&input, name, orders)?;
                let columns = input.columns.clone();
                Ok(input.over(columns, |input| Plan::Sort { input, keys }))
            }
            Operator::Top { count, by } => {
                let keys = self.orders(&input, name, by)?;
                let count = self.count(count, name)?;
                let columns = input.columns.clone();
                Ok(input.over(columns, |input| Plan::Top { input, keys, count }))
            }
            Operator::Take(count) => {
                let count = self.count(count, name)?;
                let columns = input.columns.clone();
                Ok(input.over(columns, |input| Plan::Take { input, count }))
            }
            Operator::Distinct(list) => {
                let input = if list.is_empty() {
                    visible(input)
                } else {
                    self.project(input, list, name, false)?
                };
                Ok(distinct(input))
            }
            Operator::Count => Ok(count(input)),
            Operator::Render { kind, properties } => {
                self.render = Some(Render { kind: kind.clone(), properties: properties.clone() });
                Ok(input)
            }
            Operator::Join { kind, right, on } => {
                self.join(step.at, input, (kind.0, &kind.1), right, on)
            }
            Operator::Union(union) => self.union(step.at, Some(input), union),
            Operator::Nothing => Ok(input),
        }
    }

    /// `project`, `print` and `extend`, which keeps the columns before it.
    pub(super) fn project(
        &mut self,
        input: Bound,
        list: &[Named],
        operator: &str,
        is_extend: bool,
    ) -> Result<Bound> {
        let mut columns: Vec<Column> = Vec::new();
        let mut exprs = Vec::new();
        if is_extend {
            columns.clone_from(&input.columns);
            exprs = (0..).zip(&columns).map(|(at, column)| Expr::column(column.kind, at)).collect();
        }
        let mut unnamed = 0;
        for (place, one) in list.iter().enumerate() {
            let expr = self.expression(&one.value, &mut Scope::new(&input.columns, operator))?;
            let kind = expr.kind;
            let given = one.name.clone().or_else(|| names::result(&one.value));
            let name = match &given {
                Some(name) => name.clone(),
                None if operator == "print" => format!("print_{place}"),
                None => format!("Column{}", unnamed + 1),
            };
            unnamed += usize::from(given.is_none());
            match columns.iter().position(|column| column.name == name) {
                Some(at) if is_extend => {
                    columns[at].kind = kind;
                    exprs[at] = expr;
                }
                Some(_) if one.name.is_some() => {
                    let message =
                        format!("'{operator}' operator: the column '{name}' is given twice.");
                    return Err(self.semantic(one.value.at, &name, None, message));
                }
                _ => {
                    columns.push(Column { name: names::unique(&name, &columns), kind });
                    exprs.push(expr);
                }
            }
        }
        Ok(input.over(columns, |input| Plan::Project { input, columns: exprs }))
    }

    fn orders(&mut self, input: &Bound, operator: &str, orders: &[Order]) -> Result<Vec<SortKey>> {
        let mut keys = Vec::new();
        for order in orders {
            let value = self.expression(&order.value, &mut Scope::new(&input.columns, operator))?;
            if value.kind == Type::Dynamic {
                let message = format!(
                    "'{operator}' operator: a dynamic value has no order. Convert it, for example with tostring()."
                );
                return Err(self.semantic(order.value.at, "dynamic", None, message));
            }
            keys.push(SortKey {
                value,
                is_ascending: order.is_ascending,
                is_nulls_first: order.is_nulls_first,
            });
        }
        Ok(keys)
    }

    fn count(&mut self, syntax: &Syntax, operator: &str) -> Result<usize> {
        let expr = self.expression(syntax, &mut Scope::nothing(operator))?;
        let count =
            expr.value().and_then(Value::as_long).and_then(|count| usize::try_from(count).ok());
        count.ok_or_else(|| {
            let message = format!(
                "'{operator}' operator: the number of rows must be a constant that is not negative."
            );
            self.semantic(syntax.at, operator, None, message)
        })
    }

    fn summarize(&mut self, input: Bound, list: &[Named], by: &[Named]) -> Result<Bound> {
        let mut columns: Vec<Column> = Vec::new();
        let mut keys = Vec::new();
        for (place, one) in (1..).zip(by) {
            let key = self.expression(&one.value, &mut Scope::new(&input.columns, "summarize"))?;
            let name = one.name.clone().or_else(|| names::result(&one.value));
            let name = name.unwrap_or_else(|| format!("Column{place}"));
            columns.push(Column { name: names::unique(&name, &columns), kind: key.kind });
            keys.push(key);
        }
        let mut outputs: Vec<Expr> =
            keys.iter().enumerate().map(|(at, key)| Expr::column(key.kind, at)).collect();
        let mut scope = Scope::new(&input.columns, "summarize");
        let key_names = columns.iter().map(|column| column.name.clone()).collect();
        scope.aggregates = Some(Calls { keys: key_names, calls: Vec::new() });
        for (place, one) in (by.len() + 1..).zip(list) {
            for (name, expr) in self.aggregated(one, place, &mut scope)? {
                columns.push(Column { name: names::unique(&name, &columns), kind: expr.kind });
                outputs.push(expr);
            }
        }
        let calls = scope.aggregates.map(|calls| calls.calls).unwrap_or_default();
        Ok(input.over(columns, |input| Plan::Summarize { input, keys, calls, outputs }))
    }

    /// The columns of an expression with aggregates. A call alone may have several.
    fn aggregated(
        &mut self,
        one: &Named,
        place: usize,
        scope: &mut Scope<'_>,
    ) -> Result<Vec<Output>> {
        let mut outputs = match &one.value.node {
            Node::Call { name, arguments } if aggregates::is_aggregate(name) => {
                self.aggregate(one.value.at, name, arguments, scope)?
            }
            _ => vec![(format!("Column{place}"), self.expression(&one.value, scope)?)],
        };
        if let (Some(name), Some((first, _))) = (&one.name, outputs.first_mut()) {
            first.clone_from(name);
        }
        Ok(outputs)
    }
}

/// Each row once.
fn distinct(input: Bound) -> Bound {
    let columns = input.columns.clone();
    let keys: Vec<_> =
        columns.iter().enumerate().map(|(at, one)| Expr::column(one.kind, at)).collect();
    let outputs = keys.clone();
    input.over(columns, |input| Plan::Summarize { input, keys, calls: Vec::new(), outputs })
}

/// The number of rows.
fn count(input: Bound) -> Bound {
    let call = Call {
        aggregate: Aggregate::Count,
        arguments: Vec::new(),
        condition: None,
        outputs: vec![Type::Long],
    };
    let outputs = vec![Expr::column(Type::Long, 0)];
    let columns = vec![Column { name: "Count".to_owned(), kind: Type::Long }];
    input.over(columns, |input| Plan::Summarize {
        input,
        keys: Vec::new(),
        calls: vec![call],
        outputs,
    })
}

/// The columns of a table, with the hidden one.
pub(super) fn scanned(columns: &[Column]) -> Vec<Column> {
    let mut columns = columns.to_vec();
    columns.push(Column { name: INGESTED.to_owned(), kind: Type::DateTime });
    columns
}
