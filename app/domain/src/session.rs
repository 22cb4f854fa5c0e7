//! Sessions as screens show them: by a handle that grants no access, and by the browser's name.

use crate::checked_text::checked_text;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Length of a handle, in characters.
const HANDLE_CHARS: usize = 32;

/// Identifies a session without giving access to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Handle(String);

/// The text is not a valid handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("There is no such session. Open the sessions page again")]
pub struct NoHandle;

impl FromStr for Handle {
    type Err = NoHandle;

    fn from_str(text: &str) -> Result<Self, NoHandle> {
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_legal = text.len() == HANDLE_CHARS && text.bytes().all(is_hex);
        is_legal.then(|| Self(text.to_owned())).ok_or(NoHandle)
    }
}

checked_text!(Handle);

/// The sessions to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// One session: the user's own or, for administrators, anybody's.
    One(Handle),
    /// All other sessions of the user.
    OwnOthers,
    /// All sessions of the person to whom this session belongs.
    AllOf(Handle),
}

/// Names and values of form fields.
pub mod form {
    /// The field with the sessions to end: one of the values below.
    pub const END: &str = "end";
    /// The field with the handle.
    pub const SESSION: &str = "session";
    /// One session.
    pub const ONE: &str = "one";
    /// All other sessions of the user.
    pub const OTHERS: &str = "others";
    /// All sessions of a person.
    pub const ALL: &str = "all";
}

/// Browsers, the more specific first, because most also claim to be others.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
/// Systems, the more specific first.
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// The name of a browser from its `User-Agent`: “Firefox on Linux”.
#[must_use]
pub fn browser(agent: &str) -> String {
    let named = |table: &[(&str, &'static str)]| {
        table.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "Another program".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_has_32_hexadecimal_digits() {
        let good = "0123456789abcdef0123456789abcdef";
        assert_eq!(good.parse::<Handle>().map(String::from), Ok(good.to_owned()));
        for wrong in ["", "0", &good.to_uppercase(), &format!("{good}0"), &good.replace('a', "ä")]
        {
            assert!(wrong.parse::<Handle>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn browsers_have_readable_names() {
        let cases = [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.5.0", "Another program"),
            ("", "Another program"),
        ];
        for (agent, words) in cases {
            assert_eq!(browser(agent), words);
        }
    }
}
