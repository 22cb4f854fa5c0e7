//! Planning a change again on what Azure says now, and comparing it with what is to be approved.

use super::stored::{Stored, StoredRelease};
use super::why::why;
use super::{Changes, not_written};
use crate::console::error::internal;
use crate::hash::{canonical, sha256};
use crate::operations::begin::{nothing_sent, planned as planned_of};
use crate::operations::known::facts;
use crate::operations::plan::Planned;
use crate::operations::reading::{self, Around, Beside, Reads};
use crate::operations::settled::{changing, try_again};
use crate::operations::steps;
use crate::stages::Place;
use crate::store::changes::{Kept, News};
use app::domain::change::event::{Event, SubjectHash};
use app::domain::endpoint::Endpoint;
use app::domain::evidence::Attached;
use app::domain::evidence::standing::{Standing, attached, lacking, rising};
use app::domain::guard::facts::Facts;
use app::domain::plan::Plan;
use app::domain::stage::{EndpointKey, Freshness};
use app::error::ConsoleError;
use serde::Serialize;
use std::sync::Arc;

/// A plan made now.
#[derive(Debug)]
pub struct Looked {
    /// What is signed and carried out.
    pub planned: Planned,
    /// Its hash, with the evidence.
    pub subject: SubjectHash,
    /// How the evidence stands that is required for it.
    pub evidence: Vec<Standing>,
    /// The same with everything that guards know now, for people.
    pub shown: Plan,
    /// The endpoint on which it was made; `None` when the plan makes it.
    pub endpoint: Option<Arc<Endpoint>>,
    /// What Azure did not tell, in words; only for a release.
    pub unknown: Vec<String>,
}

impl Looked {
    /// Why it cannot be approved now: what is to be signed is not all there, or not good.
    #[must_use]
    pub fn lacking(&self) -> Option<String> {
        lacking(&facts(&self.evidence))
    }

    fn is_busy(&self) -> bool {
        self.endpoint.as_ref().is_some_and(|endpoint| {
            endpoint.state.is_busy() || endpoint.deployments.iter().any(|one| one.state.is_busy())
        })
    }
}

/// How live traffic moves in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// In the steps of the stage's policy.
    OfPolicy,
    /// At once, as every roll-back does.
    AtOnce,
}

/// What an approval signs.
#[derive(Serialize)]
struct Signed<'a> {
    version: u32,
    plan: &'a str,
    /// The hashes of the required evidence, in the order of the endpoint's deployments.
    evidence: Vec<&'a str>,
}

/// The hash that an approval signs: SHA-256 over canonical JSON (RFC 8785).
#[must_use]
pub fn subject(planned: &Planned, evidence: &[Attached]) -> SubjectHash {
    let plan = planned.plan.hash.as_ref().map_or("", |hash| hash.0.as_str());
    let evidence = evidence.iter().map(|one| one.hash.0.as_str()).collect();
    SubjectHash(sha256(canonical(&Signed { version: 1, plan, evidence })))
}

impl Changes {
    /// Plans a wish on what Azure says.
    ///
    /// # Errors
    /// [`ConsoleError`]: Azure does not answer, or something is under way on the endpoint, so that there is
    /// nothing to compare with yet.
    pub async fn look(
        &self,
        at: &EndpointKey,
        wish: &Stored,
        reads: Reads,
    ) -> Result<Looked, ConsoleError> {
        self.look_at(at, wish, reads, Pace::OfPolicy).await
    }

    /// The same, at a pace.
    ///
    /// # Errors
    /// As [`Changes::look`].
    pub(super) async fn look_at(
        &self,
        at: &EndpointKey,
        wish: &Stored,
        reads: Reads,
        pace: Pace,
    ) -> Result<Looked, ConsoleError> {
        let place = self.runs.stages.get(&at.stage)?;
        self.runs.idle(at).await?;
        let Around { observed, nowhere, unknown } = self.around(place, at, wish, reads).await?;
        let live = observed.endpoints.values().next();
        let endpoint = live.map(|live| Arc::clone(&live.endpoint));
        let standings = match &endpoint {
            Some(endpoint) => self.runs.standings(place, endpoint).await,
            None => Ok((!place.rules.policy.evidence.is_empty()).then(Vec::new)),
        };
        let standings = standings.map_err(|error| internal("evidence cannot be read", &error))?;
        let asked = wish.wish(at);
        let promotion = match pace {
            Pace::OfPolicy => place.rules.policy.promotion.clone(),
            Pace::AtOnce => None,
        };
        // What is signed depends on the endpoint, the policy and the wish alone; see the module's contract.
        let lasting = Facts {
            protected: place.stage.protected,
            promotion: promotion.clone(),
            release_environment: wish.built().map(|built| built.name.clone()),
            ..Facts::default()
        };
        let planned = planned_of(&asked, &observed, &lasting)?;
        let (needs, now) = (wish.needs(at), self.runs.clock.now());
        let known = Box::pin(place.facts(&needs, endpoint.as_deref(), now)).await;
        let evidence = standings.as_deref().map(facts);
        // While one is under way there is no look.
        let in_flight = Some(Vec::new());
        let known = Facts { nowhere, evidence, in_flight, promotion, ..known };
        let shown = planned_of(&asked, &observed, &known)?.plan;
        let base = &planned.plan.base;
        let rising = rising(base, steps::route_after(&planned.steps).unwrap_or(base));
        let mut evidence = standings.unwrap_or_default();
        evidence.retain(|one| rising.contains(&one.deployment));
        let subject = subject(&planned, &attached(&evidence));
        Ok(Looked { planned, subject, evidence, shown, endpoint, unknown })
    }

