//! The rows of a segment that still grows, in memory.

use std::sync::Arc;

use super::encode::{Index, text};
use crate::schema::Schema;
use crate::types::{Type, Value};
use crate::vector::{Data, NULL, NULL_BOOL, Vector, null_real};

/// One column. Rows are only added.
#[derive(Clone, Debug)]
pub(super) enum Growing {
    /// Also bools, as 0 and 1.
    Longs(Vec<i64>),
    Reals(Vec<f64>),
    /// Strings, and dynamic values as JSON: each once, and for each row its number.
    Texts {
        codes: Vec<u32>,
        values: Vec<Arc<str>>,
    },
}

impl Growing {
    pub(super) fn new(kind: Type) -> Self {
        match kind {
            Type::String | Type::Dynamic => Self::Texts { codes: Vec::new(), values: Vec::new() },
            Type::Real => Self::Reals(Vec::new()),
            _ => Self::Longs(Vec::new()),
        }
    }

    /// Adds a value that the column's type holds.
    pub(super) fn push(&mut self, kind: Type, value: &Value, index: &mut Index) {
        match self {
            Self::Longs(numbers) => numbers.push(match value {
                Value::Long(number) => *number,
                Value::Bool(is) => i64::from(*is),
                _ => NULL,
            }),
            Self::Reals(numbers) => numbers.push(match value {
                Value::Real(number) => *number,
                _ => null_real(),
            }),
            Self::Texts { codes, values } => {
                let json;
                let text = match value {
                    Value::Text(text) => &**text,
                    Value::Dynamic(value) if kind == Type::Dynamic => {
                        json = value.to_string();
                        json.as_str()
                    }
                    _ => "",
                };
                codes.push(match index.get(text) {
                    Some(code) => *code,
                    None => {
                        let text: Arc<str> = Arc::from(text);
                        let code = u32::try_from(values.len()).unwrap_or(u32::MAX);
                        values.push(Arc::clone(&text));
                        index.insert(text, code);
                        code
                    }
                });
            }
        }
    }

    fn vector(&self, kind: Type) -> Vector {
        match self {
            Self::Longs(numbers) if kind == Type::Bool => {
                let bool = |n: &i64| if *n == NULL { NULL_BOOL } else { u8::from(*n == 1) };
                Vector::bools(numbers.iter().map(bool).collect())
            }
            Self::Longs(numbers) => Vector::longs(numbers.clone()),
            Self::Reals(numbers) => {
                Vector { len: numbers.len(), data: Data::Reals(numbers.clone()) }
            }
            Self::Texts { codes, values } => {
                let values = values.iter().map(|value| text(kind, value)).collect();
                Vector::dict(codes.clone(), Arc::new(values))
            }
        }
    }
}

/// The columns of a growing segment. A query keeps them as they are; the next append then copies them.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    pub(super) columns: Vec<Growing>,
    /// When each row becomes visible.
    pub(super) visible: Vec<i64>,
}

impl Rows {
    pub(super) fn new(schema: &Schema) -> Self {
        let columns = schema.columns().iter().map(|column| Growing::new(column.kind)).collect();
        Self { columns, visible: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.visible.len()
    }

    /// The values of a column, of the first `count` rows.
    pub(super) fn vector(&self, column: usize, kind: Type) -> Vector {
        self.columns
            .get(column)
            .map_or_else(|| Vector::missing(kind, self.len()), |column| column.vector(kind))
    }
}
