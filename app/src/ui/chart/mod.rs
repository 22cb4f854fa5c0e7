//! A line chart: a few lines over the same minutes, with a cursor that several charts share.

pub mod path;
mod plot;
pub mod scale;

pub use plot::{Chart, Line, Swatch};
