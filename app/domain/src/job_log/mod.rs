//! The log of a job: its lines, its sections, searches in it, and links to its lines.
//!
//! Logs of builds come from GitHub Actions, Azure Container Registry, docker, BuildKit and buildah. All are untrusted:
//! code of the repository writes them. Nothing here keeps more than one line, and every length has a limit.

mod ansi;
pub mod fold;
mod header;
pub mod line;
pub mod link;
mod marker;
pub mod search;
mod stamp;
pub mod style;

#[cfg(test)]
mod fold_tests;
#[cfg(test)]
mod line_tests;

pub use ansi::plain;
pub use header::repeats_instruction;
pub use marker::without as without_marker;
pub use stamp::without as without_time;
