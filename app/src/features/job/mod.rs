//! A job: its steps, its result, its log, and what a person can do about it.

mod actions;
pub mod api;
mod approvals;
mod board;
mod failure;
mod head;
mod page;
mod part;
mod removed;
mod result;
mod step;
#[cfg(test)]
mod tests;

pub use page::JobPage;
pub use part::part;
