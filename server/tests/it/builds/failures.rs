//! Builds that fail: each one says why, and which line of the log says so.

use super::{begun, ended, versions, view, window, with_dana, with_image};
use domain::job::Ending;

#[tokio::test]
async fn a_failed_build_explains_its_cause_with_the_line_of_the_log() {
    let (console, mut dana) = with_dana().await;
    for (image, line, what) in [
        ("fail-base-app", "manifest unknown", "base image"),
        ("fail-space-app", "no space left on device", "disk is full"),
        ("fail-denied-app", "requested access to the resource is denied", "refused the build"),
    ] {
        let page = with_image(&console, image).await;
        let id = begun(&mut dana, &page).await;
        let Ending::Failed { message } = ended(&console, &id).await else { panic!("{image}") };
        let view = view(&mut dana, &id).await;
        let cause = &view["cause"];
        let said = cause["what"].as_str().unwrap_or_else(|| panic!("{image}: {view:#}"));
        assert!(said.to_lowercase().contains(what), "{image}: {said}");
        let number = cause["line"].as_u64().expect("a number");
        assert!(message.contains(&format!("(line {number})")), "{image}: {message}");
        assert!(message.contains(said), "{image}: {message}");
        let window = window(&mut dana, &id, number, 1).await;
        let stored = window["lines"][0].as_str().expect("a line");
        assert!(stored.contains(line), "{image}: {stored}");
        assert!(cause["quote"].as_str().is_some_and(|quote| quote.contains(line)), "{cause}");
        let page = dana.get(&format!("/jobs/{id}")).await.expect(200);
        page.says("Why it failed");
        page.says(said);
        page.says(&format!("Line {number} of the log"));
        assert!(versions(&console, image).await.is_empty());
        // Built again with the same commit.
        let again = dana.post(&format!("/jobs/{id}/repeat"), &[]).await;
        assert!(matches!(ended(&console, &super::id_of(&again)).await, Ending::Failed { .. }));
    }
}

#[tokio::test]
async fn a_registry_that_refuses_to_build_is_quoted() {
    let (console, mut dana) = with_dana().await;
    for (image, said) in
        [("fail-quota-app", "ACR Tasks requests for the registry"), ("fail-agent-app", "agent")]
    {
        let page = with_image(&console, image).await;
        let id = begun(&mut dana, &page).await;
        let Ending::Failed { message } = ended(&console, &id).await else { panic!("{image}") };
        assert!(message.contains(said), "{image}: {message}");
        dana.get(&format!("/jobs/{id}")).await.expect(200).says(said);
    }
}

#[tokio::test]
async fn a_workspace_without_a_registry_says_what_to_do() {
    let (console, mut dana) = with_dana().await;
    let page = with_image(&console, "app").await;
    let detach = "/emulator/registry/detach";
    console.ask(reqwest::Method::POST, detach, Some(serde_json::json!({}))).await;
    let shown = dana.get(&page).await.expect(200);
    shown.says("The workspace has no container registry yet.");
    shown.says("az ml workspace update --container-registry");
    assert_eq!(shown.attribute("#start input[name=commit]", "value"), None);
}
