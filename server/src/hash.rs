//! How the console hashes what people sign and compare: SHA-256 over canonical JSON (RFC 8785), so that who
//! hashes it again with other tools comes to the same.

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// SHA-256, in lower-case hexadecimal.
#[must_use]
pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    let mut hash = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        write!(hash, "{byte:02x}").expect("writing to a text cannot fail");
    }
    hash
}

/// A value as canonical JSON. Its maps have text keys, and its numbers are finite.
#[must_use]
pub fn canonical(value: &impl Serialize) -> String {
    let bytes = serde_json_canonicalizer::to_vec(value)
        .expect("these types have text keys and finite numbers only");
    String::from_utf8(bytes).expect("JSON is UTF-8")
}
