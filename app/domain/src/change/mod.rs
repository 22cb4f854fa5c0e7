//! A change: a proposed plan and its history.
//!
//! A change is the fold of its events; [`Change::next`] rejects illegal events. An approval is for one
//! [`SubjectHash`]: when plan, base state or evidence change, the approval is revoked and stays visible. [`permissions`]
//! decides who may do what, with the sentence for a disabled button.

pub mod event;
pub mod permissions;
pub mod proposal;

#[cfg(test)]
mod tests;

pub use crate::ids::ChangeId;

use super::evidence::Attached;
use super::timestamp::Timestamp;
use crate::ids::{JobId, RunId};
use crate::user::Person;
use event::{Ending, Event, SubjectHash};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The state of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Pending approval.
    Proposed,
    /// Enough people approved; the change can start.
    Approved,
    /// The change's run is in progress.
    Running,
    Succeeded,
    /// The run stopped and needs attention.
    Failed,
    /// A person stopped the run.
    Cancelled,
    RolledBack,
    /// An approver rejected the change.
    Refused,
    /// The proposer withdrew the change.
    Withdrawn,
    /// The change was pending for too long.
    Expired,
    /// A run that broken glass began has already applied the change.
    Superseded,
}

impl State {
    /// All states.
    pub const ALL: [Self; 11] = [
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
        Self::Superseded,
    ];

    /// The state's name on screens.
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
            Self::Refused => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Superseded => "superseded by broken glass",
        }
    }

    /// Whether the change still needs a decision or a start.
    #[must_use]
    pub fn is_waiting(self) -> bool {
        matches!(self, Self::Proposed | Self::Approved)
    }

    /// Whether nothing will happen automatically any more.
    #[must_use]
    pub fn is_over(self) -> bool {
        !self.is_waiting() && self != Self::Running
    }
}

/// One approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    pub by: Person,
    pub at: Timestamp,
    /// May be empty.
    pub comment: String,
    /// Why the approval was revoked; `None` if it counts. The store has it under its former name.
    #[serde(rename = "fell_away")]
    pub revoked: Option<String>,
}

/// An event and its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamped {
    pub at: Timestamp,
    pub event: Event,
}

/// A change, folded from its events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub by: Person,
    pub reason: String,
    pub proposed: Timestamp,
    /// When the change expires if it is still pending.
    pub expires: Timestamp,
    /// When the change starts, once approved; `None` if a person starts it.
    pub start: Option<Timestamp>,
    pub approvals_needed: u8,
    /// The hash to approve.
    pub subject: SubjectHash,
    /// The evidence that is part of the hash.
    #[serde(default)]
    pub evidence: Vec<Attached>,
    /// The job that proposed the change for the person, after it built the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
    /// All approvals, including revoked ones.
    pub approvals: Vec<Approval>,
    pub state: State,
    /// The run that applies the change, once started.
    pub run: Option<RunId>,
    /// Why the run failed, if it did.
    pub trouble: Option<String>,
}

/// An event that is illegal in a change's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Illegal {
    pub event: &'static str,
    /// The state at the event; `None` before the proposal.
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
    /// Folds a change from its events.
    ///
    /// # Errors
    /// [`Illegal`] for the first illegal event.
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a Stamped>) -> Result<Self, Illegal> {
        let mut events = events.into_iter();
        let Some(Stamped {
            at,
            event: Event::Proposed { by, reason, subject, approvals, expires, start, evidence, job },
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
            job: job.clone(),
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

    /// Applies one more event.
    ///
    /// # Errors
    /// [`Illegal`], for example if a person approves their own proposal, approves twice, or approves an outdated hash.
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
                self.approvals.push(Approval { by, at: *at, comment, revoked: None });
                self.settle();
            }
            Event::Refused { .. } if is_waiting => self.state = State::Refused,
            Event::Withdrawn { .. } if is_waiting => self.state = State::Withdrawn,
            Event::Expired if is_waiting => self.state = State::Expired,
            Event::Superseded { .. } if is_waiting => self.state = State::Superseded,
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
        self.approvals.iter().filter(|approval| approval.revoked.is_none())
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
            approval.revoked.get_or_insert_with(|| why.to_owned());
        }
        self.settle();
    }

    fn lapse(&mut self, of: &Person, why: &str) {
        let is_theirs = |approval: &&mut Approval| approval.by.id == of.id;
        for approval in self.approvals.iter_mut().filter(is_theirs) {
            approval.revoked.get_or_insert_with(|| why.to_owned());
        }
        self.settle();
    }

    /// Sets the state to proposed or approved, by the approvals that count.
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
