//! The keys of a key file: one per line. The first one seals, all can open.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// Prefix of a key's line.
const BEGINNING: &str = "understudy-secrets-key-1:";
/// Length of a key, in bytes.
const KEY_BYTES: usize = 32;
/// Length of a key's ID, in hexadecimal digits.
const ID_DIGITS: usize = 8;
/// Most keys in a file.
const KEYS_MAX: usize = 20;

/// A key and its ID.
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

    /// Eight digits that identify the key and reveal nothing about it.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// One or more keys.
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
    /// A keyring with one new key.
    #[must_use]
    pub fn random() -> Self {
        Self { first: Key::new(rand::random()), others: Vec::new() }
    }

    /// Parses a key file. Ignores blank lines and lines that start with `#`.
    ///
    /// # Errors
    /// With the number of the invalid line, but not its content.
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
                format!("line {number} is not a key. Keys start with {BEGINNING} and have {KEY_BYTES} bytes")
            })?;
            if keys.iter().any(|known| known.id == key.id) {
                return Err(format!(
                    "line {number} repeats the key {}. Remove one of them",
                    key.id
                ));
            }
            keys.push(key);
        }
        if keys.len() > KEYS_MAX {
            return Err(format!("there are {} keys; the limit is {KEYS_MAX}", keys.len()));
        }
        let mut keys = keys.into_iter();
        let first = keys.next().ok_or("there is no key in the file")?;
        Ok(Self { first, others: keys.collect() })
    }

    /// The text of a key file.
    #[must_use]
    pub fn text(&self) -> String {
        let line = |key: &Key| format!("{BEGINNING}{}\n", STANDARD.encode(key.bytes));
        self.all().map(line).collect()
    }

    /// The key that seals.
    pub(super) fn first(&self) -> &Key {
        &self.first
    }

    /// The ID of the key that seals.
    #[must_use]
    pub fn sealing(&self) -> &str {
        &self.first.id
    }

    /// The IDs of all keys.
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
    fn errors_name_the_line_and_never_quote_it() {
        let key = Keyring::random().text();
        for (text, part) in [
            ("", "no key"),
            ("# only words", "no key"),
            ("geheim", "line 1"),
            (&format!("{key}\n{}", &key[..key.len() - 8]), "line 3"),
            (&format!("{key}{key}"), "repeats"),
            (&(0..21).map(|_| Keyring::random().text()).collect::<String>(), "21 keys"),
        ] {
            let error = Keyring::parse(text).expect_err(part);
            assert!(error.contains(part) && !error.contains("geheim"), "{error}");
        }
    }
}
