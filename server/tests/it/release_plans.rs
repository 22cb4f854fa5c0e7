//! The texts and requests of a release's plan, over HTTP.

use crate::releases::{WORKFLOWS, commit, deploy, releases};
use crate::support::{Browser, DANA, LEO, Page, TestConsole};
use reqwest::Method;
use serde_json::{Value, json};

const PROD: &str = "/releases/ml-azua/deploy.yml/deploy-nbq-prod";
const NEW: &str = "/stages/anet-prod/endpoints/anet-ep-prod/new-deployment";

async fn rename(console: &TestConsole, to: &str) {
    let url = console.emulator.join("/emulator/github/rename").expect("a URL");
    let done = console.http.post(url).json(&json!({ "to": to })).send().await.expect("an answer");
    assert_eq!(done.status(), 204);
}

async fn started() -> (TestConsole, Browser) {
    let console = TestConsole::start().await;
    console.observed().await;
    let dana = console.signed_in_as(DANA).await;
    (console, dana)
}

#[tokio::test]
async fn a_renamed_repository_is_read_and_its_new_name_is_shown() {
    let (console, _) = started().await;
    let before = releases(&console).await;
    assert!(!before.words().contains("has been renamed"), "{}", before.words());
    rename(&console, "anet/ml-nbq").await;
    rename(&console, "other/ml-nbq2").await;
    let page = releases(&console).await;
    page.says("deploy-nbq-prod");
    page.says(
        "this repository has been renamed to other/ml-nbq2 on GitHub. The console follows the redirect.",
    );
    page.says("Write “repository: other/ml-nbq2”");
    assert!(!page.words().contains("Not current"), "{}", page.words());
    rename(&console, "anet/ml-azua").await;
    assert!(!releases(&console).await.words().contains("has been renamed"));
}

#[tokio::test]
async fn a_github_redirect_to_another_host_is_refused() {
    let (console, _) = started().await;
    for (location, said) in [
        (
            "https://evil.example/api/v3/repos/anet/ml-azua",
            "redirects to evil.example, which must not get the console's token",
        ),
        ("/endpoints/anet-ep-prod/score", "redirects to an address outside its API"),
        ("/api/v3/repos/anet/ml-azua", "redirects more than 3 times in a row"),
    ] {
        let respond = json!({ "status": 307, "headers": { "location": location }, "body": {} });
        let matches = json!({ "path_contains": "/api/v3/repos/anet/ml-azua" });
        console.fault(json!({ "match": matches, "times": 50, "respond": respond })).await;
        let page = releases(&console).await;
        page.says("Not current");
        page.says(said);
        let url = console.emulator.join("/emulator/faults").expect("a URL");
        console.http.delete(url).send().await.expect("an answer");
    }
    let without = json!({ "match": { "path_contains": "/api/v3/" }, "respond": { "status": 301, "body": {} } });
    console.fault(without).await;
    releases(&console).await.says("redirects without a target");
}

/// The page of a release that deploys a shadow with this YAML next to the live deployment.
async fn shadowed(console: &TestConsole, dana: &mut Browser, yaml: &str) -> Page {
    let base = "$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json\n\
                name: anet-new\nendpoint_name: anet-ep-prod\ninstance_type: Standard_DS3_v2\ninstance_count: 1\n";
    commit(console, "mlops/nbq/new.yml", format!("{base}{yaml}")).await;
    let inputs = "      deploy: true\n      run_load_test: false\n      shadow_deployment_name: anet-new\n      \
                  shadow_deployment_config: ./mlops/nbq/new.yml\n      shadow_deployment_mirror_percentage: 20\n";
    commit(console, &format!("{WORKFLOWS}/new.yml"), deploy(inputs)).await;
    releases(console).await;
    dana.get("/releases/ml-azua/new.yml/deploy/plan").await.expect(200)
}

/// The renderer's placeholder for an id that it does not know.
#[track_caller]
fn has_no_reference(page: &Page) {
    for reference in ["@model", "@environment", "@code", "@data", "@log", "@action", "@location"] {
        assert!(!page.text.contains(reference), "{reference}: {}", page.words());
    }
}

