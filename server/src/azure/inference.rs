//! Where an endpoint's key, or the console's own token, may be sent for scoring. The URI comes from Azure, and
//! whoever can change what Azure answers must not be able to collect keys.

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
    /// Those of these domains, over https.
    Domains(Vec<String>),
    /// A cloud on this machine: its own address, and no other.
    Own(Url),
}

/// The way to scoring URIs.
#[derive(Debug, Clone)]
pub struct Inference {
    hosts: Hosts,
    allow_private: bool,
    http: reqwest::Client,
}

impl fmt::Display for Inference {
    /// For the record.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hosts {
            Hosts::Own(own) => write!(f, "{own}"),
            Hosts::Domains(domains) => f.write_str(&domains.join(", ")),
        }?;
        f.write_str(if self.allow_private { "; private addresses, too" } else { "" })
    }
}

impl Inference {
    /// To hosts of these domains (`inference.ml.azure.com`), and to their subdomains. They may have private addresses
    /// only where the configuration says so: endpoints of a workspace behind a private link have them.
    ///
    /// # Errors
    /// When the TLS provider cannot be set up.
    pub fn of_domains(domains: Vec<String>, allow_private: bool) -> reqwest::Result<Self> {
        let reach = Reach { private: allow_private, loopback: false };
        let http = http::held_to(reach)?;
        Ok(Self { hosts: Hosts::Domains(domains), allow_private, http })
    }

    /// To a cloud on this machine.
    #[must_use]
    pub fn on_loopback(cloud: Url, http: reqwest::Client) -> Self {
        Self { hosts: Hosts::Own(cloud), allow_private: false, http }
    }

    /// The client for what was [`Inference::allowed`].
    #[must_use]
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// A scoring URI, when a key may be sent there.
    ///
    /// # Errors
    /// [`Error::Rejected`] with the rule that it breaks.
    pub fn allowed(&self, uri: &str) -> Result<Url, Error> {
        if uri.len() > LINK_BYTES_MAX {
            return Err(refused("it is too long"));
        }
        let url = Url::parse(uri).map_err(|_| refused("it is not a URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("it has a user name or a password in it"));
        }
        let domains = match &self.hosts {
            Hosts::Own(own) if url.origin() == own.origin() => return Ok(url),
            Hosts::Own(_) => return Err(refused("it is not at the cloud on this machine")),
            Hosts::Domains(domains) => domains,
        };
        if url.scheme() != "https" {
            return Err(refused("it is not https"));
        }
        let Some(Host::Domain(host)) = url.host() else {
            return Err(refused("it names an address, not a host"));
        };
        let is_within = |domain: &String| {
            host.strip_suffix(domain.as_str()).is_some_and(|name| name.ends_with('.'))
        };
        if domains.iter().any(is_within) {
            return Ok(url);
        }
        Err(refused(
            "it is at no host of this cloud's endpoints. If it is one of yours, name its domain under \
             inference: domains: in the configuration",
        ))
    }

    /// What a failure to send means.
    pub(super) fn broken(error: &reqwest::Error) -> Error {
        if resolver::is_behind(error) {
            return refused(
                "its name leads to an address inside a network, or to none. If your endpoints are behind a private \
                 link, say inference: allow_private: true in the configuration",
            );
        }
        let what = match error {
            error if error.is_timeout() => "no answer in time",
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
            ("https://169.254.169.254/", "an address"),
            ("https://[::1]/x", "an address"),
            ("https://[::ffff:10.0.0.1]/x", "an address"),
            ("https://2130706433/", "an address"),
            ("https://0x7f.1/", "an address"),
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
    fn a_cloud_on_this_machine_is_the_only_one_then() {
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
