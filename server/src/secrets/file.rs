//! The key file: in the data directory, where the first start creates it, or at the configured path.

use super::Keyring;
use anyhow::Context as _;
use std::fs::{File, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Only the owner may read and write the file.
const MODE: u32 = 0o600;
/// Largest file that is read, in bytes.
const BYTES_MAX: u64 = 64 * 1024;

/// The path of a key file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFile {
    path: PathBuf,
    /// Whether the console may create the file.
    is_ours: bool,
}

impl KeyFile {
    /// The key file in a data directory, which the first start creates.
    #[must_use]
    pub fn in_directory(data: &Path) -> Self {
        Self { path: data.join("secrets.key"), is_ours: true }
    }

    /// A configured key file, which must exist.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self { path, is_ours: false }
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the keys; `None` if the file does not exist.
    ///
    /// # Errors
    /// If the file cannot be read or does not consist of keys.
    pub fn read(&self) -> anyhow::Result<Option<Keyring>> {
        let shown = self.path.display();
        let found = match std::fs::metadata(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            found => found.with_context(|| format!("the key file {shown} cannot be read"))?,
        };
        anyhow::ensure!(found.len() <= BYTES_MAX, "{shown} is too large for a key file");
        if found.permissions().mode() & 0o004 != 0 {
            tracing::warn!(
                "every user of this machine can read the key file {shown}. Restrict its permissions"
            );
        }
        let text = std::fs::read_to_string(&self.path);
        let text = text.with_context(|| format!("the key file {shown} cannot be read"))?;
        let ring =
            Keyring::parse(&text).map_err(|why| anyhow::anyhow!("the key file {shown}: {why}"))?;
        Ok(Some(ring))
    }

    /// Creates the file with one new key.
    ///
    /// # Errors
    /// If the file is a configured one, already exists or cannot be written.
    pub fn make_first(&self) -> anyhow::Result<Keyring> {
        let shown = self.path.display();
        anyhow::ensure!(
            self.is_ours,
            "secrets: the key_file {shown} does not exist. To create it, run “understudy secrets make --file FILE”; \
             all replicas need the same file"
        );
        let ring = Keyring::random();
        make(&self.path, &ring)?;
        tracing::info!(
            key = ring.sealing(),
            "created the key file {shown}; back it up, separately from the database"
        );
        Ok(ring)
    }
}

/// Creates a key file atomically, readable by its owner only, and flushes it to the disk.
///
/// # Errors
/// If the file already exists or cannot be written.
pub fn make(path: &Path, ring: &Keyring) -> anyhow::Result<()> {
    put(path, ring, |new| std::fs::hard_link(new, path))
}

/// Replaces a key file atomically.
///
/// # Errors
/// If the file cannot be written.
pub fn replace(path: &Path, ring: &Keyring) -> anyhow::Result<()> {
    put(path, ring, |new| std::fs::rename(new, path))
}

fn put(
    path: &Path,
    ring: &Keyring,
    place: impl FnOnce(&Path) -> std::io::Result<()>,
) -> anyhow::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(format!(".{:08x}", rand::random::<u32>()));
    let new = PathBuf::from(new);
    let write = || {
        let mut file = File::options().write(true).create_new(true).mode(MODE).open(&new)?;
        file.set_permissions(Permissions::from_mode(MODE))?;
        file.write_all(ring.text().as_bytes())?;
        file.sync_all()?;
        place(&new)?;
        // The directory entry must survive a power failure as well.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    };
    let written = write();
    // Fails after a rename, which is fine.
    let _ = std::fs::remove_file(&new);
    written.with_context(|| format!("the key file {} cannot be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_created_once_and_only_for_its_owner() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = KeyFile::in_directory(folder.path());
        assert_eq!(file.read().expect("it is read"), None);
        let made = file.make_first().expect("it is made");
        assert_eq!(file.read().expect("it is read"), Some(made.clone()));
        let mode = std::fs::metadata(file.path()).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, MODE);
        file.make_first().expect_err("the file exists");
        assert_eq!(file.read().expect("it is read"), Some(made), "never overwritten");
        let beside = std::fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(beside, 1, "no temporary file remains");
    }

    #[test]
    fn a_configured_file_is_never_created() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = KeyFile::at(folder.path().join("keys"));
        let refused = format!("{:#}", file.make_first().expect_err("refused"));
        assert!(refused.contains("understudy secrets make"), "{refused}");
        std::fs::write(file.path(), "geheim").expect("written");
        let refused = format!("{:#}", file.read().expect_err("refused"));
        assert!(refused.contains("line 1") && !refused.contains("geheim"), "{refused}");
        let ring = Keyring::random();
        replace(file.path(), &ring).expect("replaced");
        assert_eq!(file.read().expect("it is read"), Some(ring));
    }
}