#[tokio::test]
async fn latest_is_resolved_to_a_number() {
    let (console, mut dana) = started().await;
    let yaml = "model: azureml:nbq@latest\nenvironment: azureml:ml-azua-litserve-env@latest\n";
    let plan = shadowed(&console, &mut dana, yaml).await;
    has_no_reference(&plan);
    plan.says("models/nbq/versions/2 (latest, now 2)");
    plan.says("azureml:nbq@latest is version 2 now");
    assert_eq!(plan.text_of("[data-level=\"blocks\"]"), None, "{}", plan.words());
    let script = dana.get("/releases/ml-azua/new.yml/deploy/plan.sh").await;
    assert!(!script.text.contains("@latest"), "{}", script.text);
    // A deployment of that version is in sync.
    let eedi = console.ask(Method::GET, &console.arm_path("/deployments/anet-eedi"), None).await;
    let model = eedi["properties"]["model"].as_str().expect("a model").replace("/1", "/2");
    let body = json!({"location": "westeurope", "sku": {"name": "Default", "capacity": 1},
        "properties": {"model": model, "environmentId": eedi["properties"]["environmentId"],
            "instanceType": "Standard_DS3_v2", "endpointComputeType": "Managed"}});
    console.ask(Method::PUT, &console.arm_path("/deployments/anet-new"), Some(body)).await;
    console.up("anet-new").await;
    console.with_route(json!({"anet-eedi": 100}), json!({"anet-new": 20})).await;
    console.observes("anet-eedi=100;mirror=anet-new:20").await;
    let page = dana.get("/releases/ml-azua/new.yml/deploy").await.expect(200);
    page.says("in sync");
}

#[tokio::test]
async fn unregistered_assets_are_rejected_with_the_reason() {
    let (console, mut dana) = started().await;
    let yaml = "model: azureml:nbq:2\nenvironment:\n  image: proj.azurecr.io/env:latest\n";
    let plan = shadowed(&console, &mut dana, yaml).await;
    has_no_reference(&plan);
    let blocked = plan.text_of("[data-level=\"blocks\"]").expect("a verdict");
    assert!(
        blocked.contains("anet-new uses assets that are not registered: inline environment."),
        "{blocked}"
    );
    let none = "model: azureml:nothing@latest\nenvironment: azureml:ml-azua-litserve-env:1\n";
    let plan = shadowed(&console, &mut dana, none).await;
    let blocked = plan.text_of("[data-level=\"blocks\"]").expect("a verdict");
    assert!(blocked.contains("azureml:nothing@latest (the workspace has no version"), "{blocked}");
    let yaml = "name: anet-x\nmodel: azureml:nbq@latest\nenvironment: {image: a/b}\ninstance_type: Standard_DS3_v2\n";
    let page = dana.upload(NEW, &[("yaml", None, yaml.as_bytes())]).await;
    has_no_reference(&page);
    page.says("the version behind this label can change");
}

#[tokio::test]
async fn a_flat_error_of_azure_monitor_is_shown_verbatim() {
    let (console, mut dana) = started().await;
    let respond = json!({ "status": 400,
        "body": { "code": "BadRequest", "message": "The sink is in another region." } });
    let matches = json!({ "method": "PUT", "path_contains": "diagnosticSettings" });
    console.fault(json!({ "match": matches, "respond": respond })).await;
    let plan = dana.get(&format!("{PROD}/plan")).await.expect(200);
    let hash = plan.attribute("input[name=plan]", "value").expect("a hash");
    let begun = dana.post(&format!("{PROD}/plan"), &[("plan", &hash)]).await.expect(303);
    let run = begun.header("location").expect("a run").to_owned();
    let said = "Azure rejected the request (BadRequest): The sink is in another region.";
    let page = console
        .eventually("the run fails", async || {
            let page = dana.get(&run).await;
            page.words().contains("The sink").then_some(page)
        })
        .await;
    page.says(said);
}

#[tokio::test]
async fn a_release_that_is_sent_twice_is_carried_out_once() {
    let (console, mut dana) = started().await;
    // The run stays open for a while.
    console
        .fault(json!({ "match": { "method": "PUT" }, "times": 1,
        "respond": { "status": 429, "retry_after": 3 } }))
        .await;
    let plan = dana.get(&format!("{PROD}/plan")).await.expect(200);
    let hash = plan.attribute("input[name=plan]", "value").expect("a hash");
    let mut runs = Vec::new();
    for _ in 0..2 {
        let begun = dana.post(&format!("{PROD}/plan"), &[("plan", &hash)]).await.expect(303);
        runs.push(begun.header("location").expect("a run").to_owned());
    }
    assert_eq!(runs[0], runs[1]);
    let other = "0".repeat(64);
    dana.post(&format!("{PROD}/plan"), &[("plan", &other)]).await.expect(409);
    // Another person's request is another request.
    let mut leo = console.signed_in_as(LEO).await;
    leo.post(&format!("{PROD}/plan"), &[("plan", &hash)]).await.expect(409);
}

