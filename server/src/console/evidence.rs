//! Evidence: captured, listed, and shown with the change that it is for.

use super::SignedIn;
use super::error::internal;
use super::views::no_deployment;
use crate::hash::{canonical, sha256};
use crate::outside::caps::SCORED_BYTES_MAX;
use crate::store::evidence::new_id;
use app::domain::change::Change;
use app::domain::change::event::Person;
use app::domain::endpoint::Endpoint;
use app::domain::endpoint::MadeOf;
use app::domain::evidence::answers::compare;
use app::domain::evidence::replay::{Replay, Replayed};
use app::domain::evidence::rule::ReplayRule;
use app::domain::evidence::shadow::Comparison;
use app::domain::evidence::standing::Standing;
use app::domain::evidence::{Capture, Content, Evidence, EvidenceId, Sealed};
use app::domain::guard::facts::EvidenceState;
use app::domain::name::DeploymentName;
use app::domain::scoring::Target;
use app::domain::stage::EndpointKey;
use app::domain::user::Right;
use app::error::ConsoleError;
use app::port::{EvidenceList, EvidenceView, Result};
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

    /// Compares what Azure Monitor measured of a deployment with what it measured of those that are live.
    async fn capture_shadow(&self, at: &EndpointKey, name: &DeploymentName) -> Result<EvidenceId> {
        let place = self.place(at)?;
        let endpoint = self.observed(at).await?;
        let live = beside(&endpoint, name)?;
        let traffic = place.traffic.of(place, &endpoint, self.services.clock.now()).await;
        if let Some(trouble) = traffic.trouble {
            return Err(ConsoleError::Unavailable(format!(
                "Azure Monitor does not answer, so nothing was captured: {trouble}"
            )));
        }
        let own = self.services.operations.evidence.own_since(at, traffic.start).await;
        let own =
            own.map_err(|error| internal("the console's own requests cannot be read", &error))?;
        let comparison = Comparison::of(&traffic, &own, &live, name);
        if comparison.minutes == 0 {
            return Err(ConsoleError::Refused(format!(
                "Azure Monitor knows of no minute in which both {name} and what is live answered requests. Mirror \
                 traffic to {name}, or give it a small share, and wait a minute or two. Nothing was captured."
            )));
        }
        self.capture(&endpoint, name, live, Content::ShadowComparison(comparison)).await
    }

    /// Sends one request to two deployments, of which one is live, and compares their answers.
    async fn capture_replay(
        &self,
        at: &EndpointKey,
        names: &[DeploymentName],
        body: &str,
    ) -> Result<EvidenceId> {
        let endpoint = self.observed(at).await?;
        let (live, shadow) = sides(&endpoint, names)?;
        let to = |name: &DeploymentName| Target::Deployment(name.clone());
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
        // Only one of those that are live was asked; with several, the others were not compared.
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
            by: Person::from(&self.asker.user),
            findings: content.judge(&self.place(at)?.rules.policy.evidence),
            content,
        };
        let kept = self.services.operations.evidence.keep(evidence, &self.asker).await;
        let kept = kept.map_err(|error| internal("evidence could not be kept", &error))?;
        self.services.changes.on_new_evidence(at).await;
        Ok(kept.evidence.id)
    }

    pub(super) async fn list_evidence(&self, at: &EndpointKey) -> Result<EvidenceList> {
        let endpoint = self.observed(at).await?;
        let all = self.services.operations.evidence.recent(at).await;
        Ok(EvidenceList {
            now: self.services.clock.now(),
            all: all.map_err(|error| internal("evidence cannot be read", &error))?,
            required: self.place(at)?.rules.policy.evidence.clone(),
            measured: measured(&endpoint),
            endpoint: Endpoint::clone(&endpoint),
            may_not_capture: self.asker.user.why_not(Right::Test),
        })
    }

    pub(super) async fn view_evidence(&self, id: &EvidenceId) -> Result<EvidenceView> {
        let found = self.services.operations.evidence.load(id).await;
        let found = found.map_err(|error| internal("evidence cannot be read", &error))?;
        let sealed = found.ok_or_else(|| {
            ConsoleError::NotFound(
                "There is no such evidence. The endpoint's page of evidence lists what there is."
                    .to_owned(),
            )
        })?;
        let now = self.services.clock.now();
        Ok(EvidenceView { now, canonical: canonical(&sealed.evidence), sealed })
    }

    /// The evidence that a change's approvals signed, as it was captured.
    pub(super) async fn signed_evidence(&self, change: &Change) -> Result<Vec<Standing>> {
        let mut all = Vec::new();
        for attached in &change.evidence {
            let found = self.services.operations.evidence.load(&attached.id).await;
            let sealed = found.map_err(|error| internal("evidence cannot be read", &error))?;
            let good = sealed.as_ref().is_some_and(|sealed| sealed.evidence.was_good());
            all.push(Standing {
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

/// Deployments of which requests are measured that can be compared: mirrored, or live beside others.
fn measured(endpoint: &Endpoint) -> Vec<DeploymentName> {
    endpoint.names().into_iter().filter(|name| beside(endpoint, name).is_ok()).collect()
}

/// Those that are live beside a deployment that gets requests.
fn beside(endpoint: &Endpoint, name: &DeploymentName) -> Result<Vec<DeploymentName>> {
    if endpoint.deployment(name).is_none() {
        return Err(no_deployment(&endpoint.key, name));
    }
    let route = &endpoint.route;
    let live = route.split().iter().filter(|(other, _)| *other != name);
    let live: Vec<_> = live.map(|(other, _)| other.clone()).collect();
    if live.is_empty() {
        return Err(ConsoleError::Refused(format!(
            "Nothing is live beside {name}, so there is nothing to compare it with. Nothing was captured."
        )));
    }
    Ok(live)
}

/// Which of two deployments is live, and which is compared with it: the one with the larger share is live.
fn sides(
    endpoint: &Endpoint,
    names: &[DeploymentName],
) -> Result<(DeploymentName, DeploymentName)> {
    let invalid = |message: &str| {
        let field = Some("target".to_owned());
        Err(ConsoleError::Invalid { field, message: format!("{message} Nothing was captured.") })
    };
    let [one, other] = names else {
        return invalid(
            "Choose two deployments by name: one that is live, and the one to compare with it.",
        );
    };
    if one == other {
        return invalid("These are the same deployment. Choose two.");
    }
    for name in names {
        if endpoint.deployment(name).is_none() {
            return Err(no_deployment(&endpoint.key, name));
        }
    }
    let share = |name| endpoint.route.split().share(name);
    if share(one).max(share(other)) == 0 {
        return invalid(
            "Neither of them is live. Choose one that is, and the one to compare with it.",
        );
    }
    let (live, shadow) = if share(one) >= share(other) { (one, other) } else { (other, one) };
    Ok((live.clone(), shadow.clone()))
}

/// An answer as JSON; one that is none is compared as a text.
fn json(body: &str) -> Result<Value> {
    if body.len() >= SCORED_BYTES_MAX {
        return Err(ConsoleError::Refused(format!(
            "An answer has {SCORED_BYTES_MAX} bytes or more and cannot be compared to its end. Send a request with \
             a shorter answer. Nothing was captured."
        )));
    }
    Ok(serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned())))
}
