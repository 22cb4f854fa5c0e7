//! What a query means: a tree of operators over typed expressions. Names are columns by number, types are checked, and
//! constants are computed.

mod aggregates;
mod binder;
mod calls;
mod columns;
mod expression;
mod extreme;
mod join;
mod lists;
mod names;
mod pipeline;
mod sources;
mod text_calls;
mod types;
mod unknown;

use std::rc::Rc;

use crate::functions::Function;
use crate::schema::Column;
use crate::store::Snapshot;
use crate::types::{Type, Value};
pub(crate) use aggregates::{Aggregate, Call};
pub(crate) use binder::{Binder, Meaning};
pub use binder::{Remark, Render};
pub(crate) use join::JoinKind;

/// A hidden column with the time at which a row became visible. Hidden columns have names that no query can write.
pub(crate) const INGESTED: &str = "$ingestion_time";

/// A typed expression.
#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) kind: Type,
    pub(crate) node: ExprNode,
}

#[derive(Clone, Debug)]
pub(crate) enum ExprNode {
    Constant(Value),
    Column(usize),
    Call(Function, Vec<Expr>),
}

impl Expr {
    pub(crate) fn constant(kind: Type, value: Value) -> Self {
        Self { kind, node: ExprNode::Constant(value) }
    }

    pub(crate) fn column(kind: Type, at: usize) -> Self {
        Self { kind, node: ExprNode::Column(at) }
    }

    /// A call; its value at once if all arguments are constant.
    pub(crate) fn call(kind: Type, function: Function, arguments: Vec<Self>) -> Self {
        let values: Option<Vec<Value>> = arguments.iter().map(|one| one.value().cloned()).collect();
        match values {
            Some(values) => Self::constant(kind, function.apply(&values)),
            None => Self { kind, node: ExprNode::Call(function, arguments) },
        }
    }

    pub(crate) fn value(&self) -> Option<&Value> {
        if let ExprNode::Constant(value) = &self.node { Some(value) } else { None }
    }

    /// The expression as another type.
    pub(crate) fn cast(self, to: Type) -> Self {
        // An int is a long with less room.
        if self.kind == to || (self.kind == Type::Int && to == Type::Long) {
            return Self { kind: to, ..self };
        }
        Self::call(to, Function::Cast(self.kind, to), vec![self])
    }
}

/// An operator and its inputs.
#[derive(Clone, Debug)]
pub(crate) enum Plan {
    /// The rows of a table, with [`INGESTED`] as the last column.
    Scan(Rc<Snapshot>),
    Rows {
        kinds: Vec<Type>,
        rows: Rc<Vec<Vec<Value>>>,
    },
    Range {
        kind: Type,
        from: Value,
        to: Value,
        step: Value,
    },
    Where {
        input: Box<Plan>,
        condition: Expr,
    },
    Project {
        input: Box<Plan>,
        columns: Vec<Expr>,
    },
    /// Groups; `outputs` are over the keys and then the results of the calls.
    Summarize {
        input: Box<Plan>,
        keys: Vec<Expr>,
        calls: Vec<Call>,
        outputs: Vec<Expr>,
    },
    Sort {
        input: Box<Plan>,
        keys: Vec<SortKey>,
    },
    Top {
        input: Box<Plan>,
        keys: Vec<SortKey>,
        count: usize,
    },
    Take {
        input: Box<Plan>,
        count: usize,
    },
    Join(Box<Join>),
    /// The rows of several inputs with the same columns.
    Union(Vec<Plan>),
}

#[derive(Clone, Debug)]
pub(crate) struct SortKey {
    pub(crate) value: Expr,
    pub(crate) is_ascending: bool,
    pub(crate) is_nulls_first: bool,
}

/// The result has the columns of the left input, and then those of the right one.
#[derive(Clone, Debug)]
pub(crate) struct Join {
    pub(crate) kind: JoinKind,
    pub(crate) left: Plan,
    pub(crate) right: Plan,
    pub(crate) left_keys: Vec<Expr>,
    pub(crate) right_keys: Vec<Expr>,
    pub(crate) right_kinds: Vec<Type>,
}

/// A plan and its columns.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    pub(crate) plan: Plan,
    pub(crate) columns: Vec<Column>,
    /// The operators of the plan, and how deeply they are nested.
    pub(crate) size: usize,
    pub(crate) depth: usize,
}

impl Bound {
    pub(crate) fn leaf(plan: Plan, columns: Vec<Column>) -> Self {
        Self { plan, columns, size: 1, depth: 1 }
    }

    /// An operator over this one.
    pub(crate) fn over(self, columns: Vec<Column>, plan: impl FnOnce(Box<Plan>) -> Plan) -> Self {
        let (size, depth) = (self.size + 1, self.depth + 1);
        Self { plan: plan(Box::new(self.plan)), columns, size, depth }
    }
}
