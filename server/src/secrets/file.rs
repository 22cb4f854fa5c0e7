//! The key file: in the data directory, made at the first start, or where the configuration says.

use super::Keyring;
use anyhow::Context as _;
use std::fs::{File, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// For the console's own eyes.
const MODE: u32 = 0o600;
/// Largest file that is read, in bytes.
const BYTES_MAX: u64 = 64 * 1024;

/// Where the keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFile {
    path: PathBuf,
    /// Whether the console may make it.
    is_ours: bool,
}

impl KeyFile {
    /// In a data directory; the first start makes it.
    #[must_use]
    pub fn in_directory(data: &Path) -> Self {
        Self { path: data.join("secrets.key"), is_ours: true }
    }

    /// Where the configuration says; somebody has made it.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self { path, is_ours: false }
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads it; `None` when it is not there.
    ///
    /// # Errors
    /// When it cannot be read, or holds something else than keys.
    pub fn read(&self) -> anyhow::Result<Option<Keyring>> {
        let shown = self.path.display();
        let found = match std::fs::metadata(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            found => found.with_context(|| format!("the key file {shown} cannot be read"))?,
        };
        anyhow::ensure!(found.len() <= BYTES_MAX, "the key file {shown} is too large to be one");
        if found.permissions().mode() & 0o004 != 0 {
            tracing::warn!(
                "everybody on this machine may read the key file {shown}. Take that right away"
            );
        }
        let text = std::fs::read_to_string(&self.path);
        let text = text.with_context(|| format!("the key file {shown} cannot be read"))?;
        let ring =
            Keyring::parse(&text).map_err(|why| anyhow::anyhow!("the key file {shown}: {why}"))?;
        Ok(Some(ring))
    }

    /// Makes it with one new key, where the console may.
    ///
    /// # Errors
    /// When it is the configuration's, is there already, or cannot be written.
    pub fn make_first(&self) -> anyhow::Result<Keyring> {
        let shown = self.path.display();
        anyhow::ensure!(
            self.is_ours,
            "secrets: the key_file {shown} is not there. “understudy secrets make --file FILE” makes one; all \
             replicas need the same"
        );
        let ring = Keyring::random();
        make(&self.path, &ring)?;
        tracing::info!(
            key = ring.sealing(),
            "made the key file {shown}; back it up, and not beside the database"
        );
        Ok(ring)
    }
}

/// Writes keys into a file that must not exist: whole or not at all, for its owner only, and flushed to the disk.
///
/// # Errors
/// When it is there already, or cannot be written.
pub fn make(path: &Path, ring: &Keyring) -> anyhow::Result<()> {
    put(path, ring, |new| std::fs::hard_link(new, path))
}

/// Writes keys into a file in the place of what is there, in the same way.
///
/// # Errors
/// When it cannot be written.
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
        // That the name is there must survive a power cut as well.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    };
    let written = write();
    // Gone already when it was renamed.
    let _ = std::fs::remove_file(&new);
    written.with_context(|| format!("the key file {} cannot be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_made_once_whole_and_only_for_us() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = KeyFile::in_directory(folder.path());
        assert_eq!(file.read().expect("it is read"), None);
        let made = file.make_first().expect("it is made");
        assert_eq!(file.read().expect("it is read"), Some(made.clone()));
        let mode = std::fs::metadata(file.path()).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, MODE);
        file.make_first().expect_err("it is there");
        assert_eq!(file.read().expect("it is read"), Some(made), "never over one that is there");
        let beside = std::fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(beside, 1, "nothing is left beside it");
    }

    #[test]
    fn the_configurations_file_is_made_by_nobody_else() {
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
