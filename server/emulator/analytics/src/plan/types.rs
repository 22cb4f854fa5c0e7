//! Which types operators accept, and what they result in (Microsoft's open-source language service, `Operators.cs`).

use super::{Expr, ExprNode};
use crate::functions::{Arithmetic, Comparison, Domain, Function};
use crate::types::Type;

/// The sides of a comparison as one type, and whether a string was converted; `None` if they cannot be compared.
pub(super) fn comparable(
    comparison: Comparison,
    left: Expr,
    right: Expr,
) -> Option<(Expr, Expr, bool)> {
    let (a, b) = (left.kind, right.kind);
    if !comparison.is_equality() && (a == Type::String || b == Type::String) {
        return None;
    }
    Some(match (a, b) {
        (Type::Dynamic, Type::Dynamic) => return None,
        _ if a == b || (a.is_integer() && b.is_integer()) => (left, right, false),
        _ if a.is_number() && b.is_number() => {
            (left.cast(Type::Real), right.cast(Type::Real), false)
        }
        (Type::Dynamic, kind) | (kind, Type::Dynamic) => {
            let kind = if kind.is_number() { Type::Real } else { kind };
            (left.cast(kind), right.cast(kind), false)
        }
        // The language service accepts any types here, and Microsoft's own sample for this table compares the int
        // `ResponseCode` with "200" (Azure Monitor, "Queries for the AmlOnlineEndpointTrafficLog table").
        (Type::String, kind) => (left.cast(kind), right, true),
        (kind, Type::String) => (left, right.cast(kind), true),
        _ => return None,
    })
}

/// A comparison of sides with one type.
pub(super) fn compare(comparison: Comparison, left: Expr, right: Expr) -> Expr {
    Expr::call(Type::Bool, Function::Compare(comparison), vec![left, right])
}

/// Arithmetic; `None` if the types do not fit.
pub(super) fn arithmetic(arithmetic: Arithmetic, left: Expr, right: Expr) -> Option<Expr> {
    use Arithmetic::{Add, Divide, Modulo, Multiply, Subtract};
    use Type::{DateTime, Dynamic, Long, Real, TimeSpan};
    let (left, right) = match (left.kind, right.kind) {
        (Dynamic, Dynamic) => (left.cast(Real), right.cast(Real)),
        (Dynamic, kind) => (left.cast(kind), right),
        (kind, Dynamic) => (left, right.cast(kind)),
        _ => (left, right),
    };
    let (a, b) = (left.kind, right.kind);
    let (kind, domain) = match (arithmetic, a, b) {
        _ if a.is_integer() && b.is_integer() => (Long, Domain::Long),
        _ if a.is_number() && b.is_number() => (Real, Domain::Real),
        (Add | Subtract, TimeSpan, TimeSpan) | (Modulo, TimeSpan, TimeSpan) => {
            (TimeSpan, Domain::Long)
        }
        (Add, DateTime, TimeSpan) | (Add, TimeSpan, DateTime) | (Subtract, DateTime, TimeSpan) => {
            (DateTime, Domain::Time)
        }
        (Subtract, DateTime, DateTime) => (TimeSpan, Domain::Long),
        (Modulo, DateTime, TimeSpan) => (TimeSpan, Domain::Long),
        (Divide, TimeSpan, TimeSpan) | (Divide, DateTime, TimeSpan) => (Real, Domain::Real),
        (Multiply, TimeSpan, _) | (Divide, TimeSpan, _) if b.is_number() => {
            (TimeSpan, Domain::Span)
        }
        (Multiply, _, TimeSpan) if a.is_number() => (TimeSpan, Domain::Span),
        _ => return None,
    };
    Some(Expr::call(kind, Function::Arithmetic(arithmetic, domain), vec![left, right]))
}

/// The type that the branches of `iff` and the like have in common.
pub(super) fn common(kinds: impl IntoIterator<Item = Type>) -> Option<Type> {
    let mut common = None;
    for kind in kinds {
        common = Some(match common {
            None => kind,
            Some(before) if before == kind => kind,
            Some(before) if before.is_integer() && kind.is_integer() => Type::Long,
            Some(before) if before.is_number() && kind.is_number() => Type::Real,
            Some(Type::Dynamic) | Some(_) if kind == Type::Dynamic => Type::Dynamic,
            Some(Type::Dynamic) => Type::Dynamic,
            Some(_) => return None,
        });
    }
    common
}

/// Whether an expression is a column, perhaps converted.
pub(super) fn is_column(expr: &Expr) -> bool {
    match &expr.node {
        ExprNode::Column(_) => true,
        ExprNode::Call(Function::Cast(..), arguments) => arguments.iter().all(is_column),
        _ => false,
    }
}
