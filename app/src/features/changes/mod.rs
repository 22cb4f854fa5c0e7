//! The list of changes, and one change on one screen: reason, plan, evidence, approvals, run.

pub mod api;
mod approvals;
mod decide;
mod evidence;
mod item;
mod list;
mod page;
mod release;
mod story;

pub use item::ChangeList;
pub use list::ChangesPage;
pub use page::ChangePage;
