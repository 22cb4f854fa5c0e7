//! `summarize`, `distinct` and `count`.

use std::rc::Rc;

use super::batch::{BATCH_ROWS, Batch, Lazy};
use super::budget::Stop;
use super::eval::eval;
use super::groups::Groups;
use super::states::State;
use super::stream::{Run, Stream};
use crate::plan::{Call, Expr};
use crate::types::Value;
use crate::vector::Vector;

pub(super) struct Summarized<'p> {
    input: Box<dyn Stream + 'p>,
    keys: &'p [Expr],
    calls: &'p [Call],
    outputs: &'p [Expr],
    groups: Groups,
    states: Vec<State>,
    is_read: bool,
    /// The next group to answer.
    next: usize,
}

impl<'p> Summarized<'p> {
    pub(super) fn new(
        input: Box<dyn Stream + 'p>,
        keys: &'p [Expr],
        calls: &'p [Call],
        outputs: &'p [Expr],
    ) -> Self {
        let states = calls.iter().map(State::new).collect();
        let groups = Groups::new(keys.len());
        Self { input, keys, calls, outputs, groups, states, is_read: false, next: 0 }
    }

    fn read(&mut self, run: &Run) -> Result<(), Stop> {
        while let Some(batch) = self.input.next(run)? {
            run.budget.check()?;
            let keys = self.keys.iter().map(|key| eval(key, &batch, &run.budget));
            let keys = keys.collect::<Result<Vec<_>, _>>()?;
            let groups = self.groups.of(&keys, batch.len, &run.budget)?;
            for (call, state) in self.calls.iter().zip(&mut self.states) {
                add(call, state, &groups, self.groups.count(), &batch, run)?;
            }
        }
        self.is_read = true;
        Ok(())
    }

    /// The keys and results of some groups as a batch.
    fn results(&mut self, from: usize, to: usize) -> Batch {
        let kinds: Vec<_> = self
            .keys
            .iter()
            .map(|key| key.kind)
            .chain(self.calls.iter().flat_map(|call| call.outputs.iter().copied()))
            .collect();
        let mut columns: Vec<Vec<Value>> =
            kinds.iter().map(|_| Vec::with_capacity(to - from)).collect();
        for group in from..to {
            let keys = self.groups.keys(group);
            let results = self
                .calls
                .iter()
                .zip(&mut self.states)
                .flat_map(|(call, state)| state.results(call, group));
            for (column, value) in columns.iter_mut().zip(keys.into_iter().chain(results)) {
                column.push(value);
            }
        }
        let vectors =
            kinds.into_iter().zip(columns).map(|(kind, values)| Vector::pack(kind, values));
        Batch::ready(to - from, vectors.collect())
    }
}

/// Adds a batch's rows to an aggregate.
fn add(
    call: &Call,
    state: &mut State,
    groups: &[u32],
    count: usize,
    batch: &Batch,
    run: &Run,
) -> Result<(), Stop> {
    let Some(condition) = &call.condition else {
        let arguments = call.arguments.iter().map(|one| eval(one, batch, &run.budget));
        return state.add(
            call,
            groups,
            count,
            &arguments.collect::<Result<Vec<_>, _>>()?,
            &run.budget,
        );
    };
    let rows = eval(condition, batch, &run.budget)?.trues();
    let groups: Vec<u32> = rows.iter().map(|row| groups[*row as usize]).collect();
    let picked = batch.pick(rows);
    let arguments = call.arguments.iter().map(|one| eval(one, &picked, &run.budget));
    state.add(call, &groups, count, &arguments.collect::<Result<Vec<_>, _>>()?, &run.budget)
}

impl Stream for Summarized<'_> {
    fn next(&mut self, run: &Run) -> Result<Option<Batch>, Stop> {
        if !self.is_read {
            self.read(run)?;
        }
        run.budget.check()?;
        let (from, to) = (self.next, self.groups.count().min(self.next + BATCH_ROWS));
        if from >= to {
            return Ok(None);
        }
        self.next = to;
        let batch = self.results(from, to);
        let outputs =
            self.outputs.iter().map(|output| eval(output, &batch, &run.budget).map(Lazy::ready));
        let columns: Vec<Rc<Lazy>> = outputs.collect::<Result<_, Stop>>()?;
        Ok(Some(Batch { len: batch.len, columns }))
    }
}
