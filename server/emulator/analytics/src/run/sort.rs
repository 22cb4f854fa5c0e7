//! `sort` and `top`.

use std::rc::Rc;

use super::batch::{BATCH_ROWS, Batch, Lazy, gather};
use super::budget::Stop;
use super::order::{Keys, bytes, keys, order};
use super::stream::{Run, Stream};
use crate::plan::SortKey;
use crate::types::Value;

/// Rows with their keys.
struct Part {
    batch: Batch,
    keys: Vec<Keys>,
}

/// Some rows of several parts: the number of the part, and the row's place in it.
fn rows(parts: &[Rc<Part>], picks: &[Option<(u32, u32)>]) -> Result<Batch, Stop> {
    let width = parts.first().map_or(0, |part| part.batch.columns.len());
    let mut columns = Vec::with_capacity(width);
    for at in 0..width {
        let vectors = parts.iter().map(|part| part.batch.columns[at].get());
        columns.push(gather(&vectors.collect::<Result<Vec<_>, _>>()?, picks, &Value::Null));
    }
    Ok(Batch::ready(picks.len(), columns))
}

pub(super) struct Sorted<'p> {
    input: Box<dyn Stream + 'p>,
    by: &'p [SortKey],
    parts: Vec<Rc<Part>>,
    /// All rows, in order when they are read.
    rows: Vec<(u32, u32)>,
    is_read: bool,
    next: usize,
}

impl<'p> Sorted<'p> {
    pub(super) fn new(input: Box<dyn Stream + 'p>, by: &'p [SortKey]) -> Self {
        Self { input, by, parts: Vec::new(), rows: Vec::new(), is_read: false, next: 0 }
    }

    fn read(&mut self, run: &Run) -> Result<(), Stop> {
        while let Some(batch) = self.input.next(run)? {
            run.budget.check()?;
            let vectors = batch.vectors()?;
            let keys = keys(self.by, &batch, &run.budget)?;
            let kept = vectors.iter().map(|vector| vector.bytes()).sum::<usize>() + bytes(&keys);
            run.budget.charge(kept + batch.len * size_of::<(u32, u32)>())?;
            let part = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
            self.rows
                .extend((0..u32::try_from(batch.len).unwrap_or(u32::MAX)).map(|row| (part, row)));
            let columns = vectors.into_iter().map(Lazy::ready).collect();
            self.parts.push(Rc::new(Part { batch: Batch { len: batch.len, columns }, keys }));
        }
        let (parts, by) = (&self.parts, self.by);
        let keys = |part: u32| parts[part as usize].keys.as_slice();
        self.rows
            .sort_by(|left, right| order(by, (keys(left.0), left.1), (keys(right.0), right.1)));
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
        let picks: Vec<_> = self.rows[self.next..to].iter().copied().map(Some).collect();
        self.next = to;
        if picks.is_empty() { Ok(None) } else { rows(&self.parts, &picks).map(Some) }
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

    /// The best rows of a batch, in order; columns that nothing needs stay unread.
    fn best_of(&self, batch: &Batch, run: &Run) -> Result<Part, Stop> {
        let keys = keys(self.by, batch, &run.budget)?;
        let mut rows: Vec<u32> = (0..u32::try_from(batch.len).unwrap_or(u32::MAX)).collect();
        // Rows with equal keys stay in their order.
        let compare = |left: &u32, right: &u32| {
            order(self.by, (&keys, *left), (&keys, *right)).then(left.cmp(right))
        };
        if rows.len() > self.count {
            rows.select_nth_unstable_by(self.count, compare);
            rows.truncate(self.count);
        }
        rows.sort_unstable_by(compare);
        let keys = keys.iter().map(|key| key.pick(&rows)).collect();
        Ok(Part { batch: batch.pick(rows), keys })
    }

    /// The best rows of all batches, in order.
    fn best(&mut self, run: &Run) -> Result<Vec<(Rc<Part>, u32)>, Stop> {
        let mut best: Vec<(Rc<Part>, u32)> = Vec::new();
        let mut charged = 0;
        while let Some(batch) = self.input.next(run)? {
            run.budget.check()?;
            let part = Rc::new(self.best_of(&batch, run)?);
            let rows = 0..u32::try_from(part.batch.len).unwrap_or(u32::MAX);
            best.extend(rows.map(|row| (Rc::clone(&part), row)));
            let by = self.by;
            best.sort_by(|left, right| order(by, (&left.0.keys, left.1), (&right.0.keys, right.1)));
            best.truncate(self.count);
            // Each row has keys, and later the values of its columns.
            let kept =
                best.len() * (part.batch.columns.len() + part.keys.len()) * size_of::<Value>();
            run.budget.charge(kept.saturating_sub(charged))?;
            charged = charged.max(kept);
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
        let mut parts: Vec<Rc<Part>> = Vec::new();
        let mut picks = Vec::with_capacity(best.len());
        for (part, row) in best {
            let at = match parts.iter().position(|one| Rc::ptr_eq(one, &part)) {
                Some(at) => at,
                None => {
                    parts.push(part);
                    parts.len() - 1
                }
            };
            picks.push(Some((u32::try_from(at).unwrap_or(u32::MAX), row)));
        }
        if picks.is_empty() { Ok(None) } else { rows(&parts, &picks).map(Some) }
    }
}
