//! Links in Azure's responses: the next page of a list, the status of an operation. The console's token is sent with
//! them, so only links to a subscription's resources in Azure Resource Manager are followed.

use super::cloud::Cloud;
use super::error::Error;
use crate::outside::caps::LINK_BYTES_MAX;
use crate::outside::line;
use url::Url;

/// Validates a link from a response.
///
/// # Errors
/// [`Error::Garbled`] with the violated rule.
pub(super) fn followed(cloud: &Cloud, link: &str) -> Result<Url, Error> {
    if link.len() > LINK_BYTES_MAX {
        return Err(Error::garbled(format!("a link of more than {LINK_BYTES_MAX} bytes")));
    }
    let url = Url::parse(link).map_err(|error| Error::garbled(format!("a link: {error}")))?;
    if url.origin() != cloud.arm.origin() {
        let host = line::part(url.host_str().unwrap_or("?"));
        return Err(Error::garbled(format!(
            "a link to another host ({host}), which must not get the console's token"
        )));
    }
    let is_bare = url.username().is_empty() && url.password().is_none();
    let start = "/subscriptions/";
    let is_below = url.path().get(..start.len()).is_some_and(|s| s.eq_ignore_ascii_case(start));
    if is_bare && is_below {
        Ok(url)
    } else {
        Err(Error::garbled("a link to no resource of a subscription"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::cloud::tests::cloud;

    #[test]
    fn only_azures_own_resources_are_followed() {
        let cloud = cloud("https://management.azure.com");
        let follow = |link: &str| followed(&cloud, link);
        for link in [
            "https://management.azure.com/subscriptions/s/x?api-version=1&$skipToken=2",
            "https://MANAGEMENT.azure.com:443/Subscriptions/s/x",
        ] {
            assert!(follow(link).is_ok(), "{link}");
        }
        let long = format!("https://management.azure.com/subscriptions/{}", "x".repeat(5_000));
        for (link, said) in [
            ("https://evil.example/subscriptions/s", "another host (evil.example)"),
            ("https://management.azure.com.evil.example/subscriptions/s", "another host"),
            ("http://management.azure.com/subscriptions/s", "another host"),
            ("https://management.azure.com:444/subscriptions/s", "another host"),
            ("https://x:y@management.azure.com/subscriptions/s", "no resource"),
            ("https://management.azure.com@evil.example/subscriptions/s", "another host"),
            ("https://management.azure.com/subscriptions/../providers/x", "no resource"),
            ("https://management.azure.com/tenants", "no resource"),
            ("data:text/plain,x", "another host (?)"),
            ("//evil.example/subscriptions/s", "a link: "),
            ("", "a link: "),
            (long.as_str(), "4096 bytes"),
        ] {
            let refused = follow(link).expect_err(link).to_string();
            assert!(refused.starts_with("Azure's response") && refused.contains(said), "{refused}");
        }
    }
}
