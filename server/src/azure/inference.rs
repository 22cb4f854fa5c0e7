//! Where an endpoint's key or the console's own token may be sent for scoring. The URI comes from Azure, and somebody
//! who can forge Azure's responses must not be able to collect keys.

use super::error::Error;
use super::http;
use crate::outside::address::Reach;
use crate::outside::caps::LINK_BYTES_MAX;
use crate::outside::resolver;
use std::fmt;
use url::{Host, Url};

/// The hosts of a cloud's endpoints.
#[derive(Debug, Clone)]
enum Hosts {
    /// Subdomains of these domains, over HTTPS.
    Domains(Vec<String>),
    /// A cloud on loopback: its own origin only.
    Own(Url),
}

/// The client for scoring URIs, and the rules for them.
#[derive(Debug, Clone)]
pub struct Inference {
    hosts: Hosts,
    allow_private: bool,
    http: reqwest::Client,
}

impl fmt::Display for Inference {
    /// The text that the ledger records.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hosts {
            Hosts::Own(own) => write!(f, "{own}"),
            Hosts::Domains(domains) => f.write_str(&domains.join(", ")),
        }?;
        f.write_str(if self.allow_private { "; private addresses, too" } else { "" })
    }
}

impl Inference {
    /// Allows hosts below these domains (`inference.ml.azure.com`). Private addresses, which endpoints behind a private
    /// link have, need `allow_private`.
    ///
    /// # Errors
    /// If the TLS provider cannot be set up.
    pub fn of_domains(domains: Vec<String>, allow_private: bool) -> reqwest::Result<Self> {
        let reach = Reach { private: allow_private, loopback: false };
        let http = http::held_to(reach)?;
        Ok(Self { hosts: Hosts::Domains(domains), allow_private, http })
    }

    /// Allows the origin of a cloud on loopback.
    #[must_use]
    pub fn on_loopback(cloud: Url, http: reqwest::Client) -> Self {
        Self { hosts: Hosts::Own(cloud), allow_private: false, http }
    }

    /// The client for URIs that [`Inference::allowed`] has accepted.
    #[must_use]
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Validates a scoring URI before a key is sent to it.
    ///
    /// # Errors
    /// [`Error::Rejected`] with the violated rule.
    pub fn allowed(&self, uri: &str) -> Result<Url, Error> {
        if uri.len() > LINK_BYTES_MAX {
            return Err(refused("it is too long"));
        }
        let url = Url::parse(uri).map_err(|_| refused("it is not a URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("it contains a user name or a password"));
        }
        let domains = match &self.hosts {
            Hosts::Own(own) if url.origin() == own.origin() => return Ok(url),
            Hosts::Own(_) => return Err(refused("it is not at the configured cloud on loopback")),
            Hosts::Domains(domains) => domains,
        };
        if url.scheme() != "https" {
            return Err(refused("it is not https"));
        }
        let Some(Host::Domain(host)) = url.host() else {
            return Err(refused("it names an IP address instead of a host"));
        };
        let is_within = |domain: &String| {
            host.strip_suffix(domain.as_str()).is_some_and(|name| name.ends_with('.'))
        };
        if domains.iter().any(is_within) {
            return Ok(url);
        }
        Err(refused(
            "it is no host of this cloud's endpoints. If the host is yours, add its domain to inference.domains in \
             the configuration",
        ))
    }

    /// Maps a failed request to an error.
    pub(super) fn broken(error: &reqwest::Error) -> Error {
        if resolver::is_behind(error) {
            return refused(
                "its host has a private address or no address. If your endpoints are behind a private link, set \
                 inference.allow_private to true in the configuration",
            );
        }
        let what = match error {
            error if error.is_timeout() => "no response in time",
            error if error.is_connect() => "no connection",
            _ => "the connection broke",
        };
        Error::Unavailable(format!("the scoring URI: {what}"))
    }
}

fn refused(why: &str) -> Error {
    Error::Rejected {
        code: "ScoringUri".to_owned(),
        message: format!("the console does not send to this scoring URI: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_only_to_the_clouds_own_endpoints() {
        let domains = vec!["inference.ml.azure.com".to_owned(), "models.example.org".to_owned()];
        let public = Inference::of_domains(domains, false).expect("a client");
        for uri in [
            "https://e.westeurope.inference.ml.azure.com/score",
            "https://E.WestEurope.Inference.ml.azure.com/score",
            "https://e.inference.ml.azure.com:443/score",
            "https://a.models.example.org/v1",
        ] {
            assert!(public.allowed(uri).is_ok(), "{uri}");
        }
        for (uri, said) in [
            ("http://e.westeurope.inference.ml.azure.com/score", "not https"),
            ("https://inference.ml.azure.com/score", "no host of this cloud"),
            ("https://evilinference.ml.azure.com/score", "no host of this cloud"),
            ("https://e.inference.ml.azure.com.evil.example/score", "no host of this cloud"),
            ("https://e.inference.ml.azure.com./score", "no host of this cloud"),
            ("https://e.inference.ml.azure.cn/score", "no host of this cloud"),
            ("https://evil.example/e.inference.ml.azure.com", "no host of this cloud"),
            ("https://e.inference.ml.azure.com@evil.example/", "user name"),
            ("https://user:key@e.inference.ml.azure.com/score", "user name"),
            ("https://user@e.inference.ml.azure.com/score", "user name"),
            ("https://169.254.169.254/", "an IP address"),
            ("https://[::1]/x", "an IP address"),
            ("https://[::ffff:10.0.0.1]/x", "an IP address"),
            ("https://2130706433/", "an IP address"),
            ("https://0x7f.1/", "an IP address"),
            ("https://localhost/", "no host of this cloud"),
            ("file:///etc/passwd", "not https"),
            ("x", "not a URL"),
        ] {
            let error = public.allowed(uri).expect_err(uri).to_string();
            assert!(error.contains(said), "{uri}: {error}");
        }
        assert!(public.allowed(&format!("https://{}", "x".repeat(5_000))).is_err());
    }

    #[test]
    fn with_a_cloud_on_loopback_only_its_origin_is_allowed() {
        let http = http::client().expect("a client");
        let own = "http://127.0.0.1:8790/".parse().expect("a URL");
        let own = Inference::on_loopback(own, http);
        assert!(own.allowed("http://127.0.0.1:8790/endpoints/e/score").is_ok());
        for uri in [
            "http://127.0.0.1:8791/endpoints/e/score",
            "http://u:p@127.0.0.1:8790/endpoints/e/score",
            "http://169.254.169.254/",
            "https://e.westeurope.inference.ml.azure.com/score",
        ] {
            assert!(own.allowed(uri).is_err(), "{uri}");
        }
    }
}
