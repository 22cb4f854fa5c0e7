//! Whom a load test would hurt, and whether a lead must agree. A load test sends as many requests as possible, so it
//! takes resources from everybody who shares them.

use crate::endpoint::Endpoint;
use crate::name::DeploymentName;
use crate::route::Part;
use serde::{Deserialize, Serialize};

/// Which deployment answers the test's requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// The endpoint, by its traffic split: what `ENDPOINT_URL` means.
    Split,
    /// One deployment, by the `azureml-model-deployment` header that the plan sends.
    Deployment(DeploymentName),
}

/// What is known about the place of a test.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    pub endpoint: &'a Endpoint,
    /// Whether the configuration protects the stage.
    pub protected: bool,
    pub aim: Aim,
    /// Live requests of clients in the last minutes, without the console's own; `None` if not measured.
    pub client_requests: Option<u64>,
    /// The minutes in which they were counted.
    pub minutes: u32,
    /// The number of the team's alert rules on the endpoint that are enabled.
    pub alerts: u32,
    /// Other endpoints on the same Kubernetes compute; empty for managed endpoints.
    pub neighbours: Vec<String>,
}

/// Who is hurt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// The clients of the endpoint.
    Clients,
    /// Everybody who relies on a protected stage.
    ProtectedStage,
    /// Those who read the shadow's comparison.
    Shadow,
    /// Other endpoints on the same instances.
    Neighbours,
    /// Those whom alerts reach.
    OnCall,
}

/// One harm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Harm {
    pub whom: Whom,
    /// Whether a lead must agree before the test starts.
    pub needs_lead: bool,
    /// Who is hurt, how, and what to do instead.
    pub says: String,
}

/// All harms, the gravest first. Unknown traffic counts as traffic.
#[must_use]
pub fn harms(place: &Place<'_>) -> Vec<Harm> {
    let all = [clients(place), protected(place), neighbours(place), shadow(place), on_call(place)];
    all.into_iter().flatten().collect()
}

/// Whether a lead must agree.
#[must_use]
pub fn needs_lead(harms: &[Harm]) -> bool {
    harms.iter().any(|harm| harm.needs_lead)
}

/// What a person confirms before the test starts; `None` if nobody is hurt.
#[must_use]
pub fn warning(harms: &[Harm]) -> Option<String> {
    let said: Vec<_> = harms.iter().map(|harm| harm.says.as_str()).collect();
    (!said.is_empty()).then(|| said.join(" "))
}

fn harm(whom: Whom, needs_lead: bool, says: String) -> Option<Harm> {
    Some(Harm { whom, needs_lead, says })
}

fn clients(place: &Place<'_>) -> Option<Harm> {
    let Place { endpoint, client_requests, minutes, .. } = place;
    let name = &endpoint.key.endpoint;
    let live: Vec<_> = endpoint.route.split().iter().map(|(name, _)| name.to_string()).collect();
    if live.is_empty() {
        return None;
    }
    let who = match client_requests {
        Some(0) => return None,
        Some(count) => {
            format!("Clients of {name} sent {count} requests in the last {minutes} minutes.")
        }
        None => format!(
            "Whether clients use {name} now is not known, because its traffic could not be measured."
        ),
    };
    let (live, is_one) = (live.join(" and "), live.len() == 1);
    let how = match &place.aim {
        Aim::Split => format!("The test's requests go to {live}, like theirs."),
        Aim::Deployment(aim) if matches!(endpoint.part(aim), Part::Live(_)) => {
            format!("The test's requests go to {aim}, which answers theirs.")
        }
        Aim::Deployment(aim) => format!(
            "{live} {} not get the test's requests, but the endpoint's bandwidth is shared with {aim}.",
            if is_one { "does" } else { "do" }
        ),
    };
    let says = format!(
        "{who} {how} They would wait longer or get errors. Test on a stage without clients, or before the deployment goes live."
    );
    harm(Whom::Clients, true, says)
}

fn protected(place: &Place<'_>) -> Option<Harm> {
    let stage = &place.endpoint.key.stage;
    let says = || {
        format!(
            "The configuration protects {stage}: what runs there is meant for clients. Test on another stage, and use a shadow on \
             this one."
        )
    };
    place.protected.then(says).and_then(|says| harm(Whom::ProtectedStage, true, says))
}

