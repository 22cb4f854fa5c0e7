//! The downloaded tarball on the console's disk. It is read twice, because `.dockerignore` may come after the files that it
//! excludes.

use super::error::PackError;
use super::pack::Limits;
use crate::outside::line;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use std::fmt::Display;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use tokio::io::AsyncWriteExt as _;

/// A file that is removed with this value.
#[derive(Debug)]
pub(super) struct Spool(PathBuf);

impl Drop for Spool {
    fn drop(&mut self) {
        // It may be gone already, and nobody reads it again.
        let _ = std::fs::remove_file(&self.0);
    }
}

pub(super) fn disk(error: &io::Error) -> PackError {
    PackError::Disk(error.kind())
}

impl Spool {
    /// Takes care of a file, which need not exist yet.
    pub(super) fn of(path: PathBuf) -> Self {
        Self(path)
    }

    /// Keeps the file.
    pub(super) fn keep(mut self) {
        self.0 = PathBuf::new();
    }

    /// Opens the file to read it.
    pub(super) fn open(&self) -> Result<io::BufReader<File>, PackError> {
        File::open(&self.0).map(io::BufReader::new).map_err(|error| disk(&error))
    }

    /// Writes a download to a file.
    pub(super) async fn download<E: Display>(
        mut tarball: impl Stream<Item = Result<Bytes, E>> + Unpin,
        path: &Path,
        limits: &Limits,
    ) -> Result<Self, PackError> {
        let spool = Self::of(path.to_owned());
        let mut file = tokio::fs::File::create(path).await.map_err(|error| disk(&error))?;
        let mut left = limits.tarball_bytes;
        while let Some(piece) = tarball.next().await {
            let piece =
                piece.map_err(|error| PackError::Download(line::part(&error.to_string())))?;
            left = left.checked_sub(piece.len() as u64).ok_or_else(|| limits.repository())?;
            file.write_all(&piece).await.map_err(|error| disk(&error))?;
        }
        file.flush().await.map_err(|error| disk(&error))?;
        Ok(spool)
    }
}
