//! Approvals cover the digests of the images that a change's deployments run.

use super::{BUILD_PROD, IMAGE, built, deploy, push_server, started, versions, workspace};
use crate::changes::{decide, eventually_stands, one, propose, standing};
use crate::support::{Browser, DANA, LEO, TestConsole, Wanted};
use reqwest::Method;
use serde_json::{Value, json};

/// A version of the environment that names a tag, as the templates register it.
const TAGGED: &str = "99";

fn image_of(versions: &[Value], number: &str) -> String {
    let version = versions.iter().find(|version| version["name"] == number);
    let image = &version.expect("a version")["properties"]["image"];
    image.as_str().expect("an image").to_owned()
}

/// A console with an image whose newest version, of this number, names a digest, and with another that names `latest`.
async fn with_versions() -> (TestConsole, Browser, Browser, String) {
    let console = started(Wanted::protected(one())).await;
    let (mut dana, leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let number = built(&console, &mut dana, BUILD_PROD).await;
    let pinned = image_of(&versions(&console, IMAGE).await, &number);
    let (name, _) = pinned.split_once('@').expect("a digest");
    let path = format!(
        "{}/environments/{IMAGE}/versions/{TAGGED}?api-version=2025-12-01",
        workspace(&console, 1)
    );
    let body = json!({ "properties": { "image": format!("{name}:latest"), "osType": "Linux" } });
    console.ask(Method::PUT, &path, Some(body)).await;
    (console, dana, leo, number)
}

/// Builds another commit, which moves the tag `latest`.
async fn build_another(console: &TestConsole, dana: &mut Browser) {
    push_server(console, "two").await;
    built(console, dana, BUILD_PROD).await;
}

#[tokio::test]
async fn an_approval_is_revoked_when_the_tag_moves_to_another_image() {
    let (console, mut dana, mut leo, _) = with_versions().await;
    deploy(&console, "anet-green", IMAGE, TAGGED).await;
    console.observes("anet-eedi=100").await;
    let change = propose(&mut dana).await;
    let page = leo.get(&change).await.expect(200);
    let images = page.text_of("[aria-label=Images]").expect("the images");
    let says = ["anet-green runs ml-azua-litserve-env:99: sha256:", "must be approved again"];
    assert!(says.iter().all(|words| images.contains(words)), "{images}");
    decide(&mut leo, &change, "approve", "").await.expect(303);
    assert_eq!(standing(&mut dana, &change).await, "approved");

    build_another(&console, &mut dana).await;
    let before = console.writes().await.len();
    decide(&mut dana, &change, "start", "").await.expect(422);
    assert_eq!(console.writes().await.len(), before, "nothing was sent");
    let page = dana.get(&change).await.expect(200);
    page.says("The image of anet-green changed: it was ml-azua-litserve-env:99 (sha256:");
    assert_eq!(standing(&mut dana, &change).await, "waits for approval");
    decide(&mut leo, &change, "approve", "").await.expect(303);
    decide(&mut dana, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;
}

#[tokio::test]
async fn an_approval_of_a_digest_outlives_other_builds() {
    let (console, mut dana, mut leo, number) = with_versions().await;
    deploy(&console, "anet-green", IMAGE, &number).await;
    console.observes("anet-eedi=100").await;
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    build_another(&console, &mut dana).await;
    assert_eq!(standing(&mut dana, &change).await, "approved");
    decide(&mut dana, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;
}

#[tokio::test]
async fn a_registry_that_does_not_answer_revokes_no_approval() {
    let (console, mut dana, mut leo, _) = with_versions().await;
    deploy(&console, "anet-green", IMAGE, TAGGED).await;
    console.observes("anet-eedi=100").await;
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    let page = dana.get(&change).await.expect(200);
    let seen = page.attribute("input[name=seen]", "value").expect("a hash");
    let at = json!({ "path_contains": "/v2/" });
    let down = json!({ "match": at, "times": 100, "respond": { "status": 503 } });
    console.fault(down).await;
    let start = format!("{change}/start");
    let refused = dana.post(&start, &[("seen", &seen), ("comment", "")]).await.expect(503);
    refused.says("Nothing was changed.");
    console.ask(Method::DELETE, "/emulator/faults", None).await;
    assert_eq!(standing(&mut dana, &change).await, "approved");
    decide(&mut dana, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;
}
