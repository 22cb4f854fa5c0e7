//! The context of a build: a commit's files, packed as Docker would send them.
//!
//! * [`pack`](fn@pack): from GitHub's tarball to the context's tar.gz, in constant memory.
//! * [`ignore`]: the rules of `.dockerignore`; [`dockerfile`]: the layers of a Dockerfile. Both are pure.
//! * `archive`: reads hostile tarballs; `write`: writes the context; `links`: symbolic links that leave it.

mod archive;
pub mod dockerfile;
mod error;
pub mod ignore;
mod links;
mod pack;
mod spool;
#[cfg(test)]
mod tests;
mod write;

pub use error::PackError;
pub use pack::{Context, Limits, Packed, Warning, pack};
