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
