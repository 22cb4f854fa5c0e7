//! Hosts that may receive an endpoint's key, in addition to the cloud's own domain.

use super::cloud::Cloud;
use serde::Deserialize;
use url::{Host, Url};

/// Most configured domains.
const DOMAINS_MAX: usize = 20;

/// Rules for scoring URIs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Inference {
    /// Domains whose hosts may receive an endpoint's key. `models.example.org` allows every host below it.
    pub domains: Vec<String>,
    /// Whether endpoints may have private addresses, as those behind a private link do.
    pub allow_private: bool,
}

impl Inference {
    /// The cloud's own domain and the configured ones.
    #[must_use]
    pub fn all(&self, cloud: &Cloud) -> Vec<String> {
        cloud
            .inference()
            .into_iter()
            .map(str::to_owned)
            .chain(self.domains.iter().cloned())
            .collect()
    }

    /// Checks the domains.
    ///
    /// # Errors
    /// With the key, the violated rule and the fix.
    pub(super) fn check(&self, cloud: &Cloud) -> anyhow::Result<()> {
        anyhow::ensure!(
            cloud.loopback().is_none() || (self.domains.is_empty() && !self.allow_private),
            "inference: a cloud on loopback serves its endpoints itself. Remove this section"
        );
        anyhow::ensure!(
            self.domains.len() <= DOMAINS_MAX,
            "inference: domains: there are more than {DOMAINS_MAX}. Replace them with their parent domain"
        );
        for domain in &self.domains {
            anyhow::ensure!(
                is_domain(domain),
                "inference: domains: “{domain}” is not a domain. Write it in lower case, without https:// and \
                 wildcard: models.example.org allows every host below it"
            );
        }
        Ok(())
    }
}

/// Requires at least two labels, because anybody can register a host below a top-level domain.
fn is_domain(domain: &str) -> bool {
    let url = Url::parse(&format!("https://{domain}/"));
    let is_same = url.is_ok_and(|url| url.host() == Some(Host::Domain(domain)));
    let mut labels = domain.split('.');
    let is_plain = |label: &str| !label.is_empty() && !label.contains('*');
    is_same && domain.contains('.') && labels.all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_domains_are_accepted() {
        let check = |text: &str, cloud: Cloud| {
            let read: Inference = serde_yaml::from_str(text)?;
            read.check(&cloud)?;
            anyhow::Ok(read.all(&cloud))
        };
        let all = check("{ domains: [models.example.org], allow_private: true }", Cloud::default());
        assert_eq!(all.expect("good"), ["inference.ml.azure.com", "models.example.org"]);
        for bad in [
            "com",
            "*.example.org",
            "https://a.example",
            "a.example/x",
            "10.0.0.1",
            "[::1]",
            "A.example",
            ".example.org",
            "a..b",
            "a.example.",
            "a.example:444",
            "u@a.example",
            "''",
        ] {
            let refused =
                check(&format!("{{ domains: ['{}'] }}", bad.trim_matches('\'')), Cloud::default());
            let error = refused.expect_err(bad).to_string();
            assert!(error.contains("inference: domains"), "{error}");
        }
        let own = || Cloud::Own { loopback: "http://127.0.0.1:1".parse().expect("a URL") };
        assert!(check("{ domains: [a.example] }", own()).is_err());
        assert!(check("{}", own()).expect("good").is_empty());
    }
}
