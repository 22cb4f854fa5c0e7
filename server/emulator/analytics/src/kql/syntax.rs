//! The syntax tree of a query.

use crate::types::{Type, Value};

/// The byte at which something begins.
pub(crate) type At = usize;

/// Statements: bindings, and the query itself.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) lets: Vec<Let>,
    pub(crate) body: Pipeline,
}

#[derive(Clone, Debug)]
pub(crate) struct Let {
    pub(crate) at: At,
    pub(crate) name: String,
    pub(crate) value: Bound,
}

/// What a name is bound to. A single name may be either; the parser takes it for a pipeline.
#[derive(Clone, Debug)]
pub(crate) enum Bound {
    Scalar(Syntax),
    Table(Pipeline),
}

#[derive(Clone, Debug)]
pub(crate) struct Pipeline {
    pub(crate) at: At,
    pub(crate) source: Source,
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub(crate) enum Source {
    Table(String),
    Nested(Box<Pipeline>),
    Union(Union),
    Print(Vec<Named>),
    Range { name: String, from: Syntax, to: Syntax, step: Syntax },
    Rows { columns: Vec<(String, Type)>, values: Vec<Syntax> },
}

#[derive(Clone, Debug)]
pub(crate) struct Union {
    pub(crate) sources: Vec<Pipeline>,
    /// A column with the name of each row's table.
    pub(crate) with_source: Option<String>,
    /// Only the columns that all tables have.
    pub(crate) is_inner: bool,
    /// Tables that do not exist are left out.
    pub(crate) is_fuzzy: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) at: At,
    pub(crate) name: String,
    pub(crate) operator: Operator,
}

#[derive(Clone, Debug)]
pub(crate) enum Operator {
    Where(Syntax),
    Project(Vec<Named>),
    ProjectAway(Vec<(At, String)>),
    ProjectKeep(Vec<(At, String)>),
    /// New names and old ones.
    ProjectRename(Vec<(At, String, String)>),
    Extend(Vec<Named>),
    Summarize {
        aggregates: Vec<Named>,
        by: Vec<Named>,
    },
    Sort(Vec<Order>),
    Top {
        count: Syntax,
        by: Vec<Order>,
    },
    Take(Syntax),
    /// All columns if empty.
    Distinct(Vec<Named>),
    Count,
    Render {
        kind: String,
        properties: Vec<(String, String)>,
    },
    Join {
        kind: (At, String),
        right: Box<Pipeline>,
        on: Vec<Syntax>,
    },
    Union(Union),
    /// `serialize`, `as` and the like, which change nothing here.
    Nothing,
}

#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) value: Syntax,
    pub(crate) is_ascending: bool,
    pub(crate) is_nulls_first: bool,
}

/// An expression, perhaps with a name for its column.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) name: Option<String>,
    pub(crate) value: Syntax,
}

#[derive(Clone, Debug)]
pub(crate) struct Syntax {
    pub(crate) at: At,
    pub(crate) node: Node,
    /// The nodes from here to the deepest one.
    pub(crate) depth: usize,
}

impl Syntax {
    pub(crate) fn new(at: At, node: Node) -> Self {
        let of = |all: &[Self]| all.iter().map(|one| one.depth).max().unwrap_or(0);
        let below = match &node {
            Node::Literal(..) | Node::Name(_) | Node::Star | Node::TypeOf(_) => 0,
            Node::Call { arguments, .. } => of(arguments),
            Node::Negate(one) | Node::Member { of: one, .. } => one.depth,
            Node::All(all) | Node::Any(all) => of(all),
            Node::Binary { left, right, .. } => left.depth.max(right.depth),
            Node::List { value, items, .. } => value.depth.max(of(items)),
            Node::Between { value, from, to, .. } => value.depth.max(from.depth).max(to.depth),
            Node::Index { of, index } => of.depth.max(index.depth),
        };
        Self { at, node, depth: below + 1 }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Node {
    Literal(Type, Value),
    Name(String),
    Star,
    /// A type as an argument: `typeof(long)`.
    TypeOf(Type),
    Call {
        name: String,
        arguments: Vec<Syntax>,
    },
    Negate(Box<Syntax>),
    /// Joined by `and`.
    All(Vec<Syntax>),
    /// Joined by `or`.
    Any(Vec<Syntax>),
    /// `==`, `+`, `has` and the like.
    Binary {
        operator: String,
        left: Box<Syntax>,
        right: Box<Syntax>,
    },
    /// `in`, `!in~`, `has_any` and the like.
    List {
        operator: String,
        value: Box<Syntax>,
        items: Vec<Syntax>,
    },
    Between {
        is_negated: bool,
        value: Box<Syntax>,
        from: Box<Syntax>,
        to: Box<Syntax>,
    },
    Member {
        of: Box<Syntax>,
        name: String,
    },
    Index {
        of: Box<Syntax>,
        index: Box<Syntax>,
    },
}
