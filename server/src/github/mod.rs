//! The only code that talks to GitHub. It only reads.
//!
//! * [`client`]: requests, with retries, rate limits and a cache by entity tags.
//! * [`contents`]: a repository's commits, folders and files.
//! * [`credential`]: the console's identity at GitHub.

pub mod client;
pub mod contents;
pub mod credential;
pub mod error;
mod etag_cache;
mod redirect;
mod refused;

pub use client::Client;
pub use error::Error;
