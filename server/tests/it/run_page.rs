//! A run's page: a release is carried out, and people decide about runs.

use crate::promotion::rolled_back;
use crate::support::{Browser, DANA, Page, TestConsole, VERA};
use serde_json::{Value, json};

const PLAN: &str = "/releases/ml-azua/deploy.yml/deploy-nbq-prod/plan";
const REFERENCE: &str = "shadow-nbq-2";
const ROUTE: &str = "/stages/anet-prod/endpoints/anet-ep-prod/route";
const NEW: &str = "/stages/anet-prod/endpoints/anet-ep-prod/new-deployment";
const PROD: &str = "/stages/anet-prod/endpoints/anet-ep-prod";
const HALVES: [(&str, &str); 3] =
    [("live.anet-eedi", "50"), ("live.anet-green", "50"), ("base", "anet-eedi=100")];

/// Carries out the demo's shadow release; returns the run's path.
async fn carried_out(dana: &mut Browser) -> String {
    let plan = dana.get(&format!("{PLAN}?ref={REFERENCE}")).await.expect(200);
    let hash = plan.attribute("input[name=plan]", "value").expect("a hash");
    let begun = dana.post(PLAN, &[("ref", REFERENCE), ("plan", &hash)]).await.expect(303);
    begun.header("location").expect("a run").to_owned()
}

async fn newest(dana: &mut Browser) -> String {
    let page = dana.get(PROD).await.expect(200);
    page.attribute(".operation .title a", "href").expect("a run")
}

/// Reloads a run's page until it has this text.
async fn says(console: &TestConsole, who: &mut Browser, run: &str, words: &str) -> Page {
    console
        .eventually(words, async || {
            let page = who.get(run).await;
            page.words().contains(words).then_some(page)
        })
        .await
}

async fn decide(who: &mut Browser, run: &str, decision: &str) -> Page {
    who.post(run, &[("decision", decision)]).await
}

async fn route(console: &TestConsole) -> (Value, Value) {
    let endpoint = console.endpoint().await;
    let properties = &endpoint["properties"];
    (properties["traffic"].clone(), properties["mirrorTraffic"].clone())
}

/// The writes to Azure, by method and last part of the path.
async fn sent(console: &TestConsole, before: usize) -> Vec<String> {
    let last = |write: &Value| {
        let path = write["path"].as_str().unwrap_or_default();
        let last = path.rsplit('/').next().unwrap_or_default();
        format!("{} {last}", write["method"].as_str().unwrap_or_default())
    };
    console.writes().await[before..].iter().map(last).collect()
}

#[tokio::test]
async fn a_release_runs_as_planned_and_rolls_back_in_one_write() {
    let console = TestConsole::start().await;
    console.observed().await;
    let mut dana = console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    let was = route(&console).await;
    let run = carried_out(&mut dana).await;
    let page = says(&console, &mut dana, &run, "Verified in Azure.Dana Scott").await;
    page.says("Carry out the release deploy.yml/deploy-nbq-prod");
    page.says("Azure’s response");
    let shadow = json!({ "anet-nbq-2": 20 });
    let now = route(&console).await;
    assert_eq!(now.0, was.0);
    assert_ne!(now.1, was.1, "{shadow}");
    let writes = sent(&console, before).await;
    assert_eq!(writes.iter().filter(|write| *write == "PUT anet-ep-prod").count(), 1, "{writes:?}");
    dana.get("/history?kind=settled").await.says("Carry out the release");

    // A new plan of the same release would be different now.
    let begun = dana.post(PLAN, &[("ref", REFERENCE), ("plan", &"0".repeat(64))]).await;
    begun.expect(409).says("The plan has changed since you opened the page. Nothing was sent.");

    let before = console.writes().await.len();
    let back = rolled_back(&mut dana, &run).await.expect(303);
    let back = back.header("location").expect("a run").to_owned();
    assert_ne!(back, run);
    says(&console, &mut dana, &back, "Verified in Azure.Dana Scott").await;
    assert_eq!(route(&console).await, was);
    assert_eq!(sent(&console, before).await, ["PUT anet-ep-prod"]);
    let page = says(&console, &mut dana, &run, "The route is the same as before this run").await;
    assert!(page.attribute("button[disabled]", "type").is_some());
}

#[tokio::test]
async fn a_stopped_run_finishes_the_write_that_was_sent() {
    let console = TestConsole::start().await;
    console.observed().await;
    let mut dana = console.signed_in_as(DANA).await;
    let was = route(&console).await;
    let run = carried_out(&mut dana).await;
    says(&console, &mut dana, &run, "Azure accepted").await;
    let mut vera = console.signed_in_as(VERA).await;
    decide(&mut vera, &run, "cancel").await.expect(403);
    decide(&mut dana, &run, "cancel").await.expect(303);
    decide(&mut dana, &run, "cancel").await.expect(409).says("no longer where you saw it");
    says(&console, &mut dana, &run, "Dana Scott stopped it before its next step").await;
    assert_eq!(route(&console).await, was);
    let mut leo = console.signed_in_as("Leo Lead").await;
    leo.get("/history?kind=decided").await.says("Requested a stop");
}

