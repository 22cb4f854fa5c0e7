//! The newest checkpoint, kept in a file beside the key. Somebody who can write the database but not this file cannot
//! rewrite the ledger unnoticed: the console refuses to start if the ledger does not continue this checkpoint.
//!
//! The file is written after the entries that it covers were committed. So the ledger may be ahead of the file but
//! never behind it, and the console can start after a crash at any moment.

use super::key;
use crate::lock::lock;
use anyhow::Context as _;
use ledger::checkpoint::{Checkpoint, CheckpointError, NOTE_BYTES_MAX};
use ledger::key::VerifierKey;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The file's name in a data directory.
const NAME: &str = "ledger.checkpoint";

/// The file with the newest checkpoint.
#[derive(Debug)]
pub struct Anchor {
    file: PathBuf,
    /// Serializes writes.
    writing: Mutex<()>,
}

/// The contents of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub checkpoint: Checkpoint,
    /// The signed note, byte for byte.
    pub note: String,
}

impl Anchor {
    /// Beside the key, or in the data directory when the key's folder cannot be written, as with a mounted
    /// secret.
    #[must_use]
    pub fn of(key: &Path, data: &Path) -> Self {
        let beside = key.with_extension("checkpoint");
        let is_ours = *key == key::file_in(data) || beside.exists() || can_make(&beside);
        Self::at(if is_ours { beside } else { data.join(NAME) })
    }

    /// In the given file.
    #[must_use]
    pub fn at(file: PathBuf) -> Self {
        Self { file, writing: Mutex::new(()) }
    }

    /// The path of the file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Reads the file; `None` when it does not exist.
    ///
    /// A signature of the current key must be valid. Signatures of other keys, such as an older one, are not
    /// verified: somebody who can write this file can also read the key beside it and sign.
    ///
    /// # Errors
    /// When the file cannot be read or is not a checkpoint.
    pub fn read(&self, key: &VerifierKey) -> anyhow::Result<Option<Kept>> {
        let mut note = String::new();
        let limit = u64::try_from(NOTE_BYTES_MAX).unwrap_or(u64::MAX) + 1;
        let file = match File::open(&self.file) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| self.cannot("read")),
        };
        file.take(limit).read_to_string(&mut note).with_context(|| self.cannot("read"))?;
        let opened = Checkpoint::open(&note, std::slice::from_ref(key)).map(|(found, _)| found);
        let checkpoint = match opened {
            Err(CheckpointError::Unknown(_) | CheckpointError::Origin { .. }) => {
                Checkpoint::unsigned(&note)
            }
            opened => opened,
        };
        let checkpoint = checkpoint.with_context(|| self.cannot("believed"))?;
        Ok(Some(Kept { checkpoint, note }))
    }

    /// Writes a checkpoint, unless the file has a later one, for example from another replica.
    ///
    /// # Errors
    /// When the file cannot be written; the older checkpoint then remains.
    pub fn write(&self, size: u64, note: &str) -> anyhow::Result<()> {
        let _alone = lock(&self.writing);
        let kept = std::fs::read_to_string(&self.file).ok();
        let kept = kept.and_then(|kept| Checkpoint::unsigned(&kept).ok());
        if kept.is_some_and(|kept| kept.size > size) {
            return Ok(());
        }
        self.replace(note).with_context(|| self.cannot("written"))
    }

    /// Replaces the file atomically.
    fn replace(&self, note: &str) -> std::io::Result<()> {
        let fresh = self.file.with_extension(format!("checkpoint.{}", std::process::id()));
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        let written = file.write_all(note.as_bytes()).and_then(|()| file.sync_all());
        if let Err(error) = written.and_then(|()| std::fs::rename(&fresh, &self.file)) {
            // The temporary file is harmless if it cannot be removed.
            let _ = std::fs::remove_file(&fresh);
            return Err(error);
        }
        match self.file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
            _ => File::open(".")?.sync_all(),
        }
    }

    /// Renames the file by appending `suffix`; returns the new path, or `None` when there is no file.
    ///
    /// # Errors
    /// When the file cannot be renamed.
    pub fn put_aside(&self, suffix: &str) -> anyhow::Result<Option<PathBuf>> {
        let aside = self.file.with_extension(format!("checkpoint.{suffix}"));
        match std::fs::rename(&self.file, &aside) {
            Ok(()) => Ok(Some(aside)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| self.cannot("put aside")),
        }
    }

    fn cannot(&self, what: &str) -> String {
        format!("the ledger's newest checkpoint {} cannot be {what}", self.file.display())
    }
}

