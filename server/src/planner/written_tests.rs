//! A plan's differences show each of its writes, which come from the release.

use super::file::{Label, Rendered};
use super::fixtures::{
    DEPLOY, body, carrying_out, files, live, mirrored, planned, plans, release, text, with_files,
};
use super::latest::{Newest, Version};
use super::observed::{Observed, Presence, Watch};
use super::step::Step;
use super::{Planned, alert, plan};
use domain::guard::inputs::GuardInputs;
use domain::plan::Subject;
use domain::release::input::Given;
use serde_json::{Value, json};
use std::sync::Arc;

/// Checks that each write has at least one row.
pub(super) fn every_write_has_a_row(planned: &Planned) {
    for step in &planned.steps {
        let (subject, of_route) = match step {
            Step::Check { .. } | Step::Wait { .. } | Step::Bake { .. } => continue,
            Step::PutDiagnostics { .. } => (Subject::Diagnostics, false),
            Step::PutAlert { .. } => (Subject::Alert, false),
            Step::PutEndpoint { .. } => (Subject::Endpoint, false),
            Step::SetRoute { .. } => (Subject::Endpoint, true),
            Step::PutDeployment { name, .. } | Step::DeleteDeployment { name, .. } => {
                (Subject::Deployment(name.clone()), false)
            }
            Step::RunLoadTest { .. } => (Subject::LoadTest, false),
            Step::BuildImage { .. } | Step::PutEnvironment { .. } => (Subject::Image, false),
        };
        let is_route = |field: &str| {
            field.starts_with("/properties/traffic/")
                || field.starts_with("/properties/mirrorTraffic/")
        };
        let mut rows = planned.plan.differences.iter();
        let has_row = rows.any(|row| row.subject == subject && is_route(&row.field) == of_route);
        assert!(has_row, "{step:?} has no row: {:#?}", planned.plan.differences);
    }
}

fn of(planned: &Planned, subject: &Subject) -> Vec<String> {
    let rows = planned.plan.differences.iter().filter(|row| row.subject == *subject);
    rows.map(|row| format!("{}: {:?} → {:?}", row.field, row.before, row.after)).collect()
}

fn on(observed: &Observed, extra: &[(&str, Given)]) -> Planned {
    let intent = carrying_out(&release(extra), files());
    plan(&intent, observed, &GuardInputs::default()).expect("a plan")
}

fn absent() -> Watch {
    Watch { diagnostics: Presence::Absent, alert: Presence::Absent }
}

#[test]
fn settings_and_rule_of_a_new_endpoint_are_in_its_differences() {
    let name: domain::name::EndpointName = "anet-ep-dev".parse().expect("a name");
    let new = Observed { watched: [(name, absent())].into(), ..Observed::default() };
    let planned = on(&new, &[DEPLOY]);
    every_write_has_a_row(&planned);
    let settings = of(&planned, &Subject::Diagnostics).join("\n");
    assert!(settings.contains("/properties/logs: None → Some"), "{settings}");
    assert!(settings.contains("(the id of the stage's Log Analytics workspace)"), "{settings}");
    let rule = of(&planned, &Subject::Alert).join("\n");
    assert!(rule.contains("/tags/team: None → Some(\"data-science\")"), "{rule}");
    assert!(rule.contains("toint(ResponseCode) != 200"), "{rule}");
    let shown = format!("{:?} {:?}", planned.plan.differences, planned.plan.steps);
    assert!(!shown.contains('@'), "no reference reaches a person: {shown}");
}

#[test]
fn a_rule_that_outlived_its_endpoint_is_compared() {
    let first = on(&Observed::default(), &[DEPLOY]);
    let body = first.steps.iter().find_map(|step| match step {
        Step::PutAlert { body, .. } => Some(body.clone()),
        _ => None,
    });
    let watch = Watch { alert: Presence::Present(Arc::new(body.expect("a rule"))), ..absent() };
    let name: domain::name::EndpointName = "anet-ep-dev".parse().expect("a name");
    let there = Observed { watched: [(name, watch)].into(), ..Observed::default() };
    let planned = on(&there, &[DEPLOY]);
    assert_eq!(of(&planned, &Subject::Alert), Vec::<String>::new());
    assert!(!planned.steps.iter().any(|step| matches!(step, Step::PutAlert { .. })));
}

