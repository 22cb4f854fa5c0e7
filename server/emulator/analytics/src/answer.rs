//! The rows of an answer, as values and as the service's JSON.

use serde_json::{Value as Json, json};

use crate::functions::cast::to_json;
use crate::plan::{Remark, Render};
use crate::schema::Column;
use crate::types::Value;
use crate::vector::Vector;

/// Why an answer is not complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Partial {
    /// It has this many rows, and there are more.
    Rows(usize),
    /// It has about this many bytes, and there is more.
    Bytes(usize),
    /// A file of the store is damaged; its rows are left out.
    Damaged(String),
}

impl Partial {
    /// A sentence, for limits the service's own (Kusto, "Query limits").
    pub fn message(&self) -> String {
        match self {
            Self::Rows(most) => format!(
                "Query result set has exceeded the internal record count limit {most} (E_QUERY_RESULT_SET_TOO_LARGE)."
            ),
            Self::Bytes(most) => format!(
                "Query result set has exceeded the internal data size limit {most} (E_QUERY_RESULT_SET_TOO_LARGE)."
            ),
            Self::Damaged(file) => {
                format!("The file {file} of the log store is damaged. Its rows are left out.")
            }
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Rows(_) | Self::Bytes(_) => "E_QUERY_RESULT_SET_TOO_LARGE",
            Self::Damaged(_) => "DamagedSegment",
        }
    }
}

/// What a query answered.
#[derive(Clone, Debug)]
pub struct Answer {
    pub columns: Vec<Column>,
    pub(crate) batches: Vec<Vec<Vector>>,
    /// The chart that the query asks for.
    pub render: Option<Render>,
    /// What works but is perhaps not meant so.
    pub remarks: Vec<Remark>,
    /// Why it is not complete; empty if it is.
    pub partial: Vec<Partial>,
}

impl Answer {
    /// The number of rows.
    pub fn len(&self) -> usize {
        self.batches.iter().map(|batch| batch.first().map_or(0, |vector| vector.len)).sum()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows.
    pub fn rows(&self) -> impl Iterator<Item = Vec<Value>> {
        self.batches.iter().flat_map(|batch| {
            let rows = batch.first().map_or(0, |vector| vector.len);
            (0..rows).map(|row| batch.iter().map(|vector| vector.value(row)).collect())
        })
    }

    /// The place of a column.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The service's answer: `{"tables":[{"name":"PrimaryResult","columns":[…],"rows":[…]}]}`, with `error` if it is not
    /// complete (Azure Monitor, "Log Analytics API response format").
    ///
    /// It is written as text, because a large answer as a tree of JSON values would need several times its memory.
    pub fn to_json(&self) -> String {
        let column = |column: &Column| json!({ "name": column.name, "type": column.kind.name() });
        let columns: Vec<Json> = self.columns.iter().map(column).collect();
        let mut text = String::from(r#"{"tables":[{"name":"PrimaryResult","columns":"#);
        text.push_str(&Json::Array(columns).to_string());
        text.push_str(r#","rows":["#);
        let mut is_first = true;
        for row in self.rows() {
            text.push_str(if is_first { "[" } else { ",[" });
            is_first = false;
            for (at, (value, column)) in row.iter().zip(&self.columns).enumerate() {
                if at > 0 {
                    text.push(',');
                }
                text.push_str(&cell(value, column).to_string());
            }
            text.push(']');
        }
        text.push_str("]}]");
        if !self.partial.is_empty() {
            text.push_str(r#","error":"#);
            text.push_str(&self.error().to_string());
        }
        text.push('}');
        text
    }

    fn error(&self) -> Json {
        let detail =
            |partial: &Partial| json!({ "code": partial.code(), "message": partial.message() });
        json!({
            "code": "PartialError",
            "message": "There were some errors when processing your query.",
            "details": self.partial.iter().map(detail).collect::<Vec<_>>(),
        })
    }

    /// The object of the answer's `render`, as the service gives it with `include-render=true`.
    pub fn render_json(&self) -> Option<Json> {
        let render = self.render.as_ref()?;
        let mut object = json!({ "visualization": render.kind });
        for (name, value) in &render.properties {
            object[name] = json!(value);
        }
        Some(object)
    }
}

/// A value in a row. The service answers dynamic values as strings.
fn cell(value: &Value, column: &Column) -> Json {
    match value {
        Value::Dynamic(json) => match &**json {
            Json::String(text) => Json::String(text.clone()),
            json => Json::String(json.to_string()),
        },
        value => to_json(column.kind, value),
    }
}
