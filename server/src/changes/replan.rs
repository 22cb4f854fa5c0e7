//! Plans a change again on Azure's current state, and compares the plan with the one to approve.

use super::replan_reason::why;
use super::subject::{signed, subject};
use super::{Changes, not_written};
use crate::error::OrInternal as _;
use crate::planner::Planned;
use crate::planner::hash::as_earlier_versions;
use crate::planner::pinned::{Pinned, PinnedRelease};
use crate::planner::step::route_after;
use crate::runs::begin::nothing_sent;
use crate::runs::endpoint_of;
use crate::runs::guard_inputs::facts;
use crate::runs::plan::Judged;
use crate::runs::reading::{self, Around, Reads};
use crate::runs::settled::{changing, try_again};
use crate::stages::StageContext;
use crate::store::changes::{News, StoredChange};
use app::error::ConsoleError;
use domain::change::event::{Event, SubjectHash};
use domain::endpoint::Endpoint;
use domain::evidence::status::{EvidenceStatus, attached, lacking, rising};
use domain::guard::not_to_propose;
use domain::intent::Intent;
use domain::plan::Plan;
use domain::stage::{EndpointKey, Freshness};
use domain::target::Target;
use std::sync::Arc;

/// A plan on the current state.
#[derive(Debug)]
pub struct Replanned {
    /// The plan that approvals sign and the run executes.
    pub planned: Planned,
    /// The hash of plan and evidence.
    pub subject: SubjectHash,
    /// The hashes that earlier versions would have made; empty if they are the same.
    earlier: Vec<SubjectHash>,
    /// The state of the required evidence.
    pub evidence: Vec<EvidenceStatus>,
    /// The plan with the verdicts of all guards, including temporary conditions, for people.
    pub shown: Plan,
    /// The endpoint that the plan changes; `None` if the plan creates it.
    pub endpoint: Option<Arc<Endpoint>>,
    /// What Azure did not return, in words; only for a release.
    pub unknown: Vec<String>,
}

impl Replanned {
    /// Why the change cannot be approved now: required evidence is missing or has failed.
    #[must_use]
    pub fn lacking(&self) -> Option<String> {
        lacking(&facts(&self.evidence))
    }

    /// Why approving the change would be in vain: a guard blocks it, and waiting does not help. While Azure changes
    /// the endpoint, guards can block for a moment.
    #[must_use]
    pub fn blocked_for_good(&self) -> Option<String> {
        if self.is_busy() { None } else { not_to_propose(&self.shown.verdicts) }
    }

    fn is_busy(&self) -> bool {
        self.endpoint.as_ref().is_some_and(|endpoint| {
            endpoint.state.is_busy() || endpoint.deployments.iter().any(|one| one.state.is_busy())
        })
    }
}

impl Changes {
    /// Plans an intent on Azure's current state, with the images that approvals cover.
    ///
    /// # Errors
    /// [`ConsoleError`] if Azure or the registry does not respond, or if a run on the endpoint is in progress.
    pub async fn look(
        &self,
        at: &EndpointKey,
        intent: &Pinned,
        reads: Reads,
    ) -> Result<Replanned, ConsoleError> {
        self.look_for(at, intent, reads, true).await
    }

    /// As [`Changes::look`], but without the images: breaking glass must not depend on a registry.
    ///
    /// # Errors
    /// [`ConsoleError`] if Azure does not respond, or if a run on the endpoint is in progress.
    pub async fn look_without_images(
        &self,
        at: &EndpointKey,
        intent: &Pinned,
        reads: Reads,
    ) -> Result<Replanned, ConsoleError> {
        self.look_for(at, intent, reads, false).await
    }

    async fn look_for(
        &self,
        at: &EndpointKey,
        intent: &Pinned,
        reads: Reads,
        has_images: bool,
    ) -> Result<Replanned, ConsoleError> {
        let place = self.runs.stages.get(&at.stage)?;
        self.runs.idle(at).await?;
        let around = self.around(place, at, intent, reads).await?;
        let marks = &around.observed.marks;
        let standings = match around.endpoint() {
            Some(endpoint) => self.runs.standings(place, endpoint).await,
            None => Ok((!place.rules.policy.evidence.is_empty()).then(Vec::new)),
        };
        let standings = standings.or_internal("evidence cannot be read")?;
        // Approvals sign this plan.
        let mut planned = self.runs.plan(place, intent, &around, Judged::ByWhatLasts).await?;
        if has_images {
            planned = Box::pin(self.with_images(place, intent, planned, marks, reads)).await?;
        }
        let mut shown = self.runs.plan(place, intent, &around, Judged::ByEverything).await?.plan;
        shown.images.clone_from(&planned.plan.images);
        let base = &planned.plan.base;
        let rising = rising(base, route_after(&planned.steps).unwrap_or(base));
        let mut evidence = standings.unwrap_or_default();
        evidence.retain(|one| rising.contains(&one.deployment));
        let attached = attached(&evidence);
        let earlier = as_earlier_versions(&planned, marks);
        let earlier = earlier.iter().map(|hash| signed(Some(hash), &attached)).collect();
        let subject = subject(&planned, &attached);
        let endpoint = around.endpoint().cloned();
        Ok(Replanned {
            planned,
            subject,
            earlier,
            evidence,
            shown,
            endpoint,
            unknown: around.unknown,
        })
    }

