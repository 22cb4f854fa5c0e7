//! Releases, read from the demo's repository on GitHub, over HTTP.

use crate::support::{DANA, Page, TestConsole, VERA};
use base64::Engine as _;
use reqwest::Method;
use serde_json::{Value, json};

pub const WORKFLOWS: &str = ".github/workflows";
const PROD: &str = "/releases/ml-azua/deploy.yml/deploy-nbq-prod";

/// Commits a file to `main`, as a member of the team would.
pub async fn commit(console: &TestConsole, path: &str, content: impl AsRef<[u8]>) {
    let content = base64::engine::general_purpose::STANDARD.encode(content);
    let known = github(console, Method::GET, path, None).await;
    let mut body = json!({ "message": format!("Change {path}"), "content": content });
    if let Some(sha) = known["sha"].as_str() {
        body["sha"] = json!(sha);
    }
    let done = github(console, Method::PUT, path, Some(body)).await;
    assert!(done["commit"]["sha"].is_string(), "{done}");
}

async fn github(console: &TestConsole, method: Method, path: &str, body: Option<Value>) -> Value {
    let url = format!("{}/repos/anet/ml-azua/contents/{path}", console.github_api);
    let request = console.http.request(method, url).bearer_auth(&console.github_token);
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    request.send().await.expect("GitHub answers").json().await.expect("JSON")
}

/// The page of the releases, with the current state of GitHub.
pub async fn releases(console: &TestConsole) -> Page {
    let mut vera = console.signed_in_as(VERA).await;
    vera.get("/releases?again=1").await.expect(200)
}

/// A workflow with one job, which deploys to the production endpoint.
pub fn deploy(inputs: &str) -> String {
    format!(
        "jobs:\n  deploy:\n    uses: anet/ml-mlops-templates/.github/workflows/deploy_realtime.yml@main\n    \
         with:\n      environment: anet-prod\n      environment_config_file: config-infra-anet-prod.yml\n      \
         endpoint_name: anet-ep-prod\n      deployment_name: anet-eedi\n      \
         endpoint_config: ./mlops/nbq/endpoint_prod.yml\n      \
         deployment_config: ./mlops/nbq/deployment_prod.yml\n{inputs}"
    )
}

#[tokio::test]
async fn each_job_that_calls_a_template_is_a_release() {
    let console = TestConsole::start().await;
    console.observed().await;
    let page = releases(&console).await;
    assert_eq!(page.title(), "Releases");
    page.says("github.com/anet/ml-azua");
    page.says("4 workflow files, 7 releases");
    let prod = page.text_of("[aria-label=\"Releases for anet-prod\"]").expect("a table");
    for words in ["build-prod", "deploy-nbq-prod", "route-nbq-prod", "in sync", "anet-eedi 100 %"] {
        assert!(prod.contains(words), "{words}: {prod}");
    }
    assert!(!prod.contains("deploy-nbq-dev"), "{prod}");
    let dev = page.text_of("[aria-label=\"Releases for anet-dev\"]").expect("a table");
    assert!(dev.contains("1 field differs"), "{dev}");
}

#[tokio::test]
async fn a_release_shows_its_inputs_files_and_what_differs() {
    let console = TestConsole::start().await;
    console.observed().await;
    let mut vera = console.signed_in_as(VERA).await;
    let page = vera.get("/releases/ml-azua/deploy.yml/deploy-nbq-dev").await.expect(200);
    page.says("deployment anet-eedi · /properties/model");
    let drifts = page.text_of(".drifts tbody").expect("what differs");
    assert!(drifts.contains("models/nbq/versions/1") && drifts.contains("models/nbq/versions/2"));
    page.says("load_test_namenbq-steady-10x");
    page.says("mlw-anet-0001dev derived");
    page.says("Waits forbuild-dev");
    for file in ["endpoint_dev.yml", "deployment_dev.yml", "load_test.yml", "locustfile.py"] {
        page.says(file);
    }
    let numbered = page.text_of("#mlops-nbq-deployment-dev-yml-L4").expect("a line");
    assert_eq!(numbered, "model: azureml:nbq:2");
    let page = vera.get("/releases/ml-azua/deploy.yml/build-dev").await.expect(200);
    page.says("AS litserve");
    page.says("github.ref == 'refs/heads/main'");
}

