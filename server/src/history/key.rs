//! The key that signs checkpoints: in the data directory, made at the first start, or where the
//! configuration says.

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

/// Reads the key, and makes one for the ledger `name` when there is none.
///
/// # Errors
/// When the file cannot be read or written, or holds no key.
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
/// When the file cannot be read or holds no key.
pub fn read(file: &Path) -> anyhow::Result<Signer> {
    let text = std::fs::read_to_string(file).with_context(|| cannot(file, "read"))?;
    parse(&text, file)
}

fn parse(text: &str, file: &Path) -> anyhow::Result<Signer> {
    Signer::parse(text).with_context(|| format!("the ledger's key {} is none", file.display()))
}

fn make(file: &Path, name: &str, anchor: &Anchor) -> anyhow::Result<Signer> {
    let seed: [u8; 32] = rand::random();
    let signer = Signer::from_seed(name, &seed)?;
    if !anchor.file().exists() {
        // A new key may begin with an empty ledger; an older one may not. Before the key, so that a crash in
        // between leaves nothing that a start would refuse.
        let origin = signer.verifier().name().to_owned();
        let nothing = Checkpoint { origin, size: 0, root: Hash::EMPTY };
        anchor.write(0, &nothing.sign(&signer)?)?;
    }
    // Only for the console's own eyes, from the first moment on; never over a key that is there.
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let mut opened = opened.with_context(|| cannot(file, "written"))?;
    let written = writeln!(opened, "{}", signer.secret()).and_then(|()| opened.sync_all());
    written.with_context(|| cannot(file, "written"))?;
    tracing::info!(key = %signer.verifier(), "made the ledger's key");
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
    fn a_key_is_made_once_and_only_for_us() {
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
