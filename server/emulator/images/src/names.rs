//! The names of repositories and tags, as the OCI distribution specification allows them.

/// The longest name of a repository; distribution's own limit for host and name together.
const REPOSITORY_MAX: usize = 255;
/// The longest tag (OCI distribution specification, "Pulling manifests").
const TAG_MAX: usize = 128;
/// The tag of an image that names none.
pub(crate) const DEFAULT_TAG: &str = "latest";

/// Whether a repository can have this name: parts of `a-z0-9`, joined by `.`, `_`, `__` or any number of `-`.
#[must_use]
pub fn is_repository(name: &str) -> bool {
    name.len() <= REPOSITORY_MAX && name.split('/').all(is_part)
}

fn is_part(part: &str) -> bool {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_separator = |gap: &str| {
        matches!(gap, "." | "_" | "__") || (!gap.is_empty() && gap.bytes().all(|b| b == b'-'))
    };
    let ends_well = part.starts_with(is_word) && part.ends_with(is_word);
    ends_well && part.split(is_word).filter(|gap| !gap.is_empty()).all(is_separator)
}

/// Whether a tag can have this name.
#[must_use]
pub fn is_tag(tag: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    tag.len() <= TAG_MAX
        && tag.starts_with(is_word)
        && tag.chars().all(|c| is_word(c) || c == '.' || c == '-')
}

/// Repository and tag of `repository[:tag]`; `None` if either is not valid.
pub(crate) fn split_image(image: &str) -> Option<(&str, &str)> {
    let (repository, tag) = image.split_once(':').unwrap_or((image, DEFAULT_TAG));
    (is_repository(repository) && is_tag(tag)).then_some((repository, tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_specification() {
        for name in ["a", "ml-azua-litserve-env", "team/app", "a.b_c__d---e/f"] {
            assert!(is_repository(name), "{name}");
        }
        let long = "a".repeat(256);
        for name in
            ["", "A", "/a", "a/", "a//b", "..", "../a", "a/../b", "a..b", ".a", "a b", "a+b", &long]
        {
            assert!(!is_repository(name), "{name}");
        }
        for tag in ["latest", "v1.0", "_x", "A-b", &"a".repeat(128)] {
            assert!(is_tag(tag), "{tag}");
        }
        for tag in ["", ".", "..", "-a", "a/b", "a b", "a=b", "ä", &"a".repeat(129)] {
            assert!(!is_tag(tag), "{tag}");
        }
        assert_eq!(split_image("a/b:1"), Some(("a/b", "1")));
        assert_eq!(split_image("a"), Some(("a", "latest")));
        assert_eq!(split_image("a:b:c"), None);
        assert_eq!(split_image("host:5000/a:1"), None);
    }
}
