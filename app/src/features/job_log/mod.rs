//! The log of a job.

pub mod api;
mod lines;
mod plain;
#[cfg(test)]
mod tests;
mod viewer;

pub use viewer::{LogViewer, first_line_of};
