//! `join`: the right side is kept in memory, the left side passes.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::batch::{BATCH_ROWS, Batch, Lazy, gather};
use super::budget::Stop;
use super::eval::eval;
use super::stream::{Run, Stream, open};
use crate::plan::{Expr, Join, JoinKind};
use crate::types::Value;
use crate::vector::Vector;

/// About what a map needs for a key.
const ENTRY_BYTES: usize = 64;

/// A row of the right side: its batch, and its place in that. `None` for a left row without a match.
type Match = Option<(u32, u32)>;

/// The rows of the right side.
#[derive(Default)]
struct Right {
    batches: Vec<Vec<Rc<Vector>>>,
    rows: HashMap<Vec<Value>, Vec<(u32, u32)>>,
}

/// A batch of the left side, and how far it was joined.
struct Left {
    batch: Batch,
    keys: Vec<Option<Vec<Value>>>,
    row: usize,
    /// The next match of the row.
    place: usize,
}

pub(super) struct Joined<'p> {
    join: &'p Join,
    input: Box<dyn Stream + 'p>,
    right: Option<Right>,
    left: Option<Left>,
    /// The keys of the left side that were joined already.
    seen: HashSet<Vec<Value>>,
}

/// The keys of all rows; `None` where one is null, which equals nothing.
fn keys(exprs: &[Expr], batch: &Batch, run: &Run) -> Result<Vec<Option<Vec<Value>>>, Stop> {
    let vectors =
        exprs.iter().map(|key| eval(key, batch, &run.budget)).collect::<Result<Vec<_>, _>>()?;
    let row = |row: usize| {
        let values = vectors.iter().map(|vector| vector.value(row));
        values.map(|value| if value.is_null() { None } else { Some(value) }).collect()
    };
    Ok((0..batch.len).map(row).collect())
}

impl<'p> Joined<'p> {
    pub(super) fn new(join: &'p Join) -> Self {
        Self { join, input: open(&join.left), right: None, left: None, seen: HashSet::new() }
    }

    fn read_right(&self, run: &Run) -> Result<Right, Stop> {
        let mut right = Right::default();
        let mut input = open(&self.join.right);
        while let Some(batch) = input.next(run)? {
            run.budget.check()?;
            let keys = keys(&self.join.right_keys, &batch, run)?;
            // A semi join needs only the keys.
            let vectors = if self.join.kind.has_right() { batch.vectors()? } else { Vec::new() };
            let mut bytes: usize = vectors.iter().map(|vector| vector.bytes()).sum();
            let number = u32::try_from(right.batches.len()).unwrap_or(u32::MAX);
            for (row, key) in (0..).zip(keys) {
                let Some(key) = key else { continue };
                bytes += key.iter().map(Value::size).sum::<usize>() + ENTRY_BYTES;
                right.rows.entry(key).or_default().push((number, row));
            }
            right.batches.push(vectors);
            run.budget.charge(bytes)?;
        }
        Ok(right)
    }

    /// Joins rows of the left batch until a batch is full or the left one is done.
    fn fill(
        &mut self,
        right: &Right,
        left: &mut Left,
        run: &Run,
    ) -> Result<(Vec<u32>, Vec<Match>), Stop> {
        let (mut lefts, mut rights) = (Vec::new(), Vec::new());
        while left.row < left.batch.len && lefts.len() < BATCH_ROWS {
            let row = u32::try_from(left.row).unwrap_or(u32::MAX);
            let key = left.keys[left.row].as_ref();
            let found = key.and_then(|key| right.rows.get(key)).map_or(&[][..], Vec::as_slice);
            match self.join.kind {
                JoinKind::LeftAnti | JoinKind::LeftSemi => {
                    if found.is_empty() == (self.join.kind == JoinKind::LeftAnti) {
                        lefts.push(row);
                    }
                }
                JoinKind::LeftOuter if found.is_empty() => {
                    lefts.push(row);
                    rights.push(None);
                }
                JoinKind::InnerUnique if left.place == 0 && !found.is_empty() => {
                    if !self.is_new(key, run)? {
                        left.row += 1;
                        continue;
                    }
                    left.place = push(row, found, 0, &mut lefts, &mut rights);
                }
                _ => left.place = push(row, found, left.place, &mut lefts, &mut rights),
            }
            if left.place >= found.len() || !self.join.kind.has_right() {
                (left.row, left.place) = (left.row + 1, 0);
            }
        }
        Ok((lefts, rights))
    }

    /// Whether a key of the left side is met for the first time.
    fn is_new(&mut self, key: Option<&Vec<Value>>, run: &Run) -> Result<bool, Stop> {
        let Some(key) = key else { return Ok(false) };
        if self.seen.contains(key) {
            return Ok(false);
        }
        run.budget.charge(key.iter().map(Value::size).sum::<usize>() + ENTRY_BYTES)?;
        self.seen.insert(key.clone());
        Ok(true)
    }

    fn batch(&self, right: &Right, left: &Left, lefts: Vec<u32>, rights: &[Match]) -> Batch {
        let mut batch = left.batch.pick(lefts);
        if self.join.kind.has_right() {
            for (at, kind) in self.join.right_kinds.iter().enumerate() {
                let vectors: Vec<_> =
                    right.batches.iter().map(|batch| Rc::clone(&batch[at])).collect();
                let vector = gather(&vectors, rights, &kind.missing());
                batch.columns.push(Lazy::ready(Rc::new(vector)));
            }
        }
        batch
    }
}

/// Adds matches of a row until a batch is full; the next match.
fn push(
    row: u32,
    found: &[(u32, u32)],
    from: usize,
    lefts: &mut Vec<u32>,
    rights: &mut Vec<Match>,
) -> usize {
    let to = found.len().min(from + BATCH_ROWS.saturating_sub(lefts.len()));
    for pick in &found[from..to] {
        lefts.push(row);
        rights.push(Some(*pick));
    }
    to
}

impl Stream for Joined<'_> {
    fn next(&mut self, run: &Run) -> Result<Option<Batch>, Stop> {
        let right = match self.right.take() {
            Some(right) => right,
            None => self.read_right(run)?,
        };
        loop {
            run.budget.check()?;
            let mut left = match self.left.take() {
                Some(left) => left,
                None => {
                    let Some(batch) = self.input.next(run)? else { return Ok(None) };
                    let keys = keys(&self.join.left_keys, &batch, run)?;
                    Left { batch, keys, row: 0, place: 0 }
                }
            };
            let (lefts, rights) = self.fill(&right, &mut left, run)?;
            let batch = if lefts.is_empty() {
                None
            } else {
                Some(self.batch(&right, &left, lefts, &rights))
            };
            if left.row < left.batch.len {
                self.left = Some(left);
            }
            if let Some(batch) = batch {
                self.right = Some(right);
                return Ok(Some(batch));
            }
        }
    }
}
