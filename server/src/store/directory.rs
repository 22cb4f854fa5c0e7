//! The data directory: for its owner only, and for one console at a time.

use anyhow::Context as _;
use std::fs::{DirBuilder, File, Permissions, TryLockError};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// Read, write and enter for the owner: sessions are kept here.
const MODE: u32 = 0o700;

/// Read and write for the owner.
const FILE_MODE: u32 = 0o600;

/// A data directory that this process holds until the value is dropped, or the process ends in
/// whatever way.
#[derive(Debug)]
pub struct Claim {
    _lock: File,
}

/// Makes the directory if there is none, and holds it.
///
/// # Errors
/// When it cannot be written, or another console holds it.
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
            "the data directory {shown} is in use by another console, and two would do the same \
             work twice. Stop the other one, or choose another directory with --data"
        ),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("the data directory {shown} cannot be locked"))
        }
    }
}

/// Makes the directory if there is none.
///
/// # Errors
/// When it cannot be made, or something else has its name.
pub fn make(directory: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(MODE).create(directory);
    made.with_context(|| unwritable(directory))
}

/// Makes a file that only its owner can read, or makes one that is there so: a directory that somebody else
/// made may be open to all.
///
/// # Errors
/// When it cannot be made or is not ours.
pub fn private_file(file: &Path) -> std::io::Result<()> {
    File::options().append(true).create(true).mode(FILE_MODE).open(file)?;
    std::fs::set_permissions(file, Permissions::from_mode(FILE_MODE))
}

/// What to say when the directory is of no use.
pub(crate) fn unwritable(directory: &Path) -> String {
    format!(
        "the data directory {} cannot be written. Give the console's user the right to, or choose \
         another directory with --data",
        directory.display()
    )
}
