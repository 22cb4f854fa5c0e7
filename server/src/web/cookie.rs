//! The console's cookies, which scripts and other sites cannot read.

use axum::http::{HeaderMap, HeaderValue, header};
use std::time::Duration;

/// Names and sets the console's cookies.
#[derive(Debug, Clone, Copy)]
pub struct Cookies {
    /// Whether the public URL is HTTPS.
    pub secure: bool,
}

impl Cookies {
    /// A cookie's full name. The `__Host-` prefix makes the browser require Secure, Path=/ and no Domain, so plain
    /// HTTP (allowed on loopback only) goes without the prefix.
    #[must_use]
    pub fn name(self, rest: &str) -> String {
        let prefix = if self.secure { "__Host-" } else { "" };
        format!("{prefix}understudy{rest}")
    }

    /// Sets a cookie. `SameSite=Strict` would lose the cookie on the redirect back from Entra.
    #[must_use]
    pub fn set(self, name: &str, value: &str, kept: Duration) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let seconds = kept.as_secs();
        let text =
            format!("{name}={value}; HttpOnly; SameSite=Lax{secure}; Path=/; Max-Age={seconds}");
        HeaderValue::from_str(&text).ok()
    }

    /// Deletes a cookie.
    #[must_use]
    pub fn clear(self, name: &str) -> Option<HeaderValue> {
        self.set(name, "", Duration::ZERO)
    }
}

/// The names and values of the cookies in a request.
pub fn sent(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

/// Adds `Set-Cookie` headers to a response.
pub fn add(headers: &mut HeaderMap, lines: impl IntoIterator<Item = HeaderValue>) {
    for line in lines {
        headers.append(header::SET_COOKIE, line);
    }
}
