//! Collects the facts that guards judge by, such as the standing of required evidence.

use super::Runs;
use crate::planner::needs::Needs;
use crate::stages::StageContext;
use domain::endpoint::Endpoint;
use domain::evidence::fact::Evidence;
use domain::evidence::status::{EvidenceStatus, standings};
use domain::guard::inputs::{GuardInputs, InFlight};
use domain::stage::EndpointKey;

impl Runs {
    /// The standing of the evidence that a stage's policy requires of an endpoint's deployments; `None` when the
    /// policy requires no evidence.
    ///
    /// # Errors
    /// If the store fails, or stored evidence does not match its hash.
    pub async fn standings(
        &self,
        place: &StageContext,
        endpoint: &Endpoint,
    ) -> sqlx::Result<Option<Vec<EvidenceStatus>>> {
        let required = &place.rules.policy.evidence;
        if required.is_empty() {
            return Ok(None);
        }
        let newest = self.evidence.newest(&endpoint.key).await?;
        Ok(Some(standings(required, endpoint, &newest, self.clock.now())))
    }

    /// The facts about a change of an endpoint, limited to `needs`.
    pub async fn facts(
        &self,
        place: &StageContext,
        needs: &Needs,
        endpoint: Option<&Endpoint>,
    ) -> GuardInputs {
        let evidence = match endpoint {
            Some(endpoint) => self.standings(place, endpoint).await.unwrap_or_else(|error| {
                // Unreadable evidence counts as missing.
                tracing::error!(%error, "could not read the evidence");
                Some(Vec::new())
            }),
            None => (!place.rules.policy.evidence.is_empty()).then(Vec::new),
        };
        let around = place.facts(needs, endpoint, self.clock.now()).await;
        let in_flight = match endpoint {
            Some(endpoint) => self.in_flight(&endpoint.key).await,
            None => None,
        };
        GuardInputs { evidence: evidence.map(|all| facts(&all)), in_flight, ..around }
    }

    /// The runs that are in progress on an endpoint; `None` if the store fails.
    async fn in_flight(&self, at: &EndpointKey) -> Option<Vec<InFlight>> {
        let open = self.table.open().await;
        let open =
            open.inspect_err(|error| tracing::error!(%error, "could not read the runs")).ok()?;
        let here = open
            .into_iter()
            .map(|open| open.operation)
            .filter(|run| run.target.endpoint() == Some(at));
        Some(here.map(|run| InFlight { what: run.intent.title(), by: run.by }).collect())
    }
}

/// Standings as facts for guards.
#[must_use]
pub fn facts(standings: &[EvidenceStatus]) -> Vec<Evidence> {
    standings.iter().map(EvidenceStatus::fact).collect()
}