#[tokio::test]
async fn a_release_that_would_move_traffic_back_is_a_difference() {
    let (console, mut dana) = started().await;
    let before = dana.get(PROD).await.expect(200);
    before.says("in sync");
    console.advance(60.0).await;
    console.with_deployment("anet-green").await;
    console.with_route(json!({"anet-green": 100}), json!({})).await;
    console.observes("anet-green=100").await;
    let said = "differs: would move 100 % of live traffic back to anet-eedi";
    dana.get(PROD).await.expect(200).says(said);
    let list = releases(&console).await;
    let prod = list.text_of("[aria-label=\"Releases for anet-prod\"]").expect("a table");
    assert!(prod.contains(said), "{prod}");
    let plan = dana.get(&format!("{PROD}/plan")).await.expect(200);
    plan.says(said);
    plan.says("anet-eedi 100 %");
}

#[tokio::test]
async fn a_new_endpoints_plan_has_its_diagnostic_settings_and_alert_rule() {
    let (console, mut dana) = started().await;
    let workflow = deploy("      deploy: true\n      run_load_test: false\n")
        .replace("anet-ep-prod", "anet-ep-new");
    commit(&console, &format!("{WORKFLOWS}/new.yml"), workflow).await;
    commit(
        &console,
        "mlops/nbq/endpoint_prod.yml",
        "name: anet-ep-new\nauth_mode: key\ntags: {team: data-science}\n",
    )
    .await;
    releases(&console).await;
    let plan = dana.get("/releases/ml-azua/new.yml/deploy/plan").await.expect(200);
    let rows = plan.text_of(".diff tbody").expect("differences");
    for words in [
        "diagnostic settings /properties/logs",
        "alert rule /properties/criteria/allOf",
        "alert rule /tags/team",
    ] {
        assert!(rows.contains(words), "{words}: {rows}");
    }
    let document = dana.get("/releases/ml-azua/new.yml/deploy/plan.json").await;
    let document: Value = serde_json::from_str(&document.text).expect("JSON");
    let rule =
        document["steps"].as_array().expect("steps").iter().find(|s| s["kind"] == "put_alert");
    assert_eq!(rule.expect("a rule")["body"]["tags"]["team"], "data-science", "{document}");
}

#[tokio::test]
async fn a_plan_does_not_repeat_the_monitoring_that_a_run_has_just_set() {
    let (console, mut dana) = started().await;
    let page = format!("{PROD}/plan");
    let plan = dana.get(&page).await.expect(200);
    let writes = ["PUT the diagnostic settings", "PUT the alert rule"];
    for write in writes {
        plan.says(write);
    }
    let before = console.writes().await.len();
    let hash = plan.attribute("input[name=plan]", "value").expect("a hash");
    dana.post(&page, &[("plan", &hash)]).await.expect(303);
    console.has_sent(before + 2).await;
    // A step of the next run would otherwise read for as long as the console doubts a read, before it skips its write.
    let plan = dana.get(&page).await.expect(200).words();
    assert!(!writes.iter().any(|write| plan.contains(write)), "{plan}");
}

#[tokio::test]
async fn a_plan_reads_monitoring_again_after_a_response_was_lost() {
    let (console, mut dana) = started().await;
    let page = format!("{PROD}/plan");
    let plan = dana.get(&page).await.expect(200);
    let matches = json!({ "method": "PUT", "path_contains": "diagnosticSettings" });
    console.fault(json!({ "match": matches, "respond": "lost" })).await;
    let before = console.writes().await.len();
    let hash = plan.attribute("input[name=plan]", "value").expect("a hash");
    dana.post(&page, &[("plan", &hash)]).await.expect(303);
    console.has_sent(before + 2).await;
    let plan = dana.get(&page).await.expect(200).words();
    assert!(!plan.contains("PUT the diagnostic settings"), "{plan}");
}

/// A job in the blue/green form: `anet-eedi` is live, and `anet-wf` is deployed next to it.
fn blue_green(extra: &str) -> String {
    format!(
        "on: workflow_dispatch\njobs:\n  deploy:\n    \
         uses: Eedi/ml-mlops-templates/.github/workflows/deploy_realtime.yml@v2.2.4\n    with:\n      \
         environment: anet-prod\n      environment_config_file: config-infra-anet-prod.yml\n      \
         templates_repo_ref: v2.2.4\n      run_load_test: false\n      endpoint_name: anet-ep-prod\n      \
         endpoint_config: ./mlops/nbq/endpoint_prod.yml\n      deploy_blue: false\n      deploy_green: true\n      \
         blue_deployment_name: anet-eedi\n      green_deployment_name: anet-wf\n      \
         green_deployment_config: ./mlops/nbq/wf.yml\n      blue_traffic_percentage: 100\n      \
         green_traffic_percentage: 0\n      ml_env_name: ml-azua-litserve-env\n{extra}    secrets: inherit\n"
    )
}

const WF: &str = "$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json\n\
                  name: anet-wf\nendpoint_name: anet-ep-prod\nmodel: azureml:nbq:1\n\
                  environment: azureml:ml-azua-litserve-env:1\ninstance_type: Standard_DS3_v2\ninstance_count: 1\n";

