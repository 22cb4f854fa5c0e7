//! The emulator over HTTP, on a clock that only the test moves.

mod faults;
mod github;
mod harness;
mod images;
mod metric_queries;
mod metrics;
mod monitoring;
mod operations;
mod paging;
mod persistence;
mod quota;
mod rules;
mod shapes;
mod sign_in;
mod spelling;
mod stale;
mod state_folder;
mod uploads;
