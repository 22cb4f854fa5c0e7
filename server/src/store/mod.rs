//! The store: SQLite in the data directory, or PostgreSQL when the configuration says so.
//!
//! Both speak the same SQL here, with `$1` for what is bound; [`on!`] and [`within!`] compile each query
//! once for each, so that neither can be forgotten. What can hold secrets is sealed before it is written (`vault.rs`). What differs is in `database.rs` and in the migrations.

pub mod changes;
mod database;
pub mod directory;
pub mod evidence;
pub mod freezes;
pub mod glass;
mod integrity;
pub mod leases;
pub mod ledger;
pub mod outbox;
pub mod people;
pub mod prune;
pub mod readiness;
pub mod runs;
pub mod sessions;
mod transaction;
pub mod trouble;
pub mod unlock;
pub mod vault;

pub use database::Database;
pub(crate) use database::{on, within};
pub use integrity::check;
pub use transaction::{Held, Tx};
