//! What a client of the registry pushes.

use std::io;
use std::path::Path;

use crate::digest::Digest;
use crate::store::ImageStore;

impl ImageStore {
    /// Stores a blob whose digest was checked. The file, which is on the same disk, is moved.
    ///
    /// # Errors
    /// The disk fails.
    pub fn add_blob(&self, digest: &Digest, file: &Path) -> io::Result<()> {
        self.adopt_blob(file, digest)
    }

    /// Stores a manifest, whose blobs are stored, in a repository without a tag. Nothing can be started from it: how
    /// to start an image is known only where it was built.
    ///
    /// # Errors
    /// The name of the repository is invalid, or the disk fails.
    pub fn add_manifest(&self, repository: &str, manifest: &[u8]) -> io::Result<Digest> {
        self.put_manifest(repository, manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pushed_image_is_read_tagged_and_removed() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = ImageStore::open(&dir.path().join("images")).expect("a store");
        let file = dir.path().join("upload");
        std::fs::write(&file, "a layer").expect("a file");
        let layer = Digest::of(b"a layer");
        store.add_blob(&layer, &file).expect("it is stored");
        assert!(store.blob(&layer).is_some() && !file.exists());

        let text = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
        let digest = store.add_manifest("team/app", text).expect("it is stored");
        assert!(store.tags("team/app").is_empty());
        store.tag("team/app", "v1", &digest).expect("it is tagged");
        let found = store.manifest("team/app", "v1").expect("a manifest");
        assert_eq!(found.media_type, "application/vnd.oci.image.index.v1+json");
        assert_eq!((&found.digest, &found.bytes[..]), (&digest, &text[..]));
        assert!(store.launch(&digest).is_none());
        assert!(store.add_manifest("../app", text).is_err());

        assert!(store.remove("team/app", digest.as_str()).expect("it is removed"));
        assert!(store.manifest("team/app", "v1").is_none() && store.repositories().is_empty());
    }
}
