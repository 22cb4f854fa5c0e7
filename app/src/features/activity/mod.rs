//! Activity: runs and jobs in one list.

pub mod api;
mod page;
#[cfg(feature = "ssr")]
mod part;
#[cfg(test)]
mod tests;

pub use page::ActivityPage;
#[cfg(feature = "ssr")]
pub use part::part;
