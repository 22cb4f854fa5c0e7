//! The keys that sign and verify checkpoints, in the format of C2SP signed notes: `name+12ab34cd+base64` for verifiers,
//! `PRIVATE+KEY+…` for the signer.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use ed25519_dalek::SigningKey;
use signed_note::{StandardSigner, StandardVerifier};
use std::fmt;

/// Maximum length of a key's name in characters.
const NAME_MAX: usize = 200;
/// The algorithm's byte in front of a key: Ed25519 (C2SP signed-note).
const ED25519: u8 = 1;

/// Why a key is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error(
        "“{0}” cannot name a ledger: use 1 to {NAME_MAX} characters without spaces and plus signs"
    )]
    Name(String),
    #[error(
        "this is not a verifier key: one looks like “name+12ab34cd+…”, as “understudy ledger key” prints it"
    )]
    Verifier,
    #[error("this is not a signing key of the ledger: one begins with “PRIVATE+KEY+”")]
    Signer,
}

/// The signing key. Never printed.
#[derive(Clone)]
pub struct Signer {
    pub(crate) signer: StandardSigner,
    secret: String,
    verifier: VerifierKey,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("verifier", &self.verifier).finish_non_exhaustive()
    }
}

impl Signer {
    /// Makes a key for the ledger `name` from 32 random bytes.
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        if name.chars().count() > NAME_MAX || !signed_note::is_key_name_valid(name) {
            return Err(KeyError::Name(name.chars().take(40).collect()));
        }
        let public = SigningKey::from_bytes(seed).verifying_key().to_bytes();
        let id = signed_note::key_id(name, &[[ED25519].as_slice(), &public].concat());
        let key = BASE64_STANDARD.encode([[ED25519].as_slice(), seed].concat());
        Self::parse(&format!("PRIVATE+KEY+{name}+{id:08x}+{key}"))
    }

    /// Reads a key that [`Signer::secret`] returned.
    ///
    /// # Errors
    /// [`KeyError::Signer`]; the text is not part of the error.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let secret = text.trim().to_owned();
        let signer = StandardSigner::new(&secret).map_err(|_| KeyError::Signer)?;
        let verifier = public_half(&secret).ok_or(KeyError::Signer)?;
        Ok(Self { signer, secret, verifier })
    }

    /// The key as text, for a file that only the console can read.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }
}

/// Derives the public half, which `signed_note` does not expose.
fn public_half(secret: &str) -> Option<VerifierKey> {
    let mut parts = secret.strip_prefix("PRIVATE+KEY+")?.splitn(3, '+');
    let (name, _, key) = (parts.next()?, parts.next()?, parts.next()?);
    let key = BASE64_STANDARD.decode(key).ok()?;
    let seed: [u8; 32] = key.get(1..)?.try_into().ok()?;
    let public = SigningKey::from_bytes(&seed).verifying_key();
    VerifierKey::parse(&signed_note::new_ed25519_verifier_key(name, &public)).ok()
}

/// The public key that verifies a checkpoint's signature.
#[derive(Clone)]
pub struct VerifierKey {
    pub(crate) verifier: StandardVerifier,
    text: String,
}

impl VerifierKey {
    /// Reads a key in exactly the form of its `Display`.
    ///
    /// # Errors
    /// [`KeyError::Verifier`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let verifier = StandardVerifier::new(text).map_err(|_| KeyError::Verifier)?;
        // Upper-case digits would mean the same id, but only one form is accepted.
        let id = text.split('+').nth(1).unwrap_or_default();
        if id.bytes().any(|digit| digit.is_ascii_uppercase()) {
            return Err(KeyError::Verifier);
        }
        Ok(Self { verifier, text: text.to_owned() })
    }

    /// The ledger's name, which is also the origin of its checkpoints.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text.split('+').next().unwrap_or_default()
    }

    /// Name and id: `understudy.example.org+12ab34cd`.
    #[must_use]
    pub fn short(&self) -> &str {
        // Base64 may contain plus signs, so the key begins after the second one.
        let end = self.text.match_indices('+').nth(1).map_or(self.text.len(), |(at, _)| at);
        &self.text[..end]
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for VerifierKey {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for VerifierKey {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written() {
        let signer = Signer::from_seed("understudy.example.org", &[7; 32]).expect("a key");
        let again = Signer::parse(&format!("{}\n", signer.secret())).expect("the same key");
        assert_eq!(again.verifier(), signer.verifier());
        assert_eq!(again.verifier().name(), "understudy.example.org");
        let text = signer.verifier().to_string();
        assert_eq!(VerifierKey::parse(&text).expect("a key"), *signer.verifier());
        assert!(!format!("{signer:?}").contains("PRIVATE"), "{signer:?}");
    }

    #[test]
    fn invalid_keys_are_refused() {
        let bad = |name| Signer::from_seed(name, &[7; 32]).expect_err("refused");
        assert_eq!(bad("with space"), KeyError::Name("with space".to_owned()));
        assert_eq!(bad(""), KeyError::Name(String::new()));
        let good = Signer::from_seed("a", &[7; 32]).expect("a key").verifier().to_string();
        for text in ["", "a", "a+b+c", &good.to_uppercase(), &format!("{good} "), &good[1..]] {
            assert_eq!(VerifierKey::parse(text), Err(KeyError::Verifier), "{text}");
        }
        assert!(Signer::parse(&good).is_err());
    }
}
