//! The console names changes, runs and evidence by random UUIDs; only what looks like one becomes part of an
//! address.

/// Characters of a UUID.
const CHARS: usize = 36;

/// Whether a text is such a name: lower-case hexadecimal with four hyphens (RFC 9562).
pub(super) fn is_uuid(text: &str) -> bool {
    let legal = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
    };
    text.len() == CHARS && text.bytes().enumerate().all(legal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uuids_are_names() {
        assert!(is_uuid("6f2c1b6a-0c1d-4e7f-9a3b-0123456789ab"));
        for wrong in [
            "",
            "6f2c1b6a-0c1d-4e7f-9a3b-0123456789a",
            "6F2C1B6A-0C1D-4E7F-9A3B-0123456789AB",
            "6f2c1b6a00c1d04e7f09a3b00123456789ab",
            "../2c1b6a-0c1d-4e7f-9a3b-0123456789a",
            "------------------------------------",
            "6f2c1b6a-0c1d-4e7f-9a3b-0123456789é",
        ] {
            assert!(!is_uuid(wrong), "{wrong}");
        }
    }
}