/// The variables that the workflow sets, at another commit.
fn variables() -> Value {
    json!({"TRAFFIC_TYPE": "shadow", "ENDPOINT_NAME": "anet-ep-prod", "LOGGING_MODE": "remote",
        "QUEUE_NAME": "q-anet-ep-prod-shadow", "STAGING_CONTAINER_NAME": "blob-q-anet-ep-prod-shadow",
        "AZURE_STORAGE_ACCOUNT_NAME": "stanet0001prod", "BUILD_SHA": "0123456789abcdef"})
}

async fn with_workflows_deployment(console: &TestConsole) {
    let eedi = console.ask(Method::GET, &console.arm_path("/deployments/anet-eedi"), None).await;
    let properties = &eedi["properties"];
    let body = json!({"location": "westeurope", "sku": {"name": "Default", "capacity": 1},
        "properties": {"model": properties["model"], "environmentId": properties["environmentId"],
            "instanceType": "Standard_DS3_v2", "endpointComputeType": "Managed",
            "environmentVariables": variables()}});
    console.ask(Method::PUT, &console.arm_path("/deployments/anet-wf"), Some(body)).await;
    console.up("anet-wf").await;
}

const WORKFLOW: &str = "/releases/ml-azua/queue.yml/deploy";

#[tokio::test]
async fn variables_that_the_workflow_sets_are_not_drift() {
    let (console, mut dana) = started().await;
    with_workflows_deployment(&console).await;
    commit(&console, "mlops/nbq/wf.yml", WF).await;
    commit(&console, &format!("{WORKFLOWS}/queue.yml"), blue_green("")).await;
    releases(&console).await;
    dana.get(WORKFLOW).await.expect(200).says("in sync");
    let plan = dana.get(&format!("{WORKFLOW}/plan")).await.expect(200);
    assert!(!plan.words().contains("PUT the deployment"), "{}", plan.words());
    // Another model makes a different deployment, with the same variables at this commit.
    commit(&console, "mlops/nbq/wf.yml", WF.replace("nbq:1", "nbq:2")).await;
    releases(&console).await;
    dana.get(WORKFLOW).await.expect(200).says("1 field differs");
    let plan = dana.get(&format!("{WORKFLOW}/plan")).await.expect(200);
    plan.says("first builds the image ml-azua-litserve-env");
    plan.says("the queue q-anet-ep-prod-shadow and the blob container blob-q-anet-ep-prod-shadow");
    let document = dana.get(&format!("{WORKFLOW}/plan.json")).await;
    let document: Value = serde_json::from_str(&document.text).expect("JSON");
    let steps = document["steps"].as_array().expect("steps");
    let put = steps.iter().find(|step| step["kind"] == "put_deployment").expect("a PUT");
    let mut sent = put["body"]["properties"]["environmentVariables"].clone();
    let commit = sent["BUILD_SHA"].as_str().expect("a commit").to_owned();
    assert_eq!(commit.len(), 40, "{commit}");
    sent["BUILD_SHA"] = variables()["BUILD_SHA"].clone();
    assert_eq!(sent, variables());
}

#[tokio::test]
async fn an_export_has_the_form_and_version_of_the_teams_release() {
    let (console, mut dana) = started().await;
    with_workflows_deployment(&console).await;
    console.with_route(json!({"anet-eedi": 100}), json!({"anet-wf": 20})).await;
    console.observes("anet-eedi=100;mirror=anet-wf:20").await;
    commit(&console, "mlops/nbq/wf.yml", WF).await;
    let logs = "      enable_queue_logging: true\n";
    commit(&console, &format!("{WORKFLOWS}/deploy.yml"), blue_green(logs)).await;
    commit(&console, &format!("{WORKFLOWS}/route.yml"), "on: push\njobs: {}\n").await;
    releases(&console).await;
    let export = "/stages/anet-prod/endpoints/anet-ep-prod/export/with.yml";
    let with = dana.get(export).await.expect(200).text;
    for line in [
        "uses: Eedi/ml-mlops-templates/.github/workflows/deploy_realtime.yml@v2.2.4",
        "  templates_repo_ref: v2.2.4",
        "  deploy_blue: false",
        "  deploy_green: true",
        "  blue_deployment_name: anet-eedi",
        "  blue_traffic_percentage: 100",
        "  green_deployment_name: anet-wf",
        "  green_traffic_percentage: 0",
        "  green_mirror_percentage: 20",
        "  enable_queue_logging: true",
        "  ml_env_name: ml-azua-litserve-env",
    ] {
        assert!(with.lines().any(|one| one == line), "{line}: {with}");
    }
    assert!(!with.contains("shadow_") && !with.contains(" deploy: "), "{with}");
}
