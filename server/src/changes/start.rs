//! Starts changes: checks everything once more, then writes the start and the run in one transaction.

use super::decide::{Decided, check_seen};
use super::replan::Replanned;
use super::{Changes, not_written};
use crate::entries::Principal;
use crate::runs::endpoint_of;
use crate::runs::plan::{kept as kept_of, refusal};
use crate::stages::Rules;
use crate::store::changes::StoredChange;
use crate::store::runs::Order;
use app::error::ConsoleError;
use domain::change::{Change, State, permissions};
use domain::run::warrant::{Consent, Warrant};
use domain::user::Person;
use domain::user::User;

impl Changes {
    /// Starts a change for a person. The caller checks the person's right.
    pub(super) async fn start_by(
        &self,
        mut kept: StoredChange,
        decided: Decided<'_>,
    ) -> Result<(), ConsoleError> {
        let looked = self.compare_settled(&mut kept).await?;
        check_seen(&kept, decided.seen)?;
        let person = Person::from(&decided.by.user);
        self.start(&mut kept, looked, Some(person), decided.by).await
    }

    /// Starts a scheduled change on behalf of its proposer. The proposer's roles at the latest sign-in must still allow
    /// the start.
    pub(super) async fn start_due(&self, mut kept: StoredChange) -> Result<(), ConsoleError> {
        let roles = self.proposers_roles(&kept.change).await?;
        if let Some(why) = permissions::not_by_itself(&kept.change, roles.as_ref()) {
            return Err(ConsoleError::Refused(why));
        }
        let looked = self.compare(&mut kept).await?;
        let by = &kept.change.by;
        let (tenant, object) = by.id.split_once('/').unwrap_or((&by.id, ""));
        let user = User {
            tenant: tenant.to_owned(),
            object: object.to_owned(),
            name: by.name.clone(),
            username: by.username.clone(),
            roles: roles.unwrap_or_default(),
        };
        let proposer = Principal { user, request: format!("schedule of {}", kept.id) };
        self.start(&mut kept, looked, None, &proposer).await
    }

    async fn start(
        &self,
        kept: &mut StoredChange,
        looked: Replanned,
        by: Option<Person>,
        principal: &Principal,
    ) -> Result<(), ConsoleError> {
        let rules = &self.runs.stages.get(kept.target.stage())?.rules;
        let refused = |why: String| Err(ConsoleError::Refused(format!("{why} Nothing was sent.")));
        if kept.change.state != State::Approved {
            return refused(not_approved(&kept.change));
        }
        if let Some(why) = no_longer_enough(&kept.change, rules) {
            return refused(why);
        }
        if let Some(why) = looked.shown.blocked().or_else(|| refusal(&looked.planned)) {
            // If a run has begun in the meantime, report that instead of the guards' reason.
            self.runs.idle(endpoint_of(&kept.target)?).await?;
            return refused(why);
        }
        let target = kept.target.clone();
        let (intent, moved) = kept_of(&kept.intent, &looked.planned);
        let order = Order {
            target: &target,
            intent,
            moved,
            steps: looked.planned.steps,
            hash: looked.planned.plan.hash,
            warrant: Warrant::new(consent(&kept.change), looked.planned.plan.made_of),
            by: principal,
        };
        // The page keeps showing the guards' verdicts at the start.
        kept.planned.plan = looked.shown;
        let now = self.runs.clock.now();
        let started = self.table.start(kept, by, order, &self.runs.table, now).await;
        started.map_err(|error| not_written(&target, error))?;
        self.runs.moved();
        self.written().await;
        Ok(())
    }
}

/// Why the run may start: by approvals, or by its proposer alone if the stage requires no approvals.
fn consent(change: &Change) -> Consent {
    match change.approvals_needed {
        0 => Consent::Applied,
        _ => Consent::Approved,
    }
}

/// Says that a change is not approved, and why, if an approval was revoked.
fn not_approved(change: &Change) -> String {
    let revoked = change.approvals.iter().rev().find_map(|approval| approval.revoked.as_deref());
    match revoked {
        Some(why) => format!("The change is not approved any more. {why}"),
        None => "The change is not approved.".to_owned(),
    }
}

/// Why the approvals no longer suffice for the current policy; `None` if they do. Approvals of people who have lost the
/// right to approve are already revoked.
fn no_longer_enough(change: &Change, rules: &Rules) -> Option<String> {
    let (counts, needed) = (change.standing().count(), usize::from(rules.policy.approvals));
    (counts < needed).then(|| {
        format!(
            "The stage's policy now requires {needed} approvals, and the change has {counts}. Have the change approved \
             again, or propose it again."
        )
    })
}
