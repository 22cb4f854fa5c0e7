//! Hosts that serve what GitHub's API only redirects to: tarballs and logs. Their URLs are signed, and the console's token
//! is never sent along.

use super::error::Error;
use crate::outside::caps::LINK_BYTES_MAX;
use crate::outside::line;
use reqwest::header::{HeaderMap, LOCATION};
use url::{Host, Url};

/// GitHub's own hosts. Source: docs.github.com, hosts that self-hosted runners need.
const HOSTS: [&str; 1] = ["codeload.github.com"];
/// Domains of GitHub's hosts for logs.
const DOMAINS: [&str; 2] = ["actions.githubusercontent.com", "blob.core.windows.net"];

/// The target of a redirect to signed data.
///
/// # Errors
/// [`Error::Redirected`] with the host if it is no host of this GitHub. Never contains the rest of the URL.
pub(super) fn target(from: &Url, headers: &HeaderMap, api: &Url) -> Result<Url, Error> {
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    let location = location.filter(|location| (1..=LINK_BYTES_MAX).contains(&location.len()));
    let location = location.ok_or_else(|| Error::Redirected("without a target".to_owned()))?;
    let to =
        from.join(location).map_err(|_| Error::Redirected("to an invalid address".to_owned()))?;
    if to.origin() == api.origin() || is_data(&to, api) {
        return Ok(to);
    }
    let host = line::part(to.host_str().unwrap_or("an address without a host"));
    Err(Error::Redirected(format!("a download to {host}, which is no host of GitHub")))
}

fn is_data(to: &Url, api: &Url) -> bool {
    let is_bare = to.username().is_empty() && to.password().is_none() && to.port().is_none();
    let (Some(Host::Domain(host)), Some(Host::Domain(own))) = (to.host(), api.host()) else {
        return false;
    };
    let is_below = |domain: &str| {
        host.strip_suffix(domain).is_some_and(|name| name.len() > 1 && name.ends_with('.'))
    };
    if !is_bare || to.scheme() != "https" {
        return false;
    }
    // An Enterprise Server serves data below its own name, and may keep logs in a storage account.
    let is_known = match own {
        "api.github.com" => HOSTS.contains(&host) || DOMAINS.into_iter().any(is_below),
        own => is_below(own) || is_below(DOMAINS[1]),
    };
    is_known && !own.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(api: &str, location: &str) -> Result<Url, Error> {
        let api: Url = api.parse().expect("a URL");
        let value = location.parse().expect("a value");
        target(&api, &HeaderMap::from_iter([(LOCATION, value)]), &api)
    }

    #[test]
    fn data_comes_only_from_hosts_of_github() {
        let (public, own, loopback) =
            ("https://api.github.com/", "https://ghe.example/api/v3/", "http://127.0.0.1:8790/gh/");
        for (api, location) in [
            (public, "https://codeload.github.com/o/r/legacy.tar.gz/x?token=y"),
            (public, "https://productionresultssa1.blob.core.windows.net/x?sig=y"),
            (public, "https://pipelines.actions.githubusercontent.com/x?sig=y"),
            (own, "https://codeload.ghe.example/o/r"),
            (own, "https://ghe.example/_codeload/o/r"),
            (own, "https://logs.blob.core.windows.net/x?sig=y"),
            (loopback, "/gh/data/x?sig=y"),
        ] {
            assert!(follow(api, location).is_ok(), "{location}");
        }
        for (api, location) in [
            (public, "https://evil.example/x?sig=y"),
            (public, "http://codeload.github.com/x?sig=y"),
            (public, "https://codeload.github.com:8443/x?sig=y"),
            (public, "https://codeload.github.com@evil.example/x?sig=y"),
            (public, "https://evilblob.core.windows.net/x?sig=y"),
            (public, "https://blob.core.windows.net/x?sig=y"),
            (public, "https://169.254.169.254/x?sig=y"),
            (own, "https://codeload.github.com/x?sig=y"),
            (loopback, "http://127.0.0.1:8791/x?sig=y"),
            (loopback, "https://logs.blob.core.windows.net/x?sig=y"),
            (public, ""),
            (public, "http://["),
        ] {
            let refused = follow(api, location).expect_err(location).to_string();
            assert!(!refused.contains("sig="), "{refused}");
        }
    }
}
