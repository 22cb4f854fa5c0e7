//! The columns of a table, and its rows.

use serde::{Deserialize, Serialize};

use crate::types::{Type, Value};

/// The longest name of a table or a column (Azure Monitor: custom tables have at most 63 characters, columns 45; tables of
/// Azure's own are as long as tables).
const NAME_CHARS_MAX: usize = 63;
/// The most columns of a table (Azure Monitor: service limits, 500).
const COLUMNS_MAX: usize = 500;

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: Type,
}

/// The columns of a table, in the order of its rows' values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema(Vec<Column>);

/// What is wrong with a table's name, its columns or a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    #[error(
        "The name [{0}] is not valid. Use up to {most} letters, digits and _, and start with a letter or _.",
        most = NAME_CHARS_MAX
    )]
    Name(String),
    #[error("The table has {0} columns. The most are {most}.", most = COLUMNS_MAX)]
    Columns(usize),
    #[error("The column {0} occurs twice.")]
    Twice(String),
    #[error("The column {name} is of type {had}; it cannot become {wanted}.")]
    Changed { name: String, had: &'static str, wanted: &'static str },
    #[error("The table has no column {0}.")]
    Unknown(String),
    #[error("The column {name} of type {kind} cannot hold this value.")]
    Value { name: String, kind: &'static str },
    #[error("The row has {had} values, and the table {wanted} columns.")]
    Length { had: usize, wanted: usize },
}

/// Whether a name can be a table's or a column's, and a folder's.
pub(crate) fn check_name(name: &str) -> Result<(), SchemaError> {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_valid = name.starts_with(is_letter)
        && name.len() <= NAME_CHARS_MAX
        && name.chars().all(|c| is_letter(c) || c.is_ascii_digit());
    if is_valid { Ok(()) } else { Err(SchemaError::Name(name.chars().take(80).collect())) }
}

impl Schema {
    /// Columns with different names.
    ///
    /// # Errors
    /// If a name is not valid or occurs twice, or if there are too many.
    pub fn new(columns: Vec<Column>) -> Result<Self, SchemaError> {
        if columns.len() > COLUMNS_MAX {
            return Err(SchemaError::Columns(columns.len()));
        }
        let mut seen = std::collections::HashSet::new();
        for column in &columns {
            check_name(&column.name)?;
            if !seen.insert(column.name.as_str()) {
                return Err(SchemaError::Twice(column.name.clone()));
            }
        }
        Ok(Self(columns))
    }

    /// Columns from names and types.
    ///
    /// # Errors
    /// As [`Schema::new`].
    pub fn of(columns: &[(&str, Type)]) -> Result<Self, SchemaError> {
        let column = |(name, kind): &(&str, Type)| Column { name: (*name).to_owned(), kind: *kind };
        Self::new(columns.iter().map(column).collect())
    }

    /// The columns.
    pub fn columns(&self) -> &[Column] {
        &self.0
    }

    /// The place of a column.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|column| column.name == name)
    }

    /// A row with some values; what is not given is missing.
    ///
    /// # Errors
    /// If a column is unknown or cannot hold its value.
    pub fn row<'a>(
        &self,
        values: impl IntoIterator<Item = (&'a str, Value)>,
    ) -> Result<Vec<Value>, SchemaError> {
        let mut row: Vec<Value> = self.0.iter().map(|column| column.kind.missing()).collect();
        for (name, value) in values {
            let at = self.index(name).ok_or_else(|| SchemaError::Unknown(name.to_owned()))?;
            row[at] = value;
        }
        self.check(&row)?;
        Ok(row)
    }

    /// Whether a row fits.
    pub(crate) fn check(&self, row: &[Value]) -> Result<(), SchemaError> {
        if row.len() != self.0.len() {
            return Err(SchemaError::Length { had: row.len(), wanted: self.0.len() });
        }
        match self.0.iter().zip(row).find(|(column, value)| !column.kind.holds(value)) {
            Some((column, _)) => {
                Err(SchemaError::Value { name: column.name.clone(), kind: column.kind.name() })
            }
            None => Ok(()),
        }
    }

    /// These columns, and then those of `wanted` that are new; `None` if there are no new ones.
    pub(crate) fn grown(&self, wanted: &Self) -> Result<Option<Self>, SchemaError> {
        let mut columns = self.0.clone();
        for column in &wanted.0 {
            match self.0.iter().find(|one| one.name == column.name) {
                Some(one) if one.kind != column.kind => {
                    return Err(SchemaError::Changed {
                        name: one.name.clone(),
                        had: one.kind.name(),
                        wanted: column.kind.name(),
                    });
                }
                Some(_) => {}
                None => columns.push(column.clone()),
            }
        }
        if columns.len() == self.0.len() { Ok(None) } else { Self::new(columns).map(Some) }
    }
}
