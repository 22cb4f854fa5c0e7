//! Writes a commit's files to a temporary folder, which is removed at the end.

use std::io;
use std::path::{Path, PathBuf};

use crate::github::{Files, Mode};

/// A folder with a commit's files.
#[derive(Debug)]
pub struct Checkout(PathBuf);

impl Checkout {
    /// Writes the files. Links are written as they are, even if they lead out of the folder; no file is written
    /// through a link, because git has no entries below one. This blocks.
    pub fn write(files: &Files) -> io::Result<Self> {
        let name = format!("understudy-checkout-{}", uuid::Uuid::new_v4().simple());
        let checkout = Self(std::env::temp_dir().join(name));
        std::fs::create_dir(&checkout.0)?;
        for (path, mode, content) in files {
            let path = checkout.0.join(path);
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
        &self.0
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        // What remains is in the temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
