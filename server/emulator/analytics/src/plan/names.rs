//! The names of columns that a query does not name (Kusto, "summarize operator"; names as in Microsoft's open-source language
//! service).

use crate::kql::syntax::{Node, Syntax};
use crate::schema::Column;
use crate::types::{Type, Value};

/// Functions whose result has the name of their argument.
const TRANSPARENT: [&str; 16] = [
    "bin",
    "floor",
    "tostring",
    "toint",
    "tolong",
    "toreal",
    "todouble",
    "tobool",
    "toboolean",
    "todatetime",
    "totimespan",
    "todynamic",
    "parse_json",
    "startofday",
    "startofweek",
    "startofmonth",
];

/// The name that an expression gives its column.
pub(super) fn result(syntax: &Syntax) -> Option<String> {
    match &syntax.node {
        Node::Name(name) => Some(name.clone()),
        Node::Member { of, name } => Some(format!("{}_{name}", result(of)?)),
        Node::Index { of, index } => {
            let part = match &index.node {
                Node::Literal(Type::String, Value::Text(text)) => text.to_string(),
                Node::Literal(Type::Long, Value::Long(at)) => at.to_string(),
                _ => return None,
            };
            Some(format!("{}_{part}", result(of)?))
        }
        Node::Call { name, arguments } if TRANSPARENT.contains(&name.as_str()) => {
            result(arguments.first()?)
        }
        _ => None,
    }
}

/// The name, or with a number behind it if it is taken.
pub(super) fn unique(name: &str, taken: &[Column]) -> String {
    let is_taken = |name: &str| taken.iter().any(|column| column.name == name);
    if !is_taken(name) {
        return name.to_owned();
    }
    let numbered = (1..).map(|number| format!("{name}{number}"));
    numbered.into_iter().find(|name| !is_taken(name)).unwrap_or_default()
}

/// The part of a percentile's column for its number: `99_9`.
pub(super) fn percentile(number: f64) -> String {
    number.to_string().replace('.', "_")
}
