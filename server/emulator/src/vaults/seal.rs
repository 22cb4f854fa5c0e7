//! Encrypts values of secrets before they become part of the state: AES-256-GCM with a key of its own.
//!
//! The key lies beside the state, readable by its owner only. So a copy of `state.json` gives nothing away, but a copy of the
//! whole folder does.

use std::path::Path;

use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

const KEY_BYTES: usize = 32;

/// Encrypts and decrypts.
pub struct Sealer {
    key: LessSafeKey,
    random: SystemRandom,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer")
    }
}

impl Sealer {
    /// With the key in `dir`, which is created if it does not exist. Without a folder, the key is lost at the end.
    ///
    /// # Errors
    /// The key cannot be read or written, or is not a key.
    pub fn open(dir: Option<&Path>) -> anyhow::Result<Self> {
        let random = SystemRandom::new();
        let bytes = match dir {
            None => fresh(&random)?,
            Some(dir) => {
                let file = dir.join("vault.key");
                match std::fs::read_to_string(&file) {
                    Ok(text) => hex::decode(text.trim())
                        .with_context(|| format!("{} is not a key", file.display()))?,
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                        let bytes = fresh(&random)?;
                        write(&file, hex::encode(&bytes).as_bytes())
                            .with_context(|| format!("{} cannot be written", file.display()))?;
                        bytes
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        };
        let Ok(key) = UnboundKey::new(&AES_256_GCM, &bytes) else {
            bail!("the key of the secrets must have {KEY_BYTES} bytes");
        };
        Ok(Self { key: LessSafeKey::new(key), random })
    }

    /// Encrypts a value. Only the same `place` decrypts it, so that it cannot be moved to another secret. `None` if the
    /// machine has no random numbers.
    pub fn seal(&self, place: &str, value: &str) -> Option<String> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).ok()?;
        let mut bytes = value.as_bytes().to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        self.key.seal_in_place_append_tag(unique, Aad::from(place), &mut bytes).ok()?;
        Some(STANDARD.encode([nonce.as_slice(), &bytes].concat()))
    }

    /// Decrypts a value; `None` if it was sealed with another key or for another place.
    pub fn open_sealed(&self, place: &str, sealed: &str) -> Option<String> {
        let bytes = STANDARD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let opened = self.key.open_in_place(nonce, Aad::from(place), &mut sealed).ok()?;
        String::from_utf8(opened.to_vec()).ok()
    }
}

fn fresh(random: &SystemRandom) -> anyhow::Result<Vec<u8>> {
    let mut bytes = vec![0; KEY_BYTES];
    if random.fill(&mut bytes).is_err() {
        bail!("this machine has no random numbers");
    }
    Ok(bytes)
}

/// Creates a file that only its owner can read.
fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut out = std::fs::File::options().write(true).create_new(true).mode(0o600).open(file)?;
    out.write_all(bytes)?;
    out.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_back_only_in_its_place_and_with_its_key() {
        let dir = tempfile::tempdir().expect("a folder");
        let sealer = Sealer::open(Some(dir.path())).expect("a key");
        let sealed = sealer.seal("kv/a/1", "hunter2").expect("random numbers");
        assert!(!sealed.contains("hunter2"));
        assert_ne!(sealer.seal("kv/a/1", "hunter2"), Some(sealed.clone()));
        assert_eq!(sealer.open_sealed("kv/b/1", &sealed), None);
        let again = Sealer::open(Some(dir.path())).expect("the same key");
        assert_eq!(again.open_sealed("kv/a/1", &sealed).as_deref(), Some("hunter2"));
        let other = Sealer::open(None).expect("another key");
        assert_eq!(other.open_sealed("kv/a/1", &sealed), None);
        assert_eq!(sealer.open_sealed("kv/a/1", "AAAA"), None);
    }

    #[test]
    fn only_the_owner_can_read_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a folder");
        Sealer::open(Some(dir.path())).expect("a key");
        let about = std::fs::metadata(dir.path().join("vault.key")).expect("a file");
        assert_eq!(about.permissions().mode() & 0o777, 0o600);
        std::fs::write(dir.path().join("vault.key"), "abcd").expect("a file");
        assert!(Sealer::open(Some(dir.path())).is_err(), "a key that is too short");
    }
}
