//! Hashes of what people approve and compare: SHA-256 over canonical JSON (RFC 8785), so that other tools compute the
//! same hash.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// SHA-256, in lower-case hexadecimal.
#[must_use]
pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A value as canonical JSON.
///
/// # Panics
/// If a map's keys are not texts or a number is not finite.
#[must_use]
pub fn canonical(value: &impl Serialize) -> String {
    let bytes = serde_json_canonicalizer::to_vec(value)
        .expect("these types have text keys and finite numbers only");
    String::from_utf8(bytes).expect("JSON is UTF-8")
}
