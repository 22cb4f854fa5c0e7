//! Where a secret is, as its URL says.

use url::Url;

/// The vault in a host such as `kv-anet-0001dev.vault.azure.net`.
pub fn named_by(host: &str) -> Option<&str> {
    let (vault, rest) = host.split_once('.')?;
    (rest.starts_with("vault.") && !vault.is_empty()).then_some(vault)
}

/// A secret by its URL: `https://{vault}.vault.azure.net/secrets/{name}[/{version}]`, or the same below
/// `/vaults/{vault}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub vault: String,
    pub name: String,
    /// Empty for the newest version.
    pub version: String,
}

impl Reference {
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let segments: Vec<&str> = url.path_segments()?.filter(|s| !s.is_empty()).collect();
        let (vault, rest) = match segments.as_slice() {
            ["vaults", vault, rest @ ..] => (*vault, rest),
            rest => (named_by(url.host_str()?)?, rest),
        };
        let (name, version) = match rest {
            ["secrets", name] => (*name, ""),
            ["secrets", name, version] => (*name, *version),
            _ => return None,
        };
        let owned = |text: &str| text.to_owned();
        Some(Self { vault: vault.to_lowercase(), name: owned(name), version: owned(version) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_named_by_host_or_by_path() {
        let read =
            |text: &str| Reference::parse(text).map(|at| [at.vault, at.name, at.version].join("|"));
        let named = |text: &str| Some(text.to_owned());
        assert_eq!(read("https://KV-a.vault.azure.net/secrets/key"), named("kv-a|key|"));
        assert_eq!(read("https://kv-a.vault.azure.net/secrets/key/0ab"), named("kv-a|key|0ab"));
        assert_eq!(
            read("http://127.0.0.1:8790/vaults/kv-a/secrets/key/0ab"),
            named("kv-a|key|0ab")
        );
        for other in [
            "https://kv-a.example.com/secrets/key",
            "https://kv-a.vault.azure.net/keys/key",
            "https://kv-a.vault.azure.net/secrets",
            "https://kv-a.vault.azure.net/secrets/key/0ab/more",
            "key",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
