//! The route of an endpoint: as a bar, being edited, and as a plan on a page of its own.

pub mod api;
mod bar;
mod editing;
mod editor;
mod fields;
mod form;
mod live_field;
mod mirror_field;
mod page;

pub use bar::{Part, RouteBar};
pub use editor::RouteEditor;
pub use page::RoutePage;
