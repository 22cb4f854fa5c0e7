//! Sending a test request.

pub mod api;
mod page;

pub use page::TestPage;
