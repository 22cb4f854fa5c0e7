//! Writes the layer of a process image: a tar archive that depends on the files' paths and contents only.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use tar::{EntryType, Header};

use crate::digest::Digest;

/// A written layer.
#[derive(Debug)]
pub(crate) struct Layer {
    /// The digest of the compressed file.
    pub(crate) digest: Digest,
    /// The length of the compressed file in bytes.
    pub(crate) size: u64,
    /// The digest of the archive before compression.
    pub(crate) diff_id: Digest,
}

/// Hashes and counts what it passes on.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
    size: u64,
}

impl<W> Hashing<W> {
    fn new(inner: W) -> Self {
        Self { inner, hash: Sha256::new(), size: 0 }
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Writes the layer with these paths of `tree` to `file`.
pub(crate) fn write(tree: &Path, paths: &BTreeSet<PathBuf>, file: &Path) -> io::Result<Layer> {
    let compressed = Hashing::new(BufWriter::new(File::create(file)?));
    let plain = Hashing::new(GzEncoder::new(compressed, Compression::fast()));
    let mut archive = tar::Builder::new(plain);
    for path in paths {
        append(&mut archive, tree, path)?;
    }
    let plain = archive.into_inner()?;
    let diff_id = Digest::from_hash(&plain.hash.finalize());
    let mut compressed = plain.inner.finish()?;
    compressed.flush()?;
    let digest = Digest::from_hash(&compressed.hash.finalize());
    Ok(Layer { digest, size: compressed.size, diff_id })
}

fn append<W: Write>(archive: &mut tar::Builder<W>, tree: &Path, path: &Path) -> io::Result<()> {
    let full = tree.join(path);
    let metadata = fs::symlink_metadata(&full)?;
    let mut header = Header::new_gnu();
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    if metadata.is_symlink() {
        header.set_entry_type(EntryType::Symlink);
        header.set_size(0);
        header.set_mode(0o777);
        return archive.append_link(&mut header, path, fs::read_link(&full)?);
    }
    if metadata.is_dir() {
        header.set_entry_type(EntryType::Directory);
        header.set_size(0);
        header.set_mode(0o755);
        return archive.append_data(&mut header, path, io::empty());
    }
    let is_executable = metadata.permissions().mode() & 0o111 != 0;
    header.set_entry_type(EntryType::Regular);
    header.set_size(metadata.len());
    header.set_mode(if is_executable { 0o755 } else { 0o644 });
    archive.append_data(&mut header, path, File::open(full)?)
}
