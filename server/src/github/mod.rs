//! The only code that talks to GitHub: typed, reading only, through one door for HTTP.
//!
//! * [`client`]: one request, with its retries, its limits and what is known already (entity tags).
//! * [`contents`]: a repository's commits, folders and files.
//! * [`credential`]: who the console is to GitHub.

pub mod client;
pub mod contents;
pub mod credential;
pub mod error;
mod known;
mod redirect;
mod refused;

pub use client::Client;
pub use error::Error;
