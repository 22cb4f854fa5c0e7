//! Changes, runs and evidence have random UUIDs as ids. Only valid UUIDs become part of a URL.

/// Characters of a UUID.
const CHARS: usize = 36;

/// Whether a text is a UUID: lower-case hexadecimal with four hyphens (RFC 9562).
pub(super) fn is_uuid(text: &str) -> bool {
    let legal = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
    };
    text.len() == CHARS && text.bytes().enumerate().all(legal)
}

/// Declares a type of id. `$unknown` is the message for a text that is no id.
macro_rules! uuid_id {
    ($(#[$doc:meta])* $type:ident, $unknown:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $type(pub String);

        impl ::std::str::FromStr for $type {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                match $crate::uuid::is_uuid(text) {
                    true => Ok(Self(text.to_owned())),
                    false => Err($unknown.to_owned()),
                }
            }
        }

        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

pub(super) use uuid_id;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uuids_are_ids() {
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
