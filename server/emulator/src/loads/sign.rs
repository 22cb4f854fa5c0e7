//! Signatures of URLs that need no token, as shared access signatures of Azure Storage. They end with the emulator.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac::{HMAC_SHA256, Key, sign, verify};
use ring::rand::SystemRandom;

/// Signs paths of files.
#[derive(Debug)]
pub struct Signer(Key);

impl Signer {
    /// With a new key.
    ///
    /// # Errors
    /// The machine has no random numbers.
    pub fn new() -> anyhow::Result<Self> {
        let key = Key::generate(HMAC_SHA256, &SystemRandom::new());
        Ok(Self(key.map_err(|_| anyhow::anyhow!("this machine has no random numbers"))?))
    }

    fn text(path: &str, ends: i64) -> String {
        format!("{path}\n{ends}")
    }

    /// The query of a URL that is valid until `ends` (Unix seconds).
    pub fn query(&self, path: &str, ends: i64) -> String {
        let tag = sign(&self.0, Self::text(path, ends).as_bytes());
        format!("se={ends}&sr=b&sp=r&sig={}", URL_SAFE_NO_PAD.encode(tag))
    }

    /// Whether a URL is valid at `now`.
    pub fn is_valid(&self, path: &str, ends: &str, signature: &str, now: i64) -> bool {
        let Ok(ends) = ends.parse::<i64>() else { return false };
        let Ok(tag) = URL_SAFE_NO_PAD.decode(signature) else { return false };
        now < ends && verify(&self.0, Self::text(path, ends).as_bytes(), &tag).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_for_one_path_and_ends() {
        let signer = Signer::new().expect("random numbers");
        let query = signer.query("a/b", 100);
        let signature = query.rsplit_once("sig=").expect("a signature").1;
        assert!(signer.is_valid("a/b", "100", signature, 99));
        assert!(!signer.is_valid("a/b", "100", signature, 100), "it has ended");
        assert!(!signer.is_valid("a/b", "101", signature, 99), "another end");
        assert!(!signer.is_valid("a/c", "100", signature, 99), "another path");
        assert!(!signer.is_valid("a/b", "100", "", 99));
        assert!(!Signer::new().expect("a key").is_valid("a/b", "100", signature, 99));
    }
}
