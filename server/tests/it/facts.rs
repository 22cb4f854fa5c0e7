//! Facts that guards need besides the endpoint: they are read from Azure and GitHub, and never guessed.

use crate::support::{Browser, DANA, Page, TestConsole};
use reqwest::Method;
use serde_json::{Value, json};
use server::clock::Clock;

const PLAN: &str = "/releases/ml-azua/deploy.yml/deploy-nbq-prod/plan?ref=shadow-nbq-2";
const NEW: &str = "/stages/anet-prod/endpoints/anet-ep-prod/new-deployment";
/// Longer than the embedded console caches anything.
const OLD_MS: i64 = 3_000;

/// A guard's level and text on a page.
fn verdict(page: &Page, guard: &str) -> (String, String) {
    let item = format!("[data-guard=\"{guard}\"]");
    let level = page.attribute(&item, "data-level").unwrap_or_default();
    (level, page.text_of(&item).unwrap_or_default())
}

#[track_caller]
fn says(page: &Page, guard: &str, level: &str, part: &str) {
    let found = verdict(page, guard);
    assert!(found.0 == level && found.1.contains(part), "{guard} {level} “{part}”: {found:?}");
}

/// A console on a clock that the test moves, so that cached values can expire.
async fn started() -> (TestConsole, Browser) {
    let console = TestConsole::start_at(Clock::manual(Clock::system().now())).await;
    console.observed().await;
    let dana = console.signed_in_as(DANA).await;
    (console, dana)
}

fn group(console: &TestConsole, rest: &str, version: &str) -> String {
    let id = console.arm_path("");
    let (group, _) = id.split_once("/providers/").expect("a resource group");
    format!("{group}/providers/{rest}?api-version={version}")
}

/// Sends requests to the production endpoint, as clients do.
async fn requests(console: &TestConsole, count: usize) {
    let keys = console.ask(Method::POST, &console.arm_path("/listKeys"), None).await;
    let url = console.emulator.join("/endpoints/anet-ep-prod/score").expect("a URL");
    for _ in 0..count {
        let request = console.http.post(url.clone());
        let request = request.bearer_auth(keys["primaryKey"].as_str().expect("a key"));
        let body = json!({ "answers": [], "candidates": [1, 2, 3] });
        let answer = request.json(&body).send().await.expect("an answer");
        // Whatever the model answered, the request was served.
        assert!(answer.status() != 401 && answer.status() != 404, "{}", answer.status());
    }
}

#[tokio::test]
async fn guards_use_facts_from_azure_and_github() {
    let (console, mut dana) = started().await;
    requests(&console, 20).await;
    let page = dana.get(PLAN).await.expect(200);
    says(&page, "quota-suffices", "passes", "covers");
    says(&page, "timeout-covers-p99", "passes", "minutes with a p99 of at most");
    says(&page, "bandwidth-suffices", "passes", "of 5000 kB/s");
    says(&page, "image-fresh", "passes", "was registered after the commit");
    says(&page, "environment-matches", "passes", "ml-azua-litserve-env");
    says(&page, "watchers-exist", "passes", "exist");
}

#[tokio::test]
async fn an_unreadable_fact_is_unknown_and_never_passes() {
    let (console, mut dana) = started().await;
    for path in ["/usages", "/Microsoft.Insights/", "/environments/", "/components/"] {
        let respond = json!({ "status": 403 });
        let matches = json!({ "method": "GET", "path_contains": path });
        console.fault(json!({ "match": matches, "times": 1_000, "respond": respond })).await;
    }
    let page = dana.get(PLAN).await.expect(200);
    says(&page, "quota-suffices", "warns", "not known");
    says(&page, "timeout-covers-p99", "warns", "not known");
    says(&page, "bandwidth-suffices", "warns", "not known");
    says(&page, "image-fresh", "warns", "not known");
    assert_eq!(verdict(&page, "watchers-exist").0, "", "the value is unknown");
    page.says("PUT the diagnostic settings anet-ep-prod-logging: console, traffic and event logs");
    assert!(!page.words().contains("not created yet"), "{}", page.words());
}

#[tokio::test]
async fn azure_is_read_once_for_everybody_who_plans() {
    let (console, mut dana) = started().await;
    let first = dana.get(PLAN).await.expect(200);
    says(&first, "quota-suffices", "passes", "covers");
    let fault = json!({ "match": { "path_contains": "/usages" }, "respond": { "status": 403 } });
    console.fault(fault).await;
    // This fault waits for a read that must not happen.
    let mut leo = console.signed_in_as("Leo Lead").await;
    for _ in 0..3 {
        says(&leo.get(PLAN).await.expect(200), "quota-suffices", "passes", "covers");
    }
    console.clock.advance(OLD_MS);
    says(&leo.get(PLAN).await.expect(200), "quota-suffices", "warns", "not known");
    says(&leo.get(PLAN).await.expect(200), "quota-suffices", "warns", "not known");
    console.clock.advance(OLD_MS);
    says(&leo.get(PLAN).await.expect(200), "quota-suffices", "passes", "covers");
}

#[tokio::test]
async fn a_deployment_over_quota_is_blocked_before_sending() {
    let (console, mut dana) = started().await;
    let before = console.writes().await.len();
    let yaml = "name: anet-gpu\nendpoint_name: anet-ep-prod\nmodel: azureml:nbq:2\n\
                environment: azureml:ml-azua-litserve-env:1\ninstance_type: Standard_NC6s_v3\n\
                instance_count: 8\n";
    let page = dana.upload(NEW, &[("yaml", None, yaml.as_bytes())]).await;
    assert!(page.status.is_client_error(), "{}", page.status);
    page.says("60 cores are needed with Azure's reserve, and 48 are free");
    assert_eq!(console.writes().await.len(), before);
}

