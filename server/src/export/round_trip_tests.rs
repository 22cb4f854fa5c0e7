//! An exported and rendered body equals the original, and the losses of YAML are listed.

use super::fixtures::{deployment_body, endpoint, endpoint_body, key, workspace};
use super::loss;
use crate::planner::file::{Files, Rendered};
use crate::planner::observed::{Live, Observed};
use crate::planner::pinned::{Pinned, PinnedRelease};
use crate::planner::plan;
use crate::planner::step::Step;
use domain::document::{Document, Form};
use domain::guard::inputs::GuardInputs;
use domain::plan::{Difference, Subject};
use domain::release::Release;
use domain::repository::ReleaseId;
use domain::repository::Revision;
use domain::route::Route;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

fn exported(name: &str, body: &Value) -> Document {
    let name = name.parse().expect("a name");
    let yaml = super::deployment::yaml(&key().endpoint, &name, body, Some(&workspace().id()));
    let file = super::state::deployment_file(&key().endpoint, &name);
    Document { form: Form::Deployment, name: file, text: super::resource(&yaml) }
}

fn exported_endpoint(body: &Value) -> Document {
    let yaml = super::endpoint::yaml(&key().endpoint, body);
    let name = super::state::endpoint_file(&key().endpoint);
    Document { form: Form::Endpoint, name, text: super::resource(&yaml) }
}

/// Four times the usual number of cases.
fn many() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: 4 * usual.cases, ..usual }
}

proptest! {
    #![proptest_config(many())]

    #[test]
    fn an_exported_deployment_comes_back(body in deployment_body()) {
        let document = exported("anet-eedi", &body);
        let losses = loss::deployment(&document, &body, &workspace());
        prop_assert!(losses.is_empty(), "{losses:#?}\n{}", document.text);
    }

    #[test]
    fn an_exported_endpoint_comes_back(body in endpoint_body()) {
        let document = exported_endpoint(&body);
        let losses = loss::endpoint(&document, &body, &workspace());
        prop_assert!(losses.is_empty(), "{losses:#?}\n{}", document.text);
    }

    #[test]
    fn an_exported_job_finds_nothing_to_do(
        route in prop::sample::select(&[
            "anet-eedi=100",
            "anet-eedi=100;mirror=anet-green:20",
            "anet-eedi=90,anet-green=10",
            "anet-eedi=50,anet-green=50",
            "anet-green=100",
        ][..]),
        own in endpoint_body(),
        eedi in deployment_body(),
        green in deployment_body(),
    ) {
        finds_nothing_to_do(&route.parse().expect("a route"), own, [eedi, green], None)?;
    }

    /// A known release in the later form makes the export use that form and its version.
    #[test]
    fn an_exported_blue_green_job_finds_nothing_to_do(
        route in prop::sample::select(&[
            "anet-eedi=100",
            "anet-eedi=100;mirror=anet-green:20",
            "anet-green=100",
            "anet-green=100;mirror=anet-eedi:50",
        ][..]),
        own in endpoint_body(),
        eedi in deployment_body(),
        green in deployment_body(),
        version in prop::sample::select(&["prime_release_20250826", "v1.0.0", "v1.0.4", "v2.2.4"][..]),
        logs in any::<bool>(),
    ) {
        let route: Route = route.parse().expect("a route");
        let known = blue_green(version);
        let logs = logs || matches!(version, "prime_release_20250826" | "v1.0.0" | "v1.0.4");
        let made = |body: Value, name: &str| {
            let share = route.split().share(&name.parse().expect("a name"));
            as_the_workflow_made(body, share > 0, logs)
        };
        let bodies = [made(eedi, "anet-eedi"), made(green, "anet-green")];
        let text = finds_nothing_to_do(&route, own, bodies, Some(&known))?;
        prop_assert!(text.contains(&format!("deploy_realtime.yml@{version}\n")), "{text}");
        let again = known.inputs.get("templates_repo_ref").is_some();
        prop_assert_eq!(text.contains(&format!("templates_repo_ref: {version}\n")), again, "{}", text);
        prop_assert!(!text.contains("shadow_") && text.contains("deploy_blue"), "{text}");
    }
}

/// A body with the variables that the workflow sets.
fn as_the_workflow_made(mut body: Value, is_live: bool, logs: bool) -> Value {
    let kind = if is_live { "live" } else { "shadow" };
    let queue = format!("q-anet-ep-prod-{kind}");
    let mut set = json!({"TRAFFIC_TYPE": kind, "ENDPOINT_NAME": "anet-ep-prod"});
    let more = match logs {
        true => json!({"LOGGING_MODE": "remote", "QUEUE_NAME": queue,
            "STAGING_CONTAINER_NAME": format!("blob-{queue}")}),
        false => json!({"LOGGING_MODE": "disabled"}),
    };
    for (name, value) in more.as_object().into_iter().flatten() {
        set[name] = value.clone();
    }
    let variables = &mut body["properties"]["environmentVariables"];
    if !variables.is_object() {
        *variables = json!({});
    }
    for (name, value) in set.as_object().into_iter().flatten() {
        variables[name] = value.clone();
    }
    body
}

/// A release of the same stage in the later form, with the colours the other way round.
fn blue_green(version: &str) -> Release {
    let again = if version.starts_with('v') {
        format!("  templates_repo_ref: {version}\n")
    } else {
        String::new()
    };
    let logs = if version == "v2.2.4" { "  enable_queue_logging: true\n" } else { "" };
    read_again(&format!(
        "uses: a/b/.github/workflows/deploy_realtime.yml@{version}\nwith:\n{again}{logs}  environment: anet-prod\n  \
         environment_config_file: c.yml\n  run_load_test: false\n  endpoint_name: anet-ep-prod\n  endpoint_config: e.yml\n  \
         deploy_green: false\n  green_deployment_name: anet-eedi\n  green_traffic_percentage: 100\n"
    ))
}

