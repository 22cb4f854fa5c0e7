//! URLs that grant access to who has them.

use super::cloud::Cloud;
use super::error::Error;
use super::hosts;
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;
use url::Url;

/// A URL with a shared access signature. Never printed, and overwritten when dropped. Only validated URLs become one.
#[derive(Clone)]
pub struct SecretUrl {
    url: SecretString,
    host: String,
}

impl SecretUrl {
    /// Validates the URL of a blob.
    ///
    /// # Errors
    /// [`Error::Garbled`] if it is not a storage URL of this cloud.
    pub fn parse(cloud: &Cloud, url: &str) -> Result<Self, Error> {
        hosts::blob(cloud, url).map(|url| Self::new(&url))
    }

    /// Keeps a URL that `hosts.rs` has allowed.
    fn new(url: &Url) -> Self {
        Self { url: url.as_str().into(), host: url.host_str().unwrap_or_default().to_owned() }
    }

    /// Only for requests.
    pub(super) fn expose(&self) -> &str {
        self.url.expose_secret()
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretUrl({})", self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_url_prints_only_its_host() {
        let url = "https://a.blob.core.windows.net/c/b?sig=secret".parse().expect("a URL");
        let kept = SecretUrl::new(&url);
        assert_eq!(format!("{kept:?}"), "SecretUrl(a.blob.core.windows.net)");
        assert_eq!(kept.expose(), url.as_str());
    }
}
