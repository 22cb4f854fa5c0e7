//! Writes a commit's files to a folder, which is removed at the end.

use std::io;
use std::path::Path;

use crate::builds::running::Source;
use crate::github::{Files, Mode};

/// A folder with a commit's files.
#[derive(Debug)]
pub struct Checkout(Source);

impl Checkout {
    /// Writes the files to a folder that does not exist yet. Links are written as they are, even if they lead out of the folder; no file is written
    /// through a link, because git has no entries below one. This blocks.
    pub fn write(files: &Files, folder: Source) -> io::Result<Self> {
        let checkout = Self(folder);
        std::fs::create_dir(checkout.path())?;
        for (path, mode, content) in files {
            let path = checkout.path().join(path);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            match mode {
                Mode::Link => {
                    let target = String::from_utf8_lossy(content).into_owned();
                    std::os::unix::fs::symlink(target, &path)?;
                }
                Mode::File | Mode::Folder => std::fs::write(&path, content)?,
            }
        }
        Ok(checkout)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}
