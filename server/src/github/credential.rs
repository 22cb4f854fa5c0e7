//! Who the console is to GitHub: a token that can read the repository's contents.

use std::fmt;

/// A personal access token or an installation's token. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// Why a text is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the token is empty or has white space inside. Put the token alone, on one line")]
pub struct TokenError;

impl Token {
    /// Takes a token as a file or a variable has it; white space around it is dropped.
    ///
    /// # Errors
    /// When it cannot be one; the text is not repeated.
    pub fn new(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_plain { Ok(Self(text.to_owned())) } else { Err(TokenError) }
    }

    /// For the header, and nothing else.
    pub(super) fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_printed() {
        let token = Token::new(" ghp_secret\n").expect("a token");
        assert_eq!(token.secret(), "ghp_secret");
        assert!(!format!("{token:?}").contains("secret"));
        for text in ["", " \n", "two words", "ghp_a\nghp_b"] {
            assert_eq!(Token::new(text), Err(TokenError), "{text:?}");
        }
    }
}
