//! Captures and lists evidence, and shows it with its change.

use super::SignedIn;
use super::views::no_deployment;
use crate::error::OrInternal as _;
use crate::hash::{canonical, sha256};
use crate::outside::caps::SCORED_BYTES_MAX;
use crate::store::evidence::new_id;
use app::error::ConsoleError;
use app::port::{EvidenceList, EvidenceView, Result};
use domain::change::Change;
use domain::endpoint::Endpoint;
use domain::endpoint::MadeOf;
use domain::evidence::answers::compare;
use domain::evidence::fact::EvidenceState;
use domain::evidence::replay::{Replay, Replayed};
use domain::evidence::rule::ReplayRule;
use domain::evidence::shadow::Comparison;
use domain::evidence::status::EvidenceStatus;
use domain::evidence::{Capture, Content, Evidence, EvidenceId, Sealed};
use domain::name::DeploymentName;
use domain::scoring::TestTarget;
use domain::stage::EndpointKey;
use domain::user::Person;
use domain::user::Right;
use serde_json::Value;

impl SignedIn {
    pub(super) async fn capture_evidence(
        &self,
        at: &EndpointKey,
        what: Capture,
    ) -> Result<EvidenceId> {
        match what {
            Capture::ShadowComparison(name) => self.capture_shadow(at, &name).await,
            Capture::ReplayDiff { names, body } => self.capture_replay(at, &names, &body).await,
        }
    }

    /// Compares Azure Monitor's measurements of a deployment with those of the live deployments.
    async fn capture_shadow(&self, at: &EndpointKey, name: &DeploymentName) -> Result<EvidenceId> {
        let place = self.place(at)?;
        let endpoint = self.observed(at).await?;
        let live = beside(&endpoint, name)?;
        let traffic = place.traffic.of(place, &endpoint, self.services.clock.now()).await;
        if let Some(trouble) = traffic.trouble {
            return Err(ConsoleError::Unavailable(format!(
                "Azure Monitor does not respond, so nothing was captured: {trouble}"
            )));
        }
        let own = self.services.operations.evidence.own_since(at, traffic.start).await;
        let own = own.or_internal("the console's own requests cannot be read")?;
        let comparison = Comparison::of(&traffic, &own, &live, name);
        if comparison.minutes == 0 {
            return Err(ConsoleError::Refused(format!(
                "Azure Monitor has no minute in which both {name} and a live deployment answered requests. Nothing was \
                 captured. Mirror traffic to {name}, or give it a small share, and wait a minute or two."
            )));
        }
        self.capture(&endpoint, name, live, Content::ShadowComparison(comparison)).await
    }

    /// Sends one request to a live and to another deployment, and compares the responses.
    async fn capture_replay(
        &self,
        at: &EndpointKey,
        names: &[DeploymentName],
        body: &str,
    ) -> Result<EvidenceId> {
        let endpoint = self.observed(at).await?;
        let (live, shadow) = sides(&endpoint, names)?;
        let to = |name: &DeploymentName| TestTarget::Deployment(name.clone());
        let one = self.score(at, &to(&live), body).await?;
        let other = self.score(at, &to(&shadow), body).await?;
        let rule = self.place(at)?.rules.policy.evidence.replay_diff.clone().unwrap_or_default();
        let ReplayRule { number_tolerance: tolerance, .. } = rule;
        let replayed =
            |deployment: &DeploymentName, scored: &crate::azure::scoring::Scored| Replayed {
                deployment: deployment.clone(),
                answered_by: scored.answered_by.clone(),
                status: scored.status,
                duration_ms: u32::try_from(scored.duration.as_millis()).unwrap_or(u32::MAX),
                sha256: sha256(&scored.body),
            };
        let replay = Replay {
            request_sha256: sha256(body),
            live: replayed(&live, &one),
            shadow: replayed(&shadow, &other),
            tolerance,
            compared: compare(&json(&one.body)?, &json(&other.body)?, tolerance),
        };
        let beside = beside(&endpoint, &shadow)?;
        // Only one live deployment received the request; any others were not compared.
        let asked = beside.into_iter().filter(|name| *name == live).collect();
        self.capture(&endpoint, &shadow, asked, Content::ReplayDiff(replay)).await
    }

    async fn capture(
        &self,
        endpoint: &Endpoint,
        name: &DeploymentName,
        live: Vec<DeploymentName>,
        content: Content,
    ) -> Result<EvidenceId> {
        let at = &endpoint.key;
        let deployment = endpoint.deployment(name).ok_or_else(|| no_deployment(at, name))?;
        let evidence = Evidence {
            id: new_id(),
            at: at.clone(),
            deployment: deployment.name.clone(),
            made_of: MadeOf::from(deployment),
            live,
            captured: self.services.clock.now(),
            by: Person::from(&self.principal.user),
            findings: content.judge(&self.place(at)?.rules.policy.evidence),
            content,
        };
        let kept = self.services.operations.evidence.keep(evidence, &self.principal).await;
        let kept = kept.or_internal("evidence could not be kept")?;
        self.services.changes.on_new_evidence(at).await;
        Ok(kept.evidence.id)
    }

