//! The log of a job. The server renders a page of lines, which works without scripts. In the browser an island replaces it
//! with a viewer of the whole log, which keeps only the lines around the screen in the document.

pub mod api;
mod awaited;
mod copy;
mod find;
mod found;
mod heads;
mod keep;
mod keys;
mod lines;
mod log;
mod model;
mod pager;
mod pane;
mod read;
mod rows;
mod screen;
mod select;
mod stream;
#[cfg(test)]
mod tests;
mod text;
mod tools;
mod viewer;

pub use awaited::why_empty;
pub use viewer::{LogViewer, first_line_of};
