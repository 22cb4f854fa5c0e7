//! Where the console may send an endpoint's key, beside the cloud's own domain.

use super::cloud::Cloud;
use serde::Deserialize;
use url::{Host, Url};

/// Further domains, at most.
const DOMAINS_MAX: usize = 20;

/// What the configuration says of scoring URIs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Inference {
    /// Domains of one's own whose hosts may get an endpoint's key: `models.example.org` means every host below it.
    pub domains: Vec<String>,
    /// Whether such hosts, and the cloud's own, may have private addresses: those behind a private link have them.
    pub allow_private: bool,
}

impl Inference {
    /// All domains, with the cloud's own.
    #[must_use]
    pub fn all(&self, cloud: &Cloud) -> Vec<String> {
        cloud
            .inference()
            .into_iter()
            .map(str::to_owned)
            .chain(self.domains.iter().cloned())
            .collect()
    }

    /// Refuses what is no domain.
    ///
    /// # Errors
    /// With the key, the rule and the way out.
    pub(super) fn check(&self, cloud: &Cloud) -> anyhow::Result<()> {
        anyhow::ensure!(
            cloud.loopback().is_none() || (self.domains.is_empty() && !self.allow_private),
            "inference: a cloud on loopback has its endpoints at its own address. Leave it out"
        );
        anyhow::ensure!(
            self.domains.len() <= DOMAINS_MAX,
            "inference: domains: there are more than {DOMAINS_MAX}. Name the domain above them"
        );
        for domain in &self.domains {
            anyhow::ensure!(
                is_domain(domain),
                "inference: domains: “{domain}” is not a domain such as models.example.org: write it in small \
                 letters, without https:// and without a star; every host below it is meant"
            );
        }
        Ok(())
    }
}

/// At least two labels: a top-level domain is everybody's.
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
    fn domains_are_domains() {
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
