//! The data directory: readable by its owner only, and used by one console at a time.

use anyhow::Context as _;
use std::fs::{DirBuilder, File, Permissions, TryLockError};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// Only the owner may read, write and enter, because sessions are stored here.
const MODE: u32 = 0o700;

/// Only the owner may read and write.
const FILE_MODE: u32 = 0o600;

/// An exclusive lock on a data directory, until the value is dropped or the process ends.
#[derive(Debug)]
pub struct Claim {
    _lock: File,
}

/// Creates the directory if needed, and locks it.
///
/// # Errors
/// When the directory cannot be written, or another console uses it.
pub fn claim(directory: &Path) -> anyhow::Result<Claim> {
    let shown = directory.display();
    make(directory)?;
    let lock = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(directory.join("understudy.lock"))
        .with_context(|| unwritable(directory))?;
    match lock.try_lock() {
        Ok(()) => Ok(Claim { _lock: lock }),
        Err(TryLockError::WouldBlock) => anyhow::bail!(
            "the data directory {shown} is in use by another console, and two consoles would do the same \
             work twice. Stop the other one, or choose another directory with --data"
        ),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("the data directory {shown} cannot be locked"))
        }
    }
}

/// Creates the directory if needed.
///
/// # Errors
/// When the directory cannot be created, or the path is not a directory.
pub fn make(directory: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(MODE).create(directory);
    made.with_context(|| unwritable(directory))
}

/// Creates a file that only its owner can read, or restricts an existing file. The directory alone does not protect the
/// file: somebody else may have created it with wider permissions.
///
/// # Errors
/// When the file cannot be created or belongs to another user.
pub fn private_file(file: &Path) -> std::io::Result<()> {
    File::options().append(true).create(true).mode(FILE_MODE).open(file)?;
    std::fs::set_permissions(file, Permissions::from_mode(FILE_MODE))
}

/// The message for a directory that cannot be written.
pub(crate) fn unwritable(directory: &Path) -> String {
    format!(
        "the data directory {} cannot be written. Give the console's user write permission, or choose \
         another directory with --data",
        directory.display()
    )
}
