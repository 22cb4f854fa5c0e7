//! What is exported and rendered again is what was there, and what YAML cannot say is told.

use super::loss;
use super::trial::{deployment_body, endpoint, endpoint_body, key, workspace};
use crate::operations::plan::file::{Files, Rendered};
use crate::operations::plan::observed::{Live, Observed};
use crate::operations::plan::step::Step;
use crate::operations::plan::{Wish, plan};
use app::domain::document::{Document, Form};
use app::domain::guard::facts::Facts;
use app::domain::plan::{Difference, Subject};
use app::domain::repository::Revision;
use app::domain::route::Route;
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

/// So many times the usual number of cases.
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
        let route: Route = route.parse().expect("a route");
        let bodies = [("anet-eedi", &eedi), ("anet-green", &green)];
        let mut live = Live::of(Arc::new(endpoint(&route)));
        live.body = Some(Arc::new(own.clone()));
        let mut files = Files::new();
        let document = exported_endpoint(&own);
        let again = loss::rendered(&document, &workspace(), |source, options| {
            spec::render::endpoint(source, options, &spec::files::Nothing)
        });
        put(&mut files, &document, again);
        for (name, body) in bodies {
            live.deployments.insert(name.parse().expect("a name"), Arc::new(body.clone()));
            let document = exported(name, body);
            let again = loss::rendered(&document, &workspace(), |source, options| {
                spec::render::deployment(source, options, &spec::files::Nothing)
            });
            put(&mut files, &document, again);
        }
        let inputs = super::state::inputs(&live, None).expect("it can be said");
        let release = read_again(&super::state::text(&inputs, None));
        prop_assert_eq!(&release.problems, &Vec::new());
        let wish = Wish::Release { release: &release, files: &files };
        let planned = plan(&wish, &Observed::of(live), &Facts::default()).expect("a plan");
        // What watches an endpoint is no part of its YAML, and was not looked at here.
        let is_watch = |d: &Difference| matches!(d.subject, Subject::Diagnostics | Subject::Alert);
        let rows = planned.plan.differences.iter();
        let changes: Vec<_> = rows.filter(|d| d.is_change() && !is_watch(d)).collect();
        prop_assert!(changes.is_empty(), "{changes:#?}");
        let moves = planned.steps.iter().any(|step| {
            !matches!(step, Step::PutDiagnostics { .. } | Step::PutAlert { .. })
        });
        prop_assert!(!moves, "{:#?}", planned.plan.steps);
    }
}

/// What a release's file amounts to, as the reader of repositories keeps it.
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

/// The block in a workflow, read as a repository's.
fn read_again(with: &str) -> app::domain::release::Release {
    let block: String = with.lines().map(|line| format!("    {line}\n")).collect();
    let text = format!(
        "jobs:\n  deploy:\n    uses: a/b/.github/workflows/deploy_realtime.yml@main\n{block}"
    );
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
fn what_yaml_cannot_say_is_told() {
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
fn a_route_that_no_job_can_say_is_told() {
    let said = |route: &str| {
        let route = route.parse().expect("a route");
        super::state::first_form(&key(), &route, None).expect_err("no job says it")
    };
    assert!(said("").contains("Nobody is live"));
    assert!(said("blue=90,green=10;mirror=red:5").contains("more than one job"));
    assert!(said("blue=80,green=10,red=10").contains("more than one job"));
}
