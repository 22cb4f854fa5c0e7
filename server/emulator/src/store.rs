//! The only place that stores state: a mutex around [`State`], and its folder, which one emulator holds at
//! a time. A change is written before it applies and before its request is answered: a temporary file, then
//! a rename, so that a crash leaves either the old file or the new one.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::Context;
use parking_lot::Mutex;

use crate::state::State;

/// State and its folder. A panic under the lock is a bug of one request, and must not stop the whole emulator.
#[derive(Debug)]
pub struct Store(Mutex<Kept>);

#[derive(Debug)]
struct Kept {
    state: State,
    home: Home,
}

#[derive(Debug)]
enum Home {
    /// Memory only: the state is lost at the end.
    Memory,
    /// A folder that is held as long as its lock is open.
    Folder { dir: PathBuf, _lock: File },
    /// Released. Remaining work of a stopped emulator changes nothing.
    Closed,
}

/// Why a change was not saved, and therefore did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Unkept {
    /// A full disk, or a missing permission.
    #[error(
        "the state folder {} cannot be written, so nothing was changed. Make room on its disk, or \
         give the emulator's user the right to write there, then try again",
        dir.display()
    )]
    Unwritable {
        dir: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The emulator has stopped.
    #[error("the emulator has stopped, so nothing was changed. Start it again")]
    Stopped,
}

impl Store {
    /// Opens the state in `dir` and locks the folder, or creates a state in memory.
    ///
    /// # Errors
    /// If another emulator holds the folder, or the state cannot be read.
    pub fn open(dir: Option<&Path>) -> anyhow::Result<Self> {
        let Some(dir) = dir else {
            return Ok(Self(Mutex::new(Kept { state: State::default(), home: Home::Memory })));
        };
        let lock = claim(dir)?;
        let file = file_in(dir);
        let state = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| {
                format!("{} does not contain an emulator's state", file.display())
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => State::default(),
            Err(error) => return Err(error.into()),
        };
        let home = Home::Folder { dir: dir.to_owned(), _lock: lock };
        Ok(Self(Mutex::new(Kept { state, home })))
    }

    /// Reads the state.
    pub fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.0.lock().state)
    }

    /// Changes the state after writing the change.
    ///
    /// # Errors
    /// [`Unkept`]; the state is unchanged.
    pub fn write<T>(&self, change: impl FnOnce(&mut State) -> T) -> Result<T, Unkept> {
        self.try_write(|state| Ok(change(state)))
    }

    /// Changes the state after writing the change, unless `change` refuses.
    ///
    /// # Errors
    /// The refusal, or [`Unkept`]; the state is unchanged.
    pub fn try_write<T, E: From<Unkept>>(
        &self,
        change: impl FnOnce(&mut State) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut kept = self.0.lock();
        let mut next = kept.state.clone();
        let outcome = change(&mut next)?;
        kept.home.save(&next)?;
        kept.state = next;
        Ok(outcome)
    }

    /// Releases the folder, even if others still hold the store.
    pub fn close(&self) {
        self.0.lock().home = Home::Closed;
    }
}

impl Home {
    fn save(&self, state: &State) -> Result<(), Unkept> {
        let dir = match self {
            Self::Memory => return Ok(()),
            Self::Folder { dir, .. } => dir,
            Self::Closed => return Err(Unkept::Stopped),
        };
        let written = serde_json::to_vec(state)
            .map_err(std::io::Error::other)
            .and_then(|bytes| replace(&file_in(dir), &bytes));
        written.map_err(|source| Unkept::Unwritable { dir: dir.clone(), source })
    }
}

fn file_in(dir: &Path) -> PathBuf {
    dir.join("state.json")
}

/// Creates the folder if necessary, and locks it until the file is closed, however the process ends.
fn claim(dir: &Path) -> anyhow::Result<File> {
    let shown = dir.display();
    std::fs::create_dir_all(dir)
        .with_context(|| format!("the state folder {shown} cannot be created"))?;
    let lock = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(dir.join("emulator.lock"))
        .with_context(|| format!("the state folder {shown} cannot be written"))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => anyhow::bail!(
            "the state folder {shown} is in use by another emulator, and two would overwrite each \
             other's changes. Stop the other one, or choose another folder with --state"
        ),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("the state folder {shown} cannot be locked"))
        }
    }
}

/// Writes a file atomically, readable by its owner only.
pub fn replace(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = file.with_extension("new");
    let written = write_new(&temporary, bytes).and_then(|()| std::fs::rename(&temporary, file));
    if written.is_err() {
        // Removes a half-written file, which is useless and takes space on a full disk.
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

fn write_new(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(file)?;
    out.write_all(bytes)?;
    out.sync_data()
}
