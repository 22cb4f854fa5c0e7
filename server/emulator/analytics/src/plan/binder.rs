//! Gives a query its meaning: resolves names, checks types.

use super::{Bound, Expr, Plan};
use crate::kql::error::{Place, QueryError, list, nearest};
use crate::kql::syntax::{At, Bound as Binding, Let, Query};
use crate::schema::Column;
use crate::store::LogStore;
use crate::types::{Type, Value};

/// The most operators of a plan; a table that `let` binds counts as often as it is used.
const PLAN_SIZE_MAX: usize = 2000;
/// The deepest plan, so that running it never exhausts the stack.
const PLAN_DEPTH_MAX: usize = 400;

pub(super) type Result<T> = std::result::Result<T, QueryError>;

/// A chart that the query asks for. It changes nothing about the rows; answers pass it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Render {
    /// `timechart` and the like.
    pub kind: String,
    /// What stands in `with (…)`.
    pub properties: Vec<(String, String)>,
}

/// Something in a query that works, but perhaps not as meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    pub place: Place,
    pub message: String,
}

/// What a query means.
#[derive(Debug)]
pub(crate) struct Meaning {
    pub(crate) bound: Bound,
    pub(crate) render: Option<Render>,
    pub(crate) remarks: Vec<Remark>,
}

/// What a name is bound to.
#[derive(Clone, Debug)]
pub(super) enum Named {
    Scalar(Type, Value),
    Table(Bound),
}

#[derive(Debug)]
pub(crate) struct Binder<'a> {
    text: &'a str,
    pub(super) store: &'a LogStore,
    /// The time that `now()` answers.
    pub(super) now: i64,
    /// The times that a request asks for: the first, and the one after the last.
    pub(super) span: Option<(i64, i64)>,
    /// The resource whose rows a request asks for, in lower case.
    pub(super) resource: Option<&'a str>,
    pub(super) named: Vec<(String, Named)>,
    pub(super) render: Option<Render>,
    remarks: Vec<Remark>,
}

impl<'a> Binder<'a> {
    pub(crate) fn new(
        text: &'a str,
        store: &'a LogStore,
        now: i64,
        span: Option<(i64, i64)>,
    ) -> Self {
        let (named, remarks) = (Vec::new(), Vec::new());
        Self { text, store, now, span, resource: None, named, render: None, remarks }
    }

    /// Only rows of a resource and of what is below it.
    pub(crate) fn of_resource(self, resource: Option<&'a str>) -> Self {
        Self { resource, ..self }
    }

    /// The meaning of the query.
    pub(crate) fn query(mut self, query: &Query) -> Result<Meaning> {
        for binding in &query.lets {
            let named = self.binding(binding)?;
            self.named.push((binding.name.clone(), named));
        }
        let bound = self.pipeline(&query.body)?;
        Ok(Meaning { bound: visible(bound), render: self.render, remarks: self.remarks })
    }

    fn binding(&mut self, binding: &Let) -> Result<Named> {
        match &binding.value {
            Binding::Scalar(syntax) => {
                let expr = self.expression(syntax, &mut Scope::nothing("let"))?;
                match expr.value() {
                    Some(value) => Ok(Named::Scalar(expr.kind, value.clone())),
                    None => {
                        let message = format!(
                            "'let' statement: the value of '{}' is not constant.",
                            binding.name
                        );
                        Err(self.semantic(binding.at, &binding.name, None, message))
                    }
                }
            }
            // A name alone may be a scalar as well.
            Binding::Table(pipeline) => match (&pipeline.source, pipeline.steps.as_slice()) {
                (crate::kql::syntax::Source::Table(name), []) => match self.find(name) {
                    Some(named) => Ok(named.clone()),
                    None => Ok(Named::Table(self.pipeline(pipeline)?)),
                },
                _ => Ok(Named::Table(self.pipeline(pipeline)?)),
            },
        }
    }

    pub(super) fn find(&self, name: &str) -> Option<&Named> {
        self.named.iter().rev().find(|(one, _)| one == name).map(|(_, named)| named)
    }

    /// The plan, unless it is too large.
    pub(super) fn checked(&self, at: At, bound: Bound) -> Result<Bound> {
        if bound.size <= PLAN_SIZE_MAX && bound.depth <= PLAN_DEPTH_MAX {
            return Ok(bound);
        }
        let place = Place::of(self.text, at);
        Err(QueryError::TooLarge(format!(
            "The query has too many operators at line {}, column {}. Tables that are bound with let count as often as they \
             are used.",
            place.line, place.column
        )))
    }

    /// An error of meaning.
    pub(super) fn semantic(
        &self,
        at: At,
        token: &str,
        code: Option<&'static str>,
        message: impl Into<String>,
    ) -> QueryError {
        let token = token.chars().take(80).collect();
        QueryError::Semantic {
            place: Place::of(self.text, at),
            token,
            code,
            message: message.into(),
        }
    }

    /// Something that the service knows and this reader does not.
    pub(super) fn unsupported(&self, at: At, what: &str, name: &str) -> QueryError {
        let message = format!("The emulator does not know the {what} `{name}`.");
        QueryError::Unsupported { place: Place::of(self.text, at), token: name.to_owned(), message }
    }

    pub(super) fn remark(&mut self, at: At, message: String) {
        /// The most remarks: a long list says the same many times.
        const REMARKS_MAX: usize = 50;
        let remark = Remark { place: Place::of(self.text, at), message };
        if self.remarks.len() < REMARKS_MAX && !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }

    /// The error for a name that nothing has.
    pub(super) fn unresolved(&self, at: At, name: &str, scope: &Scope<'_>) -> QueryError {
        let known = || {
            scope.columns.iter().map(|column| column.name.as_str()).filter(|name| !is_hidden(name))
        };
        let mut message = format!(
            "'{}' operator: Failed to resolve column or scalar expression named '{name}'",
            scope.operator
        );
        if let Some(near) = nearest(name, known()) {
            message.push_str(&format!(". Did you mean {near}?"));
        }
        if known().next().is_some() {
            message.push_str(&format!(" Known columns: {}.", list(known())));
        }
        self.semantic(at, name, Some("SEM0100"), message)
    }
}

/// What an expression can refer to.
#[derive(Debug)]
pub(super) struct Scope<'c> {
    pub(super) columns: &'c [Column],
    /// The operator, for errors.
    pub(super) operator: &'c str,
    /// Where calls of aggregates are put, if they are allowed.
    pub(super) aggregates: Option<super::aggregates::Calls>,
}

impl<'c> Scope<'c> {
    pub(super) fn new(columns: &'c [Column], operator: &'c str) -> Self {
        Self { columns, operator, aggregates: None }
    }

    /// No columns: only constants.
    pub(super) fn nothing(operator: &'c str) -> Self {
        Self::new(&[], operator)
    }

    pub(super) fn column(&self, name: &str) -> Option<Expr> {
        let at = self.columns.iter().position(|column| column.name == name)?;
        Some(Expr::column(self.columns[at].kind, at))
    }
}

pub(super) fn is_hidden(name: &str) -> bool {
    name.starts_with('$')
}

/// The plan without hidden columns.
pub(super) fn visible(bound: Bound) -> Bound {
    if !bound.columns.iter().any(|column| is_hidden(&column.name)) {
        return bound;
    }
    let kept = bound.columns.iter().enumerate().filter(|(_, column)| !is_hidden(&column.name));
    let (exprs, columns): (Vec<_>, Vec<_>) =
        kept.map(|(at, column)| (Expr::column(column.kind, at), column.clone())).unzip();
    bound.over(columns, |input| Plan::Project { input, columns: exprs })
}
