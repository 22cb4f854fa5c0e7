//! Activity: runs and jobs in one list.

pub mod api;
mod page;
mod part;
#[cfg(test)]
mod tests;

pub use page::ActivityPage;
pub use part::part;
