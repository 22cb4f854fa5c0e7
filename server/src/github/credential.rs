//! The console's identity at GitHub: a token, or the installation of a GitHub App.

use super::app::Installation;
use super::client::Client;
use super::error::Error;
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;

/// How the console signs its requests.
#[derive(Debug, Clone, Default)]
pub enum Credential {
    /// Not at all, which is enough for public repositories.
    #[default]
    None,
    Token(Token),
    App(Arc<Installation>),
}

impl From<Option<Token>> for Credential {
    fn from(token: Option<Token>) -> Self {
        token.map_or(Self::None, Self::Token)
    }
}

impl From<Token> for Credential {
    fn from(token: Token) -> Self {
        Self::Token(token)
    }
}

impl From<Installation> for Credential {
    fn from(installation: Installation) -> Self {
        Self::App(Arc::new(installation))
    }
}

impl Credential {
    /// The token for a request of `client`.
    pub(super) async fn token(&self, client: &Client) -> Result<Option<Token>, Error> {
        match self {
            Self::None => Ok(None),
            Self::Token(token) => Ok(Some(token.clone())),
            // Boxed, because every future that waits for GitHub contains one.
            Self::App(app) => Box::pin(app.token(client)).await.map(Some),
        }
    }

    /// Drops a token that GitHub has refused.
    pub(super) async fn forget(&self) {
        if let Self::App(app) = self {
            app.forget().await;
        }
    }
}

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