    pub(super) async fn list_evidence(&self, at: &EndpointKey) -> Result<EvidenceList> {
        let endpoint = self.observed(at).await?;
        let all = self.services.operations.evidence.recent(at).await;
        Ok(EvidenceList {
            now: self.services.clock.now(),
            all: all.or_internal("evidence cannot be read")?,
            required: self.place(at)?.rules.policy.evidence.clone(),
            measured: measured(&endpoint),
            endpoint: Endpoint::clone(&endpoint),
            may_not_capture: self.principal.why_not(Right::Test),
        })
    }

    pub(super) async fn view_evidence(&self, id: &EvidenceId) -> Result<EvidenceView> {
        let found = self.services.operations.evidence.load(id).await;
        let found = found.or_internal("evidence cannot be read")?;
        let sealed = found.ok_or_else(|| {
            ConsoleError::NotFound(
                "There is no such evidence. The endpoint's Evidence page lists all evidence."
                    .to_owned(),
            )
        })?;
        let now = self.services.clock.now();
        Ok(EvidenceView { now, canonical: canonical(&sealed.evidence), sealed })
    }

    /// The evidence that a change's approvals signed, judged by its findings at the capture.
    pub(super) async fn signed_evidence(&self, change: &Change) -> Result<Vec<EvidenceStatus>> {
        let mut all = Vec::new();
        for attached in &change.evidence {
            let found = self.services.operations.evidence.load(&attached.id).await;
            let sealed = found.or_internal("evidence cannot be read")?;
            let good = sealed.as_ref().is_some_and(|sealed| sealed.evidence.was_good());
            all.push(EvidenceStatus {
                kind: attached.kind,
                deployment: attached.deployment.clone(),
                max_age_hours: None,
                state: if good { EvidenceState::Good } else { EvidenceState::Failed },
                findings: sealed
                    .iter()
                    .flat_map(|it: &Sealed| it.evidence.findings.clone())
                    .collect(),
                sealed,
            });
        }
        Ok(all)
    }
}

/// Deployments that have another live deployment to compare with.
fn measured(endpoint: &Endpoint) -> Vec<DeploymentName> {
    endpoint.names().into_iter().filter(|name| beside(endpoint, name).is_ok()).collect()
}

/// The live deployments other than this one.
fn beside(endpoint: &Endpoint, name: &DeploymentName) -> Result<Vec<DeploymentName>> {
    if endpoint.deployment(name).is_none() {
        return Err(no_deployment(&endpoint.key, name));
    }
    let route = &endpoint.route;
    let live = route.split().iter().filter(|(other, _)| *other != name);
    let live: Vec<_> = live.map(|(other, _)| other.clone()).collect();
    if live.is_empty() {
        return Err(ConsoleError::Refused(format!(
            "No other deployment than {name} is live, so there is nothing to compare it with. Nothing was captured."
        )));
    }
    Ok(live)
}

/// Sorts two deployments into the live one, which has the larger share, and the one to compare with it.
fn sides(
    endpoint: &Endpoint,
    names: &[DeploymentName],
) -> Result<(DeploymentName, DeploymentName)> {
    let invalid = |message: &str| {
        let field = Some("target".to_owned());
        Err(ConsoleError::Invalid { field, message: format!("{message} Nothing was captured.") })
    };
    let [one, other] = names else {
        return invalid("Choose two deployments: a live one, and the one to compare with it.");
    };
    if one == other {
        return invalid("Both are the same deployment. Choose two different ones.");
    }
    for name in names {
        if endpoint.deployment(name).is_none() {
            return Err(no_deployment(&endpoint.key, name));
        }
    }
    let share = |name| endpoint.route.split().share(name);
    if share(one).max(share(other)) == 0 {
        return invalid(
            "Neither of them is live. Choose a live one, and the one to compare with it.",
        );
    }
    let (live, shadow) = if share(one) >= share(other) { (one, other) } else { (other, one) };
    Ok((live.clone(), shadow.clone()))
}

/// Parses a response as JSON. Other content becomes a string.
fn json(body: &str) -> Result<Value> {
    if body.len() >= SCORED_BYTES_MAX {
        return Err(ConsoleError::Refused(format!(
            "A response has {SCORED_BYTES_MAX} bytes or more, which is too large to compare. Nothing was captured. \
             Send a request that has a shorter response."
        )));
    }
    Ok(serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned())))
}
