//! The one door for HTTP going out.

use std::time::Duration;

/// Longest that one exchange may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest that connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The client that everything shares. It follows no redirects: Azure's interfaces send none, and a
/// token must not travel to where a redirect points.
///
/// # Errors
/// When the TLS provider cannot be set up.
#[expect(clippy::disallowed_methods, reason = "this is the door")]
pub fn client() -> reqwest::Result<reqwest::Client> {
    install_tls();
    reqwest::Client::builder()
        .user_agent(concat!("understudy/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT)
        .build()
}

/// Installs the TLS provider for the whole process; clients that libraries build need it, too.
pub fn install_tls() {
    // A second installation is refused, and that is fine: the first one stands.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
