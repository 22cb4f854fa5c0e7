//! `sort` and `top`.

use std::cmp::Ordering;
use std::rc::Rc;

use super::batch::{BATCH_ROWS, Batch, gather};
use super::budget::Stop;
use super::eval::eval;
use super::stream::{Run, Stream};
use crate::plan::SortKey;
use crate::types::Value;

/// The order of two rows by their keys.
fn order(keys: &[SortKey], left: &[Value], right: &[Value]) -> Ordering {
    for ((key, left), right) in keys.iter().zip(left).zip(right) {
        let order = match (is_last(left), is_last(right)) {
            (0, 0) if key.is_ascending => left.order(right),
            (0, 0) => right.order(left),
            // Null and NaN stay together; which comes first depends on `nulls` (Kusto, "sort operator").
            (left, right) if key.is_nulls_first => right.cmp(&left),
            (left, right) => left.cmp(&right),
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// Null is 2 and NaN 1: last in this order.
fn is_last(value: &Value) -> u8 {
    match value {
        Value::Null => 2,
        Value::Real(number) if number.is_nan() => 1,
        _ => 0,
    }
}

/// A row: its keys, its batch and its place in that.
struct Row {
    keys: Vec<Value>,
    batch: u32,
    row: u32,
}

/// The keys of all rows of a batch.
fn keys(keys: &[SortKey], batch: &Batch, run: &Run) -> Result<Vec<Vec<Value>>, Stop> {
    let vectors = keys
        .iter()
        .map(|key| eval(&key.value, batch, &run.budget))
        .collect::<Result<Vec<_>, _>>()?;
    Ok((0..batch.len).map(|row| vectors.iter().map(|vector| vector.value(row)).collect()).collect())
}

/// Some rows of several batches.
fn rows(batches: &[Batch], picks: &[Option<(u32, u32)>]) -> Result<Batch, Stop> {
    let width = batches.first().map_or(0, |batch| batch.columns.len());
    let mut columns = Vec::with_capacity(width);
    for at in 0..width {
        let vectors =
            batches.iter().map(|batch| batch.columns[at].get()).collect::<Result<Vec<_>, _>>()?;
        columns.push(gather(&vectors, picks, &Value::Null));
    }
    Ok(Batch::ready(picks.len(), columns))
}

pub(super) struct Sorted<'p> {
    input: Box<dyn Stream + 'p>,
    by: &'p [SortKey],
    batches: Vec<Batch>,
    rows: Vec<Row>,
    is_read: bool,
    next: usize,
}

impl<'p> Sorted<'p> {
    pub(super) fn new(input: Box<dyn Stream + 'p>, by: &'p [SortKey]) -> Self {
        Self { input, by, batches: Vec::new(), rows: Vec::new(), is_read: false, next: 0 }
    }

    fn read(&mut self, run: &Run) -> Result<(), Stop> {
        while let Some(batch) = self.input.next(run)? {
            run.budget.check()?;
            let vectors = batch.vectors()?;
            let keys = keys(self.by, &batch, run)?;
            let bytes = vectors.iter().map(|vector| vector.bytes()).sum::<usize>()
                + keys.iter().flatten().map(Value::size).sum::<usize>()
                + batch.len * size_of::<Row>();
            run.budget.charge(bytes)?;
            let number = u32::try_from(self.batches.len()).unwrap_or(u32::MAX);
            let rows = (0..).zip(keys).map(|(row, keys)| Row { keys, batch: number, row });
            self.rows.extend(rows);
            self.batches.push(Batch {
                len: batch.len,
                columns: vectors.into_iter().map(super::batch::Lazy::ready).collect(),
            });
        }
        self.rows.sort_by(|left, right| order(self.by, &left.keys, &right.keys));
        self.is_read = true;
        Ok(())
    }
}

impl Stream for Sorted<'_> {
    fn next(&mut self, run: &Run) -> Result<Option<Batch>, Stop> {
        if !self.is_read {
            self.read(run)?;
        }
        run.budget.check()?;
        let to = self.rows.len().min(self.next + BATCH_ROWS);
        let picks: Vec<_> =
            self.rows[self.next..to].iter().map(|row| Some((row.batch, row.row))).collect();
        self.next = to;
        if picks.is_empty() { Ok(None) } else { rows(&self.batches, &picks).map(Some) }
    }
}

pub(super) struct Topped<'p> {
    input: Box<dyn Stream + 'p>,
    by: &'p [SortKey],
    count: usize,
    is_done: bool,
}

impl<'p> Topped<'p> {
    pub(super) fn new(input: Box<dyn Stream + 'p>, by: &'p [SortKey], count: usize) -> Self {
        Self { input, by, count, is_done: false }
    }

    /// The best rows, in order, each with its batch; columns that nothing needs stay unread.
    fn best(&mut self, run: &Run) -> Result<Vec<(Row, Rc<Batch>)>, Stop> {
        let mut best: Vec<(Row, Rc<Batch>)> = Vec::new();
        while let Some(batch) = self.input.next(run)? {
            run.budget.check()?;
            let keys = keys(self.by, &batch, run)?;
            let batch = Rc::new(batch);
            let worst = if best.len() == self.count {
                best.last().map(|(row, _)| row.keys.clone())
            } else {
                None
            };
            let is_better = |keys: &[Value]| {
                worst.as_ref().is_none_or(|worst| order(self.by, keys, worst).is_lt())
            };
            let mut new: Vec<Row> = (0..)
                .zip(keys)
                .filter(|(_, keys)| is_better(keys))
                .map(|(row, keys)| Row { keys, batch: 0, row })
                .collect();
            new.sort_by(|left, right| order(self.by, &left.keys, &right.keys));
            new.truncate(self.count);
            best.extend(new.into_iter().map(|row| (row, Rc::clone(&batch))));
            best.sort_by(|(left, _), (right, _)| order(self.by, &left.keys, &right.keys));
            best.truncate(self.count);
        }
        Ok(best)
    }
}

impl Stream for Topped<'_> {
    fn next(&mut self, run: &Run) -> Result<Option<Batch>, Stop> {
        if std::mem::replace(&mut self.is_done, true) || self.count == 0 {
            return Ok(None);
        }
        let best = self.best(run)?;
        let mut batches: Vec<Rc<Batch>> = Vec::new();
        let mut picks = Vec::with_capacity(best.len());
        for (row, batch) in best {
            let at = match batches.iter().position(|one| Rc::ptr_eq(one, &batch)) {
                Some(at) => at,
                None => {
                    batches.push(batch);
                    batches.len() - 1
                }
            };
            picks.push(Some((u32::try_from(at).unwrap_or(u32::MAX), row.row)));
        }
        if picks.is_empty() {
            return Ok(None);
        }
        let batches: Vec<Batch> = batches.iter().map(|batch| Batch::clone(batch)).collect();
        rows(&batches, &picks).map(Some)
    }
}
