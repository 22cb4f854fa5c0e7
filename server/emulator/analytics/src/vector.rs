//! The values of a column for some rows, in the form that suits them.
//!
//! Every form answers [`Vector::value`]. The others exist for speed: numbers are plain arrays in which one number means
//! null, and strings that repeat are kept once, so that an expression over them is computed once for each.

use std::sync::Arc;

use crate::types::{Type, Value};

/// Null among [`Data::Longs`].
pub(crate) const NULL: i64 = i64::MIN;
/// Null among [`Data::Bools`].
pub(crate) const NULL_BOOL: u8 = 2;
/// The bits of null among [`Data::Reals`]: a NaN that no calculation produces.
const NULL_REAL: u64 = 0x7ff8_0000_6e75_6c6c;

/// Null among [`Data::Reals`].
pub(crate) fn null_real() -> f64 {
    f64::from_bits(NULL_REAL)
}

pub(crate) fn is_null_real(number: f64) -> bool {
    number.to_bits() == NULL_REAL
}

/// Strings one behind the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    bytes: String,
    ends: Vec<u32>,
}

impl Texts {
    /// The strings that end at `ends`; `None` if the ends do not fit.
    pub(crate) fn new(bytes: String, ends: Vec<u32>) -> Option<Self> {
        let mut before = 0;
        for end in &ends {
            if *end < before || !bytes.is_char_boundary(*end as usize) {
                return None;
            }
            before = *end;
        }
        Some(Self { bytes, ends })
    }

