//! The documents that would recreate an endpoint or one of its deployments.

pub mod api;
mod page;

pub use page::ExportPage;
