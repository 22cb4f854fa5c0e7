//! What guards may know: what was read around the stage's endpoints, and how required evidence stands.

use super::Runs;
use crate::observe::facts::Needs;
use crate::stages::Place;
use app::domain::endpoint::Endpoint;
use app::domain::evidence::standing::{Standing, standings};
use app::domain::guard::facts::{Evidence, Facts, InFlight};
use app::domain::stage::EndpointKey;

impl Runs {
    /// How the evidence stands that a stage's policy requires of an endpoint's deployments; `None` when it
    /// requires none.
    ///
    /// # Errors
    /// When the store fails, or what is stored is not what was captured.
    pub async fn standings(
        &self,
        place: &Place,
        endpoint: &Endpoint,
    ) -> sqlx::Result<Option<Vec<Standing>>> {
        let required = &place.rules.policy.evidence;
        if required.is_empty() {
            return Ok(None);
        }
        let newest = self.evidence.newest(&endpoint.key).await?;
        Ok(Some(standings(required, endpoint, &newest, self.clock.now())))
    }

    /// What guards may know of a change of an endpoint, as far as it is needed.
    pub async fn facts(&self, place: &Place, needs: &Needs, endpoint: Option<&Endpoint>) -> Facts {
        let evidence = match endpoint {
            Some(endpoint) => self.standings(place, endpoint).await.unwrap_or_else(|error| {
                // Nothing is known then, and what is not known is missing.
                tracing::error!(%error, "evidence cannot be read");
                Some(Vec::new())
            }),
            None => (!place.rules.policy.evidence.is_empty()).then(Vec::new),
        };
        let around = place.facts(needs, endpoint, self.clock.now()).await;
        let in_flight = match endpoint {
            Some(endpoint) => self.in_flight(&endpoint.key).await,
            None => None,
        };
        Facts { evidence: evidence.map(|all| facts(&all)), in_flight, ..around }
    }

    /// The runs that are under way on an endpoint; `None` when the store does not say.
    async fn in_flight(&self, at: &EndpointKey) -> Option<Vec<InFlight>> {
        let open = self.table.open().await;
        let open = open.inspect_err(|error| tracing::error!(%error, "runs cannot be read")).ok()?;
        let here = open.into_iter().map(|open| open.operation).filter(|run| run.endpoint == *at);
        Some(here.map(|run| InFlight { what: run.action.title(), by: run.by }).collect())
    }
}

/// Standings as guards take them.
#[must_use]
pub fn facts(standings: &[Standing]) -> Vec<Evidence> {
    standings.iter().map(Standing::fact).collect()
}
