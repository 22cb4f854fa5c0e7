//! Changes: what waits for whom, and one change on one screen: why, plan, approvals, run.

pub mod api;
mod approvals;
mod decide;
mod evidence;
mod item;
mod list;
mod page;
mod propose;
mod release;
mod story;

pub use item::ChangeList;
pub use list::ChangesPage;
pub use page::ChangePage;
pub use propose::Carry;
