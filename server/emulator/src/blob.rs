//! A blob store with what the SDK's uploads need: whole blobs, block lists, metadata, ranges and listing.
//! Files are stored unchanged, with metadata next to them. Signatures are generated but not checked.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use axum::body::Bytes;
use parking_lot::Mutex;
use rand::distr::{Alphanumeric, SampleString};

/// The blob store.
#[derive(Debug)]
pub struct Blobs {
    root: PathBuf,
    signature: String,
    blocks: Mutex<HashMap<(PathBuf, String), Bytes>>,
}

/// `x-ms-meta-…` of a blob.
pub type Metadata = BTreeMap<String, String>;

impl Blobs {
    /// A store in `root`.
    pub fn new(root: PathBuf) -> Self {
        let signature = Alphanumeric.sample_string(&mut rand::rng(), 43);
        Self { root, signature, blocks: Mutex::default() }
    }

    /// A URL query that looks like a shared access signature.
    pub fn signature(&self) -> String {
        format!("sv=2021-08-06&se=2099-12-31T23%3A59%3A59Z&sr=c&sp=rcwl&sig={}%3D", self.signature)
    }

    /// The path of a blob or folder, which need not exist; `None` for a name that would leave the store.
    pub fn path(&self, container: &str, name: &str) -> Option<PathBuf> {
        let is_plain = |part: &str| {
            !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0', '/'])
        };
        let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty()).collect();
        (is_plain(container) && parts.iter().all(|part| is_plain(part)))
            .then(|| parts.iter().fold(self.root.join("data").join(container), |p, s| p.join(s)))
    }

    /// The path of an existing blob or folder.
    pub fn file(&self, container: &str, name: &str) -> Option<PathBuf> {
        self.path(container, name).filter(|path| path.exists())
    }

    fn beside(&self, path: &Path) -> PathBuf {
        let inside = path.strip_prefix(self.root.join("data")).unwrap_or(path);
        let mut beside = self.root.join("meta").join(inside).into_os_string();
        beside.push(".json");
        PathBuf::from(beside)
    }

    pub fn write(&self, path: &Path, bytes: &[u8], metadata: &Metadata) -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, bytes)?;
        self.set_metadata(path, metadata)
    }

    pub fn set_metadata(&self, path: &Path, metadata: &Metadata) -> std::io::Result<()> {
        let beside = self.beside(path);
        if let Some(folder) = beside.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(beside, serde_json::to_vec(metadata)?)
    }

    pub fn metadata(&self, path: &Path) -> Metadata {
        std::fs::read(self.beside(path))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Stores a block until its block list arrives.
    pub fn keep_block(&self, path: &Path, id: &str, bytes: Bytes) {
        let mut blocks = self.blocks.lock();
        blocks.insert((path.to_owned(), id.to_owned()), bytes);
    }

    /// Joins blocks; fails if one is missing.
    pub fn join_blocks(&self, path: &Path, ids: &[String]) -> Option<Vec<u8>> {
        let mut blocks = self.blocks.lock();
        let mut joined = Vec::new();
        for id in ids {
            joined.extend_from_slice(blocks.get(&(path.to_owned(), id.clone()))?);
        }
        blocks.retain(|(of, _), _| of != path);
        Some(joined)
    }

    /// Names and sizes of a container's blobs that start with `prefix`.
    pub fn list(&self, container: &str, prefix: &str) -> Vec<(String, u64)> {
        let Some(root) = self.path(container, "") else { return Vec::new() };
        let mut found = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().into_owned();
                if name.starts_with(prefix) {
                    found.push((name, entry.metadata().map_or(0, |m| m.len())));
                }
            }
        }
        found.sort();
        found
    }
}