/// Whether a file can be created at this path's folder.
fn can_make(file: &Path) -> bool {
    let trial = file.with_extension(format!("checkpoint.try-{}", std::process::id()));
    let made = File::create_new(&trial).is_ok();
    if made {
        // The empty file is harmless if it cannot be removed.
        let _ = std::fs::remove_file(&trial);
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::key::Signer;
    use ledger::tree::leaf;

    fn signer(seed: u8) -> Signer {
        Signer::from_seed("example.org", &[seed; 32]).expect("a key")
    }

    fn note(size: u64, signer: &Signer) -> String {
        let checkpoint = Checkpoint { origin: "example.org".to_owned(), size, root: leaf(b"x") };
        checkpoint.sign(signer).expect("a note")
    }

    #[test]
    fn only_the_newest_checkpoint_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let anchor = Anchor::of(&key::file_in(folder.path()), folder.path());
        assert_eq!(anchor.file(), folder.path().join("ledger.checkpoint"));
        let ours = signer(1);
        assert_eq!(anchor.read(ours.verifier()).expect("nothing yet"), None);
        anchor.write(3, &note(3, &ours)).expect("written");
        anchor.write(7, &note(7, &ours)).expect("written");
        anchor.write(5, &note(5, &ours)).expect("another replica is further");
        let kept = anchor.read(ours.verifier()).expect("it is read").expect("it is there");
        assert_eq!(kept.checkpoint.size, 7);
        let names = std::fs::read_dir(folder.path()).expect("a folder");
        assert_eq!(names.count(), 1, "nothing is left of the writing");
    }

    #[test]
    fn a_checkpoint_of_an_older_key_is_read_and_an_altered_one_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let anchor = Anchor::at(folder.path().join("ledger.checkpoint"));
        let (ours, older) = (signer(1), signer(2));
        anchor.write(3, &note(3, &older)).expect("written");
        let kept = anchor.read(ours.verifier()).expect("it is read").expect("it is there");
        assert_eq!(kept.checkpoint.size, 3);
        let altered = note(3, &ours).replacen("\n3\n", "\n2\n", 1);
        std::fs::write(anchor.file(), altered).expect("written");
        let refused = anchor.read(ours.verifier()).expect_err("it is altered");
        assert!(format!("{refused:#}").contains("signature is wrong"), "{refused:#}");
        std::fs::write(anchor.file(), "").expect("written");
        assert!(anchor.read(ours.verifier()).is_err(), "an empty file is not an absent one");
        let aside = anchor.put_aside("before-9").expect("renamed").expect("it was there");
        assert!(aside.ends_with("ledger.checkpoint.before-9"), "{}", aside.display());
        assert_eq!(anchor.read(ours.verifier()).expect("nothing"), None);
    }

    #[test]
    fn a_read_only_key_folder_moves_the_file_to_the_data_directory() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = folder.path().join("nowhere").join("ledger");
        let data = folder.path().join("data");
        assert_eq!(Anchor::of(&key, &data).file(), data.join("ledger.checkpoint"));
        let key = folder.path().join("ledger");
        assert_eq!(Anchor::of(&key, &data).file(), folder.path().join("ledger.checkpoint"));
    }
}
