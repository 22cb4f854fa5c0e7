//! Encryption of stored secrets ([`Keyring::seal`]), and marks for secrets that are only compared ([`Marks`]).
//!
//! Texts are sealed with AES-256-GCM. Each text has its own key, derived with HKDF from a key of the file and a random
//! salt, so no key and nonce are ever used twice. Column and row are authenticated with the text: a sealed text that is
//! moved to another row or column does not open.

pub mod command;
pub mod file;
mod keyring;
mod marks;

pub use keyring::Keyring;
pub use marks::{KEY_BYTES as MARK_KEY_BYTES, Marks};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keyring::Key;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf;
use std::fmt;

/// Prefix of sealed texts, which no JSON text has.
const BEGINNING: &str = "sealed:1:";
/// Length of a salt, in bytes.
const SALT_BYTES: usize = 32;

/// The place of a sealed text.
#[derive(Debug, Clone, Copy)]
pub struct Of<'a> {
    /// Table and column, such as `runs.steps`.
    pub column: &'static str,
    pub row: &'a str,
}

/// Why a text cannot be opened or sealed. The error reveals nothing of the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    /// The database was opened without its keys.
    #[error("the key file was not read, so sealed texts cannot be opened")]
    Locked,
    #[error(
        "the text was sealed with the key {0}, which is not in the key file. Restore this key in the file"
    )]
    NoKey(String),
    /// The text is not encrypted.
    #[error(
        "the text is not sealed, so this version of the console did not write it. Restart the console, which seals \
         the texts of older versions"
    )]
    Clear,
    #[error("the sealed text was altered, truncated or moved to another place")]
    Altered,
}

/// The keys for sealing, and the marks.
#[derive(Clone)]
pub struct Secrets {
    ring: Keyring,
    marks: Marks,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").field("ring", &self.ring).finish_non_exhaustive()
    }
}

impl Secrets {
    /// Combines the keys of a file and the database's marks.
    #[must_use]
    pub fn new(ring: Keyring, marks: Marks) -> Self {
        Self { ring, marks }
    }

    /// The keys for sealing.
    #[must_use]
    pub fn ring(&self) -> &Keyring {
        &self.ring
    }

    /// The marks for values that are compared but not stored.
    #[must_use]
    pub fn marks(&self) -> &Marks {
        &self.marks
    }
}

impl Keyring {
    /// Seals a text with the first key.
    ///
    /// # Errors
    /// [`Closed::Altered`] if the text is larger than 64 GB.
    pub fn seal(&self, of: Of<'_>, text: &str) -> Result<String, Closed> {
        let salt: [u8; SALT_BYTES] = rand::random();
        let key = self.first();
        let mut sealed = text.as_bytes().to_vec();
        let once = once(key, &salt, of)?;
        let nonce = Nonce::assume_unique_for_key([0; NONCE_LEN]);
        once.seal_in_place_append_tag(nonce, Aad::from(bound(key, of)), &mut sealed)
            .map_err(|_| Closed::Altered)?;
        let bytes = [&salt[..], &sealed].concat();
        Ok(format!("{BEGINNING}{}:{}", key.id(), URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Whether a text is sealed with the first key.
    #[must_use]
    pub fn is_sealed_by_first(&self, sealed: &str) -> bool {
        let id = sealed.strip_prefix(BEGINNING).and_then(|rest| rest.split(':').next());
        id == Some(self.sealing())
    }

    /// Opens a sealed text.
    pub fn open(&self, of: Of<'_>, sealed: &str) -> Result<String, Closed> {
        let rest = sealed.strip_prefix(BEGINNING).ok_or(Closed::Clear)?;
        let (id, text) = rest.split_once(':').ok_or(Closed::Altered)?;
        let key = self.find(id).ok_or_else(|| Closed::NoKey(shown(id)))?;
        let mut bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Closed::Altered)?;
        let (salt, sealed) = bytes.split_at_mut_checked(SALT_BYTES).ok_or(Closed::Altered)?;
        let once = once(key, salt, of)?;
        let nonce = Nonce::assume_unique_for_key([0; NONCE_LEN]);
        let opened = once.open_in_place(nonce, Aad::from(bound(key, of)), sealed);
        let opened = opened.map_err(|_| Closed::Altered)?;
        String::from_utf8(opened.to_vec()).map_err(|_| Closed::Altered)
    }
}

/// Derives the key of one text.
fn once(key: &Key, salt: &[u8], of: Of<'_>) -> Result<LessSafeKey, Closed> {
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(key.bytes());
    let info = [b"understudy seals 1: ", of.column.as_bytes()];
    let key = extracted.expand(&info, &AES_256_GCM).map_err(|_| Closed::Altered)?;
    Ok(LessSafeKey::new(UnboundKey::from(key)))
}

/// The additional authenticated data. Lengths distinguish `a|bc` from `ab|c`.
fn bound(key: &Key, of: Of<'_>) -> Vec<u8> {
    let mut bound = BEGINNING.as_bytes().to_vec();
    for part in [key.id(), of.column, of.row] {
        bound.extend(part.len().to_be_bytes());
        bound.extend(part.as_bytes());
    }
    bound
}

/// A key ID from the database, reduced to safe characters.
fn shown(id: &str) -> String {
    id.chars().filter(char::is_ascii_alphanumeric).take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: Of<'_> = Of { column: "runs.steps", row: "one" };

    #[test]
    fn a_text_opens_only_where_it_was_sealed() {
        let ring = Keyring::random();
        let sealed = ring.seal(STEPS, "[\"geheim\"]").expect("sealed");
        assert!(!sealed.contains("geheim"));
        assert_eq!(ring.open(STEPS, &sealed).as_deref(), Ok("[\"geheim\"]"));
        assert_ne!(ring.seal(STEPS, "[\"geheim\"]").expect("sealed"), sealed, "salted");
        for other in [
            Of { row: "two", ..STEPS },
            Of { column: "changes.wish", ..STEPS },
            Of { column: "runs.step", row: "sone" },
        ] {
            assert_eq!(ring.open(other, &sealed), Err(Closed::Altered), "{other:?}");
        }
        let strange = Keyring::random();
        let Err(Closed::NoKey(id)) = strange.open(STEPS, &sealed) else { panic!("it opens") };
        assert_eq!(id, ring.first().id());
    }

    #[test]
    fn every_changed_byte_is_detected() {
        let ring = Keyring::random();
        let sealed = ring.seal(STEPS, "").expect("sealed");
        assert_eq!(ring.open(STEPS, &sealed).as_deref(), Ok(""));
        for at in 0..sealed.len() {
            let mut other = sealed.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).expect("ASCII");
            assert!(ring.open(STEPS, &other).is_err(), "{at}");
            assert!(ring.open(STEPS, &sealed[..at]).is_err(), "{at}");
        }
        assert_eq!(ring.open(STEPS, "[]"), Err(Closed::Clear));
    }

    #[test]
    fn the_first_key_seals_and_all_open() {
        let (old, new) = (Keyring::random(), Keyring::random());
        let sealed = old.seal(STEPS, "[1]").expect("sealed");
        let both = Keyring::parse(&format!("{}{}", new.text(), old.text())).expect("keys");
        assert_eq!(both.open(STEPS, &sealed).as_deref(), Ok("[1]"));
        let again = both.seal(STEPS, "[2]").expect("sealed");
        assert_eq!(new.open(STEPS, &again).as_deref(), Ok("[2]"));
        assert!(matches!(old.open(STEPS, &again), Err(Closed::NoKey(_))));
    }
}