    /// Plans a stored change on Azure's current state.
    async fn look_at(&self, kept: &StoredChange, reads: Reads) -> Result<Replanned, ConsoleError> {
        let mut looked =
            Box::pin(self.look(endpoint_of(&kept.target)?, &kept.intent, reads)).await?;
        // An upgrade of the console revokes no approval.
        if looked.earlier.contains(&kept.change.subject) {
            looked.subject = kept.change.subject.clone();
        }
        Ok(looked)
    }

    async fn around(
        &self,
        place: &StageContext,
        at: &EndpointKey,
        intent: &Pinned,
        reads: Reads,
    ) -> Result<Around, ConsoleError> {
        let live = reading::endpoint(place, at, reads).await;
        let live = live.map_err(|error| nothing_sent(&error))?;
        match (&live, intent) {
            (Some(live), _) if reads == Reads::Fresh => {
                let body = live.body.as_deref().unwrap_or(&serde_json::Value::Null);
                self.runs.check_present(place, &live.endpoint, body).await?;
            }
            (Some(_), _) | (None, Intent::Release { .. }) => {}
            (None, _) => {
                return Err(ConsoleError::NotFound(format!(
                    "The endpoint {} does not exist any more. Nothing was changed.",
                    at.endpoint
                )));
            }
        }
        let around = reading::beside(place, intent, live, self.runs.clock.now()).await;
        if let Intent::Release { release } = intent {
            still_returned(release, &around)?;
        }
        Ok(around)
    }

    /// Plans a pending change for its page, on the state that the observer has read for everybody. Only if the plan
    /// differs, this reads Azure again and writes the new plan.
    ///
    /// # Errors
    /// As [`Changes::look`].
    pub async fn view(&self, kept: &mut StoredChange) -> Result<Replanned, ConsoleError> {
        let place = self.runs.stages.get(kept.target.stage())?;
        if let Freshness::Stale { reason, .. } = &place.observer.now().freshness {
            return Err(ConsoleError::Unavailable(reason.clone()));
        }
        let looked = self.look_at(kept, Reads::Shared).await?;
        if looked.subject == kept.change.subject {
            return Ok(looked);
        }
        match looked.is_busy() {
            true => Err(busy(&kept.target)),
            false => self.compare(kept).await,
        }
    }

    /// Plans a pending change for a decision. If the plan has changed, this writes the new plan, which revokes all
    /// approvals.
    ///
    /// # Errors
    /// As [`Changes::look`].
    pub async fn compare(&self, kept: &mut StoredChange) -> Result<Replanned, ConsoleError> {
        self.lapse(kept).await.map_err(|error| not_written(&kept.target, error))?;
        let looked = self.look_twice(kept).await?;
        if looked.subject != kept.change.subject {
            // While Azure is updating the endpoint, the guards' verdicts are temporary.
            if looked.is_busy() {
                return Err(busy(&kept.target));
            }
            let evidence = attached(&looked.evidence);
            let why = why(kept, &looked);
            let event = Event::Replanned { subject: looked.subject.clone(), why, evidence };
            let news = News { planned: Some(looked.planned.clone()), ..News::of_itself(event) };
            let now = self.runs.clock.now();
            let written = self.table.append(kept, news, now).await;
            written.map_err(|error| not_written(&kept.target, error))?;
            self.written().await;
        }
        Ok(looked)
    }
}

impl Changes {
    /// Plans, and if the plan has changed, plans once more after a pause: one read of Azure may return an old state,
    /// and must not revoke approvals.
    async fn look_twice(&self, kept: &StoredChange) -> Result<Replanned, ConsoleError> {
        let first = self.look_at(kept, Reads::Fresh).await?;
        if first.subject == kept.change.subject || first.is_busy() {
            return Ok(first);
        }
        let patience = self.runs.stages.get(kept.target.stage())?.patience;
        tokio::time::sleep(patience.pause()).await;
        self.look_at(kept, Reads::Fresh).await
    }

    /// Plans a change for its start. While Azure is updating the endpoint, or still returns the state before the
    /// console's latest write, this retries for a while.
    ///
    /// # Errors
    /// As [`Changes::look`].
    pub(super) async fn compare_settled(
        &self,
        kept: &mut StoredChange,
    ) -> Result<Replanned, ConsoleError> {
        let request = self.runs.stages.get(kept.target.stage())?.patience.of_request();
        loop {
            let why = match self.compare(kept).await {
                Ok(looked) => {
                    match looked.endpoint.as_ref().and_then(|endpoint| changing(endpoint)) {
                        None => return Ok(looked),
                        Some(why) => why,
                    }
                }
                Err(ConsoleError::Unavailable(why)) if request.again().await => {
                    tracing::info!(why, change = kept.id.0, "planning a change is retried");
                    continue;
                }
                Err(error) => return Err(error),
            };
            if !request.again().await {
                return Err(try_again(&why, &request.words()));
            }
        }
    }
}

fn busy(target: &Target) -> ConsoleError {
    ConsoleError::Conflict(format!(
        "Azure is updating {}. Nothing was done. Wait until the update has ended, then try again.",
        target.name()
    ))
}

/// Fails if Azure does not return something now that it returned when the release was proposed: a plan without it
/// would differ, and revoke approvals without a reason.
fn still_returned(kept: &PinnedRelease, around: &Around) -> Result<(), ConsoleError> {
    let missing: Vec<_> = around
        .unknown
        .iter()
        .filter(|what| !kept.unknown.contains(what))
        .map(String::as_str)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(ConsoleError::Unavailable(format!(
        "Azure does not return this information now: {}. Without it the release cannot be planned as it was \
         proposed. Nothing was done; try again in a moment.",
        missing.join(", ")
    )))
}
