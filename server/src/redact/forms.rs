//! Secrets that are recognised by their format: a table with one regular expression per format.
//!
//! The groups `k` (before) and `z` (after) are kept, so that readers see what kind of secret was redacted. Formats that
//! also match digests, commits, UUIDs or image names have a further condition: see `Form::unless`.

use super::HIDDEN;
use regex::{Captures, Regex, RegexSet};
use std::borrow::Cow;
use std::sync::LazyLock;

/// A secret's format.
struct Form {
    name: &'static str,
    /// The regular expression.
    look: &'static str,
    /// Whether a match is not a secret.
    unless: fn(&Captures<'_>) -> bool,
}

/// From this length on, in bytes, a word of capitals and small letters counts as random.
const RANDOM_BYTES_MIN: usize = 40;

/// A value up to the characters that end it in URLs, JSON, YAML, HTML and sentences.
macro_rules! value {
    () => {
        r#"[^&\s"'<>;,\\]+"#
    };
}

/// A character that is escaped, as in JSON or in a URL: a secret may begin after it.
macro_rules! escaped {
    () => {
        r"\\[bfnrt]|\\u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2}"
    };
}

/// The beginning of a secret: that of a word, or what follows an escaped character.
macro_rules! start {
    () => {
        concat!(r"(?:(?-u:\b)|(?P<k>", escaped!(), "))")
    };
}

/// As `start!`, or in the middle of a word, for formats that no ordinary word contains. See [`is_in_word`].
macro_rules! anywhere {
    () => {
        concat!("(?P<k>", escaped!(), r"|(?P<word>[A-Za-z0-9_]?))")
    };
}

const fn form(name: &'static str, look: &'static str) -> Form {
    Form { name, look, unless: never }
}

/// The formats. Long ones come first, so that their parts are not redacted one by one.
static FORMS: [Form; 21] = [
    form(
        "a private key",
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|\z)",
    ),
    form(
        "the rest of a private key whose beginning was cut off",
        r"(?:[A-Za-z0-9+/=]{16,}(?:\s|\\r|\\n)+)+-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----",
    ),
    form("a JSON Web Token", concat!(start!(), r"eyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){2,4}")),
    form(
        "a Slack webhook",
        r"(?P<k>(?-u:\b)https://hooks\.slack(?:-gov)?\.com/)[A-Za-z0-9/_%-]{6,}",
    ),
    form(
        "a Teams webhook",
        concat!(
            r"(?P<k>(?-u:\b)https://(?:[A-Za-z0-9-]+\.webhook\.office\.com|outlook\.office(?:365)?\.com/webhook)/)",
            value!()
        ),
    ),
    form("a Discord webhook", r"(?P<k>https://discord(?:app)?\.com/api/webhooks/)[A-Za-z0-9/_-]+"),
    form(
        "a password in a URL",
        r#"(?P<k>(?-u:\b)[A-Za-z][A-Za-z0-9+.-]*://[^/\s:@"'<>]*:)[^/\s@"'<>]+(?P<z>@)"#,
    )
    .unless(is_image),
    form(
        "the signature of a shared access signature",
        r"(?i)(?P<k>(?:\\u0026|%3f|%26|(?-u:\b))sig(?:=|%3d))[A-Za-z0-9%+/=_-]+",
    ),
    form(
        "a key in a connection string",
        concat!(
            r"(?i)(?P<k>(?-u:\b)(?:AccountKey|SharedAccessKey|SharedSecret|SharedAccessSignature|AccessKey|ClientSecret)\s*=\s*)",
            value!()
        ),
    ),
    form(
        "a password in a connection string",
        concat!(r"(?i)(?P<k>(?-u:\b)(?:Password|Pwd)\s*=\s*)", value!()),
    )
    .unless(is_hidden_already),
    form("a bearer", r"(?i)(?P<k>(?-u:\b)Bearer\s+)[A-Za-z0-9._~+/-]{6,}=*").unless(has_no_digit),
    form(
        "basic authentication",
        r"(?P<k>(?i:\bAuthorization)\W{1,4}(?i:Basic)\s+)[A-Za-z0-9+/]{6,}=*",
    ),
    form(
        "a key of OpenAI, Anthropic and others",
        concat!(
            start!(),
            r"sk-(?:(?:proj|svcacct|admin|ant|or|live|test)-[A-Za-z0-9_-]{16,}|[A-Za-z0-9]{20,})"
        ),
    ),
    form("a key of Stripe", concat!(start!(), r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}")),
    form("a token of Hugging Face", concat!(anywhere!(), r"hf_[A-Za-z0-9]{20,}"))
        .unless(is_in_word),
    form("a key of AWS", concat!(start!(), r"(?:AKIA|ASIA)[A-Z0-9]{16}(?-u:\b)")),
    form("a key of Google", concat!(anywhere!(), r"AIza[A-Za-z0-9_-]{35}")).unless(is_in_word),
    form(
        "a token of GitHub",
        concat!(anywhere!(), r"(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})"),
    )
    .unless(is_in_word),
    form("a token of GitLab", concat!(anywhere!(), r"glpat-[A-Za-z0-9_-]{16,}")).unless(is_in_word),
    form("a token of Slack", concat!(anywhere!(), r"xox[abeoprs]-[A-Za-z0-9-]{10,}"))
        .unless(is_in_word),
    // The key's fixed signature `+ASt` distinguishes it from digests.
    form("a key of an Azure storage account", r"[A-Za-z0-9+/]{76}\+ASt[A-Za-z0-9+/]{5}[AQgw]=="),
];

impl Form {
    const fn unless(self, unless: fn(&Captures<'_>) -> bool) -> Self {
        Self { unless, ..self }
    }
}

fn never(_: &Captures<'_>) -> bool {
    false
}

/// `docker://image:tag@sha256:…` matches the format of a password in a URL.
fn is_image(found: &Captures<'_>) -> bool {
    let text = found.get(0).map_or("", |whole| whole.as_str());
    let scheme = text.split("://").next().unwrap_or_default();
    ["docker", "oci", "azureml"].iter().any(|image| scheme.eq_ignore_ascii_case(image))
}

/// `Bearer authorization_uri=…` in a refusal is not a token.
fn has_no_digit(found: &Captures<'_>) -> bool {
    let text = found.get(0).map_or("", |whole| whole.as_str());
    !text.bytes().any(|byte| byte.is_ascii_digit())
}

/// A part of a longer word, unless it is too random for a word: `highs_…` is not a token with a letter before it. Digests
/// and commit IDs have no capitals.
fn is_in_word(found: &Captures<'_>) -> bool {
    let part = |name| found.name(name).map_or(0, |part| part.len());
    let whole = found.get(0).map_or("", |whole| whole.as_str());
    let token = whole.get(part("k")..).unwrap_or_default();
    let has = |kind: fn(&u8) -> bool| token.bytes().any(|byte| kind(&byte));
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    // Of 36 random letters and digits, two texts in a thousand have no digit.
    let is_random = is_mixed && (has(u8::is_ascii_digit) || token.len() >= RANDOM_BYTES_MIN);
    part("word") > 0 && !is_random
}

fn is_hidden_already(found: &Captures<'_>) -> bool {
    found.get(0).is_some_and(|whole| whole.as_str().ends_with(HIDDEN))
}

/// The compiled table. A test checks that every expression compiles; one that does not would redact nothing.
static COMPILED: LazyLock<(RegexSet, Vec<(Regex, &Form)>)> = LazyLock::new(|| {
    let each = FORMS.iter().filter_map(|form| Some((Regex::new(form.look).ok()?, form)));
    let each: Vec<_> = each.collect();
    let set = RegexSet::new(each.iter().map(|(_, form)| form.look)).unwrap_or_default();
    (set, each)
});

/// Redacts secrets of known formats.
#[must_use]
pub fn hide(text: &str) -> Cow<'_, str> {
    let (set, each) = &*COMPILED;
    let mut hidden = Cow::Borrowed(text);
    for index in &set.matches(text) {
        let Some((look, form)) = each.get(index) else { continue };
        let next = look.replace_all(&hidden, |found: &Captures<'_>| {
            let kept = |name| found.name(name).map_or("", |kept| kept.as_str());
            match (form.unless)(found) {
                true => found.get(0).map_or("", |whole| whole.as_str()).to_owned(),
                false => format!("{}{HIDDEN}{}", kept("k"), kept("z")),
            }
        });
        if let Cow::Owned(next) = next {
            hidden = Cow::Owned(next);
        }
    }
    hidden
}

/// The name of the first known format of a secret in a text, if any.
#[must_use]
pub fn found(text: &str) -> Option<&'static str> {
    let (set, each) = &*COMPILED;
    set.matches(text).iter().find_map(|index| {
        let (look, form) = each.get(index)?;
        look.captures_iter(text).find(|found| !(form.unless)(found)).map(|_| form.name)
    })
}

/// The number of formats that compile.
#[cfg(test)]
pub(super) fn count() -> usize {
    COMPILED.1.len()
}
