//! A store in a temporary folder, and answers as text.

use analytics::{LogStore, Options, QueryError, Schema, Type, Value, query, tables, ticks};
use tempfile::TempDir;

/// 30 November 2026, 12:00.
pub fn now() -> i64 {
    ticks::parse_time("2026-11-30T12:00:00Z").expect("a time")
}

pub struct Logs {
    pub store: LogStore,
    /// Removed with this.
    pub _folder: TempDir,
}

/// An empty store with the tables of online endpoints.
pub fn logs() -> Logs {
    let folder = tempfile::tempdir().expect("a folder");
    let store = LogStore::open(folder.path()).expect("a store");
    for table in [tables::TRAFFIC_LOG, tables::CONSOLE_LOG, tables::EVENT_LOG] {
        let schema = tables::schema(table).expect("known").expect("valid");
        store.create(table, &schema).expect("a table");
    }
    Logs { store, _folder: folder }
}

/// A request of the traffic log.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Seconds before [`now`].
    pub ago_s: i64,
    pub deployment: &'static str,
    pub code: i64,
    pub duration_ms: i64,
}

impl Logs {
    pub fn schema(&self, table: &str) -> Schema {
        self.store.schema(table).expect("a table")
    }

    pub fn request(&self, request: Request) {
        let time = now() - request.ago_s * ticks::SECOND;
        let row = self.schema(tables::TRAFFIC_LOG).row([
            ("TimeGenerated", Value::Long(time)),
            ("EndpointName", Value::text("fraud")),
            ("DeploymentName", Value::text(request.deployment)),
            ("ResponseCode", Value::Long(request.code)),
            ("TotalDurationMs", Value::Long(request.duration_ms)),
            (
                "XRequestId",
                Value::text(format!("{:08x}-0000-4000-8000-000000000000", request.ago_s)),
            ),
        ]);
        self.store.append(tables::TRAFFIC_LOG, time, &[row.expect("fits")]).expect("appends");
    }

    pub fn ask(&self, text: &str) -> Result<Vec<String>, QueryError> {
        ask_at(&self.store, text, now())
    }

    /// The rows of an answer, each as `a|b|c`.
    pub fn rows(&self, text: &str) -> Vec<String> {
        self.ask(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    /// The only value of an answer.
    pub fn value(&self, text: &str) -> String {
        let rows = self.rows(text);
        assert_eq!(rows.len(), 1, "{text}: {rows:?}");
        rows[0].clone()
    }

    /// The value of an expression.
    pub fn print(&self, expression: &str) -> String {
        self.value(&format!("print x = {expression}"))
    }

    /// Names and types of an answer's columns.
    pub fn columns(&self, text: &str) -> Vec<String> {
        let checked = analytics::check(&self.store, text, now())
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        checked
            .columns
            .iter()
            .map(|column| format!("{}:{}", column.name, column.kind.name()))
            .collect()
    }
}

pub fn ask_at(store: &LogStore, text: &str, now: i64) -> Result<Vec<String>, QueryError> {
    let answer = query(store, text, &Options::at(now))?;
    let kinds: Vec<Type> = answer.columns.iter().map(|column| column.kind).collect();
    let row = |row: Vec<Value>| {
        let cells = row.iter().zip(&kinds).map(|(value, kind)| cell(value, *kind));
        cells.collect::<Vec<_>>().join("|")
    };
    Ok(answer.rows().map(row).collect())
}

fn cell(value: &Value, kind: Type) -> String {
    match (value, kind) {
        (Value::Null, _) => "null".to_owned(),
        (Value::Bool(is), _) => is.to_string(),
        (Value::Long(number), Type::DateTime) => ticks::format_time(*number),
        (Value::Long(number), Type::TimeSpan) => ticks::format_span(*number),
        (Value::Long(number), _) => number.to_string(),
        (Value::Real(number), _) => number.to_string(),
        (Value::Text(text), _) => text.to_string(),
        (Value::Dynamic(json), _) => json.to_string(),
    }
}
