//! Resource IDs in Azure's responses. They become paths of requests that carry the console's token, so their shape is
//! validated: a response must not be able to choose an arbitrary path.

use super::error::Error;
use std::fmt;

/// Longest ID, in bytes. Source: ARM's limit for names (260 characters) and the few levels of these IDs.
const ID_BYTES_MAX: usize = 1_024;
/// Longest name of a resource, in characters. Source: ARM.
const NAME_CHARS_MAX: usize = 260;
/// Longest name of a resource group, in characters. Source: ARM.
const GROUP_CHARS_MAX: usize = 90;
/// Longest namespace or type, in characters.
const TYPE_CHARS_MAX: usize = 128;

/// The ID of a resource in a resource group:
/// `/subscriptions/…/resourceGroups/…/providers/NAMESPACE/TYPE/NAME`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ResourceId {
    segments: Vec<String>,
}

/// Application Insights.
pub const COMPONENT: &str = "Microsoft.Insights/components";
/// Action groups, which alerts notify.
pub const ACTION_GROUP: &str = "Microsoft.Insights/actionGroups";
/// Container registries.
pub const REGISTRY: &str = "Microsoft.ContainerRegistry/registries";
/// Log Analytics.
pub const LOG_WORKSPACE: &str = "Microsoft.OperationalInsights/workspaces";

impl ResourceId {
    /// Reads an ID of the type `of` (`Microsoft.Insights/components`). Like ARM, ignores case.
    ///
    /// # Errors
    /// [`Error::Garbled`] with the expected type and the violated rule.
    pub fn parse(text: &str, of: &str) -> Result<Self, Error> {
        read(text, of).map_err(|why| Error::garbled(format!("an id of {of} {why}")))
    }

    /// The resource's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.segments.last().map_or("", String::as_str)
    }

    /// The segments, not encoded.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().map(String::as_str)
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.segments.iter().try_for_each(|segment| write!(f, "/{segment}"))
    }
}

fn read(text: &str, of: &str) -> Result<ResourceId, &'static str> {
    if text.len() > ID_BYTES_MAX {
        return Err("is too long");
    }
    let rest = text.strip_prefix('/').ok_or("does not begin with a slash")?;
    let segments: Vec<&str> = rest.split('/').collect();
    let [subscriptions, subscription, groups, group, providers, namespace, kind, name] =
        segments.as_slice()
    else {
        return Err("does not have the segments of a resource ID");
    };
    let fixed =
        [(subscriptions, "subscriptions"), (groups, "resourceGroups"), (providers, "providers")];
    if !fixed.iter().all(|(given, expected)| given.eq_ignore_ascii_case(expected)) {
        return Err("does not have the segments of a resource ID");
    }
    if !format!("{namespace}/{kind}").eq_ignore_ascii_case(of) || of.len() > TYPE_CHARS_MAX {
        return Err("is of another type");
    }
    if !is_subscription(subscription) {
        return Err("names no subscription");
    }
    if !is_name(group, GROUP_CHARS_MAX) {
        return Err("names no resource group");
    }
    if !is_name(name, NAME_CHARS_MAX) {
        return Err("names no resource");
    }
    Ok(ResourceId { segments: segments.into_iter().map(str::to_owned).collect() })
}

/// Subscriptions are UUIDs in Azure; other clouds may use plain words.
fn is_subscription(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Letters and digits of any script, hyphens, dots, underscores and parentheses, and blanks inside (Application
/// Insights has them); no dot or blank at the end.
fn is_name(text: &str, chars_max: usize) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "-._() ".contains(c);
    text.chars().all(is_plain)
        && (1..=chars_max).contains(&text.chars().count())
        && !text.starts_with(' ')
        && !text.ends_with(['.', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: &str = "/subscriptions/5b6e6a0c-5a1f-4d4e-9d0a-0a4e45ad0001/resourceGroups/rg";

    #[test]
    fn an_id_is_read_in_any_case_and_kept_as_it_is() {
        for text in [
            format!("{GROUP}/providers/Microsoft.Insights/components/appi-anet"),
            format!("{GROUP}/providers/microsoft.insights/Components/My App (2)"),
            "/Subscriptions/s/resourcegroups/grüße_1/providers/Microsoft.insights/components/a.b"
                .to_owned(),
        ] {
            let id = ResourceId::parse(&text, COMPONENT).expect(&text);
            assert_eq!(id.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_id_becomes_no_path() {
        let component =
            |name: &str| format!("{GROUP}/providers/Microsoft.Insights/components/{name}");
        let long = "x".repeat(261);
        for (text, said) in [
            (component(".."), "names no resource"),
            (component("."), "names no resource"),
            (component(""), "names no resource"),
            (component("%2e%2e"), "names no resource"),
            (component("a?x=1"), "names no resource"),
            (component("a#x"), "names no resource"),
            (component("a\\b"), "names no resource"),
            (component("a\r\nb"), "names no resource"),
            (component("a\u{202e}b"), "names no resource"),
            (component("a;b"), "names no resource"),
            (component("a "), "names no resource"),
            (component(&long), "names no resource"),
            (component("a/../../x"), "segments"),
            (component("a/providers/Microsoft.Authorization/elevateAccess"), "segments"),
            (component(&"x".repeat(2_000)), "too long"),
            (format!("{GROUP}/providers/Microsoft.KeyVault/vaults/a"), "another type"),
            (format!("{GROUP}/../providers/Microsoft.Insights/components/a"), "segments"),
            (format!("https://evil.example{}", component("a")), "slash"),
            (format!("/{}", component("a")), "segments"),
            (component("a").replace("/resourceGroups/rg", "/resourceGroups/.."), "group"),
            (component("a").replace("5b6e6a0c", "..%2f"), "subscription"),
            (String::new(), "slash"),
        ] {
            let refused = ResourceId::parse(&text, COMPONENT).expect_err(&text).to_string();
            assert!(refused.contains(COMPONENT) && refused.contains(said), "{text}: {refused}");
        }
    }
}
