//! The state of required evidence: for each deployment of an endpoint and each required kind, whether the newest
//! evidence is recent, good by the current policy, and about the current deployment.

use super::rule::Required;
use super::{Attached, Finding, Kind, Sealed, are_good};
use crate::endpoint::{Endpoint, MadeOf};
use crate::evidence::fact::{Evidence, EvidenceState};
use crate::name::DeploymentName;
use crate::route::Route;
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

const HOUR_MS: i64 = 3_600_000;
/// The largest difference between the clocks of two replicas. Evidence that is further in the future is not accepted.
const CLOCKS_APART_MS: i64 = 60_000;

/// The state of one required piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceStatus {
    pub kind: Kind,
    pub deployment: DeploymentName,
    /// The maximum age in hours; `None` if the age no longer matters.
    pub max_age_hours: Option<u32>,
    pub state: EvidenceState,
    /// The newest evidence of this kind and deployment.
    pub sealed: Option<Sealed>,
    /// The findings by the current policy.
    pub findings: Vec<Finding>,
}

impl EvidenceStatus {
    /// `shadow comparison of anet-green`
    #[must_use]
    pub fn what(&self) -> String {
        format!("{} of {}", self.kind.label().to_lowercase(), self.deployment)
    }

    /// The state for the guard.
    #[must_use]
    pub fn fact(&self) -> Evidence {
        let (what, deployment) = (self.what(), self.deployment.clone());
        Evidence { what, deployment, state: self.state }
    }
}

/// The state of all evidence that a policy requires, for each deployment of an endpoint. `newest`: the newest
/// evidence of each kind and deployment.
#[must_use]
pub fn standings(
    required: &Required,
    endpoint: &Endpoint,
    newest: &[Sealed],
    now: Timestamp,
) -> Vec<EvidenceStatus> {
    let mut all = Vec::new();
    for deployment in &endpoint.deployments {
        for (kind, max_age_hours) in required.kinds() {
            let is_it = |sealed: &&Sealed| {
                let evidence = &sealed.evidence;
                evidence.at == endpoint.key
                    && evidence.deployment == deployment.name
                    && evidence.content.kind() == kind
            };
            let sealed = newest.iter().find(is_it).cloned();
            let findings: Vec<_> =
                sealed.iter().flat_map(|it| it.evidence.content.judge(required)).collect();
            let state = match &sealed {
                None => EvidenceState::Missing,
                Some(it) if !is_about(it, endpoint, &MadeOf::from(deployment)) => {
                    EvidenceState::Superseded
                }
                Some(_) if !are_good(&findings) => EvidenceState::Failed,
                Some(it) if !is_recent(it.evidence.captured, max_age_hours, now) => {
                    EvidenceState::Stale
                }
                Some(_) => EvidenceState::Good,
            };
            let (deployment, max_age_hours) = (deployment.name.clone(), Some(max_age_hours));
            all.push(EvidenceStatus { kind, deployment, max_age_hours, state, sealed, findings });
        }
    }
    all
}

/// Whether evidence is about the current deployment, compared with all deployments that are live beside it.
fn is_about(Sealed { evidence, .. }: &Sealed, endpoint: &Endpoint, made_of: &MadeOf) -> bool {
    let mut live = endpoint.route.split().iter().map(|(name, _)| name);
    let was_compared =
        |name: &DeploymentName| evidence.deployment == *name || evidence.live.contains(name);
    evidence.made_of.is(made_of) && live.all(was_compared)
}

fn is_recent(captured: Timestamp, max_age_hours: u32, now: Timestamp) -> bool {
    let age_ms = now.0.saturating_sub(captured.0);
    (-CLOCKS_APART_MS..=i64::from(max_age_hours) * HOUR_MS).contains(&age_ms)
}

/// The deployments whose live share rises. Evidence is required for these.
#[must_use]
pub fn rising(before: &Route, after: &Route) -> Vec<DeploymentName> {
    let rises = |(name, share): (&DeploymentName, u8)| {
        (share > before.split().share(name)).then(|| name.clone())
    };
    after.split().iter().filter_map(rises).collect()
}

/// The evidence that approvals sign, in the order of the standings.
#[must_use]
pub fn attached(standings: &[EvidenceStatus]) -> Vec<Attached> {
    standings.iter().filter_map(|one| one.sealed.as_ref().map(Attached::from)).collect()
}

/// Why required evidence is not sufficient; `None` if all of it is present, good and recent.
#[must_use]
pub fn lacking(evidence: &[Evidence]) -> Option<String> {
    let said = |one: &Evidence| {
        let how = match one.state {
            EvidenceState::Good => return None,
            EvidenceState::Missing => "is missing",
            EvidenceState::Failed => "does not meet the policy",
            EvidenceState::Stale => "is too old",
            EvidenceState::Superseded => "is about an earlier deployment or route",
        };
        Some(format!("The {} {how}.", one.what))
    };
    let said: Vec<_> = evidence.iter().filter_map(said).collect();
    (!said.is_empty()).then(|| said.join(" "))
}

