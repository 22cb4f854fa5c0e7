//! The run book from the first to the last step.

use super::form::{Field, fields, parse};
use super::inputs::Run;
use super::step::{Progress, Which};
use super::steps::{next, steps};
use super::{Basis, Seen, ShadowDraft};
use crate::endpoint::{AuthMode, Deployment, Endpoint};
use crate::name::DeploymentName;
use crate::provisioning::ProvisioningState;
use crate::release::input::{Given, Inputs};
use crate::repository::ReleaseId;
use crate::stage::EndpointKey;
use crate::timestamp::Timestamp;
use crate::traffic::{Minute, Series, Traffic};

fn name(text: &str) -> DeploymentName {
    text.parse().expect("a name")
}

fn deployment(text: &str) -> Deployment {
    let (text, state) = text.split_once('!').unwrap_or((text, "Succeeded"));
    Deployment {
        name: name(text),
        state: ProvisioningState::from_azure(state),
        phase: None,
        instance_type: None,
        instance_count: None,
        model: None,
        environment: None,
        description: None,
        request_timeout_ms: None,
        max_concurrent_requests: None,
        created: None,
        failure: None,
        settings: None,
        secrets: None,
    }
}

fn at() -> EndpointKey {
    let (stage, endpoint) = ("anet-prod".parse(), "anet-ep-prod".parse());
    EndpointKey { stage: stage.expect("a stage"), endpoint: endpoint.expect("an endpoint") }
}

/// `requests`: requests that the shadow got. `primary`: the primary that the release names.
fn seen(deployments: &str, route: &str, requests: f32, primary: &str) -> Seen {
    let endpoint = Endpoint {
        key: at(),
        state: ProvisioningState::Succeeded,
        route: route.parse().expect("a route"),
        route_problem: None,
        auth: AuthMode::Key,
        scoring_uri: None,
        description: None,
        kubernetes: false,
        deployments: deployments.split_whitespace().map(deployment).collect(),
    };
    let minutes = vec![Minute { requests: Some(requests), ..Minute::default() }];
    let series = vec![Series { deployment: name("anet-new"), minutes }];
    let id = ReleaseId {
        repository: "ml-azua".to_owned(),
        workflow: "deploy.yml".to_owned(),
        job: "deploy-prod".to_owned(),
    };
    let basis = Basis { id, primary: Some(name(primary)), has_shadow: false, build: None };
    Seen {
        endpoint: Some(endpoint),
        traffic: Some(Traffic { start: Timestamp(0), series, trouble: None }),
        elsewhere: Vec::new(),
        basis: Some(basis),
    }
}

fn draft() -> ShadowDraft {
    ShadowDraft { at: Some(at()), name: Some(name("anet-new")), ..ShadowDraft::default() }
}

#[track_caller]
fn comes_next(seen: &Seen, which: Option<Which>, part: &str) {
    let steps = steps(&draft(), seen);
    let found = next(&steps);
    assert_eq!(found, which, "{steps:#?}");
    if let Some(step) = steps.iter().find(|step| Some(step.which) == which) {
        assert!(step.says.contains(part), "{part}: {}", step.says);
    }
}

#[test]
fn each_step_is_ticked_from_observations() {
    let old = "anet-eedi";
    let both = "anet-eedi anet-new";
    let seen = |there: &str, route: &str, requests| seen(there, route, requests, old);
    let steps = |there, route, requests, which, part| {
        comes_next(&seen(there, route, requests), Some(which), part);
    };
    steps("anet-eedi", "anet-eedi=100", 0.0, Which::Create, "does not exist yet");
    steps("anet-eedi anet-new!Creating", "anet-eedi=100", 0.0, Which::Create, "Wait");
    steps(
        "anet-eedi anet-new!Failed",
        "anet-eedi=100",
        0.0,
        Which::Create,
        "delete the deployment",
    );
    steps(both, "anet-eedi=100", 0.0, Which::Mirror, "No traffic is mirrored");
    let mirrored = "anet-eedi=100;mirror=anet-new:20";
    steps(both, mirrored, 0.0, Which::Compare, "No mirrored request");
    steps(both, mirrored, 7.0, Which::Compare, "shadow 7 requests, 0 errors");
    steps(both, "anet-eedi=90,anet-new=10", 7.0, Which::Promote, "10 % so far");
    steps(both, "anet-new=100", 7.0, Which::Retire, "Without traffic: anet-eedi");
    steps("anet-new", "anet-new=100", 7.0, Which::CleanUp, "still names the old primary");
    comes_next(&super::tests::seen("anet-new", "anet-new=100", 7.0, "anet-new"), None, "");
}

