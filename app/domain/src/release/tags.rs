//! The `tags` input of a build: quoted `key=value`, separated by spaces.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Maximum number of tags on one Azure resource (Azure docs: tag resources).
pub const TAGS_MAX: usize = 50;

/// Why a text is not a valid list of tags.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TagsError {
    /// A quote is not closed.
    #[error("a quote is opened but not closed. Write tags like 'team=data-science' 'repo=ml-azua'")]
    Quote,
    /// A word without `=`, or without a key.
    #[error("“{word}” is not a tag. Write tags like 'team=data-science' 'repo=ml-azua'")]
    Word { word: String },
    #[error("the tag “{key}” is given twice. Remove one")]
    Twice { key: String },
    #[error("{count} tags are given; give 1 to {TAGS_MAX}")]
    Count { count: usize },
}

/// The tags of an Azure resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tags(BTreeMap<String, String>);

impl Tags {
    /// Pairs of key and value, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// Splits at spaces outside quotes, and drops the quotes.
fn words(text: &str) -> Result<Vec<String>, TagsError> {
    let mut all = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (Some(_), letter) => word.get_or_insert_default().push(letter),
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, letter) if letter.is_whitespace() => all.extend(word.take()),
            (None, letter) => word.get_or_insert_default().push(letter),
        }
    }
    all.extend(word);
    if quote.is_some() { Err(TagsError::Quote) } else { Ok(all) }
}

impl FromStr for Tags {
    type Err = TagsError;
    fn from_str(text: &str) -> Result<Self, TagsError> {
        let mut tags = BTreeMap::new();
        for word in words(text)? {
            let refused = || TagsError::Word { word: word.chars().take(60).collect() };
            let (key, value) = word.split_once('=').ok_or_else(refused)?;
            if key.trim().is_empty() {
                return Err(refused());
            }
            if tags.insert(key.to_owned(), value.to_owned()).is_some() {
                return Err(TagsError::Twice { key: key.to_owned() });
            }
        }
        let count = tags.len();
        if (1..=TAGS_MAX).contains(&count) {
            Ok(Self(tags))
        } else {
            Err(TagsError::Count { count })
        }
    }
}

impl fmt::Display for Tags {
    /// In the syntax of the input.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (key, value)) in self.iter().enumerate() {
            // A single quote inside a tag is written between double quotes.
            let inside = format!("{key}={value}").replace('\'', "'\"'\"'");
            write!(f, "{}'{inside}'", if index == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tags_in_the_readme_are_valid() {
        let tags: Tags =
            "'team=data-science' 'repo=ml-azua' 'model=dynamic-vae'".parse().expect("tags");
        let pairs: Vec<_> = tags.iter().collect();
        assert_eq!(
            pairs,
            [("model", "dynamic-vae"), ("repo", "ml-azua"), ("team", "data-science")]
        );
        assert_eq!(tags.to_string(), "'model=dynamic-vae' 'repo=ml-azua' 'team=data-science'");
        let tags: Tags = "a=1 \"b=two words\" c='x y' d==".parse().expect("tags");
        let pairs: Vec<_> = tags.iter().collect();
        assert_eq!(pairs, [("a", "1"), ("b", "two words"), ("c", "x y"), ("d", "=")]);
        let quoted: Tags = "\"a=it's\" 'b=\"x\"'".parse().expect("tags");
        assert_eq!(quoted.to_string().parse::<Tags>().expect("again"), quoted);
    }

    #[test]
    fn invalid_tags_are_rejected() {
        for (text, part) in [
            ("", "0 tags"),
            ("team", "“team” is not a tag"),
            ("'=x'", "“=x” is not a tag"),
            ("'a=1", "not closed"),
            ("a=1 a=2", "given twice"),
        ] {
            let error = text.parse::<Tags>().expect_err(text).to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
