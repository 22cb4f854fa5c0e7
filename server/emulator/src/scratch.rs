//! The emulator's temporary folder, and the removal of those that killed emulators have left.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// Names begin with this, and hexadecimal digits follow.
const PREFIX: &str = "understudy-";
/// Few, because the folder contains sockets, whose paths must be short.
const DIGITS: usize = 12;
/// A file in the folder that its emulator keeps locked, however it ends.
const LOCK: &str = "lock";

/// How often the removal of the folder is tried.
const REMOVALS_MAX: usize = 3;

/// A temporary folder. It is removed at the end, even if a test does not stop its emulator.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    _lock: File,
}

impl Scratch {
    /// Creates a folder in `parent` that only this user can read. Then removes this user's folders whose emulators have
    /// ended without removing them.
    ///
    /// # Errors
    /// The folder or its lock cannot be created.
    pub fn new(parent: &Path) -> io::Result<Self> {
        let name = Uuid::new_v4().simple().to_string();
        let path = parent.join(format!("{PREFIX}{}", &name[..DIGITS]));
        DirBuilder::new().mode(0o700).create(&path)?;
        match lock(&path) {
            Ok(lock) => {
                let scratch = Self { path, _lock: lock };
                remove_abandoned(parent, &scratch.path);
                Ok(scratch)
            }
            Err(error) => {
                // It is empty, except for the file that could not be locked.
                let _ = fs::remove_dir_all(&path);
                Err(error)
            }
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Instances that are being ended may still create a socket. If it fails, the next start removes the folder.
        let _ = (0..REMOVALS_MAX).find(|_| remove(&self.path).is_ok());
    }
}

/// Creates and locks the folder's lock. It gets its name when it is locked, so that another start that finds it unlocked
/// knows that its emulator has ended.
fn lock(folder: &Path) -> io::Result<File> {
    let unnamed = folder.join("lock.new");
    let lock = File::create_new(&unnamed)?;
    lock.try_lock()?;
    fs::rename(unnamed, folder.join(LOCK))?;
    Ok(lock)
}

/// Removes abandoned folders like `own`. What cannot be read or removed is left to the next start.
fn remove_abandoned(parent: &Path, own: &Path) {
    let Ok(user) = own.symlink_metadata().map(|about| about.uid()) else { return };
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        if !entry.file_name().to_str().is_some_and(is_name) {
            continue;
        }
        let path = entry.path();
        // Everybody can create folders and links in a folder for temporary files.
        let is_ours = |about: &fs::Metadata| about.is_dir() && about.uid() == user;
        if !path.symlink_metadata().is_ok_and(|about| is_ours(&about)) {
            continue;
        }
        let Ok(lock) = File::open(path.join(LOCK)) else { continue };
        if lock.try_lock().is_ok() {
            let _ = remove(&path);
        }
    }
}

/// Removes a folder, and its lock last, so that the next start finds what could not be removed.
fn remove(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == LOCK {
            continue;
        }
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    fs::remove_dir_all(folder)
}

fn is_name(name: &str) -> bool {
    let digits = name.strip_prefix(PREFIX).unwrap_or_default();
    digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_ended_emulators_are_removed_and_nothing_else() {
        let parent = tempfile::tempdir().expect("a folder");
        let elsewhere = tempfile::tempdir().expect("a folder");
        fs::write(elsewhere.path().join(LOCK), "").expect("a file");
        let living = Scratch::new(parent.path()).expect("a folder");
        let make = |name: &str, files: &[&str]| {
            let path = parent.path().join(name);
            fs::create_dir_all(path.join("run")).expect("a folder");
            files.iter().for_each(|file| fs::write(path.join(file), "").expect("a file"));
            path
        };
        let ended = make("understudy-0123456789ab", &[LOCK, "run/1-0-0-0.sock"]);
        let others = [
            make("understudy-0123456789ac", &["lock.new"]),
            make("understudy-0123456789abc", &[LOCK]),
            make("understudy-0123456789xy", &[LOCK]),
            make("other-0123456789ab", &[LOCK]),
        ];
        let link = parent.path().join("understudy-0123456789ad");
        std::os::unix::fs::symlink(elsewhere.path(), &link).expect("a link");

        let next = Scratch::new(parent.path()).expect("a folder");
        assert!(!ended.exists(), "its emulator has ended");
        for path in others.iter().chain([&link, &living.path, &next.path]) {
            assert!(path.exists(), "{}", path.display());
        }
        assert!(elsewhere.path().join(LOCK).exists(), "the target of a link");
        let gone = [living.path.clone(), next.path.clone()];
        drop((living, next));
        assert!(gone.iter().all(|path| !path.exists()), "they have ended");
    }

    #[test]
    fn only_the_user_can_look_into_the_folder() {
        let parent = tempfile::tempdir().expect("a folder");
        let scratch = Scratch::new(parent.path()).expect("a folder");
        let mode = scratch.path().metadata().expect("a folder").mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
