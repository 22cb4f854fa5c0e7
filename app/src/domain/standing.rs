//! How a release stands: what it defines against what runs.

use super::endpoint::{Deployment, Endpoint};
use super::name::DeploymentName;
use super::release::deploy::{Target, Work};
use super::release::input::Asked;
use super::release::{Definition, Release};
use super::repository::Defined;
use serde::{Deserialize, Serialize};

/// A deployment as its YAML defines it, as far as it is compared with what runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desired {
    /// Its name.
    pub name: DeploymentName,
    /// The model in short (`nbq:2`).
    pub model: Option<String>,
    /// The environment in short (`ml-azua-litserve-env:1`).
    pub environment: Option<String>,
    /// The machine size, as Azure names it.
    pub instance_type: Option<String>,
    /// How many instances.
    pub instance_count: Option<u32>,
    /// How long a request may take, in milliseconds.
    pub request_timeout_ms: Option<u32>,
    /// How many requests one instance takes at once.
    pub max_concurrent_requests: Option<u32>,
}

/// One field of a deployment that is not as defined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The deployment.
    pub deployment: DeploymentName,
    /// The field, for people.
    pub field: String,
    /// What the release defines.
    pub defined: String,
    /// What runs.
    pub running: Option<String>,
}

/// How a release stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Something is wrong with it: nothing can be planned from it.
    Broken,
    /// It cannot be compared, and why.
    NotCompared(String),
    /// The endpoint is not there.
    NoEndpoint,
    /// Some of its deployments are not there.
    Absent(Vec<DeploymentName>),
    /// All are there, and some fields differ.
    Differs(Vec<Drift>),
    /// What is compared is as defined.
    AsDefined,
}

/// The deployments that a release names, in the order in which it names them.
#[must_use]
pub fn targets(release: &Release) -> Vec<DeploymentName> {
    let Some(Definition::Deploy(deploy)) = &release.definition else { return Vec::new() };
    let known = |target: &Target| target.name.known().cloned();
    let named = |name: &Option<Asked<DeploymentName>>| name.as_ref()?.known().cloned();
    match &deploy.work {
        Work::PrimaryAndShadow(work) => {
            let shadow = work.shadow.as_ref().and_then(|shadow| shadow.name.known().cloned());
            known(&work.primary).into_iter().chain(shadow).collect()
        }
        Work::BlueGreen(colours) => {
            let both = [named(&colours.blue.name), named(&colours.green.name)];
            both.into_iter().flatten().collect()
        }
    }
}

/// Compares a release with its endpoint as observed; `None` when the endpoint is not there.
#[must_use]
pub fn standing(defined: &Defined, endpoint: Option<&Endpoint>) -> Standing {
    if !defined.problems.is_empty() || defined.release.definition.is_none() {
        return Standing::Broken;
    }
    if let Some(Definition::Build(_)) = &defined.release.definition {
        return Standing::NotCompared("Images are not compared".to_owned());
    }
    if !defined.release.questions.is_empty() {
        return Standing::NotCompared("Answers are missing".to_owned());
    }
    let Some(endpoint) = endpoint else { return Standing::NoEndpoint };
    let targets = targets(&defined.release);
    let mut absent = Vec::new();
    let mut drifts = Vec::new();
    for name in targets {
        let desired = defined.desired.iter().find(|desired| desired.name == name);
        match (endpoint.deployment(&name), desired) {
            (None, _) => absent.push(name),
            (Some(deployment), Some(desired)) => drifts.extend(compare(desired, deployment)),
            (Some(_), None) => {}
        }
    }
    match (absent.is_empty(), drifts.is_empty()) {
        (false, _) => Standing::Absent(absent),
        (true, false) => Standing::Differs(drifts),
        (true, true) => Standing::AsDefined,
    }
}

