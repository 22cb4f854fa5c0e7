//! What would make an endpoint, or one of its deployments, as it is now.

mod api;
mod page;

pub use page::ExportPage;
