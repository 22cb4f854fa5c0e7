//! Manifests, blobs and tags on disk.
//!
//! ```text
//! blobs/{hex}                          configurations and layers
//! manifests/{hex}                      manifests, byte by byte
//! launches/{hex}.json                  how to start the image
//! repositories/{name}/manifests/{hex}  the manifests of a repository (empty files)
//! repositories/{name}/tags/{tag}       the digest that the tag names
//! trees/  venvs/                       the files of process images
//! scratch/                             unfinished work, removed at the start
//! ```
//!
//! Each file is written elsewhere, synced and renamed, and names are written after what they name. A crash therefore
//! leaves complete images, and at worst files that nobody names.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use parking_lot::Mutex;

use crate::digest::Digest;
use crate::disk;
use crate::launch::{Launch, Record};
use crate::names::{DEFAULT_TAG, is_repository, is_tag, split_image};
use crate::oci;

/// The images of one registry, below one folder. Safe for concurrent use, but only one process may use the folder.
#[derive(Debug)]
pub struct ImageStore {
    root: PathBuf,
    /// Held while names change, so that a tag never names a manifest that is being removed.
    naming: Mutex<()>,
    /// Held while virtual environments are made, so that two builds do not make the same one.
    pub(crate) installing: tokio::sync::Mutex<()>,
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
    /// Opens or creates a store, and removes what an earlier process left unfinished.
    ///
    /// # Errors
    /// The folder cannot be created.
    pub fn open(root: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(root)?;
        // Launches name absolute paths.
        let root = root.canonicalize()?;
        match std::fs::remove_dir_all(root.join("scratch")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        for folder in
            ["scratch", "blobs", "manifests", "launches", "repositories", "trees", "venvs"]
        {
            std::fs::create_dir_all(root.join(folder))?;
        }
        let store =
            Self { root, naming: Mutex::default(), installing: tokio::sync::Mutex::default() };
        store.sweep();
        Ok(store)
    }

    /// Removes trees and virtual environments that no image and no cache entry names.
    fn sweep(&self) {
        let launches = disk::names(&self.folder("launches"));
        let records = launches.iter().filter_map(|name| self.record_at(name));
        let mut used: HashSet<PathBuf> = records.flat_map(|record| record.needs).collect();
        let venvs = self.folder("venvs");
        let markers = disk::names(&venvs).into_iter().filter(|name| name.ends_with(".name"));
        let cached = markers.filter_map(|name| std::fs::read_to_string(venvs.join(name)).ok());
        used.extend(cached.map(|name| venvs.join(name)));
        for folder in [self.folder("trees"), venvs] {
            for name in disk::names(&folder) {
                let path = folder.join(name);
                if path.is_dir() && !used.contains(&path) {
                    // The next start tries again.
                    let _ = std::fs::remove_dir_all(path);
                }
            }
        }
    }

    /// The names of all repositories, sorted.
    pub fn repositories(&self) -> Vec<String> {
        let folders = disk::names(&self.folder("repositories"));
        let names = folders.iter().map(|folder| folder.replace('+', "/"));
        let mut names: Vec<_> =
            names.filter(|name| !disk::names(&self.part(name, "manifests")).is_empty()).collect();
        names.sort();
        names
    }

    /// Whether anything was ever pushed to a repository, even if all of it was removed.
    pub fn knows(&self, repository: &str) -> bool {
        is_repository(repository) && self.repository(repository).is_dir()
    }

    /// A repository's tags with their digests, sorted by name; empty for an unknown repository.
    pub fn tags(&self, repository: &str) -> Vec<(String, Digest)> {
        if !is_repository(repository) {
            return Vec::new();
        }
        let names = disk::names(&self.part(repository, "tags")).into_iter();
        names.filter_map(|tag| Some((tag.clone(), self.resolve(repository, &tag)?))).collect()
    }

    /// The digests of all manifests of a repository, sorted; also of those without a tag.
    pub fn digests(&self, repository: &str) -> Vec<Digest> {
        if !is_repository(repository) {
            return Vec::new();
        }
        let names = disk::names(&self.part(repository, "manifests")).into_iter();
        names.filter_map(|hex| format!("sha256:{hex}").parse().ok()).collect()
    }

    /// The digest that a tag or a digest names, if the repository has that manifest. An empty reference is `latest`.
    pub fn resolve(&self, repository: &str, reference: &str) -> Option<Digest> {
        if !is_repository(repository) {
            return None;
        }
        let reference = if reference.is_empty() { DEFAULT_TAG } else { reference };
        let digest: Digest = match reference.parse() {
            Ok(digest) => digest,
            Err(_) if is_tag(reference) => {
                let file = self.part(repository, "tags").join(reference);
                std::fs::read_to_string(file).ok()?.parse().ok()?
            }
            Err(_) => return None,
        };
        self.part(repository, "manifests").join(digest.hex()).is_file().then_some(digest)
    }

    /// The manifest that a tag or a digest names.
    pub fn manifest(&self, repository: &str, reference: &str) -> Option<StoredManifest> {
        let digest = self.resolve(repository, reference)?;
        let bytes = std::fs::read(self.folder("manifests").join(digest.hex())).ok()?;
        Some(StoredManifest { digest, media_type: oci::media_type(&bytes), bytes: bytes.into() })
    }

    /// Points a tag to a manifest that the repository has.
    ///
    /// # Errors
    /// The repository has no such manifest, a name is invalid, or the disk fails.
    pub fn tag(&self, repository: &str, tag: &str, digest: &Digest) -> io::Result<()> {
        if !is_repository(repository) || !is_tag(tag) {
            return Err(invalid(&format!("{repository}:{tag}")));
        }
        let _naming = self.naming.lock();
        if self.resolve(repository, digest.as_str()).is_none() {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "the repository has no such manifest",
            ));
        }
        self.write_tag(repository, tag, digest)
    }

    /// Removes a tag, or a manifest with all its tags; returns whether it existed. Running instances keep their files
    /// until the next start.
    ///
    /// # Errors
    /// The disk fails.
    pub fn remove(&self, repository: &str, reference: &str) -> io::Result<bool> {
        let _naming = self.naming.lock();
        let Some(digest) = self.resolve(repository, reference) else { return Ok(false) };
        if reference.parse::<Digest>().is_err() {
            std::fs::remove_file(self.part(repository, "tags").join(reference))?;
            return Ok(true);
        }
        for (tag, named) in self.tags(repository) {
            if named == digest {
                std::fs::remove_file(self.part(repository, "tags").join(tag))?;
            }
        }
        std::fs::remove_file(self.part(repository, "manifests").join(digest.hex()))?;
        let is_named = |name: &String| self.resolve(name, digest.as_str()).is_some();
        if !self.repositories().iter().any(is_named) {
            match std::fs::remove_file(self.launch_file(&digest)) {
                // A pushed image has none.
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            std::fs::remove_file(self.folder("manifests").join(digest.hex()))?;
        }
        Ok(true)
    }

    /// The file of a blob (a config or a layer).
    pub fn blob(&self, digest: &Digest) -> Option<PathBuf> {
        Some(self.folder("blobs").join(digest.hex())).filter(|path| path.is_file())
    }

    /// How to start an instance of an image; `None` if the store does not have it.
    pub fn launch(&self, digest: &Digest) -> Option<Launch> {
        let record = self.record_at(&format!("{}.json", digest.hex()))?;
        record.is_complete().then(|| record.into_launch())
    }

    /// Stores bytes as a blob.
    pub(crate) fn put_blob(&self, bytes: &[u8]) -> io::Result<Digest> {
        let digest = Digest::of(bytes);
        disk::write(&self.folder("scratch"), &self.folder("blobs").join(digest.hex()), bytes)?;
        Ok(digest)
    }

    /// Moves a complete file, whose digest was checked, to its place.
    pub(crate) fn adopt_blob(&self, file: &Path, digest: &Digest) -> io::Result<()> {
        std::fs::File::open(file)?.sync_all()?;
        disk::place(file, &self.folder("blobs").join(digest.hex()))
    }

    /// Stores a manifest, whose blobs are stored, under all these `repository:tag`. Returns its digest, and whether
    /// `record` is how it is started: an image that the store already has is started as before.
    pub(crate) fn publish(
        &self,
        images: &[String],
        manifest: &[u8],
        record: &Record,
    ) -> io::Result<(Digest, bool)> {
        let names = images.iter().map(|image| split_image(image).ok_or_else(|| invalid(image)));
        let names = names.collect::<io::Result<Vec<_>>>()?;
        let _naming = self.naming.lock();
        let digest = Digest::of(manifest);
        let scratch = self.folder("scratch");
        let is_new = self.launch(&digest).is_none();
        if is_new {
            let text = serde_json::to_vec(record)?;
            disk::write(&scratch, &self.launch_file(&digest), &text)?;
        }
        disk::write(&scratch, &self.folder("manifests").join(digest.hex()), manifest)?;
        for (repository, tag) in names {
            std::fs::create_dir_all(self.part(repository, "tags"))?;
            std::fs::create_dir_all(self.part(repository, "manifests"))?;
            disk::write(&scratch, &self.part(repository, "manifests").join(digest.hex()), b"")?;
            self.write_tag(repository, tag, &digest)?;
        }
        Ok((digest, is_new))
    }

    /// Stores a manifest, whose blobs are stored, in a repository.
    pub(crate) fn put_manifest(&self, repository: &str, manifest: &[u8]) -> io::Result<Digest> {
        if !is_repository(repository) {
            return Err(invalid(repository));
        }
        let _naming = self.naming.lock();
        let (digest, scratch) = (Digest::of(manifest), self.folder("scratch"));
        let place = self.part(repository, "manifests");
        std::fs::create_dir_all(self.part(repository, "tags"))?;
        std::fs::create_dir_all(&place)?;
        disk::write(&scratch, &self.folder("manifests").join(digest.hex()), manifest)?;
        disk::write(&scratch, &place.join(digest.hex()), b"")?;
        Ok(digest)
    }

    fn write_tag(&self, repository: &str, tag: &str, digest: &Digest) -> io::Result<()> {
        let file = self.part(repository, "tags").join(tag);
        disk::write(&self.folder("scratch"), &file, digest.as_str().as_bytes())
    }

    fn record_at(&self, name: &str) -> Option<Record> {
        let bytes = std::fs::read(self.folder("launches").join(name)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    fn launch_file(&self, digest: &Digest) -> PathBuf {
        self.folder("launches").join(format!("{}.json", digest.hex()))
    }

    /// `+` occurs in no repository's name.
    fn repository(&self, name: &str) -> PathBuf {
        self.folder("repositories").join(name.replace('/', "+"))
    }

    fn part(&self, repository: &str, part: &str) -> PathBuf {
        self.repository(repository).join(part)
    }

    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
}

fn invalid(image: &str) -> io::Error {
    let message = format!("{image:?} is not a valid repository:tag");
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