fn compare(desired: &Desired, running: &Deployment) -> Vec<Drift> {
    let number = |value: Option<u32>| value.map(|value| value.to_string());
    let fields = [
        ("Model", desired.model.clone(), running.model.clone()),
        ("Environment", desired.environment.clone(), running.environment.clone()),
        ("Instance type", desired.instance_type.clone(), running.instance_type.clone()),
        ("Instances", number(desired.instance_count), number(running.instance_count)),
        (
            "Request timeout, ms",
            number(desired.request_timeout_ms),
            number(running.request_timeout_ms),
        ),
        (
            "Requests at once, per instance",
            number(desired.max_concurrent_requests),
            number(running.max_concurrent_requests),
        ),
    ];
    let mut drifts = Vec::new();
    for (field, wanted, runs) in fields {
        // What the YAML leaves to Azure is Azure's to decide.
        if let Some(wanted) = wanted.filter(|wanted| runs.as_ref() != Some(wanted)) {
            drifts.push(Drift {
                deployment: desired.name.clone(),
                field: field.to_owned(),
                defined: wanted,
                running: runs,
            });
        }
    }
    drifts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::endpoint::AuthMode;
    use crate::domain::provisioning::ProvisioningState;
    use crate::domain::release::Template;
    use crate::domain::release::input::{Given, Inputs};
    use crate::domain::release::origin::Origin;
    use crate::domain::repository::ReleaseId;
    use crate::domain::route::Route;
    use crate::domain::stage::EndpointKey;

    fn name(text: &str) -> DeploymentName {
        text.parse().expect("a name")
    }

    fn defined(more: &[(&str, Given)]) -> Defined {
        let text = |text: &str| Given::text(text);
        let mut inputs: Inputs = [
            ("environment", text("anet-prod")),
            ("environment_config_file", text("infra.yml")),
            ("deploy", Given::Bool(true)),
            ("run_load_test", Given::Bool(false)),
            ("endpoint_name", text("anet-ep-prod")),
            ("deployment_name", text("anet-eedi")),
            ("endpoint_config", text("endpoint.yml")),
            ("deployment_config", text("deployment.yml")),
        ]
        .into_iter()
        .map(|(key, given)| (key.to_owned(), given))
        .collect();
        for (key, given) in more {
            inputs.insert(*key, given.clone(), None);
        }
        let release = Release::read(Origin::default(), Template::DeployRealtime, inputs);
        let id = ReleaseId {
            repository: "x".to_owned(),
            workflow: "w.yml".to_owned(),
            job: "j".to_owned(),
        };
        let desired = Desired {
            name: name("anet-eedi"),
            model: Some("nbq:1".to_owned()),
            environment: None,
            instance_type: None,
            instance_count: Some(2),
            request_timeout_ms: None,
            max_concurrent_requests: None,
        };
        Defined {
            id,
            release,
            stage: None,
            infra: None,
            desired: vec![desired],
            files: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn endpoint(model: &str, count: u32) -> Endpoint {
        let deployment = Deployment {
            name: name("anet-eedi"),
            state: ProvisioningState::Succeeded,
            phase: None,
            instance_type: Some("Standard_DS3_v2".to_owned()),
            instance_count: Some(count),
            model: Some(model.to_owned()),
            environment: Some("env:1".to_owned()),
            description: None,
            request_timeout_ms: Some(5_000),
            max_concurrent_requests: Some(1),
            created: None,
            failure: None,
        };
        Endpoint {
            key: EndpointKey {
                stage: "anet-prod".parse().expect("a name"),
                endpoint: "anet-ep-prod".parse().expect("a name"),
            },
            state: ProvisioningState::Succeeded,
            route: Route::default(),
            route_problem: None,
            auth: AuthMode::Key,
            scoring_uri: None,
            description: None,
            kubernetes: false,
            deployments: vec![deployment],
        }
    }

    #[test]
    fn only_what_the_yaml_says_is_compared() {
        let plain = defined(&[]);
        assert_eq!(standing(&plain, Some(&endpoint("nbq:1", 2))), Standing::AsDefined);
        let Standing::Differs(drifts) = standing(&plain, Some(&endpoint("nbq:2", 3))) else {
            panic!("it differs")
        };
        let fields: Vec<_> = drifts
            .iter()
            .map(|drift| (drift.field.as_str(), drift.defined.as_str(), drift.running.as_deref()))
            .collect();
        let expected = [("Model", "nbq:1", Some("nbq:2")), ("Instances", "2", Some("3"))];
        assert_eq!(fields, expected);
        assert_eq!(standing(&plain, None), Standing::NoEndpoint);
    }

    #[test]
    fn what_cannot_be_compared_says_why() {
        let shadow = defined(&[
            ("shadow_deployment_name", Given::text("anet-nbq2")),
            ("shadow_deployment_traffic_percentage", Given::Integer(10)),
        ]);
        let running = endpoint("nbq:1", 2);
        assert_eq!(standing(&shadow, Some(&running)), Standing::Absent(vec![name("anet-nbq2")]));
        let asks = defined(&[("deploy", Given::text("${{ inputs.deploy }}"))]);
        assert!(matches!(standing(&asks, Some(&running)), Standing::NotCompared(_)));
        let wrong = defined(&[("deploy", Given::text("true"))]);
        assert_eq!(standing(&wrong, Some(&running)), Standing::Broken);
    }
}
