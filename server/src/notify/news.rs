//! What is told to webhooks, and of what. Pure: the store writes it down together with what it tells of.

use crate::history::facts::changes::Subject;
use crate::redact;
use app::domain::change::event::{Ending, Event};
use app::domain::change::{Change, ChangeId, State};
use app::domain::glass::{Glass, names};
use app::domain::notification::Occasion;
use app::domain::operation::{Operation, Progress};
use app::domain::run::state::Phase;
use app::domain::run::{self, RunId};
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// Longest text of a person, or of a failed step, that a message repeats, in characters. Slack takes 3000
/// for a part of a message, and each character may become five; the linked page has the whole text.
pub const WORDS_MAX: usize = 500;

/// A message before it has a webhook's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// Something happened.
    News(News),
    /// The ledger has grown.
    Checkpoint {
        /// Entries in the tree.
        size: u64,
        /// The signed note (C2SP).
        note: String,
    },
}

/// What news are about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A change.
    Change(ChangeId),
    /// A run that belongs to no change.
    Run(RunId),
}

/// Something that happened. It holds names, a title and what people said; neither plans nor bodies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// What.
    pub occasion: Occasion,
    /// When.
    pub at: Timestamp,
    /// To what.
    pub about: About,
    /// Where.
    pub on: EndpointKey,
    /// What it does, in the product's words.
    pub title: String,
    /// Who asked for it, by name.
    pub proposed_by: String,
    /// Who did this, by name; `None` when it came about by itself.
    pub by: Option<String>,
    /// What they said, or what went wrong; at most [`WORDS_MAX`] characters.
    pub words: Option<String>,
    /// When it expires, while it waits.
    pub expires: Option<Timestamp>,
}

impl News {
    /// What an event makes of a change, when that is news; `before` is `None` for a proposal.
    #[must_use]
    pub fn of_event(
        of: Subject<'_>,
        before: Option<&Change>,
        event: &Event,
        after: &Change,
        at: Timestamp,
    ) -> Option<Self> {
        let waits = after.state == State::Proposed;
        let (occasion, by, words) = match event {
            Event::Proposed { by, reason, .. } if waits => (Occasion::Waiting, Some(by), reason),
            Event::Replanned { why, .. } if waits && had_approvals(before) => {
                (Occasion::Waiting, None, why)
            }
            Event::Lapsed { why, .. } if waits && was_approved(before) => {
                (Occasion::Waiting, None, why)
            }
            Event::Approved { by, comment, .. } if is_enough(before, after) => {
                (Occasion::Approved, Some(by), comment)
            }
            Event::Refused { by, comment } => (Occasion::Refused, Some(by), comment),
            Event::Withdrawn { by } => (Occasion::Withdrawn, Some(by), &String::new()),
            Event::Expired => (Occasion::Expired, None, &String::new()),
            Event::Ended(Ending::Succeeded) => (Occasion::Succeeded, None, &String::new()),
            Event::Ended(Ending::Failed { message }) => (Occasion::Failed, None, message),
            Event::Ended(Ending::Cancelled) => (Occasion::Cancelled, None, &String::new()),
            Event::Ended(Ending::RolledBack) => (Occasion::RolledBack, None, &String::new()),
            _ => return None,
        };
        Some(Self {
            by: by.map(|by| by.name.clone()),
            words: clipped(words),
            ..Self::of_change(of, occasion, after, at)
        })
    }

    /// That a change has waited for long.
    #[must_use]
    pub fn of_waiting(of: Subject<'_>, occasion: Occasion, change: &Change, at: Timestamp) -> Self {
        Self { words: clipped(&change.reason), ..Self::of_change(of, occasion, change, at) }
    }

    fn of_change(of: Subject<'_>, occasion: Occasion, change: &Change, at: Timestamp) -> Self {
        Self {
            occasion,
            at,
            about: About::Change(of.id.clone()),
            on: of.at.clone(),
            title: of.title.to_owned(),
            proposed_by: change.by.name.clone(),
            by: None,
            words: None,
            expires: (change.state == State::Proposed).then_some(change.expires),
        }
    }

    /// That a run has failed or was rolled back, when it has just come to that.
    #[must_use]
    pub fn of_run(run: &Operation, before: &Phase, after: &Phase, at: Timestamp) -> Option<Self> {
        let news = |phase: &Phase| match phase {
            Phase::Attention | Phase::Finished(run::Ending::Failed { .. }) => {
                Some(Occasion::RunFailed)
            }
            Phase::Finished(run::Ending::RolledBack { .. }) => Some(Occasion::RunRolledBack),
            Phase::New | Phase::Running | Phase::Finished(_) => None,
        };
        let occasion = news(after).filter(|occasion| news(before) != Some(*occasion))?;
        let (Progress::Failed { message } | Progress::RolledBack { message }) = &run.progress
        else {
            return None;
        };
        Some(Self {
            occasion,
            at,
            about: About::Run(run.id.clone()),
            on: run.endpoint.clone(),
            title: run.action.title(),
            proposed_by: run.by.clone(),
            by: None,
            words: clipped(message),
            expires: None,
        })
    }

    /// That glass was broken for a run. The rules come first: a long reason is cut.
    #[must_use]
    pub fn of_glass(glass: &Glass, run: &Operation) -> Self {
        Self {
            occasion: Occasion::BrokeGlass,
            at: run.started,
            about: About::Run(run.id.clone()),
            on: run.endpoint.clone(),
            title: run.action.title(),
            proposed_by: run.by.clone(),
            by: Some(run.by.clone()),
            words: clipped(&format!(
                "Set aside: {}. Reason: {}",
                names(&glass.set_aside),
                glass.reason
            )),
            expires: None,
        }
    }

    /// The same without what is known to be secret here.
    #[must_use]
    pub fn without_secrets(self) -> Self {
        let title = redact::scope::public(&self.title);
        Self { title, words: self.words.map(|words| redact::text(&words)), ..self }
    }

    /// What it is about, as a word: messages about one thing keep their order.
    #[must_use]
    pub fn subject(&self) -> String {
        match &self.about {
            About::Change(id) => format!("change {id}"),
            About::Run(id) => format!("run {id}"),
        }
    }
}

/// Whether an approval was the last that was missing.
fn is_enough(before: Option<&Change>, after: &Change) -> bool {
    after.state == State::Approved && before.is_some_and(|before| before.state != State::Approved)
}

fn was_approved(before: Option<&Change>) -> bool {
    before.is_some_and(|before| before.state == State::Approved)
}

fn had_approvals(before: Option<&Change>) -> bool {
    before.is_some_and(|before| before.standing().next().is_some())
}

/// A text that fits; `None` when nothing was said.
fn clipped(text: &str) -> Option<String> {
    let text = text.trim();
    let mut clipped: String = text.chars().take(WORDS_MAX).collect();
    if clipped.len() < text.len() {
        clipped.push('…');
    }
    Some(clipped).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
