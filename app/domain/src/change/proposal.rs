//! Proposals and decisions, as sent in forms.

use crate::ids::JobId;
use crate::intent::{Intent, Seen};
use crate::text::{is_blank, visible};
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// The form field with the purpose of the form; [`PROPOSE`] to propose instead of applying.
pub const DO: &str = "do";
/// The value of [`DO`] for proposing.
pub const PROPOSE: &str = "propose";
/// The form field with the reason.
pub const REASON: &str = "reason";
/// The form field with the scheduled start in UTC; may be empty.
pub const START: &str = "start";
/// The form field with the hash of what the person saw.
pub const SEEN: &str = "seen";
/// The form field with a comment.
pub const COMMENT: &str = "comment";

/// Maximum length of a reason or comment, in characters: our own limit.
pub const WORDS_MAX: usize = 1_000;

/// A reason or comment: never empty, at most [`WORDS_MAX`] characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Words(String);

impl Words {
    /// Reads a reason or comment. `what` names the text in errors, such as `reason`.
    ///
    /// # Errors
    /// Full sentences.
    pub fn read(what: &str, text: &str) -> Result<Self, String> {
        let text = text.replace("\r\n", "\n");
        let text: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
        let text = text.trim().to_owned();
        if is_blank(&text) {
            return Err(format!("The {what} is blank. Say why, in a sentence."));
        }
        // Make invisible characters visible first: approvers must see the whole reason.
        let text = visible(&text);
        let length = text.chars().count();
        if length > WORDS_MAX {
            return Err(format!(
                "The {what} has {length} characters. The limit is {WORDS_MAX}. Shorten it."
            ));
        }
        Ok(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Words {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::read("text", &text)
    }
}

impl From<Words> for String {
    fn from(words: Words) -> Self {
        words.0
    }
}

/// A proposed change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub intent: Intent,
    /// What the person's page showed.
    pub seen: Seen,
    pub reason: Words,
    /// When the change starts, once approved; `None` if a person starts it.
    pub start: Option<Timestamp>,
    /// The job that proposes for the person. Forms do not have it.
    pub job: Option<JobId>,
}

/// A person's action on a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    Approve,
    Refuse,
    Withdraw,
    Comment,
    /// Applies the change now.
    Start,
}

impl Act {
    /// All actions.
    pub const ALL: [Self; 5] =
        [Self::Approve, Self::Refuse, Self::Withdraw, Self::Comment, Self::Start];

    /// The action's word in URLs.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Refuse => "refuse",
            Self::Withdraw => "withdraw",
            Self::Comment => "comment",
            Self::Start => "start",
        }
    }

    /// Finds an action by its word in URLs.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.slug() == slug)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_trimmed_and_limited() {
        let words = |text: &str| Words::try_from(text.to_owned());
        assert_eq!(words("  exams\r\nare over \u{7} ").expect("words").as_str(), "exams\nare over");
        assert_eq!(words(&"ü".repeat(WORDS_MAX)).expect("words").as_str().chars().count(), 1_000);
        assert_eq!(words("a\u{202e}b").expect("words").as_str(), "a⟨U+202E⟩b");
        for wrong in ["", " \n\t", "\u{200b}\u{202e}", "\u{3164}", &"x".repeat(WORDS_MAX + 1)] {
            assert!(words(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn acts_are_found_by_their_words() {
        for act in Act::ALL {
            assert_eq!(Act::from_slug(act.slug()), Some(act));
        }
        assert_eq!(Act::from_slug("delete"), None);
    }
}
