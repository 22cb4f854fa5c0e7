//! A region of Azure. It comes from an answer and becomes part of a path.

use super::error::Error;
use std::fmt;

/// Longest name, in characters; Azure's have some 20.
const CHARS_MAX: usize = 64;

/// A region, as ARM writes it: `westeurope`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Region(String);

impl Region {
    /// Reads what an answer calls a location. `West Europe` is the same to ARM.
    ///
    /// # Errors
    /// [`Error::Garbled`] when it is anything but small letters and digits.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let name = text.replace(' ', "").to_ascii_lowercase();
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if (1..=CHARS_MAX).contains(&name.len()) && name.bytes().all(is_plain) {
            Ok(Self(name))
        } else {
            Err(Error::garbled(
                "a location that is no region: it has other signs than letters and digits",
            ))
        }
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_letters_and_digits() {
        for (text, expected) in
            [("westeurope", "westeurope"), ("West Europe", "westeurope"), ("eastus2", "eastus2")]
        {
            assert_eq!(Region::parse(text).expect(text).as_str(), expected);
        }
        let long = "x".repeat(65);
        for text in ["", " ", "../x", "west/europe", "west%2feurope", "a?b", "a#b", "wést", &long]
        {
            assert!(Region::parse(text).is_err(), "{text}");
        }
    }
}