#[test]
fn steps_out_of_order_are_rejected() {
    let early = |seen: &Seen| -> Vec<Which> {
        let all = steps(&draft(), seen).into_iter();
        all.filter(|step| step.progress == Progress::Early).map(|step| step.which).collect()
    };
    use Which::{CleanUp, Compare, Mirror, Promote, Retire};
    let none = seen("anet-eedi", "anet-eedi=100", 0.0, "anet-eedi");
    assert_eq!(early(&none), [Mirror, Compare, Promote, Retire, CleanUp]);
    let idle = seen("anet-eedi anet-new", "anet-eedi=100", 0.0, "anet-eedi");
    assert_eq!(early(&idle), [Compare, Promote, Retire, CleanUp]);
    let silent = seen("anet-eedi anet-new", "anet-eedi=100;mirror=anet-new:5", 0.0, "anet-eedi");
    assert_eq!(early(&silent), [Promote, Retire, CleanUp]);
    let off = seen("anet-eedi anet-new", "", 0.0, "anet-eedi");
    comes_next(&off, Some(Which::Endpoint), "No deployment is live");
}

#[test]
fn invalid_fields_have_problems() {
    for (field, text, part) in [
        (Field::Name, "anet_nbq2_shadow", "as the primary once it is promoted"),
        (Field::Name, "anet-Shadow", "Choose a name that suits a primary"),
        (Field::Name, "a_b", "letters, digits and hyphens"),
        (Field::At, "anet-prod", "Choose an endpoint"),
        (Field::Config, "../x.yml", "out of the repository"),
        (Field::Model, "nbq", "name and version like nbq:2"),
        (Field::Model, "nbq@latest", "name and version like nbq:2"),
        (Field::Mirror, "51", "1 to 50 %"),
        (Field::Mirror, "12.5", "not a whole number"),
        (Field::Traffic, "101", "not a valid percentage"),
        (Field::Reference, "a..b", "cannot be a branch"),
    ] {
        let problem = field.problem(text).unwrap_or_default();
        assert!(problem.contains(part), "{text}: {problem}");
        let (draft, problems) = parse(&[(field.key().to_owned(), text.to_owned())]);
        assert_eq!((draft, problems.len()), (ShadowDraft::default(), 1));
    }
    for (field, text) in [(Field::Mirror, "0"), (Field::Name, " "), (Field::Model, "azureml:a:1")] {
        assert_eq!(field.problem(text), None, "{text}");
    }
}

#[test]
fn a_draft_survives_its_url() {
    let pairs = [
        ("at", "anet-prod/anet-ep-prod"),
        ("ref", "shadow-nbq-2"),
        ("name", "anet-nbq2"),
        ("config", "mlops/nbq/d.yml"),
        ("model", "nbq:2"),
        ("environment", "env:1"),
        ("mirror", "20"),
        ("traffic", "10"),
    ];
    let query: Vec<_> = pairs.map(|(key, text)| (key.to_owned(), text.to_owned())).to_vec();
    let (draft, problems) = parse(&query);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(fields(&draft), query);
}

#[test]
fn each_run_has_its_own_inputs() {
    let now: Inputs = [
        ("environment", Given::text("anet-prod")),
        ("run_load_test", Given::Bool(true)),
        ("shadow_deploy_mirror_percentage", Given::Integer(50)),
        ("deployment_name", Given::text("anet-eedi")),
    ]
    .into_iter()
    .map(|(key, given)| (key.to_owned(), given))
    .collect();
    let mut draft = draft();
    assert_eq!(draft.run(), None);
    draft.config = "mlops/new.yml".parse().ok();
    draft.mirror = 20_i64.try_into().ok();
    assert_eq!(draft.run(), Some(Run::Deploy));
    let keys = |inputs: &Inputs| -> Vec<String> {
        inputs.iter().map(|(key, _)| key.to_owned()).filter(|key| key.contains("shadow")).collect()
    };
    let primary = name("anet-eedi");
    let deploy = draft.inputs(Run::Deploy, &now, Some(&primary));
    let config = deploy.get("shadow_deployment_config").map(|input| input.given.clone());
    assert_eq!(config, Some(Given::text("./mlops/new.yml")));
    assert_eq!(
        keys(&deploy),
        [
            "shadow_deployment_config",
            "shadow_deployment_mirror_percentage",
            "shadow_deployment_name"
        ]
    );
    draft.traffic = 10_i64.try_into().ok();
    assert_eq!(draft.run(), Some(Run::Promote));
    let promote = draft.inputs(Run::Promote, &now, Some(&primary));
    assert_eq!(keys(&promote), ["shadow_deployment_name", "shadow_deployment_traffic_percentage"]);
    let flag = promote.get("run_load_test").map(|input| input.given.clone());
    assert_eq!(flag, Some(Given::Bool(false)));
}