    pub(crate) fn get(&self, at: usize) -> &str {
        let from = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        self.bytes.get(from..self.ends[at] as usize).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    fn gather(&self, rows: &[u32]) -> Self {
        let mut taken = Self { bytes: String::new(), ends: Vec::with_capacity(rows.len()) };
        for row in rows {
            taken.bytes.push_str(self.get(*row as usize));
            taken.ends.push(u32::try_from(taken.bytes.len()).unwrap_or(u32::MAX));
        }
        taken
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Data {
    /// The same value in all rows.
    Const(Value),
    Longs(Vec<i64>),
    /// 0, 1 or [`NULL_BOOL`].
    Bools(Vec<u8>),
    Reals(Vec<f64>),
    /// Indexes into values, which need not differ.
    Dict {
        codes: Vec<u32>,
        values: Arc<Vec<Value>>,
    },
    Texts(Texts),
    Values(Vec<Value>),
}

#[derive(Clone, Debug)]
pub(crate) struct Vector {
    pub(crate) len: usize,
    pub(crate) data: Data,
}

impl Vector {
    pub(crate) fn constant(value: Value, len: usize) -> Self {
        Self { len, data: Data::Const(value) }
    }

    pub(crate) fn longs(numbers: Vec<i64>) -> Self {
        Self { len: numbers.len(), data: Data::Longs(numbers) }
    }

    pub(crate) fn bools(bools: Vec<u8>) -> Self {
        Self { len: bools.len(), data: Data::Bools(bools) }
    }

    pub(crate) fn dict(codes: Vec<u32>, values: Arc<Vec<Value>>) -> Self {
        Self { len: codes.len(), data: Data::Dict { codes, values } }
    }

    pub(crate) fn texts(texts: Texts) -> Self {
        Self { len: texts.len(), data: Data::Texts(texts) }
    }

    /// Values of one type.
    pub(crate) fn pack(kind: Type, values: Vec<Value>) -> Self {
        let len = values.len();
        let data = if kind.is_long() {
            Data::Longs(values.iter().map(|value| value.as_long().unwrap_or(NULL)).collect())
        } else if kind == Type::Real {
            Data::Reals(values.iter().map(|v| v.as_real().unwrap_or_else(null_real)).collect())
        } else if kind == Type::Bool {
            let bool = |value: &Value| value.as_bool().map_or(NULL_BOOL, u8::from);
            Data::Bools(values.iter().map(bool).collect())
        } else {
            Data::Values(values)
        };
        Self { len, data }
    }

    /// Null, or the empty string, in every row.
    pub(crate) fn missing(kind: Type, len: usize) -> Self {
        Self::constant(kind.missing(), len)
    }

    pub(crate) fn value(&self, row: usize) -> Value {
        match &self.data {
            Data::Const(value) => value.clone(),
            Data::Longs(numbers) => match numbers[row] {
                NULL => Value::Null,
                number => Value::Long(number),
            },
            Data::Bools(bools) => match bools[row] {
                NULL_BOOL => Value::Null,
                is => Value::Bool(is == 1),
            },
            Data::Reals(numbers) => match numbers[row] {
                number if is_null_real(number) => Value::Null,
                number => Value::Real(number),
            },
            Data::Dict { codes, values } => values[codes[row] as usize].clone(),
            Data::Texts(texts) => Value::text(texts.get(row)),
            Data::Values(values) => values[row].clone(),
        }
    }

    /// Some of the rows, in the order given.
    pub(crate) fn gather(&self, rows: &[u32]) -> Self {
        fn pick<T: Clone>(values: &[T], rows: &[u32]) -> Vec<T> {
            rows.iter().map(|row| values[*row as usize].clone()).collect()
        }
        let data = match &self.data {
            Data::Const(value) => Data::Const(value.clone()),
            Data::Longs(numbers) => Data::Longs(pick(numbers, rows)),
            Data::Bools(bools) => Data::Bools(pick(bools, rows)),
            Data::Reals(numbers) => Data::Reals(pick(numbers, rows)),
            Data::Dict { codes, values } => {
                Data::Dict { codes: pick(codes, rows), values: Arc::clone(values) }
            }
            Data::Texts(texts) => Data::Texts(texts.gather(rows)),
            Data::Values(values) => Data::Values(pick(values, rows)),
        };
        Self { len: rows.len(), data }
    }

    /// The rows that a filter keeps.
    pub(crate) fn trues(&self) -> Vec<u32> {
        let rows = 0..u32::try_from(self.len).unwrap_or(u32::MAX);
        match &self.data {
            Data::Const(Value::Bool(true)) => rows.collect(),
            Data::Const(_) => Vec::new(),
            Data::Bools(bools) => rows.filter(|row| bools[*row as usize] == 1).collect(),
            _ => {
                rows.filter(|row| matches!(self.value(*row as usize), Value::Bool(true))).collect()
            }
        }
    }

    /// About how many bytes its values take as JSON.
    pub(crate) fn json_bytes(&self, kind: Type) -> usize {
        const NUMBER: usize = 8;
        let number = if kind == Type::DateTime { 30 } else { NUMBER };
        let value = |value: &Value| match value {
            Value::Text(text) => text.len() + 3,
            Value::Dynamic(_) => value.size(),
            _ => number,
        };
        match &self.data {
            Data::Const(one) => value(one) * self.len,
            Data::Longs(_) | Data::Bools(_) | Data::Reals(_) => self.len * number,
            Data::Dict { codes, values } => {
                let sizes: Vec<usize> = values.iter().map(value).collect();
                codes.iter().map(|code| sizes[*code as usize]).sum()
            }
            Data::Texts(texts) => texts.bytes.len() + self.len * 3,
            Data::Values(values) => values.iter().map(value).sum(),
        }
    }

    /// About how many bytes it takes. Shared values are counted once for each vector that shares them.
    pub(crate) fn bytes(&self) -> usize {
        match &self.data {
            Data::Const(value) => value.size(),
            Data::Longs(numbers) => numbers.len() * 8,
            Data::Bools(bools) => bools.len(),
            Data::Reals(numbers) => numbers.len() * 8,
            Data::Dict { codes, values } => {
                let seen = values.len().min(codes.len());
                codes.len() * 4 + values.iter().take(seen).map(Value::size).sum::<usize>()
            }
            Data::Texts(texts) => texts.bytes.len() + texts.ends.len() * 4,
            Data::Values(values) => values.iter().map(Value::size).sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_answers_its_values_and_picks_rows() {
        let texts = Texts::new("aβc".to_owned(), vec![1, 1, 3, 4]).expect("fits");
        for (vector, expected) in [
            (
                Vector::pack(Type::Long, vec![Value::Long(1), Value::Null]),
                [Value::Null, Value::Long(1)],
            ),
            (
                Vector::pack(Type::Real, vec![Value::Real(f64::NAN), Value::Null]),
                [Value::Null, Value::Real(f64::NAN)],
            ),
            (
                Vector::pack(Type::Bool, vec![Value::Bool(true), Value::Null]),
                [Value::Null, Value::Bool(true)],
            ),
            (Vector::texts(texts), [Value::text(""), Value::text("a")]),
        ] {
            let picked = vector.gather(&[1, 0]);
            assert_eq!([picked.value(0), picked.value(1)], expected);
        }
        assert!(Texts::new("β".to_owned(), vec![1]).is_none(), "inside a letter");
        assert!(Texts::new("ab".to_owned(), vec![2, 1]).is_none(), "not ascending");
    }
}