fn neighbours(place: &Place<'_>) -> Option<Harm> {
    let names = place.neighbours.join(", ");
    if !place.endpoint.kubernetes || names.is_empty() {
        return None;
    }
    let says = format!(
        "{names} run on the same Kubernetes nodes, and would have less processor and memory during the test."
    );
    harm(Whom::Neighbours, true, says)
}

fn shadow(place: &Place<'_>) -> Option<Harm> {
    let mirror = place.endpoint.route.mirror()?;
    if place.aim != Aim::Split {
        // Azure never mirrors requests that name a deployment.
        return None;
    }
    let says = format!(
        "Azure mirrors {} % of the test's requests to {}, so a comparison of the two would judge the test and not clients.",
        mirror.percent(),
        mirror.deployment()
    );
    harm(Whom::Shadow, false, says)
}

fn on_call(place: &Place<'_>) -> Option<Harm> {
    let rules = match place.alerts {
        0 => return None,
        1 => "An alert rule watches".to_owned(),
        count => format!("{count} alert rules watch"),
    };
    let name = &place.endpoint.key.endpoint;
    let says =
        format!("{rules} {name}. Errors during the test can alert people. Tell them before.");
    harm(Whom::OnCall, false, says)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::fixtures;

    fn place(endpoint: &Endpoint) -> Place<'_> {
        Place {
            endpoint,
            protected: false,
            aim: Aim::Split,
            client_requests: Some(0),
            minutes: 30,
            alerts: 0,
            neighbours: Vec::new(),
        }
    }

    fn whom(place: &Place<'_>) -> Vec<Whom> {
        harms(place).iter().map(|harm| harm.whom).collect()
    }

    #[test]
    fn a_test_on_dev_without_clients_hurts_nobody() {
        let on = fixtures::endpoint("blue", "blue=100");
        assert_eq!(harms(&place(&on)), []);
        assert_eq!(warning(&[]), None);
        let off = fixtures::endpoint("blue", "");
        let unknown = Place { client_requests: None, ..place(&off) };
        assert_eq!(harms(&unknown), [], "nothing is live");
    }

    #[test]
    fn live_traffic_and_protected_stages_need_a_lead() {
        let on = fixtures::endpoint("blue green", "blue=100");
        let busy = Place { client_requests: Some(1_200), ..place(&on) };
        let found = harms(&busy);
        assert!(needs_lead(&found));
        assert!(found[0].says.contains("sent 1200 requests in the last 30 minutes"), "{found:?}");
        assert!(found[0].says.contains("go to blue, like theirs"), "{found:?}");
        let unknown = Place { client_requests: None, ..place(&on) };
        assert!(needs_lead(&harms(&unknown)), "unknown traffic counts as traffic");
        let aside = Place { aim: Aim::Deployment(fixtures::name("green")), ..busy.clone() };
        assert!(harms(&aside)[0].says.contains("bandwidth is shared with green"));
        let at_live = Place { aim: Aim::Deployment(fixtures::name("blue")), ..busy };
        assert!(harms(&at_live)[0].says.contains("go to blue, which answers theirs"));
        let protected = Place { protected: true, ..place(&on) };
        assert_eq!(whom(&protected), [Whom::ProtectedStage]);
        assert!(needs_lead(&harms(&protected)));
    }

    #[test]
    fn others_who_share_something_are_named() {
        let mut on = fixtures::endpoint("blue green", "blue=100;mirror=green:20");
        let told = Place { alerts: 2, neighbours: vec!["other-ep".to_owned()], ..place(&on) };
        assert_eq!(
            whom(&told),
            [Whom::Shadow, Whom::OnCall],
            "a managed endpoint has its own instances"
        );
        assert!(!needs_lead(&harms(&told)));
        let by_header = Place { aim: Aim::Deployment(fixtures::name("blue")), ..place(&on) };
        assert_eq!(whom(&by_header), [], "Azure does not mirror requests that name a deployment");
        on.kubernetes = true;
        let shared = Place { neighbours: vec!["other-ep".to_owned()], ..place(&on) };
        assert_eq!(whom(&shared), [Whom::Neighbours, Whom::Shadow]);
        assert!(warning(&harms(&shared)).is_some_and(|said| said.contains("other-ep")));
    }
}
