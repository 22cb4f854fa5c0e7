//! The one door for HTTP going out.
//!
//! No client follows redirects: Azure's interfaces send none, and a token must not travel to where a redirect
//! points. None decompresses: a small answer must not become a large one.

use crate::config;
use crate::outside::address::Reach;
use crate::outside::caps;
use crate::outside::resolver::Resolver;

/// The client for hosts that the configuration names: ARM, sign-in, GitHub. They may be anywhere.
///
/// # Errors
/// When the TLS provider cannot be set up.
pub fn client() -> reqwest::Result<reqwest::Client> {
    builder().build()
}

/// A client for hosts that others name: what their names lead to is held to what may be reached. URLs that name an
/// address are not looked up, and must be refused by whoever takes them.
///
/// # Errors
/// When the TLS provider cannot be set up.
pub fn held_to(reach: Reach) -> reqwest::Result<reqwest::Client> {
    builder().dns_resolver(Resolver::new(reach, config::proxies())).build()
}

#[expect(clippy::disallowed_methods, reason = "this is the door")]
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

/// Installs the TLS provider for the whole process; clients that libraries build need it, too.
pub fn install_tls() {
    // A second installation is refused, and that is fine: the first one stands.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
