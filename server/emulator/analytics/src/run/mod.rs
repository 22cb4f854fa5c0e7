//! Runs a plan: operators pull batches of rows from their inputs.
//!
//! Columns of a batch are read and decoded when an expression needs them. A filter only notes which rows it kept, so that
//! columns which no later operator uses are never read.

mod batch;
mod budget;
mod eval;
mod fast;
mod groups;
mod items;
mod join;
mod order;
mod ranks;
mod sort;
mod states;
mod stream;
mod summarize;

pub(crate) use budget::{Budget, Stop};
pub(crate) use stream::{Run, open};
