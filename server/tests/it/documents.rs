//! Downloads of plans and states over HTTP: their contents, who may download them, and that an exported
//! state can be imported.

use crate::releases::{WORKFLOWS, commit};
use crate::support::{DANA, Page, TestConsole, VERA};
use serde_json::{Value, json};

const PROD: &str = "/stages/anet-prod/endpoints/anet-ep-prod";
const SHADOW: &str = "/releases/ml-azua/deploy.yml/deploy-nbq-prod/plan";

/// The content of a download. Checks its disposition and that it is complete.
#[track_caller]
fn file(page: Page, media_type: &str, ending: &str) -> String {
    let page = page.expect(200);
    assert_eq!(page.header("content-type"), Some(media_type), "{}", page.url);
    let disposition = page.header("content-disposition").expect("a disposition");
    assert!(disposition.starts_with("attachment; filename=\""), "{disposition}");
    assert!(disposition.ends_with(&format!("{ending}\"")), "{disposition}");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    page.text
}

fn hash(page: &Page) -> String {
    page.text_of(".hash code").expect("the plan's hash")
}

#[tokio::test]
async fn a_downloaded_release_plan_has_the_hash_that_its_page_shows() {
    let console = TestConsole::start().await;
    console.observed().await;
    let mut vera = console.signed_in_as(VERA).await;
    let query = "?ref=shadow-nbq-2&in.shadow_deploy_mirror_percentage=7";
    let page = vera.get(&format!("{SHADOW}{query}")).await.expect(200);
    let link = page.attribute("a[href*=\"plan.json\"]", "href").expect("a link");
    assert_eq!(link, format!("{SHADOW}.json{query}"));
    let text = file(vera.get(&link).await, "application/json", ".json");
    let again = file(vera.get(&link).await, "application/json", ".json");
    assert_eq!(text, again, "the same inputs give the same bytes");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(document["plan"]["hash"], json!(hash(&page)));
    let steps = document["steps"].as_array().expect("steps");
    let mirror = steps.iter().find(|step| step["kind"] == "set_route").expect("the route is set");
    assert_eq!(mirror["mirror_traffic"], json!({ "anet-nbq2": 7 }));

    let shell = "text/x-shellscript; charset=utf-8";
    let script = file(vera.get(&format!("{SHADOW}.sh{query}")).await, shell, ".sh");
    assert!(script.contains(&format!("# Plan {}", hash(&page))), "{script}");
    assert!(script.contains("--mirror-traffic anet-nbq2=7"), "{script}");
    let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = page.text_of(".document pre").expect("the commands");
    assert_eq!(shown, folded(&script), "the page shows what the file holds");

    let with = file(vera.get(&format!("{SHADOW}.yml{query}")).await, "application/yaml", ".yml");
    let uses = "uses: anet/ml-mlops-templates/.github/workflows/deploy_realtime.yml@main";
    let start = format!("{uses}\nwith:\n  environment: anet-prod\n");
    assert!(with.starts_with(&start), "{with}");
    assert!(with.contains("  shadow_deploy_mirror_percentage: 7\n"), "{with}");
}

#[tokio::test]
async fn direct_plans_can_be_downloaded() {
    let console = TestConsole::start().await;
    console.observed().await;
    let mut dana = console.signed_in_as(DANA).await;
    let query = "?live.anet-eedi=60&mirror=";
    dana.get(&format!("{PROD}/route.json{query}")).await.expect(422);
    let page = dana.get(&format!("{PROD}/route?live.anet-eedi=0")).await.expect(200);
    let link = page.attribute("a[href*=\"route.json\"]", "href").expect("a link");
    let text = file(dana.get(&link).await, "application/json", ".json");
    assert!(text.contains(&hash(&page)), "{text}");
    let page = dana.get(&format!("{PROD}/deployments/anet-eedi/delete")).await.expect(200);
    let link = page.attribute("a[href*=\"delete.sh\"]", "href").expect("a link");
    let script = file(dana.get(&link).await, "text/x-shellscript; charset=utf-8", ".sh");
    assert!(script.contains("# This plan must not be carried out:"), "{script}");
    assert!(script.contains(&hash(&page)), "{script}");
    let page = dana.get(&format!("{PROD}/deployments/anet-none/delete.json")).await.expect(404);
    page.says("There is no deployment anet-none on anet-ep-prod.");
    let page = dana.get("/stages/anet-none/endpoints/x-y/route.json?live.blue=100").await;
    page.expect(404).says("anet-none");
}

