//! The emulator over HTTP, on a clock that only the test moves.

mod actions;
mod faults;
mod github;
mod github_access;
mod github_state;
mod harness;
mod hub;
mod metric_queries;
mod metrics;
mod monitoring;
mod operations;
mod paging;
mod persistence;
mod quota;
mod rules;
mod runs;
mod shapes;
mod sign_in;
mod spelling;
mod stale;
mod state_folder;
mod tarball;
mod uploads;
