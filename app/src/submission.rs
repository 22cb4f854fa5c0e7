//! A submitted form that is shown again on the same page, with an error or a result. The server puts the
//! [`Submission`] into the context of the page that it renders in response to the POST; other successful forms
//! redirect.

use crate::error::ConsoleError;
use domain::history::Verdict;
use domain::scoring::Answer;
use leptos::prelude::use_context;

/// The outcome of a submitted form.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The form was rejected, and nothing was changed.
    Refused(ConsoleError),
    /// The responses to a test request, one per target.
    Answered(Vec<Answer>),
    Verified(Verdict),
    /// The form asked only for a preview.
    Looked,
}

/// A submitted form and its outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// The submitted fields; a file is its text under the field's name.
    pub fields: Vec<(String, String)>,
    pub outcome: Outcome,
}

/// The value of a field among submitted ones or those of a URL's query.
#[must_use]
pub fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
}

/// The value of a field of the form that this page responds to; empty if there is no such form.
#[must_use]
pub fn said(name: &str) -> String {
    let sent = use_context::<Submission>();
    sent.and_then(|sent| sent.field(name).map(str::to_owned)).unwrap_or_default()
}

/// Why the form that this page responds to was rejected, if it was.
#[must_use]
pub fn refusal() -> Option<ConsoleError> {
    use_context::<Submission>().and_then(|sent| sent.refusal().cloned())
}

impl Submission {
    /// The submitted value of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        field(&self.fields, name)
    }

    /// Why the form was rejected, if it was.
    #[must_use]
    pub fn refusal(&self) -> Option<&ConsoleError> {
        match &self.outcome {
            Outcome::Refused(error) => Some(error),
            Outcome::Answered(_) | Outcome::Verified(_) | Outcome::Looked => None,
        }
    }
}
