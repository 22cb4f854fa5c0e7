//! The one place where state is kept: a mutex around [`State`], and its file. Every change is
//! written before the request that made it is answered: a temporary file, then a rename, so that
//! a crash leaves the old file or the new one.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::state::State;

/// State and where it is kept.
#[derive(Debug)]
pub struct Store {
    state: Mutex<State>,
    file: Option<PathBuf>,
}

impl Store {
    /// Opens the state in `dir`, or one that lives in memory only.
    pub fn open(dir: Option<&Path>) -> std::io::Result<Self> {
        let Some(dir) = dir else {
            return Ok(Self { state: Mutex::default(), file: None });
        };
        std::fs::create_dir_all(dir)?;
        let file = dir.join("state.json");
        let state = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(std::io::Error::other)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => State::default(),
            Err(error) => return Err(error),
        };
        Ok(Self { state: Mutex::new(state), file: Some(file) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while the lock was held is a bug of one request, not of the whole emulator.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks.
    pub fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock())
    }

    /// Changes, and writes the file. A refused change must leave the state as it was.
    pub fn write<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let outcome = change(&mut state);
        self.keep(&state);
        outcome
    }
}

impl Store {
    /// Changes, and writes the file unless the change was refused.
    pub fn try_write<T, E>(&self, change: impl FnOnce(&mut State) -> Result<T, E>) -> Result<T, E> {
        let mut state = self.lock();
        let outcome = change(&mut state)?;
        self.keep(&state);
        Ok(outcome)
    }

    fn keep(&self, state: &State) {
        if let Some(file) = &self.file
            && let Err(error) = save(file, state)
        {
            tracing::error!(%error, file = %file.display(), "the emulator's state was not saved");
        }
    }
}

fn save(file: &Path, state: &State) -> std::io::Result<()> {
    let bytes = serde_json::to_vec(state).map_err(std::io::Error::other)?;
    replace(file, &bytes)
}

/// Writes a file so that it is never seen half written, readable by its owner only.
pub fn replace(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let temporary = file.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(&temporary)?;
    out.write_all(bytes)?;
    out.sync_data()?;
    std::fs::rename(temporary, file)
}
