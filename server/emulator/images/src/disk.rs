//! Files that are either there as a whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How often the removal of a folder is tried.
const REMOVALS_MAX: usize = 3;

/// A name that nobody else uses, not even a former process whose children still write.
pub(crate) fn unique(prefix: &str) -> String {
    format!("{prefix}{:016x}", rand::random::<u64>())
}

/// Writes a file so that a crash leaves the former contents or the new ones.
pub(crate) fn write(scratch: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = scratch.join(unique("file-"));
    let mut file = File::create(&temporary)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if let Err(error) = written.and_then(|()| place(&temporary, path)) {
        // The next start removes it if this fails.
        let _ = fs::remove_file(&temporary);
        return Err(error);
    }
    Ok(())
}

/// Moves a complete file to its place.
pub(crate) fn place(temporary: &Path, path: &Path) -> io::Result<()> {
    fs::rename(temporary, path)?;
    // So that the name survives a power failure. Some file systems cannot do this, and need not.
    if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// The names in a folder, sorted; none if it does not exist.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

/// A folder that is removed when dropped, unless it is kept.
#[derive(Debug)]
pub(crate) struct Scratch(Option<PathBuf>);

impl Scratch {
    /// Creates a new folder in `parent`.
    pub(crate) fn new(parent: &Path, prefix: &str) -> io::Result<Self> {
        let path = parent.join(unique(prefix));
        fs::create_dir_all(&path)?;
        Ok(Self(Some(path)))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.as_deref().expect("a folder is kept only at the end")
    }

    /// Leaves the folder where it is.
    pub(crate) fn keep(mut self) -> PathBuf {
        self.0.take().expect("a folder is kept only once")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let Some(path) = &self.0 else { return };
        // A program that was just killed may still finish its last write, which makes a folder not empty again. The next
        // start removes what is left.
        let _ = (0..REMOVALS_MAX).find(|_| fs::remove_dir_all(path).is_ok());
    }
}
