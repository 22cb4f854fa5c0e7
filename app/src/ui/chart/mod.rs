//! A line chart over the same minutes, with a cursor that several charts can share.

pub mod path;
mod plot;
pub mod scale;

pub use plot::{Chart, Line, Swatch};