#[tokio::test]
async fn the_download_of_a_new_deployments_plan_hides_secrets() {
    let console = TestConsole::start().await;
    console.observed().await;
    let before = console.writes().await.len();
    let mut dana = console.signed_in_as(DANA).await;
    let page = dana.get(&format!("{PROD}/new-deployment?example=1")).await.expect(200);
    let to = page.attribute("button[formaction$=\".json\"]", "formaction").expect("a button");
    let yaml = page.text_of("textarea").map(|_| {
        "name: anet-green\nmodel: azureml:nbq:2\nenvironment: azureml:ml-azua-litserve-env:1\n\
         instance_type: Standard_DS3_v2\ninstance_count: 1\nenvironment_variables:\n  API_KEY: s3cret\n"
    });
    let yaml = yaml.expect("a text area");
    let text = file(
        dana.upload(&to, &[("yaml", None, yaml.as_bytes())]).await,
        "application/json",
        ".json",
    );
    assert!(text.contains("anet-green") && !text.contains("s3cret"), "{text}");
    let script = dana.upload(&to.replace(".json", ".sh"), &[("yaml", None, yaml.as_bytes())]).await;
    let script = file(script, "text/x-shellscript; charset=utf-8", ".sh");
    assert!(script.contains("(hidden)") && !script.contains("s3cret"), "{script}");
    let wrong = dana.upload(&to, &[("yaml", None, b"name: anet-green\n")]).await.expect(422);
    assert_eq!(wrong.title(), "New deployment on anet-ep-prod");
    wrong.says("instance_type");
    assert_eq!(console.writes().await.len(), before);
}

#[tokio::test]
async fn downloads_require_signing_in_and_a_role() {
    let console = TestConsole::start().await;
    console.observed().await;
    let paths = [
        format!("{SHADOW}.json"),
        format!("{PROD}/route.sh?live.anet-eedi=100"),
        format!("{PROD}/export"),
        format!("{PROD}/export/endpoint.yml"),
        format!("{PROD}/deployments/anet-eedi/export/deployment.yml"),
        "/releases/new-shadow.yml?at=anet-prod/anet-ep-prod".to_owned(),
    ];
    let mut anonymous = console.browser();
    let mut nora = console.signed_in_as("Nora Norole").await;
    for path in &paths {
        let page = anonymous.get(path).await;
        assert!(page.status.is_redirection() || page.status == 401, "{path}: {}", page.status);
        assert!(!page.text.contains("anet-eedi"), "{path}");
        let page = nora.get(path).await.expect(403);
        assert!(!page.text.contains("azureml:"), "{path}");
    }
}

