//! A change: a plan that somebody proposed, and what became of it.
//!
//! A change is the fold of its events ([`Change::next`]), which refuses those that cannot be. An approval
//! is for one [`SubjectHash`]; when plan, base state or evidence change, it falls away, visibly. Who may do
//! what now is told by [`may`], with the sentence for the button that may not be pressed.

pub mod event;
mod id;
pub mod may;
pub mod proposal;

#[cfg(test)]
mod tests;

pub use id::ChangeId;

use super::evidence::Attached;
use super::run::RunId;
use super::timestamp::Timestamp;
use event::{Ending, Event, Person, SubjectHash};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a change stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits for approvals.
    Proposed,
    /// Enough people approved; it can start.
    Approved,
    /// It is being carried out.
    Running,
    /// It was done.
    Succeeded,
    /// It stopped and needs attention.
    Failed,
    /// Somebody stopped it.
    Cancelled,
    /// It was undone.
    RolledBack,
    /// An approver said no.
    Refused,
    /// The proposer took it back.
    Withdrawn,
    /// It waited too long.
    Expired,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Proposed,
        Self::Approved,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::RolledBack,
        Self::Refused,
        Self::Withdrawn,
        Self::Expired,
    ];

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Proposed => "waits for approval",
            Self::Approved => "approved",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "needs attention",
            Self::Cancelled => "cancelled",
            Self::RolledBack => "rolled back",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    /// Whether somebody has still to decide or to start.
    #[must_use]
    pub fn is_waiting(self) -> bool {
        matches!(self, Self::Proposed | Self::Approved)
    }

    /// Whether nothing will happen to it any more by itself.
    #[must_use]
    pub fn is_over(self) -> bool {
        !self.is_waiting() && self != Self::Running
    }
}

/// One approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Whose.
    pub by: Person,
    /// When.
    pub at: Timestamp,
    /// What they said; may be empty.
    pub comment: String,
    /// Why it counts no more; `None` while it counts.
    pub fell_away: Option<String>,
}

/// An event and its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamped {
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: Event,
}

/// A change as its events tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Who proposed it.
    pub by: Person,
    /// Why.
    pub reason: String,
    /// When.
    pub proposed: Timestamp,
    /// When it expires if it still waits.
    pub expires: Timestamp,
    /// When it is to start, once approved.
    pub start: Option<Timestamp>,
    /// How many must approve.
    pub approvals_needed: u8,
    /// What is to be approved.
    pub subject: SubjectHash,
    /// The evidence that is part of it.
    #[serde(default)]
    pub evidence: Vec<Attached>,
    /// All approvals, those that fell away too.
    pub approvals: Vec<Approval>,
    /// Where it stands.
    pub state: State,
    /// What carries it out, once started.
    pub run: Option<RunId>,
    /// Why it stopped, when it failed.
    pub trouble: Option<String>,
}

/// An event that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Illegal {
    /// The event's word.
    pub event: &'static str,
    /// The state in which it came; `None` before the proposal.
    pub state: Option<State>,
}

impl fmt::Display for Illegal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.state {
            None => write!(f, "“{}” before the proposal", self.event),
            Some(state) => write!(f, "“{}” while the change is {}", self.event, state.label()),
        }
    }
}

impl std::error::Error for Illegal {}

impl Change {
    /// The change that these events tell.
    ///
    /// # Errors
    /// [`Illegal`] for the first event that cannot be.
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a Stamped>) -> Result<Self, Illegal> {
        let mut events = events.into_iter();
        let Some(Stamped {
            at,
            event: Event::Proposed { by, reason, subject, approvals, expires, start, evidence },
        }) = events.next()
        else {
            return Err(Illegal { event: "first", state: None });
        };
        let state = if *approvals == 0 { State::Approved } else { State::Proposed };
        let mut change = Self {
            by: by.clone(),
            reason: reason.clone(),
            proposed: *at,
            expires: *expires,
            start: *start,
            approvals_needed: *approvals,
            subject: subject.clone(),
            evidence: evidence.clone(),
            approvals: Vec::new(),
            state,
            run: None,
            trouble: None,
        };
        for stamped in events {
            change = change.next(stamped)?;
        }
        Ok(change)
    }

    /// The change after one more event.
    ///
    /// # Errors
    /// [`Illegal`]; nobody approves their own proposal, twice, or something else than what is proposed now.
    pub fn next(mut self, Stamped { at, event }: &Stamped) -> Result<Self, Illegal> {
        let illegal = Illegal { event: event.word(), state: Some(self.state) };
        let is_waiting = self.state.is_waiting();
        match event {
            Event::Commented { .. } => {}
            Event::Replanned { subject, why, evidence } if is_waiting => {
                self.replan(subject, why);
                self.evidence.clone_from(evidence);
            }
            Event::Lapsed { of, why } if is_waiting => self.lapse(of, why),
            Event::Approved { by, subject, comment }
                if is_waiting && *subject == self.subject && self.takes_approval_of(by) =>
            {
                let (by, comment) = (by.clone(), comment.clone());
                self.approvals.push(Approval { by, at: *at, comment, fell_away: None });
                self.settle();
            }
            Event::Refused { .. } if is_waiting => self.state = State::Refused,
            Event::Withdrawn { .. } if is_waiting => self.state = State::Withdrawn,
            Event::Expired if is_waiting => self.state = State::Expired,
            Event::Started { run, .. } if self.state == State::Approved => {
                self.run = Some(run.clone());
                self.state = State::Running;
            }
            Event::Ended(ending) if matches!(self.state, State::Running | State::Failed) => {
                self.end(ending);
            }
            _ => return Err(illegal),
        }
        Ok(self)
    }

    /// The approvals that count.
    pub fn standing(&self) -> impl Iterator<Item = &Approval> {
        self.approvals.iter().filter(|approval| approval.fell_away.is_none())
    }

    /// How many approvals are still missing.
    #[must_use]
    pub fn missing(&self) -> usize {
        usize::from(self.approvals_needed).saturating_sub(self.standing().count())
    }

    fn takes_approval_of(&self, person: &Person) -> bool {
        self.by.id != person.id && self.standing().all(|approval| approval.by.id != person.id)
    }

    fn replan(&mut self, subject: &SubjectHash, why: &str) {
        if *subject == self.subject {
            return;
        }
        self.subject = subject.clone();
        for approval in &mut self.approvals {
            approval.fell_away.get_or_insert_with(|| why.to_owned());
        }
        self.settle();
    }

    fn lapse(&mut self, of: &Person, why: &str) {
        let is_theirs = |approval: &&mut Approval| approval.by.id == of.id;
        for approval in self.approvals.iter_mut().filter(is_theirs) {
            approval.fell_away.get_or_insert_with(|| why.to_owned());
        }
        self.settle();
    }

    /// Waiting or approved, by the approvals that count.
    fn settle(&mut self) {
        self.state = if self.missing() == 0 { State::Approved } else { State::Proposed };
    }

    fn end(&mut self, ending: &Ending) {
        self.trouble = None;
        self.state = match ending {
            Ending::Succeeded => State::Succeeded,
            Ending::Failed { message } => {
                self.trouble = Some(message.clone());
                State::Failed
            }
            Ending::Cancelled => State::Cancelled,
            Ending::RolledBack => State::RolledBack,
        };
    }
}
