//! The pages of images: who uses which version, and archiving.

use super::{BUILD_PROD, IMAGE, begun, built, deploy, push_server, versions, with_dana};
use serde_json::Value;

const PAGE: &str = "/stages/anet-prod/images/ml-azua-litserve-env";

fn is_archived(versions: &[Value], number: &str) -> bool {
    let version = versions.iter().find(|version| version["name"] == number);
    version.expect("a version")["properties"]["isArchived"] == true
}

#[tokio::test]
async fn an_image_shows_which_deployments_use_each_version() {
    let (console, mut dana) = with_dana().await;
    let commit = push_server(&console, "two").await;
    let number = built(&console, &mut dana, BUILD_PROD).await;
    deploy(&console, "anet-new", IMAGE, &number).await;
    let list = dana.get("/images").await.expect(200);
    let row = list.text_of("[aria-label=\"Images of anet-prod\"] tbody").expect("a table");
    for words in [IMAGE, "2 deployments", "Succeeded", &commit[..7]] {
        assert!(row.contains(words), "{words}: {row}");
    }
    let page = dana.get(PAGE).await.expect(200);
    let new = page.text_of(&format!("#version-{number}")).expect("the version");
    for words in
        ["anet-new", "sha256:", &commit[..7], "latest", "Open the build and its log", "Build took"]
    {
        assert!(new.contains(words), "{words}: {new}");
    }
    assert!(!new.contains("anet-eedi"), "{new}");
    let old = page.text_of("#version-1").expect("the version");
    assert!(old.contains("anet-eedi") && !old.contains("anet-new"), "{old}");
    dana.get("/stages/anet-prod/images/none").await.expect(404).says("has no environment none");
}

#[tokio::test]
async fn a_version_in_use_cannot_be_archived_and_an_unused_one_is_hidden() {
    let (console, mut dana) = with_dana().await;
    let number = built(&console, &mut dana, BUILD_PROD).await;
    let archive = format!("{PAGE}/archive");
    let refused = dana.post(&archive, &[("version", "1")]).await.expect(422);
    refused.says("Nothing was changed.");
    refused.says("anet-eedi of anet-ep-prod on anet-prod");
    assert!(!is_archived(&versions(&console, IMAGE).await, "1"));
    dana.post(&archive, &[]).await.expect(422).says("the version is missing");
    dana.post(&archive, &[("version", &number)]).await.expect(303);
    assert!(is_archived(&versions(&console, IMAGE).await, &number));
    let page = dana.get(PAGE).await.expect(200);
    let gone = page.text_of(&format!("#version-{number}")).expect("the version");
    assert!(gone.contains("archived"), "{gone}");
    let history = dana.get("/history").await.expect(200);
    history.says(&format!("Archive version {number} of the environment {IMAGE}"));
    // Another version still gets the next number.
    let next = begun(&mut dana, BUILD_PROD).await;
    super::ended(&console, &next).await;
    assert!(versions(&console, IMAGE).await.len() > 2);
}