#[tokio::test]
async fn a_write_that_succeeds_without_effect_fails_the_run() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    // Azure accepts the write, but does nothing.
    let yes = json!({ "match": { "method": "PUT", "path_contains": "anet-ep-prod" }, "times": 1,
        "respond": { "status": 200, "body": {} } });
    console.fault(yes).await;
    dana.post(ROUTE, &HALVES).await.expect(303);
    let run = newest(&mut dana).await;
    let page = says(&console, &mut dana, &run, "Retry").await;
    page.says("Azure reports a different route than the requested one");
    assert_eq!(route(&console).await.0, json!({ "anet-eedi": 100 }));
    // The route is unchanged, so there is nothing to roll back.
    rolled_back(&mut dana, &run).await.expect(422).says("The route is the same as before this run");
    decide(&mut dana, &run, "retry").await.expect(303);
    says(&console, &mut dana, &run, "Verified in Azure.Dana Scott").await;
    assert_eq!(route(&console).await.0, json!({ "anet-eedi": 50, "anet-green": 50 }));
    decide(&mut dana, &run, "retry").await.expect(409);
    decide(&mut dana, &run, "explode").await.expect(422);
    decide(&mut dana, "/runs/00000000-0000-0000-0000-000000000000", "leave").await.expect(404);
}

fn yaml(name: &str) -> String {
    format!(
        "name: {name}\nmodel: azureml:nbq:2\nenvironment: azureml:ml-azua-litserve-env:1\n\
         instance_type: Standard_DS3_v2\ninstance_count: 1\n"
    )
}

#[tokio::test]
async fn a_waiting_step_shows_its_phase() {
    let console = TestConsole::start().await;
    let mut dana = console.signed_in_as(DANA).await;
    dana.upload(NEW, &[("yaml", None, yaml("stuck-updating-1").as_bytes())]).await.expect(303);
    let run = newest(&mut dana).await;
    says(&console, &mut dana, &run, "Preparing machines and image since").await;
}

#[tokio::test]
async fn steps_show_typical_durations() {
    let console = TestConsole::start().await;
    let mut dana = console.signed_in_as(DANA).await;
    let mut made = async |name: &str| {
        dana.upload(NEW, &[("yaml", None, yaml(name).as_bytes())]).await.expect(303);
        let run = newest(&mut dana).await;
        says(&console, &mut dana, &run, "Verified in Azure.Dana Scott").await
    };
    for name in ["anet-one", "anet-two", "anet-three"] {
        let page = made(name).await;
        assert!(!page.words().contains("usually"), "{}", page.words());
    }
    // Typical durations are cached for a minute, but another console reads them at once.
    let console = console.stop().await.restart().await;
    let mut dana = console.signed_in_as(DANA).await;
    let run = newest(&mut dana).await;
    dana.get(&run).await.expect(200).says(", usually ");
}

#[tokio::test]
async fn a_crash_is_explained_in_plain_words() {
    let console = TestConsole::start().await;
    let mut dana = console.signed_in_as(DANA).await;
    dana.upload(NEW, &[("yaml", None, yaml("fail-crash-1").as_bytes())]).await.expect(303);
    let run = newest(&mut dana).await;
    let page = says(&console, &mut dana, &run, "Close run").await;
    page.says("The scoring script's init() raised an exception.");
    page.says("Source: ");
}

#[tokio::test]
async fn closing_a_failed_run_allows_the_next_one() {
    let console = TestConsole::start().await;
    let mut dana = console.signed_in_as(DANA).await;
    dana.upload(NEW, &[("yaml", None, yaml("fail-image-pull-1").as_bytes())]).await.expect(303);
    let run = newest(&mut dana).await;
    let page = says(&console, &mut dana, &run, "Close run").await;
    page.says("Failed");
    page.says("Azure’s response");
    page.says("Azure could not pull the image");
    page.says("give the endpoint's identity the role AcrPull");
    page.says("Source: BadArgument: Unable to download user container image");
    assert!(page.attribute(".diagnosis a", "href").expect("a link").ends_with("container-image"));
    says(&console, &mut dana, PROD, "Azure could not pull the image").await;
    let mut vera = console.signed_in_as(VERA).await;
    decide(&mut vera, &run, "leave").await.expect(403);
    decide(&mut dana, &run, "leave").await.expect(303);
    let page = dana.get(&run).await.expect(200);
    assert!(!page.words().contains("Close run"));
    dana.delete(&format!("{PROD}/deployments/fail-image-pull-1/delete"), &[]).await.expect(303);
    let run = newest(&mut dana).await;
    says(&console, &mut dana, &run, "fail-image-pull-1 is gone").await;
}

#[tokio::test]
async fn a_roll_back_names_and_links_the_run_that_must_end_first() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    dana.post(ROUTE, &HALVES).await.expect(303);
    let first = newest(&mut dana).await;
    says(&console, &mut dana, &first, "Verified in Azure.").await;
    let yaml = b"name: anet-red\nmodel: azureml:nbq:2\n\
        environment: azureml:ml-azua-litserve-env:1\ninstance_type: Standard_DS3_v2\ninstance_count: 1\n";
    let begun = dana.upload(NEW, &[("yaml", None, yaml)]).await.expect(303);
    let second = begun.header("location").expect("a run").to_owned();
    let page = dana.get(&first).await.expect(200);
    page.says("Another change of anet-ep-prod is in progress: “Create deployment anet-red”");
    let link = page.attribute("#roll-back a[href^='/runs/']", "href");
    assert_eq!(link.as_deref(), Some(second.as_str()));
    assert!(page.attribute("#roll-back button[disabled]", "type").is_some());
}
