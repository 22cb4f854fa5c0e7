//! The only code that talks to GitHub. Besides reading, it starts, cancels and repeats runs of workflows.
//!
//! * [`client`]: requests, with retries, rate limits and a cache by entity tags; `write`: requests that change something.
//! * [`contents`]: a repository's commits, folders and files; [`tarball`]: all files of a commit.
//! * [`actions`]: workflows, their runs, jobs and logs.
//! * [`credential`]: the console's identity at GitHub; [`app`]: the one of a GitHub App.
//! * [`download`]: large bodies by pieces, from the hosts that `data_host` allows.

pub mod actions;
pub mod app;
pub mod client;
pub mod contents;
pub mod credential;
mod data_host;
pub mod download;
pub mod error;
mod etag_cache;
mod redirect;
mod refused;
pub mod tarball;
#[cfg(test)]
mod tests;
mod write;

pub use client::Client;
pub use error::Error;
