//! The data plane with real processes behind it.

mod instances;
mod mirror;
mod router;
mod stage;
mod turmoil;
