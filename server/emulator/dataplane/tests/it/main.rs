//! The data plane with real processes behind it.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod instances;
mod mirror;
mod program;
mod router;
mod stage;
mod turmoil;