/// The next plan has nothing to do, because the tag comes from the definition and not from the live endpoint.
#[test]
fn the_alert_rules_team_comes_from_the_definition() {
    for live in [None, Some(live("anet-dev/anet-ep-dev", "anet-eedi:1", "anet-eedi=100"))] {
        let mut live = live;
        if let Some(live) = &mut live {
            let mut own: Value = (**live.body.as_ref().expect("a body")).clone();
            own["tags"]["team"] = json!("another");
            live.body = Some(Arc::new(own));
        }
        let planned = planned(&release(&[DEPLOY]), live, &GuardInputs::default()).expect("a plan");
        let team = planned.steps.iter().find_map(|step| match step {
            Step::PutAlert { body, .. } => body.pointer("/tags/team").cloned(),
            _ => None,
        });
        assert_eq!(team, Some(json!("data-science")));
    }
}

#[test]
fn an_alert_rule_with_the_query_of_the_templates_is_left_alone() {
    let live = live("anet-dev/anet-ep-dev", "anet-eedi:1", "anet-eedi=100");
    let at = live.endpoint.key.clone();
    let mut observed = Observed::of(live);
    let team = json!("data-science");
    let (_, mut rule) = alert::alert(&at, &observed, Some(&team), Some("Eedi/ml-azua"));
    let query = "AmlOnlineEndpointTrafficLog | where ResponseCode != '200' and EndpointName == 'anet-ep-dev'";
    rule["properties"]["criteria"]["allOf"][0]["query"] = json!(query);
    let watch = Watch { alert: Presence::Present(Arc::new(rule)), ..absent() };
    observed.watched.insert(at.endpoint, watch);
    let planned = on(&observed, &[]);
    assert_eq!(of(&planned, &Subject::Alert), Vec::<String>::new());
    assert!(!planned.steps.iter().any(|step| matches!(step, Step::PutAlert { .. })));
}

#[test]
fn latest_is_planned_as_the_current_version() {
    let label = Label { collection: "models".to_owned(), name: "nbq".to_owned() };
    let mut rendered = body(1, super::fixtures::SIZE);
    rendered["properties"]["model"] = json!("azureml:nbq@latest");
    let file = Rendered { body: rendered, labels: vec![label.clone()], ..Rendered::default() };
    let path = "latest.yml".parse().expect("a path");
    let of = |model: u32, newest: Option<u32>| {
        let words = format!("anet-eedi:1 anet-green:{model}");
        let live = live("anet-dev/anet-ep-dev", &words, "anet-eedi=100;mirror=anet-green:20");
        let version = newest.map(|version| Version {
            version: version.to_string(),
            id: format!("/subscriptions/s/models/nbq/versions/{version}"),
        });
        let newest = Newest::from([(label.clone(), version)]);
        with_files(
            &mirrored("latest.yml"),
            Observed { newest, ..Observed::of(live) },
            &[(&path, &file)],
        )
    };
    let same = of(7, Some(7));
    assert!(!same.steps.iter().any(|step| matches!(step, Step::PutDeployment { .. })), "{same:?}");
    let newer = of(6, Some(7));
    let text = format!("{:?}", newer.plan);
    assert!(text.contains("versions/7 (latest, now 7)"), "{text}");
    assert!(text.contains("azureml:nbq@latest is version 7 now"), "{text}");
    let none = of(6, None);
    let blocked = none.plan.blocked().expect("it is blocked");
    assert!(blocked.contains("azureml:nbq@latest (the workspace has no version"), "{blocked}");
}

#[test]
fn a_load_tests_writes_are_shown() {
    let run = [("run_load_test", Given::Bool(true)), ("load_test_name", text("nbq-10x"))];
    let said = plans(&run, "anet-eedi:1", "anet-eedi=100");
    assert!(said.contains("~ load test /secrets/api-key-anet-ep-dev: (not known)"), "{said}");
}
