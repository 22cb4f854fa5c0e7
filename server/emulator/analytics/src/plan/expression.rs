//! Expressions with types.

use regex::{Regex, RegexBuilder};

use super::binder::{Binder, Named, Result, Scope};
use super::types::{arithmetic, comparable, compare, is_column};
use super::{Expr, INGESTED};
use crate::functions::text::TextTest;
use crate::functions::{Arithmetic, Comparison, Function};
use crate::kql::syntax::{At, Node, Syntax};
use crate::types::{Type, Value};

/// The most bytes of a compiled pattern.
const PATTERN_BYTES_MAX: usize = 1 << 20;

impl Binder<'_> {
    pub(super) fn expression(&mut self, syntax: &Syntax, scope: &mut Scope<'_>) -> Result<Expr> {
        let at = syntax.at;
        match &syntax.node {
            Node::Literal(kind, value) => Ok(Expr::constant(*kind, value.clone())),
            Node::Name(name) => self.name(at, name, scope),
            Node::Call { name, arguments } => self.call(at, name, arguments, scope),
            Node::Negate(value) => {
                let value = self.expression(value, scope)?;
                let zero = if value.kind == Type::Real {
                    Expr::constant(Type::Real, Value::Real(-0.0))
                } else {
                    let kind =
                        if value.kind == Type::TimeSpan { Type::TimeSpan } else { Type::Long };
                    Expr::constant(kind, Value::Long(0))
                };
                let kind = value.kind;
                arithmetic(Arithmetic::Subtract, zero, value).ok_or_else(|| {
                    self.semantic(
                        at,
                        "-",
                        None,
                        format!("'-' cannot be applied to a {}.", kind.name()),
                    )
                })
            }
            Node::All(all) => self.logical(all, Function::And, scope),
            Node::Any(all) => self.logical(all, Function::Or, scope),
            Node::Binary { operator, left, right } => self.binary(at, operator, left, right, scope),
            Node::List { operator, value, items } => self.list(at, operator, value, items, scope),
            Node::Between { is_negated, value, from, to } => {
                let between = self.between(at, value, from, to, scope)?;
                if !is_negated {
                    return Ok(between);
                }
                Ok(Expr::call(Type::Bool, Function::Not, vec![between]))
            }
            Node::Member { of, name } => {
                let index = Expr::constant(Type::String, Value::text(name));
                self.member(at, of, index, scope)
            }
            Node::Index { of, index } => {
                let index = self.expression(index, scope)?;
                self.member(at, of, index, scope)
            }
            Node::Star => Err(self.semantic(at, "*", None, "'*' is not an expression here.")),
            Node::TypeOf(kind) => Ok(Expr::constant(Type::String, Value::text(kind.name()))),
        }
    }

    fn name(&self, at: At, name: &str, scope: &Scope<'_>) -> Result<Expr> {
        if let Some(column) = scope.column(name).filter(|_| name != INGESTED) {
            if scope.aggregates.is_some() {
                let message = format!(
                    "'summarize' operator: '{name}' is a column, not an aggregate. Put it behind 'by', or into an aggregate \
                     such as max({name})."
                );
                return Err(self.semantic(at, name, None, message));
            }
            return Ok(column);
        }
        match self.find(name) {
            Some(Named::Scalar(kind, value)) => Ok(Expr::constant(*kind, value.clone())),
            _ => Err(self.unresolved(at, name, scope)),
        }
    }

    fn logical(
        &mut self,
        all: &[Syntax],
        function: Function,
        scope: &mut Scope<'_>,
    ) -> Result<Expr> {
        let all = all.iter().map(|one| self.condition(one, scope)).collect::<Result<_>>()?;
        Ok(Expr::call(Type::Bool, function, all))
    }

    /// An expression that must be a bool.
    pub(super) fn condition(&mut self, syntax: &Syntax, scope: &mut Scope<'_>) -> Result<Expr> {
        let expr = self.expression(syntax, scope)?;
        match expr.kind {
            Type::Bool => Ok(expr),
            Type::Dynamic => Ok(expr.cast(Type::Bool)),
            kind => {
                let message = format!(
                    "'{}' operator: the condition is a {}, not a bool.",
                    scope.operator,
                    kind.name()
                );
                Err(self.semantic(syntax.at, scope.operator, None, message))
            }
        }
    }

    fn binary(
        &mut self,
        at: At,
        operator: &str,
        left: &Syntax,
        right: &Syntax,
        scope: &mut Scope<'_>,
    ) -> Result<Expr> {
        let (left, right) = (self.expression(left, scope)?, self.expression(right, scope)?);
        if let Some(comparison) = Comparison::parse(operator) {
            return self.comparison(at, comparison, left, right);
        }
        let (a, b) = (left.kind, right.kind);
        if let Some(one) = Arithmetic::parse(operator) {
            return arithmetic(one, left, right).ok_or_else(|| {
                let message =
                    format!("'{operator}' cannot be applied to {} and {}.", a.name(), b.name());
                self.semantic(at, operator, None, message)
            });
        }
        let (left, right) = (self.string(at, operator, left)?, self.string(at, operator, right)?);
        if operator == "matches" {
            let pattern = self.pattern(at, &right)?;
            return Ok(Expr::call(Type::Bool, Function::Matches(pattern), vec![left]));
        }
        match TextTest::parse(operator) {
            Some(test) => Ok(Expr::call(Type::Bool, Function::Text(test), vec![left, right])),
            None => Err(self.unsupported(at, "operator", operator)),
        }
    }

    /// A side of a string operator.
    pub(super) fn string(&self, at: At, operator: &str, side: Expr) -> Result<Expr> {
        match side.kind {
            Type::String | Type::Dynamic => Ok(side.cast(Type::String)),
            kind => {
                let message = format!(
                    "'{operator}' works on strings, not on {}. Use tostring().",
                    kind.name()
                );
                Err(self.semantic(at, operator, None, message))
            }
        }
    }

    pub(super) fn comparison(
        &mut self,
        at: At,
        comparison: Comparison,
        left: Expr,
        right: Expr,
    ) -> Result<Expr> {
        let (a, b) = (left.kind, right.kind);
        let has_column = is_column(&left) || is_column(&right);
        match comparable(comparison, left, right) {
            Some((left, right, is_text)) => {
                if is_text && has_column {
                    self.text_remark(at, a, b);
                }
                Ok(compare(comparison, left, right))
            }
            None => Err(self.incomparable(at, a, b)),
        }
    }

    fn text_remark(&mut self, at: At, a: Type, b: Type) {
        let other = if a == Type::String { b } else { a };
        self.remark(
            at,
            format!(
                "A column of type {} is compared with a string. The string is converted; text that is no {} is never equal. \
                 Write the value without quotation marks.",
                other.name(),
                other.name()
            ),
        );
    }

    pub(super) fn incomparable(&self, at: At, a: Type, b: Type) -> crate::kql::error::QueryError {
        let message = format!(
            "Cannot compare values of types {} and {}. Try adding explicit casts",
            a.name(),
            b.name()
        );
        self.semantic(at, a.name(), Some("SEM0064"), message)
    }

    pub(super) fn pattern(&self, at: At, pattern: &Expr) -> Result<Regex> {
        let Some(text) = pattern.value().and_then(Value::as_text) else {
            return Err(self.unsupported(
                at,
                "regular expression that is not constant in",
                "matches regex",
            ));
        };
        let built = RegexBuilder::new(text)
            .size_limit(PATTERN_BYTES_MAX)
            .dfa_size_limit(PATTERN_BYTES_MAX)
            .build();
        built.map_err(|error| {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim();
            self.semantic(at, text, None, format!("The regular expression is not valid: {reason}"))
        })
    }

    fn between(
        &mut self,
        at: At,
        value: &Syntax,
        from: &Syntax,
        to: &Syntax,
        scope: &mut Scope<'_>,
    ) -> Result<Expr> {
        let value = self.expression(value, scope)?;
        let from = self.expression(from, scope)?;
        let mut to = self.expression(to, scope)?;
        // `between (start .. 2h)` (Kusto, "between operator").
        if to.kind == Type::TimeSpan && from.kind == Type::DateTime {
            to = arithmetic(Arithmetic::Add, from.clone(), to)
                .ok_or_else(|| self.incomparable(at, Type::DateTime, Type::TimeSpan))?;
        }
        let low = self.comparison(at, Comparison::GreaterOrEqual, value.clone(), from)?;
        let high = self.comparison(at, Comparison::LessOrEqual, value, to)?;
        Ok(Expr::call(Type::Bool, Function::And, vec![low, high]))
    }

    fn member(&mut self, at: At, of: &Syntax, index: Expr, scope: &mut Scope<'_>) -> Result<Expr> {
        let of = self.expression(of, scope)?;
        if of.kind != Type::Dynamic {
            let kind = of.kind.name();
            let message = format!(
                "A member can be taken only of a dynamic value, and this is a {kind}. Use parse_json()."
            );
            return Err(self.semantic(at, kind, None, message));
        }
        if index.kind != Type::String && !index.kind.is_integer() {
            let message =
                format!("An index is a string or a whole number, not a {}.", index.kind.name());
            return Err(self.semantic(at, index.kind.name(), None, message));
        }
        Ok(Expr::call(Type::Dynamic, Function::Member, vec![of, index]))
    }
}
