//! Finds known secrets in texts by their value, in any encoding.
//!
//! Values shorter than [`BYTES_MIN`] are not searched for: `1234` or `on` are too common, so redacting them would
//! garble texts and reveal the value by the gaps. The same applies to the common words in [`ORDINARY`]. Where the
//! variable itself is shown, both are still redacted.

use super::{HIDDEN, is_secret};
use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::sync::OnceLock;

/// Shortest value that is searched for, in bytes.
pub const BYTES_MIN: usize = 6;
/// Longest value, in bytes. Azure's variables are not longer.
const BYTES_MAX: usize = 64 * 1024;
/// Most values in one set. Plans have a few dozen.
const VALUES_MAX: usize = 1_000;
/// Shortest line of a multi-line value that is searched for by itself, in bytes. Logs arrive line by line.
const LINE_BYTES_MIN: usize = 16;
/// Shortest part of a base64 text that is searched for, in bytes.
const BASE64_BYTES_MIN: usize = 8;

/// Words that are not secrets, even as the value of a variable with a secret's name (`AUTH_MODE: disabled`).
const ORDINARY: [&str; 22] = [
    "aad_token",
    "aml_token",
    "azureml",
    "default",
    "development",
    "disabled",
    "enabled",
    "external",
    "internal",
    "localhost",
    "managed",
    "optional",
    "password",
    "production",
    "prometheus",
    "remote",
    "required",
    "secret",
    "staging",
    "system",
    "unknown",
    "(hidden)",
];

/// Secret values.
#[derive(Default)]
pub struct Values {
    texts: BTreeSet<String>,
    finder: OnceLock<Option<AhoCorasick>>,
}

impl Clone for Values {
    fn clone(&self) -> Self {
        Self { texts: self.texts.clone(), finder: OnceLock::new() }
    }
}

impl fmt::Debug for Values {
    /// Shows only the number of values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Values").field("count", &self.texts.len()).finish_non_exhaustive()
    }
}

impl Values {
    /// The secrets of a body, such as a deployment's.
    #[must_use]
    pub fn of_body(body: &Value) -> Self {
        let mut values = Self::default();
        values.add_body(body);
        values
    }

    /// Adds a body's secrets.
    pub fn add_body(&mut self, body: &Value) {
        self.walk(body, &mut String::new());
    }

    fn walk(&mut self, value: &Value, at: &mut String) {
        let length = at.len();
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    at.push('/');
                    at.push_str(key);
                    self.walk(value, at);
                    at.truncate(length);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.walk(item, at)),
            leaf if is_secret(at, leaf) => match leaf {
                Value::String(text) => self.add(text),
                leaf => self.add(&leaf.to_string()),
            },
            _ => {}
        }
    }

    /// Adds a value and the secrets within it: the password of a URL, the keys of a connection string, the lines of a
    /// key file.
    pub fn add(&mut self, value: &str) {
        let value = value.trim();
        self.add_one(value);
        if value.lines().nth(1).is_some() {
            let lines = value.lines().map(str::trim);
            lines.filter(|line| line.len() >= LINE_BYTES_MIN).for_each(|line| self.add_one(line));
        }
        if let Ok(url) = url::Url::parse(value) {
            url.password().into_iter().for_each(|password| self.add_one(password));
        }
        for part in value.split(';').filter(|_| value.contains(';')) {
            if let Some((_, secret)) =
                part.split_once('=').filter(|(name, _)| super::is_secret_name(name))
            {
                self.add_one(secret);
            }
        }
    }

    fn add_one(&mut self, value: &str) {
        let fits = (BYTES_MIN..=BYTES_MAX).contains(&value.len());
        let is_ordinary = || ORDINARY.iter().any(|word| value.eq_ignore_ascii_case(word));
        if fits
            && self.texts.len() < VALUES_MAX
            && !is_ordinary()
            && self.texts.insert(value.to_owned())
        {
            self.finder = OnceLock::new();
        }
    }

    /// Adds the values of another set.
    pub fn extend(&mut self, others: &Self) {
        others.texts.iter().for_each(|text| self.add_one(text));
    }

    /// An upper limit of the length of a value in any encoding that [`Self::hide`] finds, in bytes.
    #[must_use]
    pub fn spelling_bytes_max(&self) -> usize {
        // JSON within JSON writes a control character with seven.
        self.texts.iter().map(String::len).max().unwrap_or(0) * 7
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Redacts these values in a text.
    #[must_use]
    pub fn hide<'text>(&self, text: &'text str) -> Cow<'text, str> {
        let Some(finder) = self.finder.get_or_init(|| finder(&self.texts)) else {
            return Cow::Borrowed(text);
        };
        let mut hidden = String::new();
        let mut from = 0;
        for found in finder.find_iter(text) {
            hidden.push_str(text.get(from..found.start()).unwrap_or_default());
            hidden.push_str(HIDDEN);
            from = found.end();
        }
        match from {
            0 => Cow::Borrowed(text),
            from => Cow::Owned(hidden + text.get(from..).unwrap_or_default()),
        }
    }

    /// Redacts these values and secrets of known formats.
    #[must_use]
    pub fn hide_all(&self, text: &str) -> String {
        super::forms::hide(&self.hide(text)).into_owned()
    }
}

