//! One endpoint: its route, its deployments, what is measured and what is being done.

pub mod api;
mod board;
mod charts;
mod deployments;
mod head;
mod page;
mod readings;
mod row;
mod table;

pub use page::EndpointPage;
