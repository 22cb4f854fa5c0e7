//! A blob store with what the SDK's uploads and the registry's logs need: whole blobs, block lists, append blobs,
//! metadata, ranges and listing. Files are stored unchanged, with metadata next to them. Signatures are generated
//! but not checked.

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

/// The key under which the metadata of an append blob has its type. No header can have this name.
const TYPE: &str = ":type";
const APPEND_BLOB: &str = "AppendBlob";

/// What a GET says about a blob besides its content.
#[derive(Clone, Debug)]
pub struct About {
    pub length: u64,
    pub modified: time::OffsetDateTime,
    /// Changes with the content and with the metadata.
    pub etag: String,
    /// `BlockBlob` or `AppendBlob`.
    pub kind: &'static str,
    pub metadata: Metadata,
}

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

    /// A new file for an upload that [`Blobs::place`] ends.
    pub fn incoming(&self) -> std::io::Result<PathBuf> {
        let folder = self.root.join("incoming");
        std::fs::create_dir_all(&folder)?;
        Ok(folder.join(uuid::Uuid::new_v4().simple().to_string()))
    }

    /// Makes an uploaded file a blob. The blob appears as a whole or not at all.
    pub fn place(&self, file: &Path, path: &Path, metadata: &Metadata) -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        self.set_metadata(path, metadata)?;
        std::fs::rename(file, path)
    }

    /// Opens an append blob at its end, and creates it if it does not exist.
    pub fn append(&self, path: &Path) -> std::io::Result<std::fs::File> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut metadata = self.all_metadata(path);
        if metadata.insert(TYPE.to_owned(), APPEND_BLOB.to_owned()).is_none() {
            self.set_metadata(path, &metadata)?;
        }
        std::fs::File::options().append(true).create(true).open(path)
    }

    /// Replaces the metadata; the blob keeps its type.
    pub fn set_metadata(&self, path: &Path, metadata: &Metadata) -> std::io::Result<()> {
        let beside = self.beside(path);
        if let Some(folder) = beside.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut all = metadata.clone();
        if let Some(kind) = self.all_metadata(path).remove(TYPE) {
            all.insert(TYPE.to_owned(), kind);
        }
        let temporary = self.incoming()?;
        std::fs::write(&temporary, serde_json::to_vec(&all)?)?;
        std::fs::rename(temporary, beside)
    }

    fn all_metadata(&self, path: &Path) -> Metadata {
        std::fs::read(self.beside(path))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Describes a blob; `None` if it does not exist. The metadata is read first: a log whose metadata says that
    /// it is complete has its whole length.
    pub fn about(&self, path: &Path) -> Option<About> {
        let mut metadata = self.all_metadata(path);
        let beside = std::fs::metadata(self.beside(path)).ok();
        let file = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
        let changed = |of: &std::fs::Metadata| of.modified().ok().map(time::OffsetDateTime::from);
        let modified = changed(&file).max(beside.as_ref().and_then(changed));
        let modified = modified.unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
        let is_append = metadata.remove(TYPE).is_some();
        // Two writes can have the same time, so both lengths are part of it.
        let etag = format!(
            "\"0x{:X}{:X}{:X}\"",
            modified.unix_timestamp_nanos(),
            file.len(),
            beside.map_or(0, |beside| beside.len())
        );
        let kind = if is_append { APPEND_BLOB } else { "BlockBlob" };
        Some(About { length: file.len(), modified, etag, kind, metadata })
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
