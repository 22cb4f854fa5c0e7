//! History: what was recorded, what was live at a time, and the proof of it.

pub mod api;
mod entry;
mod filter;
mod list;
mod live;
mod page;
mod proof;
mod standing;

pub use entry::HistoryEntryPage;
pub use page::HistoryPage;
