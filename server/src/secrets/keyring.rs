//! The keys of a key file, as text: one a line, the first seals, all open.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// How a key's line begins.
const BEGINNING: &str = "understudy-secrets-key-1:";
/// Bytes of a key.
const KEY_BYTES: usize = 32;
/// Digits of a key's id.
const ID_DIGITS: usize = 8;
/// Most keys of a file.
const KEYS_MAX: usize = 20;

/// One key.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Key {
    id: String,
    bytes: [u8; KEY_BYTES],
}

impl Key {
    fn new(bytes: [u8; KEY_BYTES]) -> Self {
        let id = crate::hash::sha256([&b"understudy secrets key id 1: "[..], &bytes].concat());
        Self { id: id.get(..ID_DIGITS).unwrap_or(&id).to_owned(), bytes }
    }

    /// By which it is named: eight digits that tell nothing of it.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Keys, at least one.
#[derive(Clone, PartialEq, Eq)]
pub struct Keyring {
    first: Key,
    others: Vec<Key>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

impl Keyring {
    /// One new key.
    #[must_use]
    pub fn random() -> Self {
        Self { first: Key::new(rand::random()), others: Vec::new() }
    }

    /// Reads a file's text. Blank lines and lines that begin with `#` are no keys.
    ///
    /// # Errors
    /// With the line that is wrong; nothing of what stands there is repeated.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut keys: Vec<Key> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let bytes = line.strip_prefix(BEGINNING).and_then(|text| STANDARD.decode(text).ok());
            let key = bytes.and_then(|bytes| bytes.try_into().ok()).map(Key::new);
            let key = key.ok_or_else(|| {
                format!("line {number} is no key: keys begin with {BEGINNING} and have {KEY_BYTES} bytes")
            })?;
            if keys.iter().any(|known| known.id == key.id) {
                return Err(format!("line {number} has the key {} again. Keep one", key.id));
            }
            keys.push(key);
        }
        if keys.len() > KEYS_MAX {
            return Err(format!("it has {} keys; {KEYS_MAX} are the most", keys.len()));
        }
        let mut keys = keys.into_iter();
        let first = keys.next().ok_or("there is no key in it")?;
        Ok(Self { first, others: keys.collect() })
    }

    /// As a file has it.
    #[must_use]
    pub fn text(&self) -> String {
        let line = |key: &Key| format!("{BEGINNING}{}\n", STANDARD.encode(key.bytes));
        self.all().map(line).collect()
    }

    /// The one that seals.
    pub(super) fn first(&self) -> &Key {
        &self.first
    }

    /// The id of the one that seals.
    #[must_use]
    pub fn sealing(&self) -> &str {
        &self.first.id
    }

    /// The ids of all.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.all().map(Key::id)
    }

    pub(super) fn find(&self, id: &str) -> Option<&Key> {
        self.all().find(|key| key.id == id)
    }

    fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        let (one, two) = (Keyring::random(), Keyring::random());
        let both = format!("# the new one\r\n{}\n  {}", one.text(), two.text());
        let both = Keyring::parse(&both).expect("keys");
        let ids: Vec<_> = both.ids().collect();
        assert_eq!(ids, [one.sealing(), two.sealing()]);
        assert_eq!(Keyring::parse(&both.text()), Ok(both.clone()));
        assert!(!format!("{both:?}").contains(one.text()[BEGINNING.len()..].trim()), "{both:?}");
    }

    #[test]
    fn what_is_no_key_is_told_and_not_repeated() {
        let key = Keyring::random().text();
        for (text, part) in [
            ("", "no key"),
            ("# only words", "no key"),
            ("geheim", "line 1"),
            (&format!("{key}\n{}", &key[..key.len() - 8]), "line 3"),
            (&format!("{key}{key}"), "again"),
            (&(0..21).map(|_| Keyring::random().text()).collect::<String>(), "21 keys"),
        ] {
            let error = Keyring::parse(text).expect_err(part);
            assert!(error.contains(part) && !error.contains("geheim"), "{error}");
        }
    }
}
