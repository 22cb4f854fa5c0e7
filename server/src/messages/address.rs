//! The URLs and signing keys of webhooks. Both are secrets, which no log, page or error shows.

use crate::outside::address::Reach;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use url::{Host, Url};

/// Maximum length of a webhook's URL in bytes. URLs of Teams workflows have about 400.
const URL_BYTES_MAX: usize = 2_048;
/// The prefix of secrets in Standard Webhooks.
const SECRET_PREFIX: &str = "whsec_";
/// The length of a secret in bytes that Standard Webhooks require.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A webhook's URL, and the addresses that its host may have. Anybody who knows the URL of a Slack or Teams webhook can
/// post there, so it is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    url: Url,
    reach: Reach,
}

impl Address {
    /// Reads a URL. A literal address is checked against `reach` here, a name whenever a message is sent.
    ///
    /// # Errors
    /// Names the broken rule, but never the URL.
    pub fn parse(text: &str, reach: Reach) -> anyhow::Result<Self> {
        anyhow::ensure!(
            text.len() <= URL_BYTES_MAX,
            "the URL is longer than {URL_BYTES_MAX} bytes"
        );
        let url = Url::parse(text).map_err(|error| anyhow::anyhow!("it is not a URL: {error}"))?;
        let is_own = url.scheme() == "http" && is_loopback(&url);
        anyhow::ensure!(
            url.scheme() == "https" || is_own,
            "the URL is not https. Unencrypted messages are allowed only to loopback addresses"
        );
        anyhow::ensure!(
            url.username().is_empty() && url.password().is_none(),
            "the URL contains a user name or a password. Remove them: messages are signed instead"
        );
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::from(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::from(address)),
            _ if is_loopback(&url) => Some(IpAddr::from(Ipv4Addr::LOCALHOST)),
            _ => None,
        };
        anyhow::ensure!(
            literal.is_none_or(|address| reach.allows(address)),
            "the URL leads to this machine or into a private network. To allow private addresses, set \
             allow_private: true for this webhook; link-local and metadata addresses are never allowed"
        );
        Ok(Self { url, reach })
    }

    /// The addresses that the host may have.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// The secret URL.
    #[must_use]
    pub(crate) fn url(&self) -> Url {
        self.url.clone()
    }

    /// The host, which may be shown.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/…", self.url.scheme(), self.host())
    }
}

/// Whether a URL leads to this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A key that signs messages.
#[derive(Clone)]
pub struct Key(Vec<u8>);

impl Key {
    /// Reads a secret in the format of Standard Webhooks: `whsec_` and base64.
    ///
    /// # Errors
    /// Says how to make a secret, but never repeats the text.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let bytes = text.strip_prefix(SECRET_PREFIX).and_then(|text| STANDARD.decode(text).ok());
        let bytes = bytes.filter(|bytes| SECRET_BYTES.contains(&bytes.len()));
        bytes.map(Self).ok_or_else(|| {
            anyhow::anyhow!(
                "the secret must be “whsec_” followed by {} to {} random bytes in base64. To make one, run \
                 echo \"whsec_$(openssl rand -base64 32)\"",
                SECRET_BYTES.start(),
                SECRET_BYTES.end()
            )
        })
    }

    /// The value of `webhook-signature` (Standard Webhooks 1.0.0): HMAC-SHA256 over id, time in seconds
    /// since 1970 and body, separated by dots.
    #[must_use]
    pub fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(format!("{id}.{seconds}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_equals_that_of_the_specifications_libraries() {
        // From the tests of Svix' and the specification's own libraries.
        let key = Key::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a secret");
        let signed =
            key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b"{\"test\": 2432232314}");
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn an_error_does_not_repeat_the_secret() {
        for secret in ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ=", "whsec_*"] {
            let error = Key::parse(secret).expect_err(secret).to_string();
            assert!(error.contains("openssl"), "{error}");
            assert!(secret.is_empty() || !error.contains(secret), "{error}");
        }
        assert!(Key::parse(&format!("whsec_{}", STANDARD.encode([0; 65]))).is_err());
        assert_eq!(format!("{:?}", Key(vec![1, 2, 3])), "Key(…)");
    }

    #[test]
    fn addresses_other_than_loopback_need_https_and_are_not_shown() {
        for good in [
            "https://hooks.slack.com/services/T0/B0/secret",
            "http://127.0.0.1:9/secret",
            "http://[::1]/secret",
            "http://localhost/secret",
            "https://10.0.0.7/secret",
            "https://collector.svc/secret",
        ] {
            let address = Address::parse(good, Reach::OWN).expect(good);
            assert!(!format!("{address:?}").contains("secret"), "{address:?}");
        }
        for bad in [
            "http://hooks.example/secret",
            "http://127.0.0.1.example/secret",
            "http://127.secret.example/",
            "ftp://localhost/secret",
            "https://secret@hooks.example/",
            "https://user:secret@hooks.example/",
            "https://169.254.169.254/secret",
            "https://[fe80::1]/secret",
            "https://[::ffff:10.0.0.7]/secret",
            "https://0.0.0.0/secret",
            "secret",
        ] {
            let error = Address::parse(bad, Reach::OWN).expect_err(bad).to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn private_addresses_need_allow_private() {
        for inside in [
            "http://127.0.0.1:9/secret",
            "http://localhost/secret",
            "https://[::1]/secret",
            "https://10.0.0.7/secret",
            "https://3232235777/secret",
            "https://[fd00::1]/secret",
        ] {
            let error = Address::parse(inside, Reach::PUBLIC).expect_err(inside).to_string();
            assert!(error.contains("allow_private: true") && !error.contains("secret"), "{error}");
        }
        assert!(Address::parse("https://hooks.slack.com/x", Reach::PUBLIC).is_ok());
        assert!(Address::parse("https://20.50.2.1/x", Reach::PUBLIC).is_ok());
    }
}
