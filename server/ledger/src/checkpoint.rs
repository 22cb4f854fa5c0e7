//! Checkpoints: the tree's size and root (C2SP tlog-checkpoint), signed (C2SP signed-note).

use crate::key::{Signer, VerifierKey};
use crate::tree::Hash;
use signed_note::{Note, NoteError, VerifierList};
use tlog_tiles::checkpoint::Checkpoint as Text;

/// Maximum length of a checkpoint in bytes: three lines, and signatures of many witnesses.
pub const NOTE_BYTES_MAX: usize = 64 * 1024;

/// The content of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    pub origin: String,
    pub size: u64,
    pub root: Hash,
}

/// Why a checkpoint is invalid.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    #[error("the checkpoint cannot be read: it is not a signed note with origin, size and root")]
    Unreadable,
    /// None of the trusted keys has signed the checkpoint.
    #[error("the checkpoint is not signed by {0}")]
    Unknown(String),
    /// The checkpoint names a trusted key, but the signature is not from that key.
    #[error(
        "the checkpoint’s signature is wrong: it was not made by {0}, or the checkpoint was changed"
    )]
    Signature(String),
    #[error("the checkpoint belongs to the ledger “{found}”, not to “{expected}”")]
    Origin { found: String, expected: String },
    #[error("the checkpoint cannot be signed")]
    Unsigned,
}

impl Checkpoint {
    /// The checkpoint as a signed note. The same checkpoint and key give the same bytes: Ed25519
    /// signatures are deterministic.
    ///
    /// # Errors
    /// [`CheckpointError::Unsigned`].
    pub fn sign(&self, signer: &Signer) -> Result<String, CheckpointError> {
        let text = Text::new(&self.origin, self.size, self.root.into(), "");
        let text = text.map_err(|_| CheckpointError::Unsigned)?.to_bytes();
        let mut note = Note::new(&text, &[]).map_err(|_| CheckpointError::Unsigned)?;
        note.add_sigs(&[&signer.signer]).map_err(|_| CheckpointError::Unsigned)?;
        String::from_utf8(note.to_bytes()).map_err(|_| CheckpointError::Unsigned)
    }

    /// Reads a signed note without verifying its signatures, for a note that is trusted because of where it was
    /// kept.
    ///
    /// # Errors
    /// [`CheckpointError::Unreadable`].
    pub fn unsigned(note: &str) -> Result<Self, CheckpointError> {
        let text = parsed(note)?.1;
        let (origin, size) = (text.origin().to_owned(), text.size());
        Ok(Self { origin, size, root: (*text.hash()).into() })
    }

    /// Reads a signed note and verifies that one of `keys` has signed it. It may have further signatures, for
    /// example of witnesses.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn open(note: &str, keys: &[VerifierKey]) -> Result<(Self, VerifierKey), CheckpointError> {
        let (read, text) = parsed(note)?;
        let known = keys.iter().map(|key| Box::new(key.verifier.clone()) as Box<_>).collect();
        let (believed, _) =
            read.verify(&VerifierList::new(known)).map_err(|error| refused(&error, keys))?;
        let signed_by = |key: &&VerifierKey| {
            believed.iter().any(|by| key.short() == format!("{}+{:08x}", by.name(), by.id()))
        };
        let key = keys.iter().find(signed_by).ok_or(CheckpointError::Unreadable)?;
        if text.origin() != key.name() {
            let (found, expected) = (text.origin().to_owned(), key.name().to_owned());
            return Err(CheckpointError::Origin { found, expected });
        }
        let (origin, size) = (text.origin().to_owned(), text.size());
        Ok((Self { origin, size, root: (*text.hash()).into() }, key.clone()))
    }
}

/// The note and its text.
fn parsed(note: &str) -> Result<(Note, Text), CheckpointError> {
    if note.len() > NOTE_BYTES_MAX {
        return Err(CheckpointError::Unreadable);
    }
    let read = Note::from_bytes(note.as_bytes()).map_err(|_| CheckpointError::Unreadable)?;
    let text = Text::from_bytes(read.text()).map_err(|_| CheckpointError::Unreadable)?;
    // Only the canonical form is valid.
    if read.to_bytes() != note.as_bytes() || text.to_bytes() != read.text() {
        return Err(CheckpointError::Unreadable);
    }
    Ok((read, text))
}

fn refused(error: &NoteError, keys: &[VerifierKey]) -> CheckpointError {
    match error {
        NoteError::InvalidSignature { name, id } => {
            CheckpointError::Signature(format!("{name}+{id:08x}"))
        }
        NoteError::UnverifiedNote => {
            let keys: Vec<_> = keys.iter().map(VerifierKey::short).collect();
            CheckpointError::Unknown(keys.join(" or "))
        }
        _ => CheckpointError::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(name: &str, seed: u8) -> Signer {
        Signer::from_seed(name, &[seed; 32]).expect("a key")
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint { origin: "example.org".to_owned(), size: 3, root: Hash::EMPTY }
    }

    #[test]
    fn a_checkpoint_has_the_published_form() {
        let ours = signer("example.org", 1);
        let note = checkpoint().sign(&ours).expect("a note");
        let lines: Vec<_> = note.lines().collect();
        let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(lines[..4], ["example.org", "3", root, ""]);
        assert!(lines[4].starts_with("— example.org "), "{note}");
        assert_eq!(note, checkpoint().sign(&ours).expect("the same"));
        let (read, by) = Checkpoint::open(&note, &[ours.verifier().clone()]).expect("it holds");
        assert_eq!((read, &by), (checkpoint(), ours.verifier()));
    }

    #[test]
    fn a_checkpoint_without_a_trusted_signature_is_refused() {
        let (ours, other) = (signer("example.org", 1), signer("example.org", 2));
        let note = checkpoint().sign(&ours).expect("a note");
        let open = |note: &str, by: &Signer| Checkpoint::open(note, &[by.verifier().clone()]);
        assert!(matches!(open(&note, &other), Err(CheckpointError::Unknown(_))));
        let grown = note.replacen("\n3\n", "\n4\n", 1);
        assert!(matches!(open(&grown, &ours), Err(CheckpointError::Signature(_))));
        for text in [note.trim_end(), &note.replacen("\n3\n", "\n03\n", 1), ""] {
            assert!(open(text, &ours).is_err(), "{text}");
            assert!(Checkpoint::unsigned(text).is_err(), "{text}");
        }
        assert_eq!(Checkpoint::unsigned(&note).expect("it is read"), checkpoint());
        let stranger = signer("elsewhere.org", 1);
        let foreign = checkpoint().sign(&stranger).expect("a note");
        assert!(matches!(open(&foreign, &stranger), Err(CheckpointError::Origin { .. })));
    }
}
