//! The rules. The signs are the words of docker, BuildKit, buildah, pip, apt, git, GitHub's runner, Azure Container
//! Registry and Entra ID; the tests have a line of each.

mod builder;
mod image;
mod steps;

use super::sign::Rule;

/// Parts of lines, in lower case, about something that may fail without consequences: a cache that does not exist yet.
const HARMLESS: [&str; 3] =
    ["importing cache manifest", "cache importer", ":buildcache: not found"];

/// Whether a line in lower case is about something that may fail without consequences.
pub(super) fn is_harmless(lower: &str) -> bool {
    HARMLESS.iter().any(|part| lower.contains(part))
}

/// All rules, from specific to general. One failure often causes others, so a cause comes before its consequences: a
/// network that does not work before a package that was not found.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    [image::RULES, builder::RULES, steps::RULES].into_iter().flatten()
}
