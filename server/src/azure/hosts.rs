//! Hosts of a cloud besides ARM that receive requests: storage accounts and container registries. Azure's responses name
//! them, so their domains are checked before a file or a token is sent there.
//!
//! A registry behind a private link has a private address, so addresses are not restricted here. The domains belong to
//! Microsoft, which prevents that somebody else chooses the address.

use super::cloud::Cloud;
use super::error::Error;
use crate::outside::caps::LINK_BYTES_MAX;
use crate::outside::line;
use url::{Host, Url};

/// The domains of one of Microsoft's clouds. Source: azure-cli's table of clouds.
struct Domains {
    arm: &'static str,
    blob: &'static [&'static str],
    registry: &'static str,
    /// The audience of tokens for registries. `None` if registries take ARM's tokens.
    audience: Option<&'static str>,
}

const CLOUDS: [Domains; 3] = [
    Domains {
        arm: "management.azure.com",
        // Accounts with a DNS zone of their own are below the second one.
        blob: &["blob.core.windows.net", "blob.storage.azure.net"],
        registry: "azurecr.io",
        audience: Some("https://containerregistry.azure.net/.default"),
    },
    Domains {
        arm: "management.usgovcloudapi.net",
        blob: &["blob.core.usgovcloudapi.net"],
        registry: "azurecr.us",
        audience: None,
    },
    Domains {
        arm: "management.chinacloudapi.cn",
        blob: &["blob.core.chinacloudapi.cn"],
        registry: "azurecr.cn",
        audience: None,
    },
];

/// The domains of the cloud; `None` for a cloud on loopback, which serves everything at its own origin.
fn domains(cloud: &Cloud) -> Option<&'static Domains> {
    let host = cloud.arm.host_str()?;
    CLOUDS.iter().find(|domains| domains.arm.eq_ignore_ascii_case(host))
}

/// Validates the URL of a blob.
///
/// # Errors
/// [`Error::Garbled`] with the violated rule. The error names at most the host, because the query is a secret.
pub(super) fn blob(cloud: &Cloud, url: &str) -> Result<Url, Error> {
    let Some(known) = domains(cloud) else { return own(cloud, url, "storage") };
    let url = parsed(url, "storage")?;
    is_below(&url, known.blob, "storage")?;
    Ok(url)
}

/// The URL of a registry's data plane.
///
/// # Errors
/// [`Error::Garbled`] if the console must not send a token there.
pub(super) fn registry(cloud: &Cloud, login_server: &str) -> Result<Url, Error> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    if login_server.is_empty() || !login_server.chars().all(is_plain) {
        return Err(Error::garbled("a registry without a valid login server"));
    }
    let Some(known) = domains(cloud) else {
        let url = format!("{}://{login_server}/", cloud.arm.scheme());
        return own(cloud, &url, "registry");
    };
    let url = parsed(&format!("https://{login_server}/"), "registry")?;
    is_below(&url, &[known.registry], "registry")?;
    Ok(url)
}

/// The scope of tokens for registries.
pub(super) fn registry_scope(cloud: &Cloud) -> String {
    let audience = domains(cloud).and_then(|known| known.audience);
    audience.unwrap_or(&cloud.arm_scope).to_owned()
}

fn parsed(url: &str, what: &str) -> Result<Url, Error> {
    if url.len() > LINK_BYTES_MAX {
        let message = format!("a {what} URL of more than {LINK_BYTES_MAX} bytes");
        return Err(Error::garbled(message));
    }
    let url = Url::parse(url).map_err(|_| Error::garbled(format!("a {what} URL")))?;
    if url.username().is_empty() && url.password().is_none() {
        Ok(url)
    } else {
        Err(Error::garbled(format!("a {what} URL with a user name or a password")))
    }
}

fn own(cloud: &Cloud, url: &str, what: &str) -> Result<Url, Error> {
    let url = parsed(url, what)?;
    if url.origin() == cloud.arm.origin() { Ok(url) } else { Err(foreign(&url, what)) }
}

