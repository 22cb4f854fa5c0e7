//! History: recorded entries, what was live at a time, and the ledger's proof.

pub mod api;
mod entry;
mod filter;
mod list;
mod live;
mod page;
mod proof;
mod verification;

pub use entry::HistoryEntryPage;
pub use page::HistoryPage;
