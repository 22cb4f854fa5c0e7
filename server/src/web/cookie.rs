//! The console's cookies: out of reach for scripts and for other sites.

use axum::http::{HeaderMap, HeaderValue, header};
use std::time::Duration;

/// How the console's cookies are named and set.
#[derive(Debug, Clone, Copy)]
pub struct Cookies {
    /// Whether the console is reached by https.
    pub secure: bool,
}

impl Cookies {
    /// A cookie's whole name. The `__Host-` prefix makes the browser insist on Secure, Path=/ and no Domain;
    /// plain http, which only loopback has, cannot set it.
    #[must_use]
    pub fn name(self, rest: &str) -> String {
        let prefix = if self.secure { "__Host-" } else { "" };
        format!("{prefix}understudy{rest}")
    }

    /// Sets a cookie. Lax, not Strict: the return from Entra is a navigation that another site starts.
    #[must_use]
    pub fn set(self, name: &str, value: &str, kept: Duration) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let seconds = kept.as_secs();
        let text =
            format!("{name}={value}; HttpOnly; SameSite=Lax{secure}; Path=/; Max-Age={seconds}");
        HeaderValue::from_str(&text).ok()
    }

    /// Takes a cookie away.
    #[must_use]
    pub fn clear(self, name: &str) -> Option<HeaderValue> {
        self.set(name, "", Duration::ZERO)
    }
}

/// The cookies that a browser sent.
pub fn sent(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

/// Adds `Set-Cookie` lines to an answer.
pub fn add(headers: &mut HeaderMap, lines: impl IntoIterator<Item = HeaderValue>) {
    for line in lines {
        headers.append(header::SET_COOKIE, line);
    }
}
