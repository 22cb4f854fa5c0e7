//! Answers queries.

use std::path::PathBuf;
use std::rc::Rc;
use std::time::Instant;

use crate::answer::{Answer, Partial};
use crate::kql::error::QueryError;
use crate::kql::parse;
use crate::plan::{Binder, Bound, Meaning, Remark, Render};
use crate::run::{Budget, Run, Stop, open};
use crate::schema::Column;
use crate::store::LogStore;
use crate::vector::Vector;

/// The service answers at most so many rows (Azure Monitor, service limits, Log Analytics query API).
pub const ROWS_MAX: usize = 500_000;
/// The service answers at most about so many bytes (ditto: 100 MiB).
pub const BYTES_MAX: usize = 104_857_600;
/// What a query may keep in memory: less than the emulator's whole.
const MEMORY_MAX: usize = 256 << 20;

/// How a query is answered.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The time of `now()`, in ticks (see [`crate::ticks`]). Rows that become visible later are not there yet.
    pub now: i64,
    /// Only rows with a `TimeGenerated` from the first time on and before the second.
    pub span: Option<(i64, i64)>,
    /// When the query ends without an answer. The service gives 3 minutes, and at most 10 (Azure Monitor, Timeouts).
    pub deadline: Option<Instant>,
    /// The bytes that the query may keep.
    pub memory_max: usize,
    /// The rows of the answer; more are left out, and the answer says so.
    pub rows_max: usize,
    /// About the bytes of the answer as JSON; more are left out, and the answer says so.
    pub bytes_max: usize,
}

impl Options {
    /// The service's limits, and no deadline.
    pub fn at(now: i64) -> Self {
        Self {
            now,
            span: None,
            deadline: None,
            memory_max: MEMORY_MAX,
            rows_max: ROWS_MAX,
            bytes_max: BYTES_MAX,
        }
    }
}

/// What a query would answer.
#[derive(Clone, Debug)]
pub struct Checked {
    pub columns: Vec<Column>,
    pub render: Option<Render>,
    pub remarks: Vec<Remark>,
}

/// Parses a query, resolves its names and checks its types, without reading rows.
///
/// # Errors
/// If the query is wrong, or the emulator does not know what it uses.
pub fn check(store: &LogStore, text: &str, now: i64) -> Result<Checked, QueryError> {
    let meaning = Binder::new(text, store, now, None).query(&parse(text)?)?;
    Ok(Checked { columns: meaning.bound.columns, render: meaning.render, remarks: meaning.remarks })
}

/// Answers a query. It blocks for as long as the query takes.
///
/// # Errors
/// If the query is wrong, uses what the emulator does not know, or exceeds its time or memory.
pub fn query(store: &LogStore, text: &str, options: &Options) -> Result<Answer, QueryError> {
    query_of(store, None, text, options)
}

/// Like [`query`], but reads only rows of a resource and of what is below it, by its ARM id.
///
/// # Errors
/// As [`query`].
pub fn query_of(
    store: &LogStore,
    resource: Option<&str>,
    text: &str,
    options: &Options,
) -> Result<Answer, QueryError> {
    let binder = Binder::new(text, store, options.now, options.span).of_resource(resource);
    let meaning = binder.query(&parse(text)?)?;
    let (mut left_out, mut damaged) = (Vec::new(), Vec::new());
    loop {
        let budget = Budget::new(options.deadline, options.memory_max);
        let run = Run { now: options.now, budget, left_out };
        match collect(&meaning.bound, &run, options) {
            Ok((batches, cut)) => return Ok(answer(meaning, batches, cut, &damaged)),
            Err(Stop::TimedOut) => return Err(QueryError::TimedOut),
            Err(Stop::OutOfMemory) => {
                return Err(QueryError::OutOfMemory { limit: options.memory_max });
            }
            // The rest is read; each segment is left out at most once.
            Err(Stop::Damaged(one)) if !run.left_out.contains(&one.path) => {
                left_out = run.left_out;
                left_out.push(one.path.clone());
                if !one.is_gone {
                    tracing::warn!(path = %one.path.display(), what = one.what, "a log segment is damaged");
                    damaged.push(one.path);
                }
            }
            Err(Stop::Damaged(one)) => return Err(QueryError::Store(one.to_string())),
        }
    }
}

/// All rows up to the limits, and which limit was met.
fn collect(
    bound: &Bound,
    run: &Run,
    options: &Options,
) -> Result<(Vec<Vec<Vector>>, Option<Partial>), Stop> {
    let (mut batches, mut rows, mut bytes) = (Vec::new(), 0, 0);
    let mut stream = open(&bound.plan);
    while let Some(batch) = stream.next(run)? {
        run.budget.check()?;
        let columns = batch.columns.iter().map(|column| column.get().map(Rc::unwrap_or_clone));
        let mut vectors = columns.collect::<Result<Vec<_>, _>>()?;
        let size: usize = bound
            .columns
            .iter()
            .zip(&vectors)
            .map(|(column, vector)| vector.json_bytes(column.kind))
            .sum();
        let cut = if rows + batch.len > options.rows_max {
            Some((options.rows_max - rows, Partial::Rows(options.rows_max)))
        } else if bytes + size > options.bytes_max {
            let fitting =
                (options.bytes_max - bytes) as u128 * batch.len as u128 / size.max(1) as u128;
            Some((usize::try_from(fitting).unwrap_or(0), Partial::Bytes(options.bytes_max)))
        } else {
            None
        };
        let kept = cut.as_ref().map_or(batch.len, |(kept, _)| *kept);
        if kept < batch.len {
            let picks: Vec<u32> = (0..u32::try_from(kept).unwrap_or(0)).collect();
            vectors = vectors.iter().map(|vector| vector.gather(&picks)).collect();
        }
        run.budget.charge(vectors.iter().map(Vector::bytes).sum())?;
        (rows, bytes) = (rows + kept, bytes + size);
        batches.push(vectors);
        if let Some((_, partial)) = cut {
            return Ok((batches, Some(partial)));
        }
    }
    Ok((batches, None))
}

fn answer(
    meaning: Meaning,
    batches: Vec<Vec<Vector>>,
    cut: Option<Partial>,
    damaged: &[PathBuf],
) -> Answer {
    let damaged = damaged.iter().map(|path| {
        let name = path.file_name().unwrap_or_default().display().to_string();
        let table = path
            .parent()
            .and_then(|folder| folder.file_name())
            .unwrap_or_default()
            .display()
            .to_string();
        Partial::Damaged(format!("{table}/{name}"))
    });
    Answer {
        columns: meaning.bound.columns,
        batches,
        render: meaning.render,
        remarks: meaning.remarks,
        partial: cut.into_iter().chain(damaged).collect(),
    }
}