fn finder(texts: &BTreeSet<String>) -> Option<AhoCorasick> {
    let spellings: BTreeSet<String> = texts.iter().flat_map(|text| spellings(text)).collect();
    if spellings.is_empty() {
        return None;
    }
    let builder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(spellings);
    builder.map_err(|error| tracing::error!(%error, "known secrets are not redacted")).ok()
}

/// The encodings of a value: plain, JSON, Rust's debug format, HTML, URL, and base64 at any offset within a longer
/// text.
fn spellings(value: &str) -> Vec<String> {
    let inside = |quoted: String| {
        quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
    };
    let json = inside(Value::from(value).to_string());
    let mut all = vec![
        value.to_owned(),
        // JSON within JSON, as in Azure's errors.
        inside(Value::from(json.as_str()).to_string()),
        json.replace('/', "\\/"),
        json,
        inside(format!("{value:?}")),
        html(value),
        percent(value, "", false),
        percent(value, "", true),
        // As in `encodeURIComponent`, and in submitted forms.
        percent(value, "!'()*", false),
        url::form_urlencoded::byte_serialize(value.as_bytes()).collect(),
    ];
    all.extend(base64(value));
    all.retain(|spelling| spelling.len() >= BYTES_MIN);
    all
}

pub(super) fn html(value: &str) -> String {
    let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    value.replace('"', "&quot;").replace('\'', "&#x27;")
}

/// Percent-encodes a value. `kept` are characters that some encoders leave as they are.
pub(super) fn percent(value: &str, kept: &str, lower: bool) -> String {
    let mut spelt = String::with_capacity(value.len() * 3);
    for byte in value.bytes() {
        let letter = char::from(byte);
        // Writing to a string cannot fail.
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                spelt.push(letter);
            }
            _ if kept.contains(letter) => spelt.push(letter),
            byte if lower => _ = write!(spelt, "%{byte:02x}"),
            byte => _ = write!(spelt, "%{byte:02X}"),
        }
    }
    spelt
}

/// The base64 characters that depend on the value alone, at each of the three possible offsets and in both alphabets.
fn base64(value: &str) -> impl Iterator<Item = String> {
    let at = |offset: usize| {
        let bytes = [&[0_u8; 2][..offset], value.as_bytes()].concat();
        let letters = STANDARD_NO_PAD.encode(&bytes);
        let (from, bits) = ([0, 2, 3][offset], bytes.len() * 8);
        letters.get(from..bits / 6).unwrap_or_default().to_owned()
    };
    let standard = [at(0), at(1), at(2)].into_iter().filter(|part| part.len() >= BASE64_BYTES_MIN);
    standard.flat_map(|part| [part.replace('+', "-").replace('/', "_"), part])
}
