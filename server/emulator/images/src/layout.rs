//! Takes images over from an OCI image layout, which buildah and docker write.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::digest::Digest;
use crate::oci::{Config, Image, Index, Manifest};
use crate::store::ImageStore;

/// The longest manifest or index, in bytes; the OCI distribution specification asks registries to accept 4 MiB.
const DOCUMENT_BYTES_MAX: u64 = 4 << 20;

/// An image whose blobs are stored, and which has no name yet.
#[derive(Debug)]
pub(crate) struct Imported {
    pub(crate) manifest: Vec<u8>,
    pub(crate) config: Config,
}

/// Checks and takes over the first image of a layout.
///
/// # Errors
/// The layout is not valid, a digest is wrong, or the disk fails.
pub(crate) fn import(store: &ImageStore, layout: &Path) -> io::Result<Imported> {
    let index: Index = serde_json::from_slice(&read(&layout.join("index.json"))?)?;
    let named = index.manifests.first().ok_or_else(|| invalid("it has no image"))?;
    let bytes = read(&blob(layout, &named.digest))?;
    if Digest::of(&bytes) != named.digest {
        return Err(invalid("the manifest has another digest"));
    }
    let manifest: Manifest = serde_json::from_slice(&bytes)?;
    let config: Image = serde_json::from_slice(&read(&blob(layout, &manifest.config.digest))?)?;
    for descriptor in manifest.layers.iter().chain([&manifest.config]) {
        let file = blob(layout, &descriptor.digest);
        // Two layers can be the same file, which is then already there.
        if store.blob(&descriptor.digest).is_some() {
            continue;
        }
        if hash(&file)? != descriptor.digest {
            return Err(invalid("a blob has another digest"));
        }
        store.adopt_blob(&file, &descriptor.digest)?;
    }
    Ok(Imported { manifest: bytes, config: config.config })
}

fn blob(layout: &Path, digest: &Digest) -> PathBuf {
    layout.join("blobs").join("sha256").join(digest.hex())
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.len() > DOCUMENT_BYTES_MAX {
        return Err(invalid("a document is longer than 4 MiB"));
    }
    fs::read(path)
}

fn hash(path: &Path) -> io::Result<Digest> {
    let mut hash = Sha256::new();
    io::copy(&mut File::open(path)?, &mut hash)?;
    Ok(Digest::from_hash(&hash.finalize()))
}

fn invalid(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the image layout is not valid: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_with_another_digest_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = ImageStore::open(&folder.path().join("store")).unwrap();
        let layout = folder.path().join("layout");
        fs::create_dir_all(layout.join("blobs/sha256")).unwrap();
        let put = |bytes: &[u8]| {
            let digest = Digest::of(bytes);
            fs::write(blob(&layout, &digest), bytes).unwrap();
            digest
        };
        let describe = |kind: &str, digest: &Digest| serde_json::json!({"mediaType": kind, "digest": digest, "size": 1});
        let config = put(br#"{"config":{"Cmd":["serve"],"ExposedPorts":{"5001/tcp":{}}}}"#);
        let layer = put(b"layer");
        let manifest = serde_json::json!({
            "schemaVersion": 2, "config": describe("c", &config), "layers": [describe("l", &layer)],
        });
        let manifest = put(manifest.to_string().as_bytes());
        let index = serde_json::json!({ "manifests": [describe("m", &manifest)] });
        fs::write(layout.join("index.json"), index.to_string()).unwrap();
        fs::write(blob(&layout, &layer), "tampered").unwrap();
        assert!(import(&store, &layout).is_err() && store.blob(&layer).is_none());
        fs::write(blob(&layout, &layer), "layer").unwrap();
        let imported = import(&store, &layout).unwrap();
        assert_eq!(
            (imported.config.port(), imported.config.command()),
            (Some(5001), vec!["serve".to_owned()])
        );
        assert_eq!(Digest::of(&imported.manifest), manifest);
        assert!(store.blob(&layer).is_some() && store.blob(&config).is_some());
    }
}
