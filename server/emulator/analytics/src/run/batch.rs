//! Rows on their way from one operator to the next.

use std::cell::OnceCell;
use std::rc::Rc;

use super::budget::Stop;
use crate::store::Block;
use crate::types::{Type, Value};
use crate::vector::{Data, Vector};

/// The most rows of a batch that an operator makes.
pub(super) const BATCH_ROWS: usize = 65_536;

#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) len: usize,
    pub(crate) columns: Vec<Rc<Lazy>>,
}

/// A column that is computed at its first use.
#[derive(Debug)]
pub(crate) struct Lazy {
    source: Source,
    cell: OnceCell<Rc<Vector>>,
}

#[derive(Debug)]
enum Source {
    /// In the cell from the beginning.
    Ready,
    Stored {
        block: Block,
        at: usize,
        name: Rc<str>,
        kind: Type,
    },
    /// When the rows of a block became visible.
    Visible {
        block: Block,
    },
    Picked {
        of: Rc<Lazy>,
        rows: Rc<Vec<u32>>,
    },
}

impl Lazy {
    fn new(source: Source) -> Rc<Self> {
        Rc::new(Self { source, cell: OnceCell::new() })
    }

    pub(super) fn ready(vector: Rc<Vector>) -> Rc<Self> {
        let cell = OnceCell::new();
        // The cell is new.
        let _ = cell.set(vector);
        Rc::new(Self { source: Source::Ready, cell })
    }

    pub(super) fn stored(block: Block, at: usize, name: Rc<str>, kind: Type) -> Rc<Self> {
        Self::new(Source::Stored { block, at, name, kind })
    }

    pub(super) fn visible(block: Block) -> Rc<Self> {
        Self::new(Source::Visible { block })
    }

    pub(crate) fn get(&self) -> Result<Rc<Vector>, Stop> {
        if let Some(vector) = self.cell.get() {
            return Ok(Rc::clone(vector));
        }
        let vector = Rc::new(match &self.source {
            Source::Ready => Vector::constant(Value::Null, 0),
            Source::Stored { block, at, name, kind } => block.vector(*at, name, *kind)?,
            Source::Visible { block } => block.visible_at()?,
            Source::Picked { of, rows } => of.get()?.gather(rows),
        });
        Ok(Rc::clone(self.cell.get_or_init(|| vector)))
    }
}

impl Batch {
    pub(super) fn ready(len: usize, vectors: Vec<Vector>) -> Self {
        Self {
            len,
            columns: vectors.into_iter().map(|vector| Lazy::ready(Rc::new(vector))).collect(),
        }
    }

    /// Some of the rows.
    pub(super) fn pick(&self, rows: Vec<u32>) -> Self {
        let len = rows.len();
        let rows = Rc::new(rows);
        // Columns that were picked together before stay together.
        let mut joined: Option<[Rc<Vec<u32>>; 2]> = None;
        let pick = |column: &Rc<Lazy>| match (&column.source, column.cell.get()) {
            (Source::Picked { of, rows: before }, None) => {
                let both = match &joined {
                    Some([one, both]) if Rc::ptr_eq(one, before) => Rc::clone(both),
                    _ => {
                        let both = Rc::new(rows.iter().map(|row| before[*row as usize]).collect());
                        joined = Some([Rc::clone(before), Rc::clone(&both)]);
                        both
                    }
                };
                Lazy::new(Source::Picked { of: Rc::clone(of), rows: both })
            }
            // Few rows of a large column: the large one is not kept for them.
            (_, Some(vector)) if len * 8 < self.len => Self::few(vector, &rows),
            _ => Lazy::new(Source::Picked { of: Rc::clone(column), rows: Rc::clone(&rows) }),
        };
        Self { len, columns: self.columns.iter().map(pick).collect() }
    }

    fn few(vector: &Vector, rows: &[u32]) -> Rc<Lazy> {
        Lazy::ready(Rc::new(vector.gather(rows)))
    }

    /// All columns, computed.
    pub(super) fn vectors(&self) -> Result<Vec<Rc<Vector>>, Stop> {
        self.columns.iter().map(|column| column.get()).collect()
    }
}

/// Rows of several vectors of one column: which vector, and which row of it. Without a vector, the row has `missing`.
pub(super) fn gather(
    vectors: &[Rc<Vector>],
    picks: &[Option<(u32, u32)>],
    missing: &Value,
) -> Vector {
    let value = |pick: &Option<(u32, u32)>| match pick {
        Some((vector, row)) => vectors[*vector as usize].value(*row as usize),
        None => missing.clone(),
    };
    let values: Vec<Value> = picks.iter().map(value).collect();
    let is = |is_it: fn(&Data) -> bool| vectors.iter().all(|vector| is_it(&vector.data));
    let kind = if is(|data| {
        matches!(data, Data::Longs(_) | Data::Const(Value::Long(_) | Value::Null))
    }) {
        Type::Long
    } else if is(|data| matches!(data, Data::Reals(_) | Data::Const(Value::Real(_) | Value::Null)))
    {
        Type::Real
    } else {
        // Any type whose values are kept as they are.
        Type::String
    };
    Vector::pack(kind, values)
}
