//! The plan of a new route.

mod page;

pub use page::RoutePage;
