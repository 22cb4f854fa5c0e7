//! The blue/green form: its order of work, its variables, and the work that it leaves to the workflow.

use super::drift::drift;
use super::fixtures::{blue_green, carrying_out, files, live, release, text};
use super::observed::{Live, Observed, Presence, Watch};
use super::step::Step;
use super::{Planned, plan};
use domain::guard::inputs::GuardInputs;
use domain::plan::step::StepKind;
use domain::release::input::Given;
use serde_json::{Value, json};
use std::sync::Arc;

type Extra<'a> = &'a [(&'static str, Given)];

fn on(live: Option<Live>) -> Observed {
    let storage_account = Some("stanet0001dev".to_owned());
    let of = live.map_or_else(Observed::default, Observed::of);
    Observed { storage_account, ..of }
}

fn planned(extra: Extra<'_>, observed: &Observed) -> Planned {
    let release = release(&blue_green(extra));
    let intent = carrying_out(&release, files());
    plan(&intent, observed, &GuardInputs::default()).expect("a plan")
}

/// An endpoint with blue live, and green with these variables.
fn beside(variables: Value, route: &str) -> Observed {
    let mut live = live("anet-dev/anet-ep-dev", "anet-eedi:1 anet-green:2", route);
    let name = "anet-green".parse().expect("a name");
    let mut body: Value = (**live.deployments.get(&name).expect("a body")).clone();
    body["properties"]["environmentVariables"] = variables;
    live.deployments.insert(name, Arc::new(body));
    on(Some(live))
}

fn made_by_workflow(traffic_type: &str, commit: &str) -> Value {
    json!({"TRAFFIC_TYPE": traffic_type, "ENDPOINT_NAME": "anet-ep-dev", "LOGGING_MODE": "remote",
        "QUEUE_NAME": format!("q-anet-ep-dev-{traffic_type}"), "BUILD_SHA": commit,
        "STAGING_CONTAINER_NAME": format!("blob-q-anet-ep-dev-{traffic_type}"),
        "AZURE_STORAGE_ACCOUNT_NAME": "stanet0001dev"})
}

fn puts(planned: &Planned) -> Option<&Value> {
    planned.steps.iter().find_map(|step| match step {
        Step::PutDeployment { body, .. } => body.pointer("/properties/environmentVariables"),
        _ => None,
    })
}

#[test]
fn a_deployment_that_the_workflow_made_does_not_differ() {
    let mirror = ("green_mirror_percentage", Given::Integer(20));
    let route = "anet-eedi=100;mirror=anet-green:20";
    for commit in ["0123456789abcdef0123456789abcdef01234567", "another"] {
        let observed = beside(made_by_workflow("shadow", commit), route);
        let planned = planned(std::slice::from_ref(&mirror), &observed);
        assert_eq!(puts(&planned), None, "{commit}: {:#?}", planned.plan.differences);
        let release = release(&blue_green(std::slice::from_ref(&mirror)));
        let key = &observed.endpoints.values().next().expect("one").endpoint.key;
        let found = drift(&release, key, &files(), &observed).expect("compared");
        assert_eq!((found.fields, found.route), (Vec::new(), None));
    }
}

#[test]
fn a_changed_deployment_is_sent_with_the_workflows_variables() {
    for (variables, deploys) in [
        (made_by_workflow("live", "x"), "TRAFFIC_TYPE"),
        (json!({}), "no variables"),
        (json!({"TRAFFIC_TYPE": "shadow", "MORE": "1"}), "another one"),
    ] {
        let planned = planned(&[], &beside(variables, "anet-eedi=100"));
        let sent = puts(&planned).unwrap_or_else(|| panic!("{deploys}"));
        let commit = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(*sent, made_by_workflow("shadow", commit), "{deploys}");
    }
    let off = [("enable_queue_logging", Given::Bool(false))];
    let planned = planned(&off, &beside(json!({}), "anet-eedi=100"));
    let sent = puts(&planned).expect("a deployment");
    assert_eq!((&sent["LOGGING_MODE"], sent.get("QUEUE_NAME")), (&json!("disabled"), None));
    let left = planned.plan.verdicts.iter().any(|one| one.reason.contains("the queue"));
    assert!(!left, "without queue logging there is no queue to create");
}

#[test]
fn a_colour_that_is_not_deployed_keeps_its_variables() {
    let idle = [("deploy_green", Given::Bool(false))];
    let observed = beside(made_by_workflow("live", "x"), "anet-eedi=100");
    assert_eq!(puts(&planned(&idle, &observed)), None);
    let release = release(&blue_green(&idle));
    let key = &observed.endpoints.values().next().expect("one").endpoint.key;
    let found = drift(&release, key, &files(), &observed).expect("compared");
    assert_eq!(found.fields, Vec::new());
}

#[test]
fn the_order_is_the_templates_and_the_route_is_one_put() {
    let run = [
        ("green_mirror_percentage", Given::Integer(20)),
        ("run_load_test", Given::Bool(true)),
        ("load_test_name", text("nbq-10x")),
    ];
    let kinds = |planned: &Planned| -> Vec<StepKind> {
        let kinds = planned.plan.steps.iter().map(|step| step.kind);
        kinds.filter(|kind| !matches!(kind, StepKind::Wait | StepKind::Check)).collect()
    };
    use StepKind::{PutAlert, PutDeployment, PutDiagnostics, PutEndpoint, RunLoadTest, SetRoute};
    let mut with_endpoint = live("anet-dev/anet-ep-dev", "anet-eedi:1", "anet-eedi=100");
    let own = json!({"location": "westeurope", "tags": {"team": "old"}, "properties": {}});
    with_endpoint.body = Some(Arc::new(own));
    let mut observed = on(Some(with_endpoint));
    let watch = Watch { diagnostics: Presence::Absent, alert: Presence::Absent };
    observed.watched.insert("anet-ep-dev".parse().expect("a name"), watch);
    let planned = planned(&run, &observed);
    assert_eq!(
        kinds(&planned),
        [PutEndpoint, PutDiagnostics, PutDeployment, SetRoute, PutAlert, RunLoadTest]
    );
    let left = planned.plan.verdicts.iter().find(|one| one.guard == "nothing-left-to-workflow");
    let left = &left.expect("a verdict").reason;
    for words in [
        "first builds the image ml-azua-litserve-env",
        "the queue q-anet-ep-dev-shadow and the blob container blob-q-anet-ep-dev-shadow",
        "stanet0001dev",
        "Storage Queue Data Contributor",
    ] {
        assert!(left.contains(words), "{words}: {left}");
    }
}

#[test]
fn live_traffic_and_mirror_change_together_or_not_at_all() {
    let swapped = [
        ("deploy_green", Given::Bool(false)),
        ("blue_traffic_percentage", Given::Integer(0)),
        ("green_traffic_percentage", Given::Integer(100)),
        ("blue_mirror_percentage", Given::Integer(10)),
    ];
    let observed = beside(json!({}), "anet-eedi=100;mirror=anet-green:20");
    let routes: Vec<_> = planned(&swapped, &observed)
        .steps
        .iter()
        .filter_map(|step| match step {
            Step::SetRoute { after, .. } => Some(after.to_text()),
            _ => None,
        })
        .collect();
    assert_eq!(routes, ["anet-green=100;mirror=anet-eedi:10"]);
    // Without a percentage the mirror is removed, which the templates cannot do.
    let idle = [("deploy_green", Given::Bool(false))];
    let planned = planned(&idle, &observed);
    let after = planned.steps.iter().find_map(|step| match step {
        Step::SetRoute { after, .. } => Some(after.to_text()),
        _ => None,
    });
    assert_eq!(after.as_deref(), Some("anet-eedi=100"));
}
