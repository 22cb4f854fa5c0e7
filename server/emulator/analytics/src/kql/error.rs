//! What is wrong with a query, as Log Analytics answers it.
//!
//! The codes are those that the service is known to answer: `SYN0002`, `SEM0100`, `SEM0064`, `SEM0219` and `SEM0260`. An error
//! for which no code is known has none.

use serde_json::{Value as Json, json};

/// Where something is in a query's text. As in the service's answers, lines count from 1 and columns from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

impl Place {
    /// The place of a byte of a text.
    pub(crate) fn of(text: &str, at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self { line, column: before[start..].chars().count() }
    }
}

/// Why a query has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryError {
    /// The text is not KQL.
    Syntax {
        place: Place,
        /// What stands at the place; `<EOF>` at the end.
        token: String,
        /// What could stand there.
        expected: String,
    },
    /// The text is KQL, but means nothing: an unknown name, types that do not fit.
    Semantic {
        place: Place,
        token: String,
        /// The service's code, where it is known.
        code: Option<&'static str>,
        message: String,
    },
    /// The service knows this, and the emulator does not.
    Unsupported { place: Place, token: String, message: String },
    /// The query is longer or deeper than a limit.
    TooLarge(String),
    /// The deadline passed.
    TimedOut,
    /// The query needed more memory than it may use.
    OutOfMemory { limit: usize },
    /// The store could not be read.
    Store(String),
}

impl QueryError {
    /// The message for people: what happened and what to do.
    pub fn message(&self) -> String {
        match self {
            Self::Syntax { place, token, expected } => format!(
                "Query could not be parsed at '{token}' on line [{},{}]. Expected: {expected}.",
                place.line, place.column
            ),
            Self::Semantic { place, message, .. } | Self::Unsupported { place, message, .. } => {
                format!("{message} (Line {}, column {}.)", place.line, place.column)
            }
            Self::TooLarge(message) => message.clone(),
            Self::TimedOut => "The query did not finish within its time limit. Ask for less: a shorter time range, or a \
                               filter before the other operators."
                .to_owned(),
            Self::OutOfMemory { limit } => format!(
                "The query needed more than {} MB of memory (E_RUNAWAY_QUERY). Group by fewer values, or filter first.",
                limit >> 20
            ),
            Self::Store(message) => message.clone(),
        }
    }

    /// Whether the query's text is at fault, and the same text will fail again.
    pub fn is_of_text(&self) -> bool {
        !matches!(self, Self::TimedOut | Self::OutOfMemory { .. } | Self::Store(_))
    }

    /// The object of the answer's `error`, without the `correlationId`.
    ///
    /// `SyntaxError` and `SemanticError` are after recorded answers of the service (azure-sdk-for-js, monitor-query,
    /// recordings; azure-cli-extensions, issue 3002).
    pub fn to_json(&self) -> Json {
        let bad = |inner: Json| {
            json!({
                "message": "The request had some invalid properties",
                "code": "BadArgumentError",
                "innererror": inner,
            })
        };
        match self {
            Self::Syntax { place, token, .. } => bad(json!({
                "code": "SyntaxError",
                "message": "A recognition error occurred in the query.",
                "innererror": {
                    "code": "SYN0002", "message": self.message(),
                    "line": place.line, "pos": place.column, "token": token,
                },
            })),
            Self::Semantic { place, token, code, .. } => {
                let mut inner = json!({
                    "message": self.message(),
                    "line": place.line, "pos": place.column, "token": token,
                });
                if let Some(code) = code {
                    inner["code"] = json!(code);
                }
                bad(json!({
                    "code": "SemanticError",
                    "message": "A semantic error occurred.",
                    "innererror": inner,
                }))
            }
            Self::Unsupported { place, token, .. } => json!({
                "message": self.message(),
                "code": "NotSupportedByEmulator",
                "innererror": { "line": place.line, "pos": place.column, "token": token },
            }),
            Self::TooLarge(message) => bad(json!({ "code": "QueryTooLarge", "message": message })),
            Self::TimedOut => json!({ "message": self.message(), "code": "GatewayTimeout" }),
            Self::OutOfMemory { .. } => {
                json!({ "message": self.message(), "code": "E_RUNAWAY_QUERY" })
            }
            Self::Store(message) => json!({ "message": message, "code": "InternalServerError" }),
        }
    }
}

impl std::fmt::Display for QueryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for QueryError {}

/// The name in a list that is nearest to one that is not in it.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let distance = |one: &str| edits(&lower, &one.to_lowercase());
    let scored = known.into_iter().map(|one| (distance(one), one));
    let (least, one) = scored.min_by_key(|(distance, _)| *distance)?;
    (least * 3 <= name.len().max(3)).then_some(one)
}

/// The number of letters to add, remove or change.
fn edits(a: &str, b: &str) -> usize {
    // Names have at most 63 letters; what is longer is no misspelled name.
    let (a, b): (Vec<char>, Vec<char>) =
        (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut before: Vec<usize> = (0..=b.len()).collect();
    for (row, left) in a.iter().enumerate() {
        let mut now = vec![row + 1];
        for (at, right) in b.iter().enumerate() {
            let change = before[at] + usize::from(left != right);
            now.push(change.min(before[at + 1] + 1).min(now[at] + 1));
        }
        before = now;
    }
    before[b.len()]
}

/// `a, b and c`, or the beginning of a long list.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 40;
    let names: Vec<&str> = names.into_iter().collect();
    let more = names.len().saturating_sub(SHOWN);
    let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}
