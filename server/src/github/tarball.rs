//! All files of a commit, as GitHub packs them.

use super::contents::Repository;
use super::download::Download;
use super::error::Error;
use crate::outside::caps::TARBALL_BYTES_MAX;

impl Repository {
    /// The files of a commit as tar.gz. They are below one folder, whose name GitHub chooses. Submodules are empty
    /// folders, and files in LFS are pointers.
    ///
    /// # Errors
    /// [`Error`]; [`Error::NotFound`] if there is no such commit.
    pub async fn tarball(&self, commit: &str) -> Result<Download, Error> {
        let is_hash =
            (7..=64).contains(&commit.len()) && commit.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_hash {
            return Err(Error::NotFound("the commit is not a hash".to_owned()));
        }
        let url = self.url(&["tarball", commit])?;
        self.client.download(&url, "application/vnd.github+json", TARBALL_BYTES_MAX).await
    }
}
