//! Operators that pass batches on, one by one.

use std::rc::Rc;

use super::batch::{BATCH_ROWS, Batch, Lazy};
use super::budget::{Budget, Stop};
use super::eval::eval;
use super::join::Joined;
use super::sort::{Sorted, Topped};
use super::summarize::Summarized;
use crate::functions::Function;
use crate::plan::{Expr, ExprNode, Plan};
use crate::store::Snapshot;
use crate::types::{Type, Value};
use crate::vector::Vector;

/// What a run knows besides the plan.
#[derive(Debug)]
pub(crate) struct Run {
    /// Rows that become visible later are not there yet.
    pub(crate) now: i64,
    pub(crate) budget: Budget,
    /// Segments that cannot be read, which are left out.
    pub(crate) left_out: Vec<std::path::PathBuf>,
}

/// An operator that runs.
pub(crate) trait Stream {
    /// The next rows, at least one; `None` at the end.
    fn next(&mut self, run: &Run) -> Result<Option<Batch>, Stop>;
}

/// A plan, ready to run.
pub(crate) fn open(plan: &Plan) -> Box<dyn Stream + '_> {
    match plan {
        Plan::Scan(snapshot) => Box::new(Scan { snapshot, next: 0 }),
        Plan::Rows { kinds, rows } => Box::new(Rows { kinds, rows: Some(rows) }),
        Plan::Range { kind, from, to, step } => {
            let number = |value: &Value| value.as_long().unwrap_or(0);
            Box::new(Range {
                kind: *kind,
                next: Some(number(from)),
                to: number(to),
                step: number(step),
            })
        }
        Plan::Where { input, condition } => {
            Box::new(Where { input: open(input), conditions: conditions(condition) })
        }
        Plan::Project { input, columns } => Box::new(Project { input: open(input), columns }),
        Plan::Summarize { input, keys, calls, outputs } => {
            Box::new(Summarized::new(open(input), keys, calls, outputs))
        }
        Plan::Sort { input, keys } => Box::new(Sorted::new(open(input), keys)),
        Plan::Top { input, keys, count } => Box::new(Topped::new(open(input), keys, *count)),
        Plan::Take { input, count } => Box::new(Take { input: open(input), left: *count }),
        Plan::Join(join) => Box::new(Joined::new(join)),
        Plan::Union(inputs) => Box::new(Union { inputs: inputs.iter().map(open).collect(), at: 0 }),
    }
}

struct Scan<'p> {
    snapshot: &'p Rc<Snapshot>,
    next: usize,
}

impl Stream for Scan<'_> {
    fn next(&mut self, run: &Run) -> Result<Option<Batch>, Stop> {
        while let Some(block) = self.snapshot.blocks.get(self.next) {
            run.budget.check()?;
            self.next += 1;
            let (first, last) = block.visible();
            if first > run.now
                || block.path().is_some_and(|path| run.left_out.iter().any(|one| one == path))
            {
                continue;
            }
            let stored = self.snapshot.columns.iter().enumerate().map(|(at, column)| {
                Lazy::stored(block.clone(), at, Rc::from(column.name.as_str()), column.kind)
            });
            let mut columns: Vec<_> = stored.collect();
            let visible = Lazy::visible(block.clone());
            columns.push(Rc::clone(&visible));
            let batch = Batch { len: block.rows(), columns };
            if last <= run.now {
                return Ok(Some(batch));
            }
            let times = visible.get()?;
            let is_visible = |row: &u32| {
                times.value(*row as usize).as_long().is_some_and(|time| time <= run.now)
            };
            let rows: Vec<u32> =
                (0..u32::try_from(batch.len).unwrap_or(u32::MAX)).filter(is_visible).collect();
            if !rows.is_empty() {
                return Ok(Some(batch.pick(rows)));
            }
        }
        Ok(None)
    }
}

struct Rows<'p> {
    kinds: &'p [Type],
    rows: Option<&'p Rc<Vec<Vec<Value>>>>,
}

