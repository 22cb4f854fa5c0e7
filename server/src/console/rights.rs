//! Whether somebody may, and the record of those who tried what they may not.

use super::SignedIn;
use crate::history::facts;
use crate::stages::Place;
use app::domain::change::proposal::Act;
use app::domain::stage::EndpointKey;
use app::domain::user::Right;
use app::error::ConsoleError;
use app::port::Result;

/// What somebody needs to decide about a change, and what they do then.
#[must_use]
pub fn of_act(act: Act) -> (Right, &'static str) {
    match act {
        Act::Approve => (Right::Approve, "approve a change"),
        Act::Refuse => (Right::Approve, "refuse a change"),
        Act::Withdraw => (Right::Propose, "withdraw a change"),
        Act::Comment => (Right::See, "comment on a change"),
        Act::Start => (Right::Start, "start a change"),
    }
}

impl SignedIn {
    pub(super) async fn require(&self, right: Right) -> Result<()> {
        self.require_to(right, right.label(), None).await
    }

    /// The same for something more special than the right is for.
    pub(super) async fn require_to(
        &self,
        right: Right,
        what: &str,
        at: Option<&EndpointKey>,
    ) -> Result<()> {
        match self.asker.user.why_not(right) {
            None => Ok(()),
            Some(reason) => Err(self.denied(what, at, reason).await),
        }
    }

    /// Records the attempt; the person reads the reason.
    pub(super) async fn denied(
        &self,
        what: &str,
        at: Option<&EndpointKey>,
        reason: String,
    ) -> ConsoleError {
        tracing::warn!(user = self.asker.user.object, what, "denied");
        let now = self.services.clock.now();
        let fact = facts::denied(&self.asker, what, at, &reason, now);
        self.services.history.refused(fact).await;
        ConsoleError::Forbidden(reason)
    }

    /// Why they may not change a stage's endpoints, or propose to where that needs an approval.
    pub(super) fn may_not_change(&self, place: &Place) -> Option<String> {
        let right = if place.stage.protected { Right::Propose } else { Right::ApplyUnprotected };
        self.asker.user.why_not(right)
    }

    pub(super) async fn require_change(&self, at: &EndpointKey, what: &str) -> Result<()> {
        let place = self.place(at)?;
        let is_protected = || {
            place.stage.protected.then(|| {
                format!(
                    "{} is a protected stage: what changes it needs another person's approval. Propose it, \
                     with a reason, where you would have applied it.",
                    place.stage.name
                )
            })
        };
        match self.may_not_change(place).or_else(is_protected) {
            None => Ok(()),
            Some(reason) => Err(self.denied(what, Some(at), reason).await),
        }
    }

    /// Records that a rule forbade what was asked for.
    pub(super) async fn recorded<T>(
        &self,
        what: &str,
        at: &EndpointKey,
        done: Result<T>,
    ) -> Result<T> {
        if let Err(ConsoleError::Refused(reason) | ConsoleError::Conflict(reason)) = &done {
            let now = self.services.clock.now();
            let fact = facts::refused(&self.asker, what, at, reason, now);
            self.services.history.refused(fact).await;
        }
        done
    }
}
