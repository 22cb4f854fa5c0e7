//! An Azure region. Its name comes from a response and becomes part of a path, so it is validated.

use super::error::Error;
use std::fmt;

/// Longest name, in characters; Azure's have about 20.
const CHARS_MAX: usize = 64;

/// A region in ARM's spelling: `westeurope`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Region(String);

impl Region {
    /// Reads a location. ARM treats `West Europe` as `westeurope`.
    ///
    /// # Errors
    /// [`Error::Garbled`] if the name contains other characters than letters, digits and spaces.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let name = text.replace(' ', "").to_ascii_lowercase();
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if (1..=CHARS_MAX).contains(&name.len()) && name.bytes().all(is_plain) {
            Ok(Self(name))
        } else {
            Err(Error::garbled(
                "a location that is not a region: its name must consist of letters and digits",
            ))
        }
    }

    /// The name.
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
