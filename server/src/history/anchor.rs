//! The newest checkpoint, kept in a file beside the key. Who can write the database, and not this file, cannot
//! write the ledger anew unnoticed: a start whose ledger does not continue this checkpoint is refused.
//!
//! The file is written after what it covers was committed, so that the ledger may be ahead of it and never
//! behind: a crash at any moment leaves a start that works.

use super::key;
use anyhow::Context as _;
use ledger::checkpoint::{Checkpoint, CheckpointError, NOTE_BYTES_MAX};
use ledger::key::VerifierKey;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The file's name in a data directory.
const NAME: &str = "ledger.checkpoint";

/// Where the newest checkpoint is kept.
#[derive(Debug)]
pub struct Anchor {
    file: PathBuf,
    /// One writes at a time.
    writing: Mutex<()>,
}

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The same as it is written.
    pub note: String,
}

impl Anchor {
    /// Beside a key; or in the data directory, where nothing can be written beside the key, as with a mounted
    /// secret.
    #[must_use]
    pub fn of(key: &Path, data: &Path) -> Self {
        let beside = key.with_extension("checkpoint");
        let is_ours = *key == key::file_in(data) || beside.exists() || can_make(&beside);
        Self::at(if is_ours { beside } else { data.join(NAME) })
    }

    /// In a file.
    #[must_use]
    pub fn at(file: PathBuf) -> Self {
        Self { file, writing: Mutex::new(()) }
    }

    /// Where it is.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What is kept; `None` when nothing is.
    ///
    /// A signature of the key that signs now must hold. One of another key, such as an older one, is not looked
    /// at: the file lies where the key lies, and who can write it can sign.
    ///
    /// # Errors
    /// When the file cannot be read, or is no checkpoint.
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

    /// Keeps a checkpoint, unless a later one is kept already, as another replica may have done.
    ///
    /// # Errors
    /// When it cannot be written; then the older one is there.
    pub fn write(&self, size: u64, note: &str) -> anyhow::Result<()> {
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = std::fs::read_to_string(&self.file).ok();
        let kept = kept.and_then(|kept| Checkpoint::unsigned(&kept).ok());
        if kept.is_some_and(|kept| kept.size > size) {
            return Ok(());
        }
        self.replace(note).with_context(|| self.cannot("written"))
    }

    /// All of it or nothing of it, whenever the machine stops.
    fn replace(&self, note: &str) -> std::io::Result<()> {
        let fresh = self.file.with_extension(format!("checkpoint.{}", std::process::id()));
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        let written = file.write_all(note.as_bytes()).and_then(|()| file.sync_all());
        if let Err(error) = written.and_then(|()| std::fs::rename(&fresh, &self.file)) {
            // What is left of it says nothing.
            let _ = std::fs::remove_file(&fresh);
            return Err(error);
        }
        match self.file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
            _ => File::open(".")?.sync_all(),
        }
    }

    /// Takes what is kept away, under a name that says which it was; returns that name, if anything was kept.
    ///
    /// # Errors
    /// When it cannot be renamed.
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

/// Whether a file can be made there.
fn can_make(file: &Path) -> bool {
    let trial = file.with_extension(format!("checkpoint.try-{}", std::process::id()));
    let made = File::create_new(&trial).is_ok();
    if made {
        // It is empty, and nobody reads it.
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
    fn the_newest_checkpoint_is_kept_whole() {
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
    fn where_nothing_can_be_written_beside_the_key_the_data_directory_is_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = folder.path().join("nowhere").join("ledger");
        let data = folder.path().join("data");
        assert_eq!(Anchor::of(&key, &data).file(), data.join("ledger.checkpoint"));
        let key = folder.path().join("ledger");
        assert_eq!(Anchor::of(&key, &data).file(), folder.path().join("ledger.checkpoint"));
    }
}
