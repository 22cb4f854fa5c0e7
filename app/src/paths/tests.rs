//! Tests of the URLs.

use super::*;
use crate::port::{ActivityKind, BuildRequest};
use domain::endpoint::{AuthMode, Deployment};
use domain::intent::{Intent, ReleaseRequest};
use domain::job::JobId;
use domain::provisioning::ProvisioningState;

fn endpoint_with(at: &EndpointKey, names: &[&str], route: &str) -> Endpoint {
    let deployment = |name: &&str| Deployment {
        name: name.parse().expect("a name"),
        state: ProvisioningState::Succeeded,
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
    };
    Endpoint {
        key: at.clone(),
        state: ProvisioningState::Succeeded,
        route: route.parse().expect("a route"),
        route_problem: None,
        auth: AuthMode::Key,
        scoring_uri: None,
        description: None,
        kubernetes: false,
        deployments: names.iter().map(deployment).collect(),
    }
}

#[test]
fn every_page_has_its_url() {
    let at = EndpointKey {
        stage: "anet-prod".parse().expect("stage"),
        endpoint: "anet-ep-prod".parse().expect("endpoint"),
    };
    let name = "anet-eedi".parse().expect("deployment");
    assert_eq!(endpoint(&at), "/stages/anet-prod/endpoints/anet-ep-prod");
    assert_eq!(route(&at), "/stages/anet-prod/endpoints/anet-ep-prod/route");
    let on = endpoint_with(&at, &["blue", "green"], "green=100");
    let planned = |wanted: &str| planned_route(&on, &wanted.parse().expect("a route"));
    assert!(planned("blue=100").ends_with("/route?live.green=0&live.blue=100"));
    // A route without live traffic needs explicit zeros.
    assert!(planned("").ends_with("/route?live.blue=0&live.green=0"));
    assert_eq!(
        log(&at, &name, Container::StorageInitializer, 50),
        "/stages/anet-prod/endpoints/anet-ep-prod/deployments/anet-eedi?log=storage-initializer&tail=50#log"
    );
    assert_eq!(evidence_of(&at), "/stages/anet-prod/endpoints/anet-ep-prod/evidence");
    let filter = Filter { text: Some("50 %&ü".to_owned()), before: Some(7), ..Filter::default() };
    assert_eq!(history(&filter), "/history?text=50%20%25%26%C3%BC&before=7");
    assert_eq!(history_entry(12), "/history/12");
    assert_eq!(endpoint_history(&at), "/history?stage=anet-prod&endpoint=anet-ep-prod");
    let id = ReleaseId {
        repository: "ml-azua".to_owned(),
        workflow: "deploy it.yml".to_owned(),
        job: "a/b".to_owned(),
    };
    let reference: Reference = "feature/x".parse().expect("a reference");
    assert_eq!(
        release(&id, Some(&reference)),
        "/releases/ml-azua/deploy%20it.yml/a%2Fb?ref=feature%2Fx"
    );
    assert_eq!(plan_release(&id), "/releases/ml-azua/deploy%20it.yml/a%2Fb/plan");
    let answers = vec![("deploy".to_owned(), "a&b".to_owned())];
    let release = ReleaseRequest::Defined { id, reference: Some(reference), answers };
    assert_eq!(
        plan_document(&Intent::Release { release }, Form::Json),
        "/releases/ml-azua/deploy%20it.yml/a%2Fb/plan.json?ref=feature%2Fx&in.deploy=a%26b"
    );
    assert_eq!(
        export_file(&at, Some(&name), Form::Deployment),
        "/stages/anet-prod/endpoints/anet-ep-prod/deployments/anet-eedi/export/deployment.yml"
    );
    let change_id = ChangeId("c".to_owned());
    assert_eq!(decide(&change_id, Act::Approve), "/changes/c/approve");
    assert_eq!(freeze(&at.stage), "/stages/anet-prod/freeze");
    assert_eq!(events(&at), "/events/stages/anet-prod/endpoints/anet-ep-prod");
}

#[test]
fn builds_jobs_and_images_have_their_urls() {
    let release = ReleaseId {
        repository: "ml-azua".to_owned(),
        workflow: "deploy it.yml".to_owned(),
        job: "build".to_owned(),
    };
    let reference = Some("feature/x".parse().expect("a reference"));
    let answers = vec![("tags".to_owned(), "'a=b & c'".to_owned())];
    let request = BuildRequest { release, reference, answers, deploy: false };
    assert_eq!(
        build(&request),
        "/releases/ml-azua/deploy%20it.yml/build/build?ref=feature%2Fx&in.tags=%27a%3Db%20%26%20c%27"
    );
    assert!(build_document(&request, Form::Commands).contains("/build/build.sh?ref=feature%2Fx&"));
    let id = JobId("00000000-0000-4000-8000-000000000005".to_owned());
    let page = "/jobs/00000000-0000-4000-8000-000000000005";
    assert_eq!(job(&id), page);
    assert_eq!(cancel_job(&id), format!("{page}/cancel"));
    assert_eq!(repeat_job(&id), format!("{page}/repeat"));
    assert_eq!(job_log(&id), format!("{page}/log"));
    assert_eq!(events_job(&id), format!("/events{page}"));
    // A link to a line opens the page of the log that has the line.
    for (line, from) in [(1, 1), (500, 1), (501, 501), (1_120, 1_001)] {
        assert_eq!(job_log_line(&id, line), format!("{page}?from={from}#L{line}"));
    }
    assert_eq!(activity(ActivityKind::All, None), "/activity");
    assert_eq!(activity(ActivityKind::Builds, Some(7)), "/activity?show=builds&before=7");
    let stage = "anet-dev".parse().expect("a stage");
    assert_eq!(image(&stage, "ml env"), "/stages/anet-dev/images/ml%20env");
    assert_eq!(archive_image(&stage, "env"), "/stages/anet-dev/images/env/archive");
    let at = EndpointKey { stage, endpoint: "ep-dev".parse().expect("a name") };
    let version = "env:3".parse().expect("a version");
    assert_eq!(
        deploy_image(&at, &version),
        "/stages/anet-dev/endpoints/ep-dev/new-deployment?environment=env%3A3"
    );
}
