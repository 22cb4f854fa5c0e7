//! What a person sent with a form that was not simply carried out: shown again on the same page, with
//! the reason or the answer. The server puts it into the context of the page that it renders in
//! response to the POST; a form that succeeds redirects instead.

use crate::domain::history::Verdict;
use crate::domain::scoring::Answer;
use crate::error::ConsoleError;

/// How it went.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Nothing was changed, because of this.
    Refused(ConsoleError),
    /// A test request's answers, one per target.
    Answered(Vec<Answer>),
    /// What verifying the ledger found.
    Verified(Verdict),
    /// Nothing was to be changed: what was sent is to be looked at.
    Looked,
}

/// The form as it was sent, and how it went.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// The fields, as sent; a file's text stands under its field's name.
    pub fields: Vec<(String, String)>,
    /// How it went.
    pub outcome: Outcome,
}

impl Submission {
    /// The value of a field, as sent.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Why it was refused, if it was.
    #[must_use]
    pub fn refusal(&self) -> Option<&ConsoleError> {
        match &self.outcome {
            Outcome::Refused(error) => Some(error),
            Outcome::Answered(_) | Outcome::Verified(_) | Outcome::Looked => None,
        }
    }
}
