//! Builds container images, stores them, and says how to start them.
//!
//! [`ImageStore`] keeps manifests and blobs by digest and tags by repository, as a registry does. [`build`] builds a
//! Dockerfile's target with buildah, with docker, or as a *process image* where neither is installed.

mod build;
mod builder;
mod digest;
mod launch;
mod store;

pub use build::{BuildFailure, BuildRequest, Cancel, LogSink, build};
pub use builder::{Builder, BuilderChoice, BuilderChoiceError};
pub use digest::{Digest, DigestError};
pub use launch::Launch;
pub use store::{ImageStore, StoredManifest};
