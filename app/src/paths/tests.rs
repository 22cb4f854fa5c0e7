//! URLs as they are written.

use super::*;

#[test]
fn urls_are_these() {
    let at = EndpointKey {
        stage: "anet-prod".parse().expect("stage"),
        endpoint: "anet-ep-prod".parse().expect("endpoint"),
    };
    let name = "anet-eedi".parse().expect("deployment");
    assert_eq!(endpoint(&at), "/stages/anet-prod/endpoints/anet-ep-prod");
    assert_eq!(route(&at), "/stages/anet-prod/endpoints/anet-ep-prod/route");
    let on = crate::domain::guard::trial::endpoint("blue green", "green=100");
    let planned = |wanted: &str| planned_route(&on, &wanted.parse().expect("a route"));
    assert!(planned("blue=100").ends_with("/route?live.green=0&live.blue=100"));
    // Switching all off has to be said.
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
    let of = PlanOf::Release { id, reference: Some(reference), answers };
    assert_eq!(
        plan_document(&of, Form::Json),
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
