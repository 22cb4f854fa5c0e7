//! Proposing: planned on what Azure says now, refused if it could never be done, then written down.

use super::stored::Stored;
use super::{Changes, not_written};
use crate::history::Asker;
use crate::operations::begin::refusal;
use crate::operations::reading::Reads;
use crate::store::changes::New;
use app::domain::change::ChangeId;
use app::domain::change::event::{Event, Person};
use app::domain::change::proposal::Words;
use app::domain::evidence::standing::attached;
use app::domain::policy::Policy;
use app::domain::route::Route;
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use app::error::ConsoleError;

/// Changes of one endpoint that may wait at once: nobody reads more.
const WAITING_MAX: usize = 20;

/// What is proposed.
#[derive(Debug)]
pub struct Proposed<'a> {
    /// Where.
    pub at: &'a EndpointKey,
    /// What.
    pub wish: Stored,
    /// The route that the person saw, when it is about a route.
    pub base: Option<&'a Route>,
    /// Why.
    pub reason: &'a Words,
    /// When it is to start by itself, once approved.
    pub start: Option<Timestamp>,
}

impl Changes {
    /// Writes a proposal down. That the person may propose must have been checked.
    ///
    /// # Errors
    /// [`ConsoleError`]; then nothing is proposed.
    pub async fn propose(
        &self,
        proposed: Proposed<'_>,
        by: &Asker,
    ) -> Result<ChangeId, ConsoleError> {
        let Proposed { at, mut wish, base, reason, start } = proposed;
        let now = self.runs.clock.now();
        let policy = &self.runs.stages.get(&at.stage)?.rules.policy;
        let expires = policy.expiry(now);
        check_start(start, now, expires, policy)?;
        if self.waiting_at(at) >= WAITING_MAX {
            return Err(ConsoleError::Refused(format!(
                "{WAITING_MAX} changes of {} wait already. Have some of them decided or withdrawn first. \
                 Nothing was proposed.",
                at.endpoint
            )));
        }
        let looked = Box::pin(self.look(at, &wish, Reads::Fresh)).await?;
        let now_is = &looked.planned.plan.base;
        if let Some(base) = base.filter(|base| *base != now_is) {
            return Err(ConsoleError::Conflict(format!(
                "The route changed while you were deciding: it was {base}, it is now {now_is}. Nothing was \
                 proposed. Look at the new plan and propose it if it is still right."
            )));
        }
        if let Some(why) = refusal(&looked.planned) {
            return Err(ConsoleError::Refused(format!("{why} Nothing was proposed.")));
        }
        let event = Event::Proposed {
            by: Person::from(&by.user),
            reason: reason.as_str().to_owned(),
            subject: looked.subject,
            approvals: policy.approvals,
            expires,
            start,
            evidence: attached(&looked.evidence),
        };
        if let Stored::Release(kept) = &mut wish {
            kept.unknown = looked.unknown;
        }
        let title = wish.action(&looked.planned).title();
        let new = New { at: at.clone(), title, wish, planned: looked.planned, event };
        let kept = self.table.propose(new, by, now).await;
        let kept = kept.map_err(|error| not_written(at, error))?;
        self.written().await;
        Ok(kept.id)
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
            "It cannot start at {}: that is over. Choose a later time, or leave it empty and start it by hand.",
            start.utc()
        ),
        Some(start) if start >= expires => format!(
            "It would expire before it starts: on this stage changes wait {} hours at most, until {}.",
            policy.expiry_hours,
            expires.utc()
        ),
        _ => return Ok(()),
    };
    Err(ConsoleError::Invalid { field: Some("start".to_owned()), message })
}
