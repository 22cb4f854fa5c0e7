//! The run book for a shadow, over HTTP and without scripts: its steps tick themselves from what the
//! console observes.

use crate::support::{Page, TestConsole, VERA};
use serde_json::json;

const BOOK: &str = "/releases/new-shadow";
const AT: &str = "at=anet-prod%2Fanet-ep-prod";

/// Checks the current step.
#[track_caller]
fn at_hand(page: &Page, title: &str, part: &str) {
    let step = page.text_of(".run-book [aria-current=step]").unwrap_or_default();
    assert!(step.contains(title) && step.contains(part), "{title}, {part}: {step}");
}

#[tokio::test]
async fn the_run_book_leads_from_an_endpoint_to_a_commit() {
    let console = TestConsole::start().await;
    console.observed().await;
    let before = console.writes().await.len();
    let mut vera = console.signed_in_as(VERA).await;
    let list = vera.get("/releases").await.expect(200);
    assert_eq!(list.attribute(".toolbar a", "href").as_deref(), Some(BOOK));
    at_hand(&vera.get(BOOK).await.expect(200), "Choose the endpoint", "Continue");
    let page = vera.get(&format!("{BOOK}?{AT}")).await.expect(200);
    at_hand(&page, "Create without live traffic", "Name the deployment");
    page.says("anet-eedi is live on anet-ep-prod");

    let wrong = format!("{BOOK}?{AT}&name=anet_nbq2_shadow&mirror=51&model=nbq");
    let wrong = vera.get(&wrong).await.expect(200);
    wrong.says("keeps that name as the primary");
    wrong.says("Azure mirrors 1 to 50 %");
    wrong.says("name and version like nbq:2");
    assert_eq!(wrong.attribute("#name", "value").as_deref(), Some("anet_nbq2_shadow"));
    assert_eq!(wrong.text_of("#run"), None);

    let query =
        format!("{AT}&name=anet-nbq2&config=mlops%2Fnbq%2Fnbq2.yml&model=nbq%3A2&mirror=20");
    let page = vera.get(&format!("{BOOK}?{query}")).await.expect(200);
    let texts = page.text_of("#run").expect("the next run");
    for part in [
        "name: anet-nbq2 endpoint_name: anet-ep-prod model: azureml:nbq:2",
        "shadow_deployment_config: ./mlops/nbq/nbq2.yml shadow_deployment_mirror_percentage: 20",
        "deployment_name: anet-eedi",
        "az ml online-deployment create",
    ] {
        assert!(texts.contains(part), "{part}: {texts}");
    }
    assert_eq!(page.text_of("[data-level=blocks]"), None, "{texts}");
    let hash = page.text_of(".hash code").expect("a hash");
    let plan = vera.get(&format!("{BOOK}.json?{query}")).await.expect(200);
    assert!(plan.text.contains(&hash), "{}", plan.text);
    let yaml = vera.get(&format!("{BOOK}/deployment.yml?{query}")).await.expect(200);
    assert!(yaml.text.contains("instance_count: 2"), "as the primary: {}", yaml.text);
    assert_eq!(yaml.header("content-disposition"), Some("attachment; filename=\"nbq2.yml\""));
    let with = vera.get(&format!("{BOOK}.yml?{query}")).await.expect(200);
    let uses = "uses: anet/ml-mlops-templates/.github/workflows/deploy_realtime.yml@main";
    let start = format!("{uses}\nwith:\n  environment: anet-prod\n");
    assert!(with.text.starts_with(&start), "{}", with.text);
    vera.get(&format!("{BOOK}.yml?{AT}&mirror=51")).await.expect(422);
    assert_eq!(console.writes().await.len(), before, "a run book sends nothing");
}

#[tokio::test]
async fn the_run_book_reads_yaml_from_the_repository() {
    let console = TestConsole::start().await;
    console.observed().await;
    let mut vera = console.signed_in_as(VERA).await;
    let config = "config=mlops%2Fnbq%2Fdeployment_prod_nbq2.yml";
    let query = format!("{BOOK}?{AT}&name=anet-nbq2&mirror=20&{config}");
    let missing = vera.get(&query).await.expect(200);
    missing.says("there is no file mlops/nbq/deployment_prod_nbq2.yml");
    assert_eq!(missing.text_of(".hash"), None);
    let there = vera.get(&format!("{query}&ref=shadow-nbq-2")).await.expect(200);
    assert!(there.text_of(".hash").is_some(), "{}", there.words());
    vera.get(&format!("{query}&ref=nowhere")).await.expect(404).says("has no branch");
}

#[tokio::test]
async fn each_step_ticks_itself_in_order() {
    let console = TestConsole::start().await;
    console.observed().await;
    let mut vera = console.signed_in_as(VERA).await;
    let query = format!("{BOOK}?{AT}&name=anet-nbq2");
    let early = vera.get(&format!("{query}&traffic=10")).await.expect(200);
    early.says("Mirror live traffic and compare first.");
    assert_eq!(early.text_of("#run"), None, "what is out of order is not planned");
    console.with_deployment("anet-nbq2").await;
    let page = vera.get(&format!("{query}&mirror=20")).await.expect(200);
    at_hand(&page, "Mirror live traffic", "No traffic is mirrored");
    let href = page.attribute(".run-book a.button", "href").expect("a way to the plan");
    vera.get(&href).await.expect(200).says("mirror 20 % to anet-nbq2");

    console.with_route(json!({"anet-eedi": 100}), json!({"anet-nbq2": 20})).await;
    console.observes("anet-eedi=100;mirror=anet-nbq2:20").await;
    let page = vera.get(&format!("{query}&traffic=10")).await.expect(200);
    at_hand(&page, "Compare", "No mirrored request has arrived yet");
    page.says("Wait until mirrored requests have arrived.");
    let endpoint = vera.get("/stages/anet-prod/endpoints/anet-ep-prod").await.expect(200);
    let link = endpoint.attribute(".further a[href*=new-shadow]", "href");
    let link = link.expect("a link");
    assert!(link.contains("name=anet-nbq2") && link.contains("mirror=20"), "{link}");

    console.with_route(json!({"anet-eedi": 90, "anet-nbq2": 10}), json!({})).await;
    console.observes("anet-eedi=90,anet-nbq2=10").await;
    let page = vera.get(&format!("{query}&traffic=50")).await.expect(200);
    at_hand(&page, "Move live traffic", "The deployment takes 10 % so far");
    let button = page.attribute(".run-book a.button", "href").expect("a way to the plan");
    assert!(button.ends_with("/route?live.anet-eedi=50&live.anet-nbq2=50"), "{button}");
    let run = page.text_of("#run").expect("the next run");
    assert!(run.contains("shadow_deployment_traffic_percentage: 50"), "{run}");
    assert!(!run.contains("shadow_deployment_config:"), "{run}");

    console.with_route(json!({"anet-nbq2": 100}), json!({})).await;
    console.observes("anet-nbq2=100").await;
    let page = vera.get(&query).await.expect(200);
    at_hand(&page, "Delete the old primary", "Plan to delete anet-eedi");
    let run = page.text_of("#run").expect("the cleaned-up workflow");
    assert!(run.contains("deployment_name: anet-nbq2"), "{run}");
    assert!(!run.contains("shadow_"), "{run}");
    assert!(
        run.contains("Put the exported YAML of anet-nbq2 at ./anet-ep-prod-anet-nbq2.yml first"),
        "{run}"
    );
}
