//! Sending a test request.

mod answer;
pub mod api;
mod bench;
mod page;

pub use page::TestPage;