impl Stream for Rows<'_> {
    fn next(&mut self, _: &Run) -> Result<Option<Batch>, Stop> {
        let Some(rows) = self.rows.take().filter(|rows| !rows.is_empty()) else { return Ok(None) };
        let column = |(at, kind): (usize, &Type)| {
            Vector::pack(*kind, rows.iter().map(|row| row[at].clone()).collect())
        };
        Ok(Some(Batch::ready(rows.len(), self.kinds.iter().enumerate().map(column).collect())))
    }
}

struct Range {
    kind: Type,
    next: Option<i64>,
    to: i64,
    step: i64,
}

impl Stream for Range {
    fn next(&mut self, run: &Run) -> Result<Option<Batch>, Stop> {
        run.budget.check()?;
        let mut values = Vec::new();
        while let Some(number) = self.next {
            let is_over = if self.step > 0 { number > self.to } else { number < self.to };
            if is_over || values.len() == BATCH_ROWS {
                break;
            }
            values.push(Value::Long(number));
            self.next = number.checked_add(self.step);
        }
        if values.is_empty() {
            return Ok(None);
        }
        Ok(Some(Batch::ready(values.len(), vec![Vector::pack(self.kind, values)])))
    }
}

/// The parts of a condition that are joined by `and`: each needs only the rows that the ones before it kept.
fn conditions(condition: &Expr) -> Vec<&Expr> {
    match &condition.node {
        ExprNode::Call(Function::And, all) => all.iter().flat_map(conditions).collect(),
        _ => vec![condition],
    }
}

struct Where<'p> {
    input: Box<dyn Stream + 'p>,
    conditions: Vec<&'p Expr>,
}

impl Stream for Where<'_> {
    fn next(&mut self, run: &Run) -> Result<Option<Batch>, Stop> {
        while let Some(mut batch) = self.input.next(run)? {
            for condition in &self.conditions {
                let rows = eval(condition, &batch, &run.budget)?.trues();
                if rows.len() < batch.len {
                    batch = batch.pick(rows);
                }
                if batch.len == 0 {
                    break;
                }
            }
            if batch.len > 0 {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }
}

struct Project<'p> {
    input: Box<dyn Stream + 'p>,
    columns: &'p [Expr],
}

impl Stream for Project<'_> {
    fn next(&mut self, run: &Run) -> Result<Option<Batch>, Stop> {
        let Some(batch) = self.input.next(run)? else { return Ok(None) };
        let column = |expr: &Expr| match expr.node {
            // Stays unread.
            ExprNode::Column(at) => Ok(Rc::clone(&batch.columns[at])),
            _ => eval(expr, &batch, &run.budget).map(Lazy::ready),
        };
        let columns = self.columns.iter().map(column).collect::<Result<_, Stop>>()?;
        Ok(Some(Batch { len: batch.len, columns }))
    }
}

struct Take<'p> {
    input: Box<dyn Stream + 'p>,
    left: usize,
}

impl Stream for Take<'_> {
    fn next(&mut self, run: &Run) -> Result<Option<Batch>, Stop> {
        if self.left == 0 {
            return Ok(None);
        }
        let Some(batch) = self.input.next(run)? else { return Ok(None) };
        if batch.len > self.left {
            let rows = (0..u32::try_from(self.left).unwrap_or(u32::MAX)).collect();
            self.left = 0;
            return Ok(Some(batch.pick(rows)));
        }
        self.left -= batch.len;
        Ok(Some(batch))
    }
}

struct Union<'p> {
    inputs: Vec<Box<dyn Stream + 'p>>,
    at: usize,
}

impl Stream for Union<'_> {
    fn next(&mut self, run: &Run) -> Result<Option<Batch>, Stop> {
        while let Some(input) = self.inputs.get_mut(self.at) {
            if let Some(batch) = input.next(run)? {
                return Ok(Some(batch));
            }
            self.at += 1;
        }
        Ok(None)
    }
}
