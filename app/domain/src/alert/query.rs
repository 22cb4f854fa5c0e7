//! Explains why a rule's query finds nothing, or the wrong requests.
//!
//! The query of the templates, `… | where ResponseCode != '200' and EndpointName == '{endpoint}'`, compares a number with
//! a text. Some versions of the log's table accept this and some reject it, and then the rule never fires. It also counts
//! each success that is not 200, and it distinguishes capitals in the endpoint's name.
//!
//! This is no validation: only Log Analytics knows whether a query is right. What is not understood is not explained.

mod comparisons;

use super::columns::{COLUMNS, OTHER_LOGS, TRAFFIC_LOG, column, meant};
use super::tokens::{BYTES_MAX, Broken, Token, tokens};
use crate::name::EndpointName;
use crate::text::shortened;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An explanation of a part of a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The rule in kebab case: `number-as-text`.
    pub rule: String,
    /// Whether the query finds nothing, or is rejected. Otherwise it finds the wrong requests.
    pub is_fatal: bool,
    /// Where the part begins in the query, in bytes.
    pub at: usize,
    /// What the query does, and why that is wrong.
    pub what: String,
    /// What to write instead.
    pub todo: String,
}

/// Words of the language that are no columns, as far as alert rules use them.
const KEYWORDS: [&str; 34] = [
    "where",
    "and",
    "or",
    "not",
    "in",
    "between",
    "has",
    "contains",
    "startswith",
    "endswith",
    "has_cs",
    "contains_cs",
    "matches",
    "regex",
    "summarize",
    "by",
    "count",
    "take",
    "limit",
    "top",
    "order",
    "sort",
    "asc",
    "desc",
    "project",
    "extend",
    "distinct",
    "true",
    "false",
    "null",
    "nulls",
    "first",
    "last",
    "as",
];
/// Operators after which the columns are not known here.
const FOREIGN: [&str; 10] = [
    "join",
    "union",
    "let",
    "lookup",
    "parse",
    "evaluate",
    "invoke",
    "mv",
    "search",
    "externaldata",
];

/// All explanations of a rule's query, in the order of the query.
#[must_use]
pub fn explain(query: &str, endpoint: &EndpointName) -> Vec<Explanation> {
    let found = match tokens(query) {
        Ok(found) => found,
        Err(broken) => return vec![malformed(query, broken)],
    };
    let mut all: Vec<_> = table(&found).into_iter().collect();
    let words = || found.iter().filter_map(|(_, token)| word(token));
    let is_known =
        words().next() == Some(TRAFFIC_LOG) && !words().any(|word| FOREIGN.contains(&word));
    if is_known {
        all.extend(unknown_columns(&found));
    }
    all.extend(comparisons::types(&found));
    all.extend(comparisons::counts_successes(&found));
    all.extend(comparisons::other_endpoint(&found, endpoint));
    all.sort_by_key(|one| one.at);
    all
}

fn explanation(rule: &str, is_fatal: bool, at: usize, what: String, todo: String) -> Explanation {
    Explanation { rule: rule.to_owned(), is_fatal, at, what, todo }
}

fn word<'q>(token: &Token<'q>) -> Option<&'q str> {
    match token {
        Token::Word(word) => Some(word),
        _ => None,
    }
}

fn malformed(query: &str, broken: Broken) -> Explanation {
    let part = |at: usize| shortened(query.get(at..).unwrap_or_default(), 40);
    let (at, what, todo) = match broken {
        Broken::OpenText(at) => (
            at,
            format!("The text that begins with {} has no closing quote.", part(at)),
            "Close it.",
        ),
        Broken::Bracket(at) => (
            at,
            format!("The bracket at “{}” has no partner.", part(at)),
            "Add it, or remove this one.",
        ),
        Broken::Long => (0, format!("The query is longer than {BYTES_MAX} bytes."), "Shorten it."),
    };
    explanation("malformed", true, at, what, todo.to_owned())
}

/// A first word that names no log of endpoints.
fn table(found: &[(usize, Token<'_>)]) -> Option<Explanation> {
    let Some((at, first)) = found.first().and_then(|(at, token)| Some((*at, word(token)?))) else {
        let what = "The query names no log.".to_owned();
        return Some(explanation("no-log", true, 0, what, format!("Begin with {TRAFFIC_LOG}.")));
    };
    let is_log = first == TRAFFIC_LOG || OTHER_LOGS.contains(&first) || FOREIGN.contains(&first);
    let logs = OTHER_LOGS.into_iter().chain([TRAFFIC_LOG]);
    let near = logs
        .map(|log| (strsim::osa_distance(&first.to_lowercase(), &log.to_lowercase()), log))
        .min();
    let (_, near) = near.filter(|(distance, _)| !is_log && *distance <= 6)?;
    let what =
        format!("There is no log {}. Log Analytics distinguishes capitals.", shortened(first, 60));
    Some(explanation("unknown-log", true, at, what, format!("Write {near}.")))
}

/// Names that are neither columns nor defined by the query.
fn unknown_columns(found: &[(usize, Token<'_>)]) -> Vec<Explanation> {
    let next_is = |place: usize, signs: &[&str]| matches!(found.get(place + 1), Some((_, Token::Sign(sign))) if signs.contains(sign));
    let mut defined: BTreeSet<&str> = BTreeSet::new();
    let mut all: Vec<Explanation> = Vec::new();
    for (place, (at, token)) in found.iter().enumerate().skip(1) {
        let Some(name) = word(token) else { continue };
        let is_after_dot = matches!(found.get(place - 1), Some((_, Token::Sign("."))));
        if next_is(place, &["="]) {
            defined.insert(name);
        } else if next_is(place, &["("]) || is_after_dot || KEYWORDS.contains(&name) {
            // A function, a property of a value, or a word of the language.
        } else if column(name).is_none() && !defined.contains(name) && !is_generated(name) {
            let is_known = all.iter().any(|one| one.what.contains(&format!("no column {name}.")));
            if !is_known {
                all.push(unknown_column(*at, name));
            }
        }
    }
    all
}

/// Names that functions give their results: `count_`, `avg_TotalDurationMs`.
fn is_generated(name: &str) -> bool {
    name.ends_with('_') || COLUMNS.iter().any(|(known, _)| name.ends_with(&format!("_{known}")))
}

fn unknown_column(at: usize, name: &str) -> Explanation {
    let shown = shortened(name, 60);
    let what = format!(
        "{TRAFFIC_LOG} has no column {shown}. Log Analytics rejects the query, so the rule never fires."
    );
    let todo = match meant(name) {
        Some(column) => format!("Write {column}."),
        None => {
            let known: Vec<_> = COLUMNS
                .iter()
                .map(|(known, _)| *known)
                .filter(|known| !known.starts_with('_'))
                .collect();
            format!("Write one of: {}.", known.join(", "))
        }
    };
    explanation("unknown-column", true, at, what, todo)
}

#[cfg(test)]
mod tests;
