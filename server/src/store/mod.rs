//! The store: SQLite in the data directory, or a configured PostgreSQL server.
//!
//! Both use the same SQL with `$1` for bound values; the macros of `statement.rs` compile each statement for both. Columns that
//! can contain secrets are sealed (`vault.rs`). The differences are in `database.rs` and in the migrations.

pub mod changes;
mod database;
pub mod directory;
pub mod evidence;
pub mod freezes;
pub mod glass;
mod integrity;
pub mod jobs;
pub mod leases;
pub mod ledger;
pub mod outbox;
pub mod people;
pub mod prune;
pub mod readiness;
pub mod runs;
pub mod sessions;
mod statement;
mod transaction;
pub mod trouble;
pub mod unlock;
mod upgrade;
pub mod vault;

pub use database::Database;
pub(crate) use database::on;
pub use integrity::check;
pub use transaction::{Held, Tx};