#[tokio::test]
async fn a_commit_newer_than_the_image_requires_a_build() {
    let (console, mut dana) = started().await;
    console.advance(60.0).await;
    let url = format!("{}/repos/anet/ml-azua/contents/notes.md", console.github_api);
    let body = json!({ "message": "Note", "content": "eA==", "branch": "shadow-nbq-2" });
    let request = console.http.put(url).bearer_auth(&console.github_token).json(&body);
    let done: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    assert!(done["commit"]["sha"].is_string(), "{done}");
    console.clock.advance(OLD_MS);
    let page = dana.get(PLAN).await.expect(200);
    says(&page, "image-fresh", "blocks", "older than the commit");
}

#[tokio::test]
async fn monitoring_of_the_endpoint_is_created_changed_or_kept() {
    let (console, mut dana) = started().await;
    let page = dana.get(PLAN).await.expect(200);
    page.says("PUT the diagnostic settings anet-ep-prod-logging: console, traffic and event logs; not created yet");
    page.says("PUT the alert rule anet-ep-prod-non-200-alert");
    let rest = "/providers/Microsoft.Insights/diagnosticSettings/anet-ep-prod-logging";
    let settings = console.arm_path(rest).replace("2025-12-01", "2021-05-01-preview");
    let logs = group(&console, "Microsoft.OperationalInsights/workspaces/log-anet-0001prod", "x");
    let (logs, _) = logs.split_once('?').expect("a query");
    let with = |names: &[&str]| {
        let log = |name: &&str| json!({ "category": format!("AmlOnlineEndpoint{name}Log"), "enabled": true });
        let all: Vec<_> = names.iter().map(log).collect();
        json!({ "properties": { "workspaceId": logs, "logs": all } })
    };
    console.ask(Method::PUT, &settings, Some(with(&["Traffic"]))).await;
    console.clock.advance(OLD_MS);
    let page = dana.get(PLAN).await.expect(200);
    page.says("event logs; the current one differs");
    let all = with(&["Traffic", "Event", "Console"]);
    console.ask(Method::PUT, &settings, Some(all)).await;
    console.clock.advance(OLD_MS);
    let page = dana.get(PLAN).await.expect(200);
    assert!(!page.words().contains("anet-ep-prod-logging"), "{}", page.words());
    let name = group(&console, "Microsoft.Insights/actionGroups/ag-anet-0001-prod", "2023-01-01");
    console.ask(Method::DELETE, &name, None).await;
    console.clock.advance(OLD_MS);
    let page = dana.get(PLAN).await.expect(200);
    says(&page, "watchers-exist", "warns", "the action group ag-anet-0001-prod");
}

/// Before a write, the console looks up what the YAML names. A value that could not be looked up never
/// counts as a pass.
#[tokio::test]
async fn an_unknown_version_or_machine_size_is_blocked_before_sending() {
    let (console, mut dana) = started().await;
    let before = console.writes().await.len();
    let yaml = |model: &str, environment: &str, size: &str| {
        format!(
            "name: anet-new\nendpoint_name: anet-ep-prod\nmodel: {model}\nenvironment: {environment}\n\
             instance_type: {size}\ninstance_count: 1\n"
        )
    };
    let (model, env, size) = ("azureml:nbq:2", "azureml:ml-azua-litserve-env:1", "Standard_DS3_v2");
    for (text, guard, part) in [
        (yaml("azureml:nbq:99", env, size), "assets-exist", "Azure has no model nbq:99"),
        (yaml("azureml:nobody:1", env, size), "assets-exist", "Azure has no model nobody:1"),
        (
            yaml(model, "azureml:ml-azua-litserve-env:77", size),
            "assets-exist",
            "Azure has no environment ml-azua-litserve-env:77",
        ),
        (yaml(model, env, "Standard_D999"), "size-offered", "no machine size Standard_D999"),
    ] {
        let page = dana.upload(NEW, &[("yaml", None, text.as_bytes())]).await.expect(422);
        says(&page, guard, "blocks", part);
        assert!(page.text_of("#yaml").is_some_and(|kept| kept.contains("anet-new")), "it is kept");
    }
    assert_eq!(console.writes().await.len(), before);
    let text = yaml(model, env, "Standard_DS1_v2");
    let bad_name = text.replace("anet-new", "anet-eedi");
    let page = dana.upload(NEW, &[("yaml", None, bad_name.as_bytes())]).await.expect(422);
    says(&page, "size-offered", "warns", "not for managed online endpoints");
    says(&page, "assets-exist", "passes", "Azure has model nbq:2, environment ml-azua");

    for path in ["/models/nbq/versions/2", "/vmSizes"] {
        let matches = json!({ "method": "GET", "path_contains": path });
        let respond = json!({ "status": 403 });
        console.fault(json!({ "match": matches, "times": 1_000, "respond": respond })).await;
    }
    console.clock.advance(OLD_MS);
    let page = dana.upload(NEW, &[("yaml", None, bad_name.as_bytes())]).await.expect(422);
    says(&page, "assets-exist", "warns", "Not checked: model nbq:2");
    says(&page, "size-offered", "warns", "Not checked");
}
