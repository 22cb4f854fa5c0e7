//! Starting a build, and what a deployment on its version answers.

use super::{
    BUILD_PROD, IMAGE, answer, begun, built, deploy, id_of, job, press, push, push_server, runs,
    seen, versions, with_dana, with_image,
};
use crate::support::LEO;
use domain::timestamp::Timestamp;
use serde_json::json;

#[tokio::test]
async fn a_deployment_on_a_built_version_answers_with_the_code_of_its_commit() {
    let (console, mut dana) = with_dana().await;
    let one = built(&console, &mut dana, BUILD_PROD).await;
    let version = versions(&console, IMAGE).await;
    let version = version.iter().find(|version| version["name"] == *one).expect("a version");
    let image = version["properties"]["image"].as_str().expect("an image");
    let (_, digest) = image.split_once('@').expect("the version names a digest");
    assert!(digest.starts_with("sha256:"), "{image}");
    let tags = &version["properties"]["tags"];
    assert_eq!((&tags["team"], &tags["model"]), (&json!("data-science"), &json!("nbq")));
    deploy(&console, "anet-one", IMAGE, &one).await;
    assert_eq!(answer(&console, "anet-one").await, "one");

    let commit = push_server(&console, "two").await;
    assert_eq!(seen(&mut dana, BUILD_PROD).await, commit);
    let two = built(&console, &mut dana, BUILD_PROD).await;
    assert_ne!(one, two);
    assert_eq!(answer(&console, "anet-one").await, "one", "a build changes no deployment");
    deploy(&console, "anet-two", IMAGE, &two).await;
    assert_eq!(answer(&console, "anet-two").await, "two");
    assert_eq!(answer(&console, "anet-one").await, "one");
}

#[tokio::test]
async fn a_missing_layer_is_named_with_the_layers_that_exist_and_nothing_starts() {
    let (console, mut dana) = with_dana().await;
    let dockerfile = "FROM python:3.12-slim AS base\nFROM base AS training\n";
    let commit = push(&console, json!({ "Dockerfile": dockerfile })).await;
    let page = dana.get(BUILD_PROD).await.expect(200);
    let problems = page.text_of("#problems").expect("problems");
    for words in ["no layer litserve", "base, training"] {
        assert!(problems.contains(words), "{words}: {problems}");
    }
    assert_eq!(page.attribute("#start button[disabled]", "type").as_deref(), Some("submit"));
    let refused = dana.post(BUILD_PROD, &[("commit", &commit)]).await.expect(422);
    refused.says("Nothing was started.");
    // A layer that a person asks for is checked, too.
    let answered = dana.get(&format!("{BUILD_PROD}?in.target_layer=nowhere")).await.expect(200);
    answered.says("no layer nowhere");
    let all = console.services.jobs.table.before(Timestamp(i64::MAX), 10).await;
    assert!(all.expect("a store").is_empty());
    assert!(runs(&console).await.is_empty());
}

#[tokio::test]
async fn only_the_commit_that_the_person_saw_is_built() {
    let (console, mut dana) = with_dana().await;
    let page = with_image(&console, "app").await;
    let saw = seen(&mut dana, &page).await;
    push_server(&console, "two").await;
    dana.post(&page, &[("commit", &saw)]).await.expect(409).says("The branch has moved");
    for (commit, said) in [("../main", "The form's commit is invalid"), ("", "commit is invalid")] {
        dana.post(&page, &[("commit", commit)]).await.expect(422).says(said);
    }
    dana.post(&page, &[]).await.expect(422).says("the commit is missing");
    assert!(runs(&console).await.is_empty());
}

#[tokio::test]
async fn two_people_who_build_the_same_commit_get_the_same_job() {
    let (console, mut dana) = with_dana().await;
    let mut leo = console.signed_in_as(LEO).await;
    let page = with_image(&console, "stuck-log-app").await;
    let commit = seen(&mut dana, &page).await;
    let fields = [("commit", commit.as_str())];
    let (one, two) = tokio::join!(dana.post(&page, &fields), leo.post(&page, &fields));
    let id = id_of(&one);
    assert_eq!(id, id_of(&two));
    // The one who came second learns that nothing was started.
    let (late, who) = match one.header("location").is_some_and(|path| path.contains('?')) {
        true => (one, &mut dana),
        false => (two, &mut leo),
    };
    let shown = who.get(late.header("location").expect("a page")).await.expect(200);
    shown.says("No second build was started");
    let all = console.services.jobs.table.before(Timestamp(i64::MAX), 10).await;
    assert_eq!(all.expect("a store").len(), 1);

    let next = push_server(&console, "two").await;
    let shown = leo.get(&page).await.expect(200);
    shown.says("A build of this image is in progress");
    let link = format!("main a[href=\"/jobs/{id}\"]");
    assert!(shown.attribute(&link, "href").is_some(), "{}", shown.words());
    let refused = press(&mut leo, &page).await.expect(409);
    refused.says(&format!("Another build of stuck-log-app is in progress: job {id}"));
    assert!(refused.attribute(&link, "href").is_some(), "{}", refused.words());
    assert_ne!(job(&console, &id).await.build.commit, next);
    // Another image is free.
    let other = with_image(&console, "app").await;
    assert_ne!(begun(&mut leo, &other).await, id);
}