    async fn around(
        &self,
        place: &Place,
        at: &EndpointKey,
        wish: &Stored,
        reads: Reads,
    ) -> Result<Around, ConsoleError> {
        let live = reading::endpoint(place, at, reads).await;
        let live = live.map_err(|error| nothing_sent(&error))?;
        if let (Reads::Fresh, Some(live)) = (reads, &live) {
            let body = live.body.as_deref().unwrap_or(&serde_json::Value::Null);
            self.runs.check_present(place, &live.endpoint, body).await?;
        }
        match (wish, &live) {
            (Stored::Release(kept), _) => {
                let now = self.runs.clock.now();
                let beside = Beside { infra: kept.infra.as_ref(), files: &kept.files };
                let around = reading::around(place, at, live, beside, now).await;
                still_told(kept, &around)?;
                Ok(around)
            }
            (_, None) => Err(ConsoleError::NotFound(format!(
                "There is no endpoint {} any more. Nothing was changed.",
                at.endpoint
            ))),
            (_, Some(_)) => Ok(reading::alone(place, live)),
        }
    }

    /// Looks at a change that waits, for somebody who reads its page: on what the observer has read for all. Only
    /// where that says that something else would be done now, it is read again, and written down.
    ///
    /// # Errors
    /// As [`Changes::look`].
    pub async fn view(&self, kept: &mut Kept) -> Result<Looked, ConsoleError> {
        let place = self.runs.stages.get(&kept.at.stage)?;
        if let Freshness::Stale { reason, .. } = &place.observer.now().freshness {
            return Err(ConsoleError::Unavailable(reason.clone()));
        }
        let looked = Box::pin(self.look(&kept.at, &kept.wish, Reads::Shared)).await?;
        if looked.subject == kept.change.subject {
            return Ok(looked);
        }
        match looked.is_busy() {
            true => Err(busy(&kept.at)),
            false => self.compare(kept).await,
        }
    }

    /// Looks at a change that waits, to decide about it. Where it would do something else now, that is written
    /// down, and its approvals fall away.
    ///
    /// # Errors
    /// As [`Changes::look`].
    pub async fn compare(&self, kept: &mut Kept) -> Result<Looked, ConsoleError> {
        self.lapse(kept).await.map_err(|error| not_written(&kept.at, error))?;
        let looked = self.look_twice(kept).await?;
        if looked.subject != kept.change.subject {
            // On the way from one state to another the guards say otherwise for a moment.
            if looked.is_busy() {
                return Err(busy(&kept.at));
            }
            let evidence = attached(&looked.evidence);
            let why = why(kept, &looked);
            let event = Event::Replanned { subject: looked.subject.clone(), why, evidence };
            let news = News { planned: Some(looked.planned.clone()), ..News::of_itself(event) };
            let now = self.runs.clock.now();
            let written = self.table.append(kept, news, now).await;
            written.map_err(|error| not_written(&kept.at, error))?;
            self.written().await;
        }
        Ok(looked)
    }
}

impl Changes {
    /// Looks; where something else would be done now, looks once more after a pause: approvals are not invalidated
    /// by one read, which may be of what was there before.
    async fn look_twice(&self, kept: &Kept) -> Result<Looked, ConsoleError> {
        let look = || Box::pin(self.look(&kept.at, &kept.wish, Reads::Fresh));
        let first = look().await?;
        if first.subject == kept.change.subject || first.is_busy() {
            return Ok(first);
        }
        let patience = self.runs.stages.get(&kept.at.stage)?.patience;
        tokio::time::sleep(patience.pause()).await;
        look().await
    }

    /// Looks, to start a change. While Azure is changing the endpoint, or still reports what was there before the
    /// console changed it, it looks again for a while.
    ///
    /// # Errors
    /// As [`Changes::look`].
    pub(super) async fn compare_settled(&self, kept: &mut Kept) -> Result<Looked, ConsoleError> {
        let request = self.runs.stages.get(&kept.at.stage)?.patience.of_request();
        loop {
            let why = match self.compare(kept).await {
                Ok(looked) => {
                    match looked.endpoint.as_ref().and_then(|endpoint| changing(endpoint)) {
                        None => return Ok(looked),
                        Some(why) => why,
                    }
                }
                Err(ConsoleError::Unavailable(why)) if request.again().await => {
                    tracing::info!(why, change = kept.id.0, "it is looked at again");
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

fn busy(at: &EndpointKey) -> ConsoleError {
    ConsoleError::Conflict(format!(
        "Azure is changing {} just now. Wait until that has ended; nothing was done.",
        at.endpoint
    ))
}

/// What Azure told when a release was proposed it must tell now: a plan with less in it would be another one,
/// and undo approvals for nothing.
fn still_told(kept: &StoredRelease, around: &Around) -> Result<(), ConsoleError> {
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
        "Azure does not tell just now: {}. Without it the release cannot be planned as it was proposed. Nothing \
         was done; try again in a moment.",
        missing.join(", ")
    )))
}
