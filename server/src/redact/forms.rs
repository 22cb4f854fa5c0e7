//! Secrets that are known by their look, wherever they stand: one table, one line for each form.
//!
//! What a form keeps (`k` before, `z` after) tells a reader what stood there; everything else of it is hidden. A
//! form that could be met in digests, commits, UUIDs or images asks for more than a look: see `Form::unless`.

use super::HIDDEN;
use regex::{Captures, Regex, RegexSet};
use std::borrow::Cow;
use std::sync::LazyLock;

/// One form.
struct Form {
    /// What it is, for whoever reads the table.
    name: &'static str,
    /// Its look. `k` and `z` are kept.
    look: &'static str,
    /// What has the look and is none.
    unless: fn(&Captures<'_>) -> bool,
}

/// What ends a value in URLs, JSON, YAML, HTML and sentences.
macro_rules! value {
    () => {
        r#"[^&\s"'<>;,\\]+"#
    };
}

const fn form(name: &'static str, look: &'static str) -> Form {
    Form { name, look, unless: never }
}

/// The forms. What is long comes first, so that its parts are not hidden one by one.
static FORMS: [Form; 21] = [
    form(
        "a private key",
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|\z)",
    ),
    form(
        "the rest of a private key whose beginning was cut off",
        r"(?:[A-Za-z0-9+/=]{16,}(?:\s|\\r|\\n)+)+-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----",
    ),
    form("a JSON Web Token", r"(?-u:\b)eyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){2,4}"),
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
        r"(?-u:\b)sk-(?:(?:proj|svcacct|admin|ant|or|live|test)-[A-Za-z0-9_-]{16,}|[A-Za-z0-9]{20,})",
    ),
    form("a key of Stripe", r"(?-u:\b)(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}"),
    form("a token of Hugging Face", r"(?-u:\b)hf_[A-Za-z0-9]{20,}"),
    form("a key of AWS", r"(?-u:\b)(?:AKIA|ASIA)[A-Z0-9]{16}(?-u:\b)"),
    form("a key of Google", r"(?-u:\b)AIza[A-Za-z0-9_-]{35}"),
    form(
        "a token of GitHub",
        r"(?-u:\b)(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})",
    ),
    form("a token of GitLab", r"(?-u:\b)glpat-[A-Za-z0-9_-]{16,}"),
    form("a token of Slack", r"(?-u:\b)xox[abeoprs]-[A-Za-z0-9-]{10,}"),
    // It carries a mark of its own, by which no digest is taken for it.
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

/// `docker://image:tag@sha256:…` has the look of a password.
fn is_image(found: &Captures<'_>) -> bool {
    let text = found.get(0).map_or("", |whole| whole.as_str());
    let scheme = text.split("://").next().unwrap_or_default();
    ["docker", "oci", "azureml"].iter().any(|image| scheme.eq_ignore_ascii_case(image))
}

/// `Bearer authorization_uri=…` of a refusal is no token.
fn has_no_digit(found: &Captures<'_>) -> bool {
    let text = found.get(0).map_or("", |whole| whole.as_str());
    !text.bytes().any(|byte| byte.is_ascii_digit())
}

fn is_hidden_already(found: &Captures<'_>) -> bool {
    found.get(0).is_some_and(|whole| whole.as_str().ends_with(HIDDEN))
}

/// The table, compiled once. A look that does not compile is found by the tests, and hides nothing.
static COMPILED: LazyLock<(RegexSet, Vec<(Regex, &Form)>)> = LazyLock::new(|| {
    let each = FORMS.iter().filter_map(|form| Some((Regex::new(form.look).ok()?, form)));
    let each: Vec<_> = each.collect();
    let set = RegexSet::new(each.iter().map(|(_, form)| form.look)).unwrap_or_default();
    (set, each)
});

/// A text whose secrets of a known form are hidden.
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

/// Whether a text holds a secret of a known form; which, for the tests.
#[must_use]
pub fn found(text: &str) -> Option<&'static str> {
    let (set, each) = &*COMPILED;
    set.matches(text).iter().find_map(|index| {
        let (look, form) = each.get(index)?;
        look.captures_iter(text).find(|found| !(form.unless)(found)).map(|_| form.name)
    })
}

/// How many forms compile.
#[cfg(test)]
pub(super) fn count() -> usize {
    COMPILED.1.len()
}
