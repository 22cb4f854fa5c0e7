//! The console names changes and runs by UUIDs; only what looks like one becomes part of an address.

/// Characters of a UUID as it is usually spelled.
const CHARS: usize = 36;

/// Whether a text can be such a name.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == CHARS && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}
