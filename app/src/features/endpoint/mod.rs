//! One endpoint: its traffic split, deployments, measurements and operations.

pub mod api;
mod board;
mod charts;
mod deployments;
mod head;
mod page;
mod readings;
mod route_page;
mod row;
mod table;

pub use page::EndpointPage;
pub use route_page::RoutePage;
