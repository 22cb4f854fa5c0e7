//! The store: SQLite in the data directory, or PostgreSQL when the configuration says so.
//!
//! Both speak the same SQL here, with `$1` for what is bound; [`on!`] and [`within!`] compile each query
//! once for each, so that neither can be forgotten. What differs is in this file and in the migrations.

pub mod changes;
mod database;
pub mod directory;
pub mod evidence;
pub mod freezes;
pub mod leases;
pub mod ledger;
pub mod outbox;
pub mod people;
pub mod runs;
pub mod sessions;
pub mod trouble;

pub use database::{Database, Tx, check};
pub(crate) use database::{on, within};
