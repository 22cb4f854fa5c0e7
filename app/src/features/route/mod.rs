//! An endpoint's route: the bar, the editor, and the page with the plan.

pub mod api;
mod editing;
mod editor;
mod fields;
pub mod form;
mod live_field;
mod mirror_field;

pub use editor::RouteEditor;