fn is_below(url: &Url, domains: &[&str], what: &str) -> Result<(), Error> {
    if url.scheme() != "https" {
        return Err(Error::garbled(format!("a {what} URL that is not https")));
    }
    let Some(Host::Domain(host)) = url.host() else {
        return Err(Error::garbled(format!("a {what} URL without a host name")));
    };
    let is_within = |domain: &&str| {
        host.strip_suffix(*domain).is_some_and(|name| name.len() > 1 && name.ends_with('.'))
    };
    let is_usual_port = url.port().is_none();
    if is_usual_port && domains.iter().any(is_within) { Ok(()) } else { Err(foreign(url, what)) }
}

fn foreign(url: &Url, what: &str) -> Error {
    let host = line::part(url.host_str().unwrap_or("?"));
    Error::garbled(format!("a {what} URL at {host}, which is no {what} host of this cloud"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::cloud::tests::cloud;

    const PUBLIC: &str = "https://management.azure.com";

    #[test]
    fn files_go_only_to_the_clouds_storage() {
        let public = cloud(PUBLIC);
        for url in [
            "https://eusmanaged.blob.core.windows.net/c/b.tar.gz?sv=1&sig=x",
            "https://a.z01.blob.storage.azure.net/c/b?sig=x",
        ] {
            assert!(blob(&public, url).is_ok(), "{url}");
        }
        let gov = cloud("https://management.usgovcloudapi.net");
        assert!(blob(&gov, "https://a.blob.core.usgovcloudapi.net/c").is_ok());
        for (url, said) in [
            ("http://a.blob.core.windows.net/c?sig=x", "not https"),
            ("https://blob.core.windows.net/c?sig=x", "no storage host"),
            ("https://evilblob.core.windows.net/c?sig=x", "no storage host"),
            ("https://a.blob.core.windows.net.evil.example/c?sig=x", "evil.example"),
            ("https://a.blob.core.windows.net@evil.example/c?sig=x", "user name"),
            ("https://a.blob.core.windows.net:8443/c?sig=x", "no storage host"),
            ("https://a.blob.core.chinacloudapi.cn/c?sig=x", "no storage host"),
            ("https://169.254.169.254/c?sig=x", "without a host name"),
            ("file:///etc/passwd?sig=x", "not https"),
            ("?sig=x", "a storage URL"),
        ] {
            let refused = blob(&public, url).expect_err(url).to_string();
            assert!(refused.contains(said) && !refused.contains("sig="), "{url}: {refused}");
        }
    }

    #[test]
    fn tokens_go_only_to_the_clouds_registries() {
        let public = cloud(PUBLIC);
        let url = registry(&public, "acranet.azurecr.io").expect("allowed");
        assert_eq!(url.as_str(), "https://acranet.azurecr.io/");
        assert!(registry_scope(&public).contains("containerregistry"));
        for login in [
            "azurecr.io",
            "evilazurecr.io",
            "a.azurecr.io.evil.example",
            "a.azurecr.io@evil.example",
            "a.azurecr.io/x",
            "a.azurecr.io:8443",
            "127.0.0.1:8790",
            "[::1]",
            "",
        ] {
            assert!(registry(&public, login).is_err(), "{login}");
        }
    }

    #[test]
    fn a_cloud_on_loopback_serves_everything_at_its_own_origin() {
        let own = cloud("http://127.0.0.1:8790/");
        let url = registry(&own, "127.0.0.1:8790").expect("allowed");
        assert_eq!(url.as_str(), "http://127.0.0.1:8790/");
        assert!(blob(&own, "http://127.0.0.1:8790/blobs/x?sig=x").is_ok());
        assert!(registry(&own, "127.0.0.1:8791").is_err());
        assert!(registry(&own, "acranet.azurecr.io").is_err());
        assert!(blob(&own, "http://127.0.0.1:8791/blobs/x").is_err());
        assert_eq!(registry_scope(&own), own.arm_scope);
    }
}