#[tokio::test]
async fn another_branch_has_its_own_releases() {
    let console = TestConsole::start().await;
    console.observed().await;
    let mut vera = console.signed_in_as(VERA).await;
    let main = vera.get(PROD).await.expect(200);
    assert!(!main.words().contains("shadow_"));
    let page = vera.get(&format!("{PROD}?ref=shadow-nbq-2")).await.expect(200);
    page.says("shadow_deploy_mirror_percentage20");
    page.says("not deployed: anet-nbq2");
    page.says("deployment_prod_nbq2.yml");
    let list = vera.get("/releases?ref=shadow-nbq-2").await.expect(200);
    list.says("with anet-eedi, anet-nbq2");
    let missing = vera.get("/releases?ref=nowhere").await.expect(200);
    missing.says("No such branch, tag or commit");
    assert_eq!(missing.words().matches("has no branch, tag or commit nowhere").count(), 1);
    for untrue in ["builds or deploys for this stage", "0 releases", "could not be read"] {
        assert!(!missing.words().contains(untrue), "{untrue}: {}", missing.words());
    }
    vera.get("/releases?ref=a..b").await.expect(422).says("cannot be a branch");
    vera.get(&format!("{PROD}?ref=nowhere")).await.expect(404).says("has no branch, tag or commit");
    for path in ["none/deploy.yml/x", "ml-azua/none.yml/x", "ml-azua/deploy.yml/none"] {
        vera.get(&format!("/releases/{path}")).await.expect(404).says("Releases page lists");
    }
}

#[tokio::test]
async fn people_give_values_for_expressions_and_the_values_are_checked() {
    let console = TestConsole::start().await;
    console.observed().await;
    let mut dana = console.signed_in_as(DANA).await;
    let route = "/releases/ml-azua/route.yml/route-nbq-prod";
    let page = dana.get(route).await.expect(200);
    page.says("${{ inputs.percentage }} resolved in GitHub");
    let plan = dana.get(&format!("{route}/plan")).await.expect(200);
    plan.says(
        "Only GitHub can resolve shadow_deployment_name, shadow_deployment_traffic_percentage",
    );
    let field = "input[name=\"in.shadow_deployment_name\"]";
    assert_eq!(plan.attribute(field, "value").as_deref(), Some(""));
    let answers = "in.shadow_deployment_name=anet-nbq2&in.shadow_deployment_traffic_percentage=";
    let good = dana.get(&format!("{route}/plan?{answers}30")).await.expect(200);
    good.says("not deployed: anet-nbq2");
    assert!(!good.words().contains("Only GitHub can resolve"));
    let bad = dana.get(&format!("{route}/plan?{answers}101")).await.expect(200);
    bad.says("shadow_deployment_traffic_percentage");
    bad.says("invalid");
    let kept = "input[name=\"in.shadow_deployment_traffic_percentage\"]";
    assert_eq!(bad.attribute(kept, "value").as_deref(), Some("101"));
    let long = "x".repeat(2_000);
    dana.get(&format!("{route}/plan?in.deploy={long}")).await.expect(422).says("at most 1024");
}

#[tokio::test]
async fn a_plan_shows_its_writes_and_sends_nothing() {
    let console = TestConsole::start().await;
    console.observed().await;
    let before = console.writes().await.len();
    let mut dana = console.signed_in_as(DANA).await;
    let plan = dana.get("/releases/ml-azua/deploy.yml/deploy-nbq-dev/plan").await.expect(200);
    plan.says("Execution steps");
    let changes = plan.text_of(".diff tbody").expect("differences");
    assert!(changes.contains("versions/2"), "the model changes: {changes}");
    let blocked = plan.text_of("[data-level=\"blocks\"]").expect("a verdict that forbids it");
    assert!(blocked.contains("anet-eedi"), "a live deployment is not updated in place: {blocked}");
    let shadow = format!("{PROD}/plan?ref=shadow-nbq-2");
    let shadow = dana.get(&shadow).await.expect(200);
    shadow.says("anet-nbq2");
    assert_eq!(shadow.text_of("[data-level=\"blocks\"]"), None, "{}", shadow.words());
    assert_eq!(console.writes().await.len(), before);
}

