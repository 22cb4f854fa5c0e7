//! Manifests, blobs and tags on disk.

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::digest::Digest;
use crate::launch::Launch;

/// The images of one registry, below one folder. Safe for concurrent use.
#[derive(Debug)]
pub struct ImageStore {
    root: PathBuf,
}

/// A manifest as stored.
#[derive(Clone, Debug)]
pub struct StoredManifest {
    pub digest: Digest,
    /// `application/vnd.oci.image.manifest.v1+json` or Docker's v2 type.
    pub media_type: String,
    pub bytes: Bytes,
}

impl ImageStore {
    /// Opens or creates a store.
    ///
    /// # Errors
    /// The folder cannot be created.
    pub fn open(root: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(root)?;
        Ok(Self { root: root.to_owned() })
    }

    /// The names of all repositories, sorted.
    pub fn repositories(&self) -> Vec<String> {
        todo!()
    }

    /// A repository's tags with their digests, sorted by name; empty for an unknown repository.
    pub fn tags(&self, repository: &str) -> Vec<(String, Digest)> {
        todo!()
    }

    /// The manifest that a tag or a digest names.
    pub fn manifest(&self, repository: &str, reference: &str) -> Option<StoredManifest> {
        todo!()
    }

    /// Points a tag to a manifest that the repository has.
    ///
    /// # Errors
    /// The repository has no such manifest, a name is invalid, or the disk fails.
    pub fn tag(&self, repository: &str, tag: &str, digest: &Digest) -> io::Result<()> {
        todo!()
    }

    /// Removes a tag, or a manifest with all its tags; returns whether it existed.
    ///
    /// # Errors
    /// The disk fails.
    pub fn remove(&self, repository: &str, reference: &str) -> io::Result<bool> {
        todo!()
    }

    /// The file of a blob (a config or a layer).
    pub fn blob(&self, digest: &Digest) -> Option<PathBuf> {
        todo!()
    }

    /// How to start an instance of an image; `None` if the store does not have it.
    pub fn launch(&self, digest: &Digest) -> Option<Launch> {
        todo!()
    }
}