/// Exports a state as a job with its YAML, plans that job, and returns its text.
fn finds_nothing_to_do(
    route: &Route,
    own: Value,
    bodies: [Value; 2],
    known: Option<&Release>,
) -> Result<String, TestCaseError> {
    let mut live = Live::of(Arc::new(endpoint(route)));
    live.body = Some(Arc::new(own.clone()));
    let mut files = Files::new();
    let document = exported_endpoint(&own);
    let again = loss::rendered(&document, &workspace(), |source, options| {
        spec::render::endpoint(source, options, &spec::files::Nothing)
    });
    put(&mut files, &document, again);
    for (name, body) in ["anet-eedi", "anet-green"].into_iter().zip(bodies) {
        let document = exported(name, &body);
        live.deployments.insert(name.parse().expect("a name"), Arc::new(body));
        let again = loss::rendered(&document, &workspace(), |source, options| {
            spec::render::deployment(source, options, &spec::files::Nothing)
        });
        put(&mut files, &document, again);
    }
    let inputs = super::state::inputs(&live, known).expect("it can be said");
    let text = super::state::text(&inputs, known);
    let release = read_again(&text);
    prop_assert_eq!(&release.problems, &Vec::new(), "{}", text);
    let pinned = PinnedRelease::new(ReleaseId::default(), release, files);
    let intent = Pinned::Release { release: Box::new(pinned) };
    let planned = plan(&intent, &Observed::of(live), &GuardInputs::default()).expect("a plan");
    // The monitoring of an endpoint is not part of its YAML and was not observed here.
    let is_watch = |d: &Difference| matches!(d.subject, Subject::Diagnostics | Subject::Alert);
    let rows = planned.plan.differences.iter();
    let changes: Vec<_> = rows.filter(|d| d.is_change() && !is_watch(d)).collect();
    prop_assert!(changes.is_empty(), "{changes:#?}\n{text}");
    let moves = planned
        .steps
        .iter()
        .any(|step| !matches!(step, Step::PutDiagnostics { .. } | Step::PutAlert { .. }));
    prop_assert!(!moves, "{:#?}", planned.plan.steps);
    Ok(text)
}

/// Adds a rendered file as the reader of repositories does.
fn put(
    files: &mut Files,
    document: &Document,
    rendered: Result<spec::render::Rendered, Vec<spec::problem::Problem>>,
) {
    let rendered = rendered.expect("what is exported can be read");
    let mut body = rendered.with_known_ids(&loss::scope(&workspace()));
    body.as_object_mut().expect("a body").remove("location");
    let path = document.name.parse().expect("a path");
    files.insert(path, Rendered { body, ..Rendered::default() });
}

/// Reads the block as part of a workflow of a repository.
fn read_again(with: &str) -> Release {
    let block: String = with.lines().map(|line| format!("    {line}\n")).collect();
    let uses = match with.contains("uses: ") {
        true => "",
        false => "    uses: a/b/.github/workflows/deploy_realtime.yml@main\n",
    };
    let text = format!("on: push\njobs:\n  deploy:\n{uses}{block}");
    let revision = Revision {
        reference: None,
        commit: None,
        title: String::new(),
        author: String::new(),
        at: None,
    };
    let place = crate::releases::workflow::Place {
        repository: "ml-azua",
        revision: &revision,
        path: ".github/workflows/deploy.yml",
    };
    let mut read = crate::releases::workflow::read(place, text.as_bytes());
    assert_eq!(read.problems, []);
    read.releases.pop().expect("a release")
}

#[test]
fn losses_of_the_yaml_are_listed() {
    let body = json!({"location": "westeurope", "sku": {"capacity": 1}, "properties": {
        "endpointComputeType": "Managed", "instanceType": "x",
        "environmentVariables": {"API_KEY": "s3cret", "LEVEL": "info"},
        "livenessProbe": {"initialDelay": "PT0S", "period": "PT0.5S"}}});
    let losses = loss::deployment(&exported("anet-eedi", &body), &body, &workspace());
    let told = losses.join("\n");
    assert!(told.contains("/properties/livenessProbe/initialDelay is PT0S in Azure"), "{told}");
    assert!(told.contains("/properties/livenessProbe/period is PT0.5S in Azure"), "{told}");
    assert!(told.contains("/properties/environmentVariables/API_KEY is a secret"), "{told}");
    assert_eq!(losses.len(), 3, "{told}");
    assert!(!told.contains("s3cret"), "{told}");
    let both = json!({"identity": {"type": "SystemAssigned,UserAssigned",
        "userAssignedIdentities": {"/subscriptions/s/u": {}}}, "properties": {"authMode": "Key"}});
    let losses = loss::endpoint(&exported_endpoint(&both), &both, &workspace());
    assert!(losses.join("\n").contains("identity.type"), "{losses:?}");
}

#[test]
fn a_route_that_no_job_can_set_is_an_error() {
    let said = |route: &str| {
        let route = route.parse().expect("a route");
        super::state::first_form(&key(), &route, None).expect_err("no job can set it")
    };
    assert!(said("").contains("No deployment is live"));
    assert!(said("blue=90,green=10;mirror=red:5").contains("No single job"));
    assert!(said("blue=80,green=10,red=10").contains("No single job"));
}
