//! The proxies in the environment, which the HTTP client uses automatically.

use std::collections::BTreeSet;
use url::Url;

/// The variables that name proxies, as in curl.
const VARIABLES: [&str; 5] = ["HTTPS_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy"];

/// The proxies' host names.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "only the configuration reads the environment")]
pub fn proxies() -> BTreeSet<String> {
    VARIABLES.iter().filter_map(|name| host(&std::env::var(name).ok()?)).collect()
}

/// A proxy may be given without a scheme.
fn host(proxy: &str) -> Option<String> {
    let with_scheme = match proxy.contains("://") {
        true => proxy.to_owned(),
        false => format!("http://{proxy}"),
    };
    Url::parse(&with_scheme).ok()?.host_str().map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxys_host_is_read_in_every_form() {
        for (given, expected) in [
            ("http://proxy.example:3128", Some("proxy.example")),
            ("Proxy.example:3128", Some("proxy.example")),
            ("https://user:secret@proxy.example/", Some("proxy.example")),
            ("10.0.0.7:3128", Some("10.0.0.7")),
            ("", None),
        ] {
            assert_eq!(host(given).as_deref(), expected, "{given}");
        }
    }
}
