//! Test requests to an endpoint or its deployments.

mod answer;
pub mod api;
mod bench;
mod page;

pub use page::TestPage;
