//! The key that signs checkpoints. It is generated at the first start, in the data directory or at the configured path.

use super::anchor::Anchor;
use anyhow::Context as _;
use ledger::checkpoint::Checkpoint;
use ledger::key::Signer;
use ledger::tree::Hash;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The key's file in a data directory.
#[must_use]
pub fn file_in(data: &Path) -> PathBuf {
    data.join("ledger.key")
}

/// Reads the key, or generates one for the ledger `name`.
///
/// # Errors
/// When the file cannot be read or written, or is not a key.
pub fn read_or_make(file: &Path, name: &str, anchor: &Anchor) -> anyhow::Result<Signer> {
    match std::fs::read_to_string(file) {
        Ok(text) => parse(&text, file),
        Err(error) if error.kind() == ErrorKind::NotFound => make(file, name, anchor),
        Err(error) => Err(error).with_context(|| cannot(file, "read")),
    }
}

/// Reads the key.
///
/// # Errors
/// When the file cannot be read or is not a key.
pub fn read(file: &Path) -> anyhow::Result<Signer> {
    let text = std::fs::read_to_string(file).with_context(|| cannot(file, "read"))?;
    parse(&text, file)
}

fn parse(text: &str, file: &Path) -> anyhow::Result<Signer> {
    Signer::parse(text).with_context(|| format!("the ledger's key {} is invalid", file.display()))
}

fn make(file: &Path, name: &str, anchor: &Anchor) -> anyhow::Result<Signer> {
    let seed: [u8; 32] = rand::random();
    let signer = Signer::from_seed(name, &seed)?;
    if !anchor.file().exists() {
        // Only a new key may start with an empty ledger. The checkpoint is written before the key, so that the
        // next start works after a crash in between.
        let origin = signer.verifier().name().to_owned();
        let nothing = Checkpoint { origin, size: 0, root: Hash::EMPTY };
        anchor.write(0, &nothing.sign(&signer)?)?;
    }
    // Readable only by the console from the start, and never replaces an existing key.
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let mut opened = opened.with_context(|| cannot(file, "written"))?;
    let written = writeln!(opened, "{}", signer.secret()).and_then(|()| opened.sync_all());
    written.with_context(|| cannot(file, "written"))?;
    tracing::info!(key = %signer.verifier(), "generated the ledger's key");
    Ok(signer)
}

fn cannot(file: &Path, what: &str) -> String {
    format!("the ledger's key {} cannot be {what}", file.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_can_read_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = file_in(folder.path());
        let anchor = Anchor::of(&file, folder.path());
        let made = read_or_make(&file, "example.org", &anchor).expect("a key");
        let kept = anchor.read(made.verifier()).expect("it is read").expect("it is there");
        assert_eq!(kept.checkpoint.size, 0, "the ledger of a new key may be empty");
        let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let again = read_or_make(&file, "other.org", &anchor).expect("the same key");
        assert_eq!(again.verifier(), made.verifier());
        std::fs::write(&file, "nonsense").expect("written");
        let refused =
            format!("{:#}", read_or_make(&file, "example.org", &anchor).expect_err("refused"));
        assert!(refused.contains("begins with"), "{refused}");
        assert!(!refused.contains("nonsense"), "{refused}");
    }
}
