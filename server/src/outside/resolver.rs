//! A DNS resolver that returns only allowed addresses. The checked address is the one that is connected to, which
//! prevents DNS rebinding.

use super::address::Reach;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::collections::BTreeSet;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

/// A name has no allowed address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the host {0} has no address that the console may connect to")]
pub struct Inside(String);

/// Resolves names with the system's resolver and drops addresses that are not allowed.
#[derive(Debug, Clone)]
pub struct Resolver {
    reach: Reach,
    /// The environment's proxies, which usually have private addresses. They are not restricted.
    proxies: Arc<BTreeSet<String>>,
}

impl Resolver {
    /// Restricts all names to `reach`, except those of proxies.
    #[must_use]
    pub fn new(reach: Reach, proxies: BTreeSet<String>) -> Self {
        Self { reach, proxies: Arc::new(proxies) }
    }

    fn pick(&self, name: &str, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Inside> {
        if self.proxies.contains(&name.to_ascii_lowercase()) {
            return Ok(found);
        }
        let allowed = |address: &SocketAddr| self.reach.allows(address.ip());
        let picked: Vec<_> = found.into_iter().filter(allowed).collect();
        if picked.is_empty() { Err(Inside(name.to_owned())) } else { Ok(picked) }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let this = self.clone();
        Box::pin(async move {
            let name = name.as_str();
            let found = tokio::net::lookup_host((name, 0)).await?.collect();
            let picked = this.pick(name, found)?;
            Ok(Box::new(picked.into_iter()) as Addrs)
        })
    }
}

/// Whether [`Inside`] is among an error's causes.
#[must_use]
pub fn is_behind(error: &(dyn Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |&error| error.source());
    causes.any(<dyn Error>::is::<Inside>)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_allowed_addresses_remain() {
        let proxies = BTreeSet::from(["proxy.example".to_owned()]);
        let resolver = Resolver::new(Reach::PUBLIC, proxies);
        let at = |text: &str| SocketAddr::new(text.parse().expect("an address"), 0);
        let (good, bad) = (at("20.50.2.1"), at("169.254.169.254"));
        assert_eq!(resolver.pick("a.example", vec![bad, good]), Ok(vec![good]));
        let inside = Err(Inside("a.example".to_owned()));
        assert_eq!(resolver.pick("a.example", vec![bad, at("10.0.0.1"), at("::1")]), inside);
        assert_eq!(resolver.pick("a.example", Vec::new()), inside);
        assert_eq!(resolver.pick("Proxy.Example", vec![at("10.0.0.1")]), Ok(vec![at("10.0.0.1")]));
    }

    #[tokio::test]
    async fn a_request_to_localhost_is_not_sent() {
        let door = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = door.local_addr().expect("an address").port();
        let http = crate::azure::http::held_to(Reach::PUBLIC).expect("a client");
        let sent = http.get(format!("http://localhost:{port}/")).bearer_auth("secret").send().await;
        let error = sent.expect_err("it is not sent");
        assert!(is_behind(&error), "{error:?}");
        let own = Reach { loopback: true, ..Reach::PUBLIC };
        let http = crate::azure::http::held_to(own).expect("a client");
        let asked = tokio::spawn(http.get(format!("http://localhost:{port}/")).send());
        door.accept().await.expect("a connection where loopback is allowed");
        asked.abort();
    }
}
