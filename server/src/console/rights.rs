//! Checks rights, and records denied attempts.

use super::SignedIn;
use crate::entries;
use crate::stages::StageContext;
use app::error::ConsoleError;
use app::port::Result;
use domain::change::proposal::Act;
use domain::concern::Concern;
use domain::name::DeploymentName;
use domain::stage::EndpointKey;
use domain::user::Right;

/// The right that an action on a change requires, and the action's words in records.
#[must_use]
pub fn of_act(act: Act) -> (Right, &'static str) {
    match act {
        Act::Approve => (Right::Approve, "approve a change"),
        Act::Refuse => (Right::Approve, "reject a change"),
        Act::Withdraw => (Right::Propose, "withdraw a change"),
        Act::Comment => (Right::See, "comment on a change"),
        Act::Start => (Right::Start, "start a change"),
    }
}

impl SignedIn {
    pub(super) async fn require(&self, right: Right) -> Result<()> {
        self.require_to(right, right.label(), &Concern::default()).await
    }

    /// Like [`Self::require`], for an action that is more specific than the right.
    pub(super) async fn require_to(
        &self,
        right: Right,
        what: &str,
        concern: &Concern,
    ) -> Result<()> {
        let stage = concern.at().and_then(|at| self.place(&at).ok());
        // Changes to a protected stage are proposed, so that is the right to name.
        let right = match right {
            Right::ApplyUnprotected if stage.is_some_and(|place| place.stage.protected) => {
                Right::Propose
            }
            right => right,
        };
        match self.principal.why_not(right) {
            None => Ok(()),
            Some(reason) => {
                let concern = self.existing(concern.clone()).await;
                Err(self.denied(what, &concern, reason).await)
            }
        }
    }

    /// Leaves out a change, a run and a record of broken glass that do not exist, and adds what the others are about.
    async fn existing(&self, concern: Concern) -> Concern {
        let services = &self.services;
        if let Some(id) = &concern.change {
            let found = services.changes.table.load(id).await.ok().flatten();
            return match found {
                Some(kept) => concern.on(&kept.target),
                None => Concern { change: None, ..concern },
            };
        }
        if let Some(id) = &concern.run {
            let found = services.operations.table.load(id).await.ok().flatten();
            return match found {
                Some(run) => concern.on(&run.operation.target),
                None => Concern { run: None, ..concern },
            };
        }
        if let Some(id) = &concern.job {
            let found = services.jobs.table.load(id).await.ok().flatten();
            return match found {
                Some(job) => concern.on(&job.build.target()),
                None => Concern { job: None, ..concern },
            };
        }
        match &concern.glass {
            Some(id) => services.changes.broken_glass(id).await.map_or(concern.clone(), |broken| {
                Concern::from(&broken.on).run(&broken.run).change(broken.change.as_ref())
            }),
            None => concern,
        }
    }

    /// Records a denied attempt, and returns the error for the person.
    pub(super) async fn denied(
        &self,
        what: &str,
        concern: &Concern,
        reason: String,
    ) -> ConsoleError {
        tracing::warn!(user = self.principal.user.object, what, "denied");
        let now = self.services.clock.now();
        let fact = entries::denied(&self.principal, what, concern, &reason, now);
        self.services.history.refused(fact).await;
        ConsoleError::Forbidden(reason)
    }

    /// Why the person may not change a stage's endpoints, or, on a protected stage, propose changes.
    pub(super) fn may_not_change(&self, place: &StageContext) -> Option<String> {
        let right = if place.stage.protected { Right::Propose } else { Right::ApplyUnprotected };
        self.principal.why_not(right)
    }

    pub(super) async fn require_change(
        &self,
        at: &EndpointKey,
        deployment: Option<&DeploymentName>,
        what: &str,
    ) -> Result<()> {
        let place = self.place(at)?;
        let is_protected = || {
            place.stage.protected.then(|| {
                format!(
                    "{} is a protected stage: changes need another person's approval. Propose the change, with a \
                     reason, instead of applying it.",
                    place.stage.name
                )
            })
        };
        match self.may_not_change(place).or_else(is_protected) {
            None => Ok(()),
            Some(reason) => {
                let concern = Concern::from(at).deployment(deployment);
                Err(self.denied(what, &concern, reason).await)
            }
        }
    }

    /// Records the attempt if a rule forbade it.
    pub(super) async fn recorded<T>(
        &self,
        what: &str,
        concern: &Concern,
        done: Result<T>,
    ) -> Result<T> {
        if let Err(ConsoleError::Refused(reason) | ConsoleError::Conflict(reason)) = &done {
            let now = self.services.clock.now();
            let fact = entries::refused(&self.principal, what, concern, reason, now);
            self.services.history.refused(fact).await;
        }
        done
    }
}
