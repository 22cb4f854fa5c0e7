//! What the page of a build says before the build starts.

use super::{BUILD_PROD, IMAGE, build_job, built, deploy, press, push, with_dana};
use serde_json::json;

#[tokio::test]
async fn a_build_that_moves_a_tag_of_live_code_is_warned_of_on_every_stage_that_shares_the_registry()
 {
    let (console, mut dana) = with_dana().await;
    let page = dana.get(BUILD_PROD).await.expect(200);
    let start = page.text_of("#start").expect("the warnings");
    for words in [
        "anet-eedi of anet-ep-dev on anet-dev",
        "anet-eedi of anet-ep-prod on anet-prod",
        "to the tag latest",
        "run the new image",
    ] {
        assert!(start.contains(words), "{words}: {start}");
    }
    let uses = page.text_of("#uses").expect("the deployments");
    assert!(uses.contains("new instances pull the newest image"), "{uses}");
    assert!(!uses.contains("keeps its version"), "{uses}");
    // The version that a build registers names a digest, so a deployment on it depends on no tag.
    let number = built(&console, &mut dana, BUILD_PROD).await;
    deploy(&console, "anet-new", IMAGE, &number).await;
    let page = dana.get(BUILD_PROD).await.expect(200);
    let start = page.text_of("#start").expect("the warnings");
    assert!(start.contains("anet-eedi") && !start.contains("anet-new"), "{start}");
}

#[tokio::test]
async fn a_dockerfile_that_cannot_be_read_is_a_problem_of_the_build() {
    let (console, mut dana) = with_dana().await;
    let commit =
        push(&console, json!({ "Dockerfile": "FROM python:3.12 AS litserve\nCOPPY a b\n" })).await;
    let page = dana.get(BUILD_PROD).await.expect(200);
    let problems = page.text_of("#problems").expect("problems");
    assert!(problems.contains("not a valid Dockerfile"), "{problems}");
    assert_eq!(problems.matches("unknown instruction").count(), 1, "said once: {problems}");
    assert_eq!(page.attribute("#start button[disabled]", "type").as_deref(), Some("submit"));
    let unknown = page.text_of("#uses").expect("the deployments");
    assert!(unknown.contains("does not know which deployments"), "{unknown}");
    dana.post(BUILD_PROD, &[("commit", &commit)]).await.expect(422).says("Nothing was started.");
}

#[tokio::test]
async fn a_workflow_that_github_rejects_can_be_built_and_says_so() {
    let (console, mut dana) = with_dana().await;
    let job = build_job("app").replacen("uses:", "needs: nowhere\n    uses:", 1);
    let text = format!("on: push\njobs:\n{job}");
    push(&console, json!({ ".github/workflows/app.yml": text })).await;
    let app = "/releases/ml-azua/app.yml/image/build";
    let page = dana.get(app).await.expect(200);
    let start = page.text_of("#start").expect("the warnings");
    assert!(start.contains("nowhere"), "{start}");
    assert!(start.contains("GitHub therefore does not run this workflow"), "{start}");
    press(&mut dana, app).await.expect(303);
}
