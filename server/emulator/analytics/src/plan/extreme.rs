//! `arg_max` and `arg_min`.

use super::binder::{Binder, Result, Scope, is_hidden};
use super::{Aggregate, Call, Expr, names};
use crate::kql::syntax::{At, Node, Syntax};

impl Binder<'_> {
    /// `arg_max(by, *)` and `arg_max(by, a, b)`
    pub(super) fn extreme(
        &mut self,
        at: At,
        name: &str,
        arguments: &[Syntax],
        scope: &mut Scope<'_>,
        keys: &[String],
    ) -> Result<(Call, Vec<String>)> {
        let Some((by, rest)) = arguments.split_first().filter(|(_, rest)| !rest.is_empty()) else {
            return Err(self.arity(at, name, "2 or more"));
        };
        let by_name = names::result(by).unwrap_or_else(|| name.replace("arg_", "") + "_");
        let by = self.expression(by, scope)?;
        let (mut exprs, mut outputs) = (vec![by], vec![by_name.clone()]);
        for one in rest {
            if let Node::Star = one.node {
                for (place, column) in scope.columns.iter().enumerate() {
                    let is_other = column.name != by_name && !keys.contains(&column.name);
                    if is_other && !is_hidden(&column.name) {
                        exprs.push(Expr::column(column.kind, place));
                        outputs.push(column.name.clone());
                    }
                }
            } else {
                outputs.push(names::result(one).unwrap_or_else(|| format!("{name}_")));
                exprs.push(self.expression(one, scope)?);
            }
        }
        let kinds = exprs.iter().map(|expr| expr.kind).collect();
        let aggregate = Aggregate::Extreme { is_greatest: name == "arg_max" };
        Ok((Call { aggregate, arguments: exprs, condition: None, outputs: kinds }, outputs))
    }
}
