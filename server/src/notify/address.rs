//! Where messages go and what they are signed with: secrets, which no log, page or error shows.

use crate::outside::address::Reach;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use url::{Host, Url};

/// Longest URL of a webhook, in bytes: those of Teams' workflows have about 400.
const URL_BYTES_MAX: usize = 2_048;
/// How a secret begins, as Standard Webhooks write it.
const SECRET_PREFIX: &str = "whsec_";
/// Bytes of a secret, as Standard Webhooks ask for.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A webhook's URL, and which addresses its host may have. Whoever has that of Slack or Teams can write there, so it
/// is shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    url: Url,
    reach: Reach,
}

impl Address {
    /// Reads a URL. What its host's name leads to is held to `reach` whenever something is sent.
    ///
    /// # Errors
    /// With the rule that it breaks, and not with what was read.
    pub fn parse(text: &str, reach: Reach) -> anyhow::Result<Self> {
        anyhow::ensure!(
            text.len() <= URL_BYTES_MAX,
            "the URL is longer than {URL_BYTES_MAX} bytes"
        );
        let url = Url::parse(text).map_err(|error| anyhow::anyhow!("it is not a URL: {error}"))?;
        let is_own = url.scheme() == "http" && is_loopback(&url);
        anyhow::ensure!(
            url.scheme() == "https" || is_own,
            "the URL is not https. Messages would go there in the clear, which is only for loopback"
        );
        anyhow::ensure!(
            url.username().is_empty() && url.password().is_none(),
            "the URL has a user name or a password in it. Take them out: messages are signed instead"
        );
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::from(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::from(address)),
            _ if is_loopback(&url) => Some(IpAddr::from(Ipv4Addr::LOCALHOST)),
            _ => None,
        };
        anyhow::ensure!(
            literal.is_none_or(|address| reach.allows(address)),
            "the URL leads to this machine or into a network. Where that is meant, say allow_private: true beside it; \
             link-local and metadata addresses are never sent to"
        );
        Ok(Self { url, reach })
    }

    /// Which addresses its host may have.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// The URL, to send to.
    #[must_use]
    pub(super) fn url(&self) -> Url {
        self.url.clone()
    }

    /// Its host, which may be shown.
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

/// What messages are signed with.
#[derive(Clone)]
pub struct Key(Vec<u8>);

impl Key {
    /// Reads a secret as Standard Webhooks write it: `whsec_` and base64.
    ///
    /// # Errors
    /// With the way out, and not with what was read.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let bytes = text.strip_prefix(SECRET_PREFIX).and_then(|text| STANDARD.decode(text).ok());
        let bytes = bytes.filter(|bytes| SECRET_BYTES.contains(&bytes.len()));
        bytes.map(Self).ok_or_else(|| {
            anyhow::anyhow!(
                "the secret is not “whsec_” and {} to {} random bytes in base64. This makes one: \
                 echo \"whsec_$(openssl rand -base64 32)\"",
                SECRET_BYTES.start(),
                SECRET_BYTES.end()
            )
        })
    }

    /// The value of `webhook-signature` (Standard Webhooks 1.0.0): HMAC-SHA256 over id, time in seconds
    /// since 1970 and body, with dots between them.
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
    fn a_signature_is_as_the_specifications_libraries_make_it() {
        // The example with which Svix' and the specification's own libraries are tested.
        let key = Key::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a secret");
        let signed =
            key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b"{\"test\": 2432232314}");
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn secrets_are_refused_without_being_told() {
        for secret in ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ=", "whsec_*"] {
            let error = Key::parse(secret).expect_err(secret).to_string();
            assert!(error.contains("openssl"), "{error}");
            assert!(secret.is_empty() || !error.contains(secret), "{error}");
        }
        assert!(Key::parse(&format!("whsec_{}", STANDARD.encode([0; 65]))).is_err());
        assert_eq!(format!("{:?}", Key(vec![1, 2, 3])), "Key(…)");
    }

    #[test]
    fn addresses_are_https_but_on_loopback_and_are_not_shown() {
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
    fn inside_is_sent_to_only_where_that_is_said() {
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
