//! Operators on a list: `in`, `has_any` and the like.

use std::collections::HashSet;
use std::sync::Arc;

use super::Expr;
use super::binder::{Binder, Named, Result, Scope};
use crate::functions::text::{TextTest, folded};
use crate::functions::{Comparison, Function};
use crate::kql::syntax::{At, Node, Syntax};
use crate::types::{Type, Value};

impl Binder<'_> {
    /// `in`, `has_any` and the like.
    pub(super) fn list(
        &mut self,
        at: At,
        operator: &str,
        value: &Syntax,
        items: &[Syntax],
        scope: &mut Scope<'_>,
    ) -> Result<Expr> {
        let value = self.expression(value, scope)?;
        let items =
            items.iter().map(|item| self.item(item, scope)).collect::<Result<Vec<_>>>()?.concat();
        let bare = operator.strip_prefix('!').unwrap_or(operator);
        let found = match bare {
            "has_any" | "has_all" => {
                let left = self.string(at, operator, value)?;
                let has = TextTest::parse("has")
                    .ok_or_else(|| self.unsupported(at, "operator", operator))?;
                let test = |item: Expr| {
                    let arguments = vec![left.clone(), item.cast(Type::String)];
                    Expr::call(Type::Bool, Function::Text(has), arguments)
                };
                let function = if bare == "has_any" { Function::Or } else { Function::And };
                Expr::call(Type::Bool, function, items.into_iter().map(test).collect())
            }
            _ => self.is_in(at, value, items, bare == "in~")?,
        };
        if operator.starts_with('!') {
            return Ok(Expr::call(Type::Bool, Function::Not, vec![found]));
        }
        Ok(found)
    }

    /// The values of an item: a dynamic array has several.
    fn item(&mut self, item: &Syntax, scope: &mut Scope<'_>) -> Result<Vec<Expr>> {
        if let Node::Name(name) = &item.node
            && let (None, Some(Named::Table(_))) = (scope.column(name), self.find(name))
        {
            return Err(self.unsupported(item.at, "table as the list of", "in"));
        }
        let expr = self.expression(item, scope)?;
        let array = match expr.value() {
            Some(Value::Dynamic(json)) => json.as_array().cloned(),
            _ => None,
        };
        Ok(match array {
            Some(items) => items
                .into_iter()
                .map(|item| Expr::constant(Type::Dynamic, Value::dynamic(item)))
                .collect(),
            None => vec![expr],
        })
    }

    fn is_in(&mut self, at: At, value: Expr, items: Vec<Expr>, is_folded: bool) -> Result<Expr> {
        let kind = match value.kind {
            Type::Dynamic => Type::String,
            kind if is_folded && kind != Type::String => {
                return Err(self.incomparable(at, kind, Type::String));
            }
            kind if kind.is_integer() && items.iter().any(|item| item.kind == Type::Real) => {
                Type::Real
            }
            kind => kind,
        };
        let mut set = HashSet::new();
        let mut others = Vec::new();
        for item in items {
            let value = value.clone().cast(kind);
            // Only to check the types, and to remark on them.
            let test = self.comparison(at, Comparison::Equal, value, item.clone())?;
            match item.value() {
                Some(constant) if is_folded => set.extend([folded(item.kind, constant)]),
                Some(_) => set.extend(item.cast(kind).value().cloned()),
                None => others.push(test),
            }
        }
        let function = Function::In { set: Arc::new(set), is_folded };
        let found = Expr::call(Type::Bool, function, vec![value.cast(kind)]);
        if others.is_empty() {
            return Ok(found);
        }
        others.push(found);
        Ok(Expr::call(Type::Bool, Function::Or, others))
    }
}
