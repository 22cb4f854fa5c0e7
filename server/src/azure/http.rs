//! The only place that builds HTTP clients.
//!
//! No client follows redirects: Azure's APIs send none, and a token must not go to a redirect's target. No client
//! decompresses: a small response must not become a large one.

use crate::outside::address::Reach;
use crate::outside::caps;
use crate::outside::proxy::proxies;
use crate::outside::resolver::Resolver;

/// The client for hosts from the configuration: ARM, sign-in, GitHub. Their addresses are not restricted.
///
/// # Errors
/// If the TLS provider cannot be set up.
pub fn client() -> reqwest::Result<reqwest::Client> {
    builder().build()
}

/// A client for hosts from responses: it resolves host names only to addresses within `reach`. URLs with an IP address
/// bypass the resolver, so the caller must reject them.
///
/// # Errors
/// If the TLS provider cannot be set up.
pub fn held_to(reach: Reach) -> reqwest::Result<reqwest::Client> {
    builder().dns_resolver(Resolver::new(reach, proxies())).build()
}

#[expect(clippy::disallowed_methods, reason = "the only place that builds clients")]
fn builder() -> reqwest::ClientBuilder {
    install_tls();
    reqwest::Client::builder()
        .user_agent(concat!("understudy/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(caps::CONNECT_TIME_MAX)
        .timeout(caps::ANSWER_TIME_MAX)
        .http1_max_headers(caps::HEADERS_MAX)
        .http2_max_header_list_size(caps::HEADER_BYTES_MAX)
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
}

/// Installs the TLS provider for the whole process. The clients of libraries need it as well.
pub fn install_tls() {
    // A second installation fails, and the first one stays in place.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
