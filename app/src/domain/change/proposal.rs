//! What somebody proposes, and what people decide about it, as forms carry it.

use crate::domain::name::DeploymentName;
use crate::domain::plan::PlanHash;
use crate::domain::repository::{Reference, ReleaseId};
use crate::domain::route::Route;
use crate::domain::stage::EndpointKey;
use crate::domain::text::{is_blank, visible};
use crate::domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// The field whose value says what a form is for; [`PROPOSE`] where one proposes instead of applying.
pub const DO: &str = "do";
/// Proposing.
pub const PROPOSE: &str = "propose";
/// The field with the reason.
pub const REASON: &str = "reason";
/// The field with the time at which it is to start by itself, in UTC; may be empty.
pub const START: &str = "start";
/// The field with the hash of what the person saw.
pub const SEEN: &str = "seen";
/// The field with a comment.
pub const COMMENT: &str = "comment";

/// Longest reason or comment, in characters: more belongs into a document that it can name.
pub const WORDS_MAX: usize = 1_000;

/// Why somebody wants something, or what they say: never empty, at most [`WORDS_MAX`] characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Words(String);

impl Words {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Words {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let text = text.replace("\r\n", "\n");
        let text: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
        let text = text.trim().to_owned();
        if is_blank(&text) {
            return Err("Nothing is written here. Say why, in a sentence.".to_owned());
        }
        // Before it is measured, and kept: what was approved for a reason must show all of it.
        let text = visible(&text);
        let length = text.chars().count();
        if length > WORDS_MAX {
            return Err(format!(
                "It has {length} characters; {WORDS_MAX} are the most. Shorten it."
            ));
        }
        Ok(Self(text))
    }
}

impl From<Words> for String {
    fn from(words: Words) -> Self {
        words.0
    }
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A route, instead of the one that the person saw.
    Route {
        /// Where.
        at: EndpointKey,
        /// Which.
        route: Route,
        /// The one that the person saw.
        base: Route,
    },
    /// A new deployment.
    Create {
        /// Where.
        at: EndpointKey,
        /// Its YAML.
        yaml: String,
    },
    /// No such deployment any more.
    Delete {
        /// Where.
        at: EndpointKey,
        /// Which.
        name: DeploymentName,
    },
    /// What a release says.
    Release {
        /// Which.
        id: ReleaseId,
        /// At which commit, tag or branch; the repository's own when `None`.
        reference: Option<Reference>,
        /// Answers in place of some of its inputs.
        answers: Vec<(String, String)>,
        /// The plan that the person saw.
        seen: PlanHash,
    },
}

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// What is wanted.
    pub wanted: Wanted,
    /// Why.
    pub reason: Words,
    /// When it is to start by itself, once approved; when somebody starts it, if this is `None`.
    pub start: Option<Timestamp>,
}

/// What a person does with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// Says yes to what they see.
    Approve,
    /// Says no; why is said with it.
    Refuse,
    /// Takes the own proposal back.
    Withdraw,
    /// Says something.
    Comment,
    /// Has it carried out now.
    Start,
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Approve, Self::Refuse, Self::Withdraw, Self::Comment, Self::Start];

    /// Its word in URLs.
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

    /// The one with this word.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.slug() == slug)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_trimmed_and_have_an_end() {
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