#[tokio::test]
async fn if_github_fails_the_last_state_is_shown_with_the_reason() {
    let console = TestConsole::start().await;
    console.observed().await;
    releases(&console).await.says("deploy-nbq-prod");
    let fault = json!({ "match": { "path_contains": "/api/v3/" }, "times": 1, "respond": {
        "status": 403, "retry_after": 3600,
        "body": { "message": "You have exceeded a secondary rate limit." } } });
    console.fault(fault).await;
    let page = releases(&console).await;
    page.says("Not current");
    page.says("is limiting the console's requests until");
    page.says("deploy-nbq-prod");
    // The fault is used up, but GitHub asked the console to wait for an hour.
    releases(&console).await.says("Not current");
    assert!(!page.text.contains(&console.github_token));
}

#[tokio::test]
async fn releases_require_signing_in() {
    let console = TestConsole::start().await;
    let mut browser = console.browser();
    for path in ["/releases", PROD] {
        let page = browser.get(path).await;
        assert!(page.status.is_redirection(), "{path}: {}", page.status);
    }
}

/// Adds a workflow with one job.
async fn add(console: &TestConsole, text: &str) {
    commit(console, &format!("{WORKFLOWS}/wrong.yml"), text).await;
    let mut vera = console.signed_in_as(VERA).await;
    vera.get("/releases?again=1").await.expect(200);
}

#[tokio::test]
async fn a_string_input_accepts_any_text() {
    let console = TestConsole::start().await;
    console.observed().await;
    let test = "      deploy: true\n      run_load_test: true\n      load_test_config: ./mlops/nbq/load_test.yml\n      \
                load_test_name: ${{ inputs.name }}\n";
    add(&console, &deploy(test)).await;
    let mut dana = console.signed_in_as(DANA).await;
    let page = "/releases/ml-azua/wrong.yml/deploy/plan";
    for answer in ["2024", "1234567", "true", "null", "0010"] {
        let plan = dana.get(&format!("{page}?in.load_test_name={answer}")).await.expect(200);
        plan.says(&format!("lt-anet-ep-prod-{answer}"));
        assert!(!plan.words().contains("must be a text"), "{answer}");
    }
    let refused = dana.get(&format!("{page}?in.load_test_name=2.0")).await.expect(200);
    refused.says("“2.0” cannot name a load test");
}

#[tokio::test]
async fn a_file_that_github_rejects_is_still_read_with_a_remark() {
    let console = TestConsole::start().await;
    console.observed().await;
    let text = deploy("      deploy: true\n      run_load_test: false\n").replacen(
        "jobs:",
        "x-a: 1\njobs:",
        1,
    );
    add(&console, &text).await;
    let mut vera = console.signed_in_as(VERA).await;
    let page = vera.get("/releases/ml-azua/wrong.yml/deploy").await.expect(200);
    let notes = page.text_of("#notes").expect("notes");
    for part in [
        "wrong.yml:1:1",
        "x-a is not a key of a workflow's root. GitHub rejects the file as it is",
        "on: is missing",
        "The call names main, which is not a known version of the templates",
    ] {
        assert!(notes.contains(part), "{part}: {notes}");
    }
    assert_eq!(page.text_of("#problems"), None);
    page.says("the form before the first tag");
    let list = vera.get("/releases").await.expect(200);
    list.says("x-a is not a key of a workflow's root");
    list.says("GitHub rejects it");
    list.says("3 warnings");
    // The plan is shown, but neither applied nor proposed.
    let mut dana = console.signed_in_as(DANA).await;
    let plan = dana.get("/releases/ml-azua/wrong.yml/deploy/plan").await.expect(200);
    plan.says("GitHub rejects this file or call");
    assert!(plan.attribute("form.apply button[disabled]", "type").is_some());
}
