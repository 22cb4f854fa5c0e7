//! The messages to webhooks, and the events that cause them. Pure: the store writes a message together with its event.

pub mod address;
pub mod setup;

use crate::entries::changes::Subject;
use crate::redact;
use domain::change::event::{Ending, Event};
use domain::change::{Change, ChangeId, State};
use domain::glass::{Glass, names};
use domain::notification::Occasion;
use domain::run::operation::{Operation, Progress};
use domain::run::state::Phase;
use domain::run::{self, RunId};
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// Maximum length of the text of a person or a failed step in a message, in characters. Slack allows 3000 per
/// block, and escaping may turn one character into five. The linked page has the whole text.
pub const WORDS_MAX: usize = 500;

/// A message that is not yet formatted for a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    News(News),
    /// Reports that the ledger has grown.
    Checkpoint {
        size: u64,
        /// The signed note (C2SP).
        note: String,
    },
}

/// The subject of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    Change(ChangeId),
    /// A run that belongs to no change.
    Run(RunId),
}

/// An event. Contains names, a title and people's comments, but no plans and no bodies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    pub occasion: Occasion,
    pub at: Timestamp,
    pub about: About,
    pub on: EndpointKey,
    /// The title of the change or run.
    pub title: String,
    /// The name of the person who proposed the change or started the run.
    pub proposed_by: String,
    /// The name of the person who caused the event; `None` when the console did.
    pub by: Option<String>,
    /// Their comment or the error; at most [`WORDS_MAX`] characters.
    pub words: Option<String>,
    /// When the change expires, while it needs approval.
    pub expires: Option<Timestamp>,
}

impl News {
    /// The message that an event of a change causes, if any; `before` is `None` for a proposal.
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
            ..Self::of_change(of, occasion, after, at)?
        })
    }

    /// The reminder or escalation of a change that still needs approval.
    #[must_use]
    pub fn of_waiting(
        of: Subject<'_>,
        occasion: Occasion,
        change: &Change,
        at: Timestamp,
    ) -> Option<Self> {
        Some(Self { words: clipped(&change.reason), ..Self::of_change(of, occasion, change, at)? })
    }

    /// `None` for a change of something else than an endpoint, which nothing proposes yet: a stored message names one.
    fn of_change(
        of: Subject<'_>,
        occasion: Occasion,
        change: &Change,
        at: Timestamp,
    ) -> Option<Self> {
        Some(Self {
            occasion,
            at,
            about: About::Change(of.id.clone()),
            on: of.target.endpoint()?.clone(),
            title: of.title.to_owned(),
            proposed_by: change.by.name.clone(),
            by: None,
            words: None,
            expires: (change.state == State::Proposed).then_some(change.expires),
        })
    }

    /// The message that a run of an endpoint has just failed or was rolled back.
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
            on: run.target.endpoint()?.clone(),
            occasion,
            at,
            about: About::Run(run.id.clone()),
            title: run.intent.title(),
            proposed_by: run.by.clone(),
            by: None,
            words: clipped(message),
            expires: None,
        })
    }

    /// The message that somebody broke glass for a run. The rules come first because a long reason is cut.
    #[must_use]
    pub fn of_glass(glass: &Glass, run: &Operation, on: &EndpointKey) -> Self {
        Self {
            occasion: Occasion::BrokeGlass,
            at: run.started,
            about: About::Run(run.id.clone()),
            on: on.clone(),
            title: run.intent.title(),
            proposed_by: run.by.clone(),
            by: Some(run.by.clone()),
            words: clipped(&format!(
                "Overridden: {}. Reason: {}",
                names(&glass.set_aside),
                glass.reason
            )),
            expires: None,
        }
    }

    /// Replaces known secrets.
    #[must_use]
    pub fn without_secrets(self) -> Self {
        let title = redact::scope::public(&self.title);
        Self { title, words: self.words.map(|words| redact::text(&words)), ..self }
    }

    /// The key within which messages keep their order.
    #[must_use]
    pub fn subject(&self) -> String {
        match &self.about {
            About::Change(id) => format!("change {id}"),
            About::Run(id) => format!("run {id}"),
        }
    }
}

/// Whether an approval was the last required one.
fn is_enough(before: Option<&Change>, after: &Change) -> bool {
    after.state == State::Approved && before.is_some_and(|before| before.state != State::Approved)
}

fn was_approved(before: Option<&Change>) -> bool {
    before.is_some_and(|before| before.state == State::Approved)
}

fn had_approvals(before: Option<&Change>) -> bool {
    before.is_some_and(|before| before.standing().next().is_some())
}

/// The text, cut to [`WORDS_MAX`]; `None` when it is empty.
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
