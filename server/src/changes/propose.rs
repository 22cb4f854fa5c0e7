//! Proposes changes: plans them on Azure's current state, rejects what can never be done, and stores the rest.

use super::{Changes, not_written};
use crate::entries::Principal;
use crate::error::OrInternal as _;
use crate::planner::pinned::{Pinned, named};
use crate::redact;
use crate::runs::begin::{check_plan, check_route};
use crate::runs::plan::refusal;
use crate::runs::reading::Reads;
use crate::store::changes::New;
use app::error::ConsoleError;
use domain::change::event::{Event, SubjectHash};
use domain::change::proposal::Words;
use domain::change::{Change, ChangeId};
use domain::evidence::status::attached;
use domain::intent::{Intent, Seen};
use domain::job::JobId;
use domain::policy::Policy;
use domain::stage::EndpointKey;
use domain::target::Target;
use domain::timestamp::Timestamp;
use domain::user::Person;

/// Maximum number of pending changes of one endpoint: nobody reviews more.
const WAITING_MAX: usize = 20;

/// A proposal.
#[derive(Debug)]
pub struct Proposed<'a> {
    pub at: &'a EndpointKey,
    pub intent: Pinned,
    /// What the person's page showed.
    pub seen: &'a Seen,
    pub reason: &'a Words,
    /// When to start the change automatically, once approved.
    pub start: Option<Timestamp>,
    /// The job that proposes for the person.
    pub job: Option<JobId>,
}

impl Changes {
    /// Stores a proposal. The caller checks the person's right.
    ///
    /// # Errors
    /// [`ConsoleError`]; in this case nothing is proposed.
    pub async fn propose(
        &self,
        proposed: Proposed<'_>,
        by: &Principal,
    ) -> Result<ChangeId, ConsoleError> {
        let Proposed { at, mut intent, seen, reason, start, job } = proposed;
        let now = self.runs.clock.now();
        let policy = &self.runs.stages.get(&at.stage)?.rules.policy;
        let expires = policy.expiry(now);
        check_start(start, now, expires, policy)?;
        if self.waiting_at(at) >= WAITING_MAX {
            return Err(ConsoleError::Refused(format!(
                "{WAITING_MAX} changes of {} are already pending, which is the limit. Nothing was proposed. Have some \
                 of them decided or withdrawn first.",
                at.endpoint
            )));
        }
        let looked = Box::pin(self.look(at, &intent, Reads::Fresh)).await?;
        check_route(seen, &looked.planned.plan.base, "Nothing was proposed.")?;
        check_plan(seen, &looked.planned, "Nothing was proposed.")?;
        if let Some(why) = refusal(&looked.planned) {
            return Err(ConsoleError::Refused(format!("{why} Nothing was proposed.")));
        }
        if let Some(id) = self.proposed_already(at, &intent, &looked.subject, reason, by).await? {
            return Ok(id);
        }
        let event = Event::Proposed {
            by: Person::from(&by.user),
            reason: reason.as_str().to_owned(),
            subject: looked.subject,
            approvals: policy.approvals,
            expires,
            start,
            evidence: attached(&looked.evidence),
            job,
        };
        if let Intent::Release { release } = &mut intent {
            release.unknown = looked.unknown;
        }
        let title = named(&intent).title();
        let target = Target::from(at.clone());
        let new = New { target: target.clone(), title, intent, planned: looked.planned, event };
        let kept = self.table.propose(new, by, now).await;
        let kept = kept.map_err(|error| not_written(&target, error))?;
        self.written().await;
        Ok(kept.id)
    }
}

impl Changes {
    /// The person's pending change that creates or deletes the same deployment for the same reason: a form that is sent
    /// twice proposes once.
    async fn proposed_already(
        &self,
        at: &EndpointKey,
        intent: &Pinned,
        subject: &SubjectHash,
        reason: &Words,
        by: &Principal,
    ) -> Result<Option<ChangeId>, ConsoleError> {
        if !matches!(intent, Intent::CreateDeployment { .. } | Intent::DeleteDeployment { .. }) {
            return Ok(None);
        }
        let open = self.table.open().await.or_internal("changes cannot be read")?;
        let me = Person::from(&by.user).id;
        let found = open.into_iter().find(|row| {
            let Change { by, state, reason: said, subject: known, .. } = &row.change;
            row.target.endpoint() == Some(at)
                && state.is_waiting()
                && by.id == me
                && known == subject
                && *said == redact::text(reason.as_str())
        });
        Ok(found.map(|row| row.id))
    }
}

fn check_start(
    start: Option<Timestamp>,
    now: Timestamp,
    expires: Timestamp,
    policy: &Policy,
) -> Result<(), ConsoleError> {
    let message = match start {
        Some(start) if start <= now => format!(
            "The change cannot start at {}, because this time has passed. Choose a later time, or leave the field \
             empty and start the change yourself.",
            start.utc()
        ),
        Some(start) if start >= expires => format!(
            "The change would expire before it starts: on this stage changes expire after {} hours, at {}. Choose an \
             earlier time.",
            policy.expiry_hours,
            expires.utc()
        ),
        _ => return Ok(()),
    };
    Err(ConsoleError::Invalid { field: Some("start".to_owned()), message })
}
