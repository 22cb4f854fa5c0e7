//! Activity: runs and jobs in one list.

pub mod api;
mod page;
#[cfg(test)]
mod tests;

pub use page::ActivityPage;
