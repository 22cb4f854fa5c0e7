//! `understudy check`, item by item, with an Azure that answers and with one that does not.

use crate::support::TestConsole;
use serde_json::json;
use server::check;
use server::web::{Entra, Registration};

fn entra(console: &TestConsole, tenant: &str) -> Entra {
    let issuer = console.emulator.join(&format!("{tenant}/v2.0")).expect("a URL");
    let registration = Registration {
        issuer: issuer.to_string(),
        tenant: tenant.to_owned(),
        client_id: "nobody".to_owned(),
        client_secret: "nothing".into(),
        redirect_url: console.url.clone(),
        roles: std::collections::BTreeMap::new(),
    };
    Entra::new(console.http.clone(), registration)
}

#[tokio::test]
async fn check_reads_entras_discovery_document() {
    let console = TestConsole::start().await;
    let about = console.ask(reqwest::Method::GET, "/", None).await;
    let tenant = about["tenant"].as_str().expect("a tenant");
    let found = check::sign_in(&entra(&console, tenant)).await;
    assert!(found.outcome.is_ok_and(|found| found.contains(tenant)));
    let wrong = check::sign_in(&entra(&console, "nobody")).await.outcome;
    assert!(wrong.is_err_and(|wrong| wrong.contains("sign_in.tenant_id")));
}

#[tokio::test]
async fn check_reports_why_a_stage_is_unreachable() {
    let console = TestConsole::start().await;
    let place = console.services.stages.iter().nth(1).expect("two stages").clone();
    let before = console.writes().await.len();
    let found = check::stage(&place).await;
    assert_eq!(found.what, "stage anet-prod");
    assert_eq!(found.outcome, Ok(format!("workspace {} has 1 endpoints", place.workspace.name)));
    for (status, advice) in [
        (403, "role"),
        (404, "Check subscription_id, resource_group and workspace of stage anet-prod"),
        (500, "Check credential, cloud"),
    ] {
        let path = format!("workspaces/{}", place.workspace.name);
        let fault = json!({ "match": { "method": "GET", "path_contains": path }, "times": 1000,
            "respond": { "status": status } });
        console.fault(fault).await;
        let wrong = check::stage(&place).await.outcome.expect_err("the fault makes it fail");
        assert!(wrong.contains(advice), "{status}: {wrong}");
        console.ask(reqwest::Method::DELETE, "/emulator/faults", None).await;
    }
    assert_eq!(console.writes().await.len(), before);
}

/// Takes actions away from the console's identity.
async fn without(console: &TestConsole, actions: &[&str]) {
    let body = json!({ "without": actions });
    console.ask(reqwest::Method::PUT, "/emulator/permissions", Some(body)).await;
}

#[tokio::test]
async fn check_names_the_actions_that_the_identity_lacks() {
    let console = TestConsole::start().await;
    let place = console.services.stages.iter().next().expect("a stage").clone();
    let before = console.writes().await.len();
    let found = check::permissions(&place).await;
    assert_eq!(found.what, "permissions on stage anet-dev");
    assert!(found.outcome.is_ok_and(|found| found.contains("28 actions")));
    let found = check::builds(&place).await;
    assert_eq!(found.what, "builds on stage anet-dev");
    assert!(
        found
            .outcome
            .is_ok_and(|found| found.contains("the registry") && found.contains("7 actions"))
    );

    without(
        &console,
        &[
            "Microsoft.ContainerRegistry/registries/scheduleRun/action",
            "Microsoft.Insights/*/write",
            "Microsoft.MachineLearningServices/locations/usages/read",
        ],
    )
    .await;
    let lacking = check::builds(&place).await.outcome.expect_err("an action is missing");
    assert!(lacking.contains("registries/scheduleRun/action at /subscriptions/"), "{lacking}");
    assert!(!lacking.contains("listBuildSourceUploadUrl") && lacking.contains("operating.md"));
    let lacking = check::permissions(&place).await.outcome.expect_err("actions are missing");
    for action in ["diagnosticSettings/write", "scheduledQueryRules/write", "locations/usages/read"]
    {
        assert!(lacking.contains(action), "{action}: {lacking}");
    }
    assert!(!lacking.contains("ContainerRegistry") && !lacking.contains("/read,"), "{lacking}");

    without(&console, &["Microsoft.Authorization/permissions/read"]).await;
    let unknown = check::builds(&place).await.outcome.expect_err("the list is refused");
    assert!(
        unknown.contains("are not known")
            && unknown.contains("Microsoft.Authorization/permissions/read")
    );
    without(&console, &[]).await;
    assert!(check::permissions(&place).await.outcome.is_ok());
    assert_eq!(console.writes().await.len(), before);
}

#[tokio::test]
async fn check_says_what_to_do_about_a_workspace_without_a_registry() {
    let console = TestConsole::start().await;
    let place = console.services.stages.iter().next().expect("a stage").clone();
    console.ask(reqwest::Method::POST, "/emulator/registry/detach", None).await;
    let wrong = check::builds(&place).await.outcome.expect_err("there is no registry");
    assert!(
        wrong.contains("no container registry yet") && wrong.contains("az ml workspace update")
    );
}

#[tokio::test]
async fn check_reads_the_workflows_of_a_repository() {
    let console = TestConsole::start().await;
    let reader = console.services.repositories.first().expect("a repository").clone();
    let found = check::workflows(&reader).await;
    assert_eq!(found.what, "builds of repository ml-azua");
    assert!(found.outcome.is_ok_and(|found| found.contains("workflows can be read")));
    let fault = json!({ "match": { "path_contains": "/actions/workflows" }, "times": 100,
        "respond": { "status": 403 } });
    console.fault(fault).await;
    let wrong = check::workflows(&reader).await.outcome.expect_err("the token may not");
    assert!(wrong.contains("Actions: read and write"), "{wrong}");
}

#[tokio::test]
async fn check_tests_the_data_directory_while_a_console_uses_it() {
    let console = TestConsole::start().await;
    let data = console.data();
    assert!(check::data(&data).await.outcome.is_ok());
    let leftovers = std::fs::read_dir(&data).expect("a folder").filter_map(Result::ok);
    assert!(leftovers.into_iter().all(|e| !e.file_name().to_string_lossy().starts_with("check")));
    let files = tempfile::tempdir().expect("a folder");
    std::fs::write(files.path().join("understudy.db"), "no database".repeat(100)).expect("a file");
    let wrong = check::data(files.path()).await.outcome.expect_err("it is no database");
    assert!(wrong.contains("cannot be used"), "{wrong}");
}
