//! Joins.

use super::binder::{Binder, Result, Scope, visible};
use super::sources::joinable;
use super::{Bound, Expr, Join, Plan, names};
use crate::kql::syntax::{At, Node, Pipeline, Syntax};
use crate::schema::Column;

/// Which rows a join answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JoinKind {
    Inner,
    /// Only one row of the left side for each key: the default (Kusto, "join operator").
    InnerUnique,
    LeftOuter,
    /// Rows of the left side without a match.
    LeftAnti,
    /// Rows of the left side with a match.
    LeftSemi,
}

impl JoinKind {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "inner" => Self::Inner,
            "innerunique" => Self::InnerUnique,
            "leftouter" => Self::LeftOuter,
            "leftanti" | "anti" | "leftantisemi" => Self::LeftAnti,
            "leftsemi" => Self::LeftSemi,
            _ => return None,
        })
    }

    /// Whether the result has the right side's columns.
    pub(crate) fn has_right(self) -> bool {
        !matches!(self, Self::LeftAnti | Self::LeftSemi)
    }
}

/// The kinds that the service knows besides.
const FOREIGN: [&str; 5] = ["rightouter", "fullouter", "rightanti", "rightantisemi", "rightsemi"];

impl Binder<'_> {
    pub(super) fn join(
        &mut self,
        at: At,
        left: Bound,
        kind: (At, &str),
        right: &Pipeline,
        on: &[Syntax],
    ) -> Result<Bound> {
        let kind = match JoinKind::parse(kind.1) {
            Some(kind) => kind,
            None if FOREIGN.contains(&kind.1) => {
                return Err(self.unsupported(kind.0, "kind of join", kind.1));
            }
            None => {
                let message = format!(
                    "'join' operator: there is no kind '{}'. Use inner, innerunique, leftouter, leftanti or leftsemi.",
                    kind.1
                );
                return Err(self.semantic(kind.0, kind.1, None, message));
            }
        };
        let right = visible(self.pipeline(right)?);
        let (mut left_keys, mut right_keys) = (Vec::new(), Vec::new());
        for key in on.iter().flat_map(keys) {
            let (one, other) = self.key(key, &left.columns, &right.columns)?;
            left_keys.push(one);
            right_keys.push(other);
        }
        let mut columns = left.columns.clone();
        let mut right_kinds = Vec::new();
        if kind.has_right() {
            for column in &right.columns {
                columns.push(Column {
                    name: names::unique(&column.name, &columns),
                    kind: column.kind,
                });
                right_kinds.push(column.kind);
            }
        }
        let (size, depth) = (left.size + right.size + 1, left.depth.max(right.depth) + 1);
        let join =
            Join { kind, left: left.plan, right: right.plan, left_keys, right_keys, right_kinds };
        self.checked(at, Bound { plan: Plan::Join(Box::new(join)), columns, size, depth })
    }

    /// `Key`, or `$left.a == $right.b`.
    fn key(&mut self, key: &Syntax, left: &[Column], right: &[Column]) -> Result<(Expr, Expr)> {
        let name_of = |syntax: &Syntax, side: &str| match &syntax.node {
            Node::Member { of, name } if matches!(&of.node, Node::Name(one) if one == side) => {
                Some(name.clone())
            }
            _ => None,
        };
        let (a, b) = match &key.node {
            Node::Name(name) => (name.clone(), name.clone()),
            Node::Binary { operator, left, right } if operator == "==" => {
                let straight = name_of(left, "$left").zip(name_of(right, "$right"));
                let crossed = name_of(right, "$left").zip(name_of(left, "$right"));
                match straight.or(crossed) {
                    Some(names) => names,
                    None => return Err(self.wrong_key(key.at)),
                }
            }
            _ => return Err(self.wrong_key(key.at)),
        };
        let column = |this: &Self, name: &str, columns: &[Column]| {
            let scope = Scope::new(columns, "join");
            scope.column(name).ok_or_else(|| this.unresolved(key.at, name, &scope))
        };
        let (one, other) = (column(self, &a, left)?, column(self, &b, right)?);
        let (first, second) = (one.kind, other.kind);
        joinable(one, other).ok_or_else(|| self.incomparable(key.at, first, second))
    }

    fn wrong_key(&self, at: At) -> crate::kql::error::QueryError {
        let message = "'join' operator: a key is a column of both sides, or $left.a == $right.b.";
        self.semantic(at, "on", None, message)
    }
}

/// The keys of a condition, which may be joined by `and`.
fn keys(on: &Syntax) -> Vec<&Syntax> {
    match &on.node {
        Node::All(all) => all.iter().collect(),
        _ => vec![on],
    }
}
