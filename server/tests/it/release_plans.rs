//! What a release's plan says and sends, over HTTP.

use crate::releases::{WORKFLOWS, commit, deploy, releases};
use crate::support::{Browser, DANA, Page, TestConsole};
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
async fn a_renamed_repository_is_read_and_the_page_names_its_new_name() {
    let (console, _) = started().await;
    let before = releases(&console).await;
    assert!(!before.words().contains("another name"), "{}", before.words());
    rename(&console, "anet/ml-nbq").await;
    rename(&console, "other/ml-nbq2").await;
    let page = releases(&console).await;
    page.says("deploy-nbq-prod");
    page.says(
        "GitHub has this repository under another name now: other/ml-nbq2. It is read there.",
    );
    page.says("Write “repository: other/ml-nbq2”");
    assert!(!page.words().contains("Not current"), "{}", page.words());
    rename(&console, "anet/ml-azua").await;
    assert!(!releases(&console).await.words().contains("another name"));
}

#[tokio::test]
async fn a_redirect_of_github_that_leads_elsewhere_is_refused() {
    let (console, _) = started().await;
    for (location, said) in [
        (
            "https://evil.example/api/v3/repos/anet/ml-azua",
            "redirects to evil.example, where the console's token",
        ),
        ("/endpoints/anet-ep-prod/score", "redirects to a place that is not its API"),
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
    releases(&console).await.says("redirects without saying where to");
}

/// A shadow whose YAML is this, beside the live deployment.
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

/// What the renderer writes in place of an id that it does not know.
#[track_caller]
fn has_no_reference(page: &Page) {
    for reference in ["@model", "@environment", "@code", "@data", "@log", "@action", "@location"] {
        assert!(!page.text.contains(reference), "{reference}: {}", page.words());
    }
}

#[tokio::test]
async fn latest_is_resolved_and_said_with_its_number() {
    let (console, mut dana) = started().await;
    let yaml = "model: azureml:nbq@latest\nenvironment: azureml:ml-azua-litserve-env@latest\n";
    let plan = shadowed(&console, &mut dana, yaml).await;
    has_no_reference(&plan);
    plan.says("models/nbq/versions/2 (latest, now 2)");
    plan.says("azureml:nbq@latest is version 2 now");
    assert_eq!(plan.text_of("[data-level=\"blocks\"]"), None, "{}", plan.words());
    let script = dana.get("/releases/ml-azua/new.yml/deploy/plan.sh").await;
    assert!(!script.text.contains("@latest"), "{}", script.text);
    // A deployment of that version is as defined, and no difference.
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
    page.says("as defined");
}

#[tokio::test]
async fn what_is_not_registered_is_refused_in_words() {
    let (console, mut dana) = started().await;
    let yaml = "model: azureml:nbq:2\nenvironment:\n  image: proj.azurecr.io/env:latest\n";
    let plan = shadowed(&console, &mut dana, yaml).await;
    has_no_reference(&plan);
    let blocked = plan.text_of("[data-level=\"blocks\"]").expect("a verdict");
    assert!(
        blocked.contains("anet-new needs what is not registered: inline environment."),
        "{blocked}"
    );
    let none = "model: azureml:nothing@latest\nenvironment: azureml:ml-azua-litserve-env:1\n";
    let plan = shadowed(&console, &mut dana, none).await;
    let blocked = plan.text_of("[data-level=\"blocks\"]").expect("a verdict");
    assert!(
        blocked.contains("azureml:nothing@latest, and the workspace has no version"),
        "{blocked}"
    );
    let yaml = "name: anet-x\nmodel: azureml:nbq@latest\nenvironment: {image: a/b}\ninstance_type: Standard_DS3_v2\n";
    let page = dana.upload(NEW, &[("yaml", None, yaml.as_bytes())]).await;
    has_no_reference(&page);
    page.says("another version tomorrow");
}

#[tokio::test]
async fn a_flat_refusal_of_azure_monitor_is_said_in_its_words() {
    let (console, mut dana) = started().await;
    let respond = json!({ "status": 400,
        "body": { "code": "BadRequest", "message": "The sink is in another region." } });
    let matches = json!({ "method": "PUT", "path_contains": "diagnosticSettings" });
    console.fault(json!({ "match": matches, "respond": respond })).await;
    let plan = dana.get(&format!("{PROD}/plan")).await.expect(200);
    let hash = plan.attribute("input[name=plan]", "value").expect("a hash");
    let begun = dana.post(&format!("{PROD}/plan"), &[("plan", &hash)]).await.expect(303);
    let run = begun.header("location").expect("a run").to_owned();
    let said = "Azure refused it (BadRequest): The sink is in another region.";
    let page = console
        .eventually("the run fails", async || {
            let page = dana.get(&run).await;
            page.words().contains("The sink").then_some(page)
        })
        .await;
    page.says(said);
}

#[tokio::test]
async fn a_release_that_would_take_traffic_back_differs() {
    let (console, mut dana) = started().await;
    let before = dana.get(PROD).await.expect(200);
    before.says("as defined");
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
async fn a_new_endpoints_settings_and_rule_are_in_its_plan() {
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

/// A job of the templates' later form: `anet-eedi` is live, `anet-wf` is deployed beside it.
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

/// As the workflow leaves it behind, at another commit.
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
async fn what_the_workflow_sets_on_its_deployment_is_no_drift() {
    let (console, mut dana) = started().await;
    with_workflows_deployment(&console).await;
    commit(&console, "mlops/nbq/wf.yml", WF).await;
    commit(&console, &format!("{WORKFLOWS}/queue.yml"), blue_green("")).await;
    releases(&console).await;
    dana.get(WORKFLOW).await.expect(200).says("as defined");
    let plan = dana.get(&format!("{WORKFLOW}/plan")).await.expect(200);
    assert!(!plan.words().contains("PUT the deployment"), "{}", plan.words());
    // Another model is another deployment, with the same variables at this commit.
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
async fn an_export_is_written_in_the_form_and_version_of_the_teams_release() {
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