#[cfg(test)]
mod tests {
    use super::super::rule::ShadowRule;
    use super::super::shadow::{Comparison, Side};
    use super::super::{Content, Evidence, EvidenceHash};
    use super::*;
    use crate::decimal::Decimal;
    use crate::guard::fixtures;
    use crate::user::Person;

    const NOW: Timestamp = Timestamp(1_000 * HOUR_MS);

    fn required() -> Required {
        Required { shadow_comparison: Some(ShadowRule::default()), replay_diff: None }
    }

    fn sealed(endpoint: &Endpoint, captured: Timestamp, requests: u64) -> Sealed {
        let side = Side {
            requests,
            errors: 0,
            minute_p50_ms: Some(Decimal::whole(5)),
            minute_p99_ms: Some(Decimal::whole(10)),
        };
        let comparison = Comparison {
            from: Some(Timestamp(0)),
            to: Some(Timestamp(60_000)),
            minutes: 1,
            live: side.clone(),
            shadow: side,
            own: None,
        };
        let green = endpoint.deployment(&fixtures::name("green")).expect("a deployment");
        let person = |name: &str| Person {
            id: name.to_owned(),
            name: name.to_owned(),
            username: format!("{name}@example.org"),
        };
        Sealed {
            evidence: Evidence {
                id: "6f2c1b6a-0c1d-4e7f-9a3b-0123456789ab".parse().expect("an id"),
                at: endpoint.key.clone(),
                deployment: green.name.clone(),
                made_of: MadeOf::from(green),
                live: vec![fixtures::name("blue")],
                captured,
                by: person("dana"),
                content: Content::ShadowComparison(comparison),
                findings: Vec::new(),
            },
            hash: EvidenceHash("0".repeat(64)),
        }
    }

    fn state(endpoint: &Endpoint, newest: &[Sealed]) -> EvidenceState {
        let all = standings(&required(), endpoint, newest, NOW);
        let green = all.iter().find(|one| one.deployment == fixtures::name("green"));
        green.expect("each deployment has one").state
    }

    #[test]
    fn the_newest_evidence_must_be_good_recent_and_about_the_current_deployment() {
        use EvidenceState::{Failed, Good, Missing, Stale, Superseded};
        let on = fixtures::endpoint("blue green", "blue=100;mirror=green:20");
        let at = |hours: i64| Timestamp(NOW.0 - hours * HOUR_MS);
        assert_eq!(state(&on, &[]), Missing);
        assert_eq!(state(&on, &[sealed(&on, at(24), 100)]), Good);
        assert_eq!(state(&on, &[sealed(&on, Timestamp(at(24).0 - 1), 100)]), Stale);
        assert_eq!(state(&on, &[sealed(&on, at(0), 99)]), Failed);
        // Evidence from the future, captured before a clock was set back, does not stay recent for ever.
        assert_eq!(state(&on, &[sealed(&on, at(-1), 100)]), Stale);
        let mut other = sealed(&on, at(1), 100);
        other.evidence.made_of.model = Some("nbq:1".to_owned());
        assert_eq!(state(&on, &[other]), Superseded, "another model");
        let mut other = sealed(&on, at(1), 100);
        other.evidence.made_of.created = Some(Timestamp(7));
        assert_eq!(state(&on, &[other]), Superseded, "created again");
        let mut other = sealed(&on, at(1), 100);
        other.evidence.made_of.settings = Some("0".repeat(64));
        assert_eq!(state(&on, &[other]), Superseded, "with other settings");
        let mut other = sealed(&on, at(1), 100);
        other.evidence.live = vec![fixtures::name("red")];
        assert_eq!(state(&on, &[other]), Superseded, "compared with what is not live");
        let mut elsewhere = sealed(&on, at(1), 100);
        elsewhere.evidence.at.stage = "anet-dev".parse().expect("a stage");
        assert_eq!(state(&on, &[elsewhere]), Missing, "of another endpoint");
        // During a promotion, the deployment is live itself, beside those that it was compared with.
        let half = fixtures::endpoint("blue green", "blue=50,green=50");
        assert_eq!(state(&half, &[sealed(&half, at(1), 100)]), Good);
    }

    #[test]
    fn evidence_is_required_of_deployments_that_get_more_live_traffic() {
        let rises = |before, after| {
            let names = rising(&fixtures::route(before), &fixtures::route(after));
            names.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(rises("blue=100", "blue=50,green=50"), ["green"]);
        assert_eq!(rises("blue=50,green=50", "blue=100"), ["blue"]);
        assert!(rises("blue=100", "blue=100;mirror=green:20").is_empty());
        assert!(rises("blue=100", "").is_empty());
    }

    #[test]
    fn missing_evidence_is_named() {
        let on = fixtures::endpoint("blue green", "blue=100");
        let all = standings(&required(), &on, &[], NOW);
        let facts: Vec<_> = all.iter().map(EvidenceStatus::fact).collect();
        let said = lacking(&facts).expect("all is missing");
        assert!(said.contains("The shadow comparison of green is missing."), "{said}");
        assert_eq!(lacking(&[]), None);
        assert!(attached(&all).is_empty());
    }
}
