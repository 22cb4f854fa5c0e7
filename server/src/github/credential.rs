//! The console's identity at GitHub: a token that may read the repository's contents.

use secrecy::{ExposeSecret as _, SecretString};

/// A personal access token or an installation token. Never printed.
#[derive(Debug, Clone)]
pub struct Token(SecretString);

/// The text is not a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the token is empty or contains white space. Provide only the token, on one line")]
pub struct TokenError;

impl Token {
    /// Reads a token from the content of a file or variable, and removes surrounding white space.
    ///
    /// # Errors
    /// If the text is not a token. The error does not contain the text.
    pub fn new(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_plain { Ok(Self(text.into())) } else { Err(TokenError) }
    }

    /// Only for the request's header.
    pub(super) fn secret(&self) -> &str {
        self.0.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_printed() {
        let token = Token::new(" ghp_secret\n").expect("a token");
        assert_eq!(token.secret(), "ghp_secret");
        assert!(!format!("{token:?}").contains("ghp_"));
        for text in ["", " \n", "two words", "ghp_a\nghp_b"] {
            assert_eq!(Token::new(text).err(), Some(TokenError), "{text:?}");
        }
    }
}