/// Bodies that Azure accepts, each with a detail that is easily lost.
fn bodies(model: &Value, environment: &Value) -> [(&'static str, Value); 3] {
    let plain = json!({"model": model, "environmentId": environment,
        "endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2"});
    let with = |more: Value| {
        let mut properties = plain.clone();
        let fields = properties.as_object_mut().expect("an object");
        fields.extend(more.as_object().expect("an object").clone());
        properties
    };
    let probed = with(json!({"description": "on", "egressPublicNetworkAccess": "Disabled",
        "livenessProbe": {"initialDelay": "PT10M", "period": "PT7S", "failureThreshold": 3},
        "requestSettings": {"requestTimeout": "PT1M30S", "maxQueueWait": "PT0.5S",
            "maxConcurrentRequestsPerInstance": 9}}));
    let collected =
        with(json!({"environmentVariables": {"DAY": "2020-01-01", "FLAG": "yes", "N": "0001"},
        "appInsightsEnabled": true, "properties": {"mine": "3"}}));
    [("anet-plain", plain), ("anet-probed", probed), ("anet-collected", collected)]
}

#[tokio::test]
async fn a_committed_export_plans_no_changes() {
    let console = TestConsole::start().await;
    console.observed().await;
    let eedi =
        console.ask(reqwest::Method::GET, &console.arm_path("/deployments/anet-eedi"), None).await;
    let properties = &eedi["properties"];
    let (model, environment) = (&properties["model"], &properties["environmentId"]);
    for (name, properties) in bodies(model, environment) {
        let body = json!({"location": "westeurope", "tags": {"team": "off", "n": "1e3"},
            "sku": {"name": "Default", "capacity": 1}, "properties": properties});
        let path = console.arm_path(&format!("/deployments/{name}"));
        console.ask(reqwest::Method::PUT, &path, Some(body)).await;
        console.up(name).await;
        console.with_route(json!({ name: 100 }), json!({})).await;
        console.observes(&format!("{name}=100")).await;
        comes_back(&console, name).await;
    }
    console.with_route(json!({"anet-eedi": 100}), json!({"anet-probed": 20})).await;
    console.observes("anet-eedi=100;mirror=anet-probed:20").await;
    comes_back(&console, "anet-eedi").await;
    console.with_route(json!({"anet-eedi": 90, "anet-plain": 10}), json!({})).await;
    console.observes("anet-eedi=90,anet-plain=10").await;
    comes_back(&console, "anet-eedi").await;
}

/// Commits the endpoint's export as a workflow with its YAML, and plans it.
async fn comes_back(console: &TestConsole, what: &str) {
    let mut dana = console.signed_in_as(DANA).await;
    let page = dana.get(&format!("{PROD}/export")).await.expect(200);
    assert_eq!(page.text_of(".losses"), None, "{what}: {}", page.words());
    let yaml = "application/yaml";
    let with = file(dana.get(&format!("{PROD}/export/with.yml")).await, yaml, ".yml");
    let endpoint = file(dana.get(&format!("{PROD}/export/endpoint.yml")).await, yaml, ".yml");
    commit(console, "anet-ep-prod.yml", &endpoint).await;
    for name in ["anet-eedi", "anet-plain", "anet-probed", "anet-collected"] {
        let path = format!("{PROD}/deployments/{name}/export/deployment.yml");
        let page = dana.get(&path).await;
        if page.status == 200 {
            commit(console, &format!("anet-ep-prod-{name}.yml"), &file(page, yaml, ".yml")).await;
        }
    }
    let block: String = with.lines().map(|line| format!("    {line}\n")).collect();
    // The export has the form and version of the team's release for this endpoint.
    let uses = "uses: anet/ml-mlops-templates/.github/workflows/deploy_realtime.yml@main\n";
    assert!(block.contains(uses), "{block}");
    let workflow = format!("on: workflow_dispatch\njobs:\n  same:\n{block}");
    commit(console, &format!("{WORKFLOWS}/same.yml"), &workflow).await;
    dana.get("/releases?again=1").await.expect(200);
    let plan = dana.get("/releases/ml-azua/same.yml/same/plan").await.expect(200);
    // The only remark is that the console does not know the version `@main`, which the team itself uses.
    assert_eq!(plan.text_of(".findings"), None, "{what}: {workflow}");
    let found = plan.text_of(".remarks").unwrap_or_default();
    let rest = found.replacen(" uses: ", "", 1);
    assert!(
        rest.contains("The call names main") && !rest.contains(" uses: "),
        "{what}: {found} {workflow}"
    );
    assert_eq!(found.matches(".github/workflows/").count(), 1, "{what}: {found} {workflow}");
    // Monitoring is not part of an endpoint's YAML; a release adds it.
    plan.says("Only diagnostic settings and the alert are set again; traffic is not touched.");
    assert!(!plan.words().contains("deployment anet-"), "{what}: {}", plan.words());
}
