//! Load tests: their ids, criteria, results and verdicts, without HTTP.
//!
//! * [`id`]: the ids of tests and runs, the endpoint's URL, and the name of its key in Key Vault, as releases make them.
//! * [`plan`]: what a test is made of, and how to notice a changed plan under an old name.
//! * [`criterion`]: one line that a run must meet, such as `p95 < 300 ms`; [`measure`] has what can be measured.
//! * [`service`]: the same criteria as Azure Load Testing's fail criteria.
//! * [`results`]: what a run measured, per request name and in total.
//! * [`verdict`]: whether a run passed, by its criteria and its [`baseline`].
//! * [`compare`]: two runs side by side, on one scale.
//! * [`summary`]: what remains of a run as evidence.
//! * [`harm`]: whom a load test would hurt.
//!
//! Invariant: a run passes only if every criterion was measured and met. Missing numbers are never 0.

pub mod baseline;
pub mod compare;
pub mod criterion;
pub mod harm;
pub mod id;
pub mod measure;
mod parse;
pub mod plan;
pub mod results;
pub mod service;
pub mod summary;
pub mod verdict;

#[cfg(test)]
mod fixtures;
