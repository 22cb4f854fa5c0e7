//! What teams write about their endpoints and deployments, read as Azure's own tools read it.
//!
//! ```text
//! yaml      text → located nodes; YAML 1.1 scalars as PyYAML reads them, each with its source text
//! problem   what is wrong with a file: file:line:column: field: message
//! nearest   the known word that a misspelt one is nearest to
//! ```
//!
//! No network, no clock, no environment. Invariant: every refusal names a file, a line and a column.

pub mod nearest;
pub mod problem;
pub mod yaml;
