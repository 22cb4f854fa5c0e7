//! The test enters a canary everywhere, uses every feature with it, and searches every output for it.

use super::CANARY;
use crate::changes::{decide, eventually_stands, one};
use crate::notify::notifying;
use crate::support::receiver::Receiver;
use crate::support::{Browser, DANA, LEO, PROD, TestConsole, Wanted};
use reqwest::Method;
use serde_json::json;
use server::redact::writer::Redacting;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// A secret that is recognised by its form.
const TOKEN: &str = "hf_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3h";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn yaml(name: &str) -> String {
    format!(
        "name: {name}\nendpoint_name: anet-ep-prod\nmodel: azureml:nbq:2\n\
         environment: azureml:ml-azua-litserve-env:1\ninstance_type: Standard_DS3_v2\n\
         instance_count: 1\nenvironment_variables:\n  API_KEY: {}\n  OTHER: {TOKEN}\n",
        json!(CANARY)
    )
}

#[track_caller]
fn is_clean(what: &str, text: &str) {
    // Escaping does not split these letters.
    for part in ["kanarie", "vogel", &TOKEN[3..]] {
        assert!(!text.contains(part), "{what} holds {part}: {text}");
    }
}

/// Every file of the data directory, except the emulator's, which is Azure's own data.
fn files_are_clean(folder: &Path) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        if entry.path().is_file() {
            let bytes = std::fs::read(entry.path()).expect("it is read");
            let name = entry.file_name().to_string_lossy().into_owned();
            for part in ["kanarie".as_bytes(), b"vogel", &TOKEN.as_bytes()[3..]] {
                let found = bytes.windows(part.len()).any(|window| window == part);
                assert!(!found, "{name} holds {}", String::from_utf8_lossy(part));
            }
            count += 1;
        }
    }
    count
}

async fn pages_are_clean(who: &mut Browser, paths: &[&str]) {
    for path in paths {
        let page = who.get(path).await;
        assert!(page.status.is_success(), "{path}: {}", page.status);
        is_clean(path, &page.text);
    }
}

#[tokio::test]
async fn no_output_contains_a_secret() {
    let log = Log::default();
    let to = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(Redacting(move || to.clone()))
        .finish();
    // The whole console runs on this thread.
    let _logging = tracing::subscriber::set_default(subscriber);
    let receiver = Receiver::start().await;
    let wanted = Wanted { notify: Some(notifying(&receiver)), ..Wanted::protected(one()) };
    let console = TestConsole::with(wanted).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);

    // Azure rejects it, and repeats it in three ways.
    let said =
        format!("API_KEY={CANARY} is no key; sent: {}; header Bearer {TOKEN}", json!(CANARY));
    let refusal = json!({ "match": { "method": "PUT", "path_contains": "deployments/anet-canary" },
        "times": 100, "respond": { "status": 400, "body": {
            "error": { "code": "BadRequest", "message": said } } } });
    console.fault(refusal).await;
    let new = format!("{PROD}/new-deployment");
    let text = yaml("anet-canary");
    let reason = format!("Because {TOKEN} is new");
    let parts: [(&str, Option<&str>, &[u8]); 4] = [
        ("yaml", None, text.as_bytes()),
        ("do", None, b"propose"),
        ("reason", None, reason.as_bytes()),
        ("start", None, b""),
    ];
    let page = dana.upload(&new, &parts).await.expect(303);
    let change = page.header("location").expect("the change").to_owned();
    decide(&mut leo, &change, "approve", &format!("{TOKEN} is right")).await.expect(303);
    decide(&mut dana, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "needs attention").await;
    let page = dana.get(&change).await.expect(200);
    page.says("(hidden) is no key");
    let run = page.attribute("main a[href^='/runs/']", "href");

    // Somebody creates a deployment outside the console, and its container logs the value.
    console.ask(Method::DELETE, "/emulator/faults", None).await;
    console.with_deployment("anet-green").await;
    let path = console.arm_path("/deployments/anet-green");
    let mut body = console.ask(Method::GET, &path, None).await;
    body["properties"]["environmentVariables"]["API_KEY"] = json!(CANARY);
    body["properties"]["description"] = json!(format!("answers with {TOKEN}"));
    console.ask(Method::PUT, &path, Some(body)).await;
    console.up("anet-green").await;
    console
        .eventually("the console has read its variables", async || {
            let all = console.services.stages.iter().nth(1)?.observer.now();
            let bodies = all.bodies.first_key_value()?.1;
            let green = bodies.deployments.get(&"anet-green".parse().ok()?)?.value();
            (green["properties"]["environmentVariables"]["API_KEY"] == CANARY).then_some(())
        })
        .await;
    let lines = format!("started\nkey is {CANARY}\nand {TOKEN}\n");
    let wrote = json!({ "match": { "method": "POST", "path_contains": "getLogs" }, "times": 1,
        "respond": { "status": 200, "body": { "content": lines } } });
    console.fault(wrote).await;
    let page =
        dana.get(&format!("{PROD}/deployments/anet-green?log=inference-server&tail=50")).await;
    page.says("key is (hidden)");
    is_clean("the log", &page.text);
    dana.post(&format!("{PROD}/test"), &[("target", "anet-green"), ("body", "{}")]).await;

    // The page shows an unreadable item without the value.
    let wrong = text.replace("instance_count: 1", "instance_count: many");
    let page = dana.upload(&new, &[("yaml", None, wrong.as_bytes())]).await;
    let problems = page.text_of(".problems").expect("what is wrong");
    is_clean("what is wrong with a text", &problems);

    let paths = [
        change.as_str(),
        "/",
        "/changes",
        "/history",
        "/releases",
        PROD,
        &format!("{PROD}/deployments/anet-green"),
        &format!("{PROD}/export"),
        &format!("{PROD}/route?live.anet-eedi=50&live.anet-green=50"),
    ];
    pages_are_clean(&mut dana, &paths).await;
    pages_are_clean(&mut dana, &run.as_deref().into_iter().collect::<Vec<_>>()).await;
    let mut ada = console.signed_in_as("Ada Auditor").await;
    pages_are_clean(&mut ada, &["/history/export.jsonl", "/history/export.csv"]).await;
    for one in receiver.took(3).await {
        is_clean("a message", &one.body);
    }
    assert!(files_are_clean(&console.data()) > 2, "with the log of the database");
    let data = console.data();
    let stopped = console.stop().await;
    assert!(files_are_clean(&data) > 2);
    drop(stopped);
    let log = String::from_utf8(log.0.lock().expect("nobody panics").clone()).expect("text");
    assert!(log.contains("is no key"), "the refusal is logged: {log}");
    is_clean("the process's log", &log);
}
