//! Redirects of GitHub. The console's token is sent along, so only redirects within the same API are followed.

use super::error::Error;
use reqwest::header::{HeaderMap, LOCATION};
use url::Url;

/// The target of a redirect.
///
/// # Errors
/// [`Error::Redirected`] if the target is not below `api`.
pub(super) fn target(from: &Url, headers: &HeaderMap, api: &Url) -> Result<Url, Error> {
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    let Some(location) = location.filter(|location| !location.is_empty()) else {
        return Err(Error::Redirected("without a target".to_owned()));
    };
    let to =
        from.join(location).map_err(|_| Error::Redirected("to an invalid address".to_owned()))?;
    if to.origin() != api.origin() {
        let host: String =
            to.host_str().unwrap_or("an address without a host").chars().take(100).collect();
        let message = format!("to {host}, which must not get the console's token");
        return Err(Error::Redirected(message));
    }
    let is_bare = to.username().is_empty() && to.password().is_none();
    if is_bare && to.path().starts_with(api.path()) {
        Ok(to)
    } else {
        Err(Error::Redirected("to an address outside its API".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_api_is_followed() {
        let api: Url = "https://ghe.example/api/v3/".parse().expect("a URL");
        let from = api.join("repos/a/b/commits/main").expect("a URL");
        let follow = |location: &str| {
            let value = location.parse().expect("a value");
            target(&from, &HeaderMap::from_iter([(LOCATION, value)]), &api)
        };
        for (location, to) in [
            (
                "https://ghe.example/api/v3/repositories/1",
                "https://ghe.example/api/v3/repositories/1",
            ),
            ("/api/v3/repositories/1?ref=x", "https://ghe.example/api/v3/repositories/1?ref=x"),
            ("../../../c/d", "https://ghe.example/api/v3/repos/c/d"),
        ] {
            assert_eq!(follow(location).expect("followed").as_str(), to, "{location}");
        }
        for (location, said) in [
            ("https://evil.example/api/v3/repos/a/b", "to evil.example, which"),
            ("//evil.example/api/v3/", "to evil.example, which"),
            ("http://ghe.example/api/v3/repos/a/b", "to ghe.example, which"),
            ("https://ghe.example:8443/api/v3/repos/a/b", "to ghe.example, which"),
            ("https://x:y@ghe.example/api/v3/repos/a/b", "outside its API"),
            ("https://ghe.example/login?to=/api/v3/", "outside its API"),
            ("/api/v3/../../login", "outside its API"),
            ("data:text/plain,x", "without a host"),
            ("http://[", "an invalid address"),
            ("", "without a target"),
        ] {
            let refused = follow(location).expect_err(location).to_string();
            assert!(refused.contains(said), "{location}: {refused}");
        }
        assert!(target(&from, &HeaderMap::new(), &api).is_err());
    }
}
