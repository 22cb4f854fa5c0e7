//! One endpoint: its route, its deployments, what is measured and what is being done.

pub mod api;
mod page;

pub use page::EndpointPage;
