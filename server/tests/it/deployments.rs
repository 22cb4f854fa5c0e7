//! Creating and deleting deployments.

use crate::support::{DANA, PROD, TestConsole, VERA};
use reqwest::Method;
use serde_json::json;

const NEW: &str = "/stages/anet-prod/endpoints/anet-ep-prod/new-deployment";

fn yaml(name: &str) -> String {
    format!(
        "name: {name}\nendpoint_name: anet-ep-prod\nmodel: azureml:nbq:2\n\
         environment: azureml:ml-azua-litserve-env:1\ninstance_type: Standard_DS3_v2\n\
         instance_count: 1\n"
    )
}

fn page_of(name: &str) -> String {
    format!("{PROD}/deployments/{name}")
}

async fn settled(console: &TestConsole) {
    console
        .eventually("the operation is over", async || {
            let open = console.services.operations.table.open().await.expect("a store");
            open.is_empty().then_some(())
        })
        .await;
}

#[tokio::test]
async fn pasted_yaml_creates_a_deployment_without_traffic() {
    let console = TestConsole::start().await;
    let mut dana = console.signed_in_as(DANA).await;
    let text = yaml("anet-green").replace('\n', "\r\n");
    let page = dana.upload(NEW, &[("yaml", None, text.as_bytes())]).await.expect(303);
    let run = page.header("location").expect("the run").to_owned();
    assert!(run.starts_with("/runs/"), "{run}");
    settled(&console).await;
    let run = dana.get(&run).await.expect(200);
    let page = run.attribute(&format!("main a[href='{}']", page_of("anet-green")), "href");
    assert!(page.is_some(), "the page links to the deployment");
    let path = console.arm_path("/deployments/anet-green");
    let made = console.ask(Method::GET, &path, None).await;
    assert_eq!(made["properties"]["provisioningState"], "Succeeded");
    let endpoint = console.endpoint().await;
    assert_eq!(endpoint["properties"]["traffic"], json!({ "anet-eedi": 100 }));
    dana.get(PROD).await.expect(200).says("Verified in Azure.");
}

#[tokio::test]
async fn a_creation_or_deletion_that_is_sent_twice_happens_once() {
    let console = TestConsole::start().await;
    let mut dana = console.signed_in_as(DANA).await;
    // Both runs stay open for a while.
    for method in ["PUT", "DELETE"] {
        let busy = json!({ "match": { "method": method, "path_contains": "deployments/anet-green" },
            "times": 1, "respond": { "status": 429, "retry_after": 3 } });
        console.fault(busy).await;
    }
    let text = yaml("anet-green");
    let first = dana.upload(NEW, &[("yaml", None, text.as_bytes())]).await.expect(303);
    let run = first.header("location").expect("the run").to_owned();
    let again = dana.upload(NEW, &[("yaml", None, text.as_bytes())]).await.expect(303);
    assert_eq!(again.header("location"), Some(run.as_str()));
    // Another definition of the same name is not the same request.
    let other = text.replace("instance_count: 1", "instance_count: 2");
    dana.upload(NEW, &[("yaml", None, other.as_bytes())]).await.expect(409);
    settled(&console).await;
    dana.upload(NEW, &[("yaml", None, text.as_bytes())]).await.expect(422);
    let delete = format!("{}/delete", page_of("anet-green"));
    console.up("anet-green").await;
    let plan = dana.get(&delete).await.expect(200);
    let saw = plan.attribute("input[name=made_of]", "value").expect("a mark");
    let fields = [("made_of", saw.as_str())];
    dana.post(&delete, &fields).await.expect(303);
    dana.post(&delete, &fields).await.expect(303);
    settled(&console).await;
    let page = dana.post(&delete, &fields).await;
    assert!([404, 422].contains(&page.status.as_u16()), "{}", page.words());
}

#[tokio::test]
async fn the_example_keeps_its_name_after_it_was_created() {
    let console = TestConsole::start().await;
    let mut dana = console.signed_in_as(DANA).await;
    let page = dana.get(NEW).await.expect(200);
    let example = page.attribute("details.example a.button", "href").expect("a link");
    let page = dana.get(&example).await.expect(200);
    assert!(page.text_of("textarea[name=yaml]").expect("a text").contains("name: anet-green"));
    console.with_deployment("anet-green").await;
    console.observed().await;
    let page = dana.get(&example).await.expect(200);
    assert!(page.text_of("textarea[name=yaml]").expect("a text").contains("name: anet-green"));
    page.says("anet-green cannot be created yet");
}

/// The page appears only when Azure has accepted the request, so the person first gets a page that waits.
#[tokio::test]
async fn the_deployments_page_waits_until_azure_has_the_request() {
    let console = TestConsole::start().await;
    let mut dana = console.signed_in_as(DANA).await;
    let busy = json!({ "match": { "method": "PUT", "path_contains": "deployments/anet-green" },
        "times": 1, "respond": { "status": 503, "retry_after": 1 } });
    console.fault(busy).await;
    let page = dana.upload(NEW, &[("yaml", None, yaml("anet-green").as_bytes())]).await.expect(303);
    page.header("location").expect("the run");
    let page = dana.get(&page_of("anet-green")).await.expect(200);
    page.says("anet-green");
}

#[tokio::test]
async fn an_uploaded_file_overrides_the_text() {
    let console = TestConsole::start().await;
    let mut dana = console.signed_in_as(DANA).await;
    let file = format!("\u{feff}{}", yaml("anet-blue"));
    let parts: [(&str, Option<&str>, &[u8]); 2] =
        [("file", Some("blue.yml"), file.as_bytes()), ("yaml", None, b"name: [")];
    let page = dana.upload(NEW, &parts).await.expect(303);
    let run = dana.get(page.header("location").expect("the run")).await.expect(200);
    run.says("Create deployment anet-blue");
    let mut leo = console.signed_in_as("Leo Lead").await;
    // Browsers send an empty part if no file was chosen.
    settled(&console).await;
    let text = yaml("anet-amber");
    let parts: [(&str, Option<&str>, &[u8]); 2] =
        [("file", Some(""), b""), ("yaml", None, text.as_bytes())];
    leo.upload(NEW, &parts).await.expect(303);
}

#[tokio::test]
async fn invalid_yaml_is_shown_again_with_its_problems_by_line() {
    let console = TestConsole::start().await;
    let mut dana = console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    let good = yaml("anet-green");
    let cases = [
        (good.replace("instance_count: 1", "instance_count: many"), 6),
        (good.replace("instance_type", "instance_tyqe"), 5),
        (good.replace("anet-ep-prod", "anet-ep-dev"), 2),
        (good.replace("name: anet-green", "name: ../x"), 1),
        (good.replace("model: azureml", "model: [azureml"), 4),
        (good.replace("nbq:2", "nbq@latest"), 3),
        (good.replace("azureml:nbq:2", "{name: nbq, path: 'azureml://datastores/d/paths/p'}"), 3),
        (good.replace("instance_count: 1", "instance_count: 51"), 6),
        (good.replace("instance_count: 1", "tags:\n\ta: b"), 7),
        (format!("{good}name: anet-blue\n"), 7),
    ];
    for (text, line) in cases {
        let page = dana.upload(NEW, &[("yaml", None, text.as_bytes())]).await.expect(422);
        let kept = page.attribute("textarea", "name");
        assert_eq!(kept.as_deref(), Some("yaml"));
        let html = scraper::Html::parse_document(&page.text);
        let area = scraper::Selector::parse("textarea").expect("a selector");
        let kept: String = html.select(&area).flat_map(|area| area.text()).collect();
        assert_eq!(kept.trim_end(), text.trim_end());
        let mark = format!("[aria-label=\"Go to line {line}\"]");
        let words = page.text_of("#problems").unwrap_or_default();
        assert!(page.text_of(&mark).is_some(), "line {line} of {text}: {words}");
    }
    assert_eq!(console.writes().await.len(), before);
}

#[tokio::test]
async fn invalid_uploads_are_rejected() {
    let console = TestConsole::start().await;
    let mut dana = console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    let page = dana.upload(NEW, &[("file", Some("x.yml"), b"\xff\xfe\x00")]).await.expect(422);
    page.says("The file is not UTF-8 text");
    dana.upload(NEW, &[("yaml", None, b"")]).await.expect(422);
    let json = dana.own(NEW).header("content-type", "application/json").body("{}");
    dana.send(json).await.expect(415).says("cannot read this form");
    // A plain form gives the same result as a multipart form.
    dana.post(NEW, &[("yaml", "name: x")]).await.expect(422).says("instance_type is missing");
    let large = vec![b'#'; 400 * 1024];
    dana.upload(NEW, &[("yaml", None, &large)]).await.expect(422).says("Nothing was changed.");
    assert_eq!(console.writes().await.len(), before);
}

#[tokio::test]
async fn a_used_name_is_rejected() {
    let console = TestConsole::start().await;
    let mut dana = console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    let text = yaml("anet-eedi");
    dana.upload(NEW, &[("yaml", None, text.as_bytes())]).await.expect(422);
    assert_eq!(console.writes().await.len(), before);
}

#[tokio::test]
async fn a_viewer_cannot_create_or_delete() {
    let console = TestConsole::start().await;
    let mut vera = console.signed_in_as(VERA).await;
    let before = console.writes().await.len();
    let text = yaml("anet-green");
    vera.upload(NEW, &[("yaml", None, text.as_bytes())]).await.expect(403);
    vera.post(&format!("{}/delete", page_of("anet-eedi")), &[]).await.expect(403);
    assert_eq!(console.writes().await.len(), before);
}

#[tokio::test]
async fn live_and_mirrored_deployments_cannot_be_deleted() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    console.with_route(json!({ "anet-eedi": 100 }), json!({ "anet-green": 10 })).await;
    let mut dana = console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    for name in ["anet-eedi", "anet-green"] {
        let page = dana.delete(&format!("{}/delete", page_of(name)), &[]).await.expect(422);
        page.says("Nothing was sent.");
    }
    assert_eq!(console.writes().await.len(), before);
}

#[tokio::test]
async fn an_idle_deployment_is_deleted() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    let delete = format!("{}/delete", page_of("anet-green"));
    for unseen in [&[][..], &[("made_of", " ")]] {
        let page = dana.post(&delete, unseen).await.expect(422);
        page.says("it does not say what anet-green was made of");
    }
    console.has_sent(before).await;
    let page = dana.delete(&delete, &[]).await.expect(303);
    assert_eq!(page.header("location"), Some(PROD));
    settled(&console).await;
    console
        .eventually("its page is gone", async || {
            (dana.get(&page_of("anet-green")).await.status == 404).then_some(())
        })
        .await;
    dana.get(PROD).await.expect(200).says("Verified in Azure.");
}

#[tokio::test]
async fn a_crashing_deployment_fails_with_azures_reason() {
    let console = TestConsole::start().await;
    let mut dana = console.signed_in_as(DANA).await;
    let text = yaml("fail-crash-one");
    dana.upload(NEW, &[("yaml", None, text.as_bytes())]).await.expect(303);
    settled(&console).await;
    let page = console
        .eventually("the page says that it failed", async || {
            let page = dana.get(&page_of("fail-crash-one")).await;
            page.words().contains("Provisioning failed").then_some(page)
        })
        .await;
    page.says("Failed");
    let open = dana.get(PROD).await.expect(200);
    assert!(!open.words().contains("Azure accepted the request and is working on it."));
    // A failed deployment can be deleted.
    dana.delete(&format!("{}/delete", page_of("fail-crash-one")), &[]).await.expect(303);
}

/// A creation that Azure rejects leaves no deployment to show, so the run's page shows the error.
#[tokio::test]
async fn a_creation_that_azure_rejects_ends_on_its_run_and_keeps_the_yaml() {
    let console = TestConsole::start().await;
    let mut dana = console.signed_in_as(DANA).await;
    let refuse = json!({ "match": { "method": "PUT", "path_contains": "deployments/anet-green" },
        "times": 1, "respond": { "status": 400 } });
    console.fault(refuse).await;
    let text = yaml("anet-green").replace("instance_count: 1", "instance_count: 2");
    let page = dana.upload(NEW, &[("yaml", None, text.as_bytes())]).await.expect(303);
    let run = page.header("location").expect("the run").to_owned();
    let page = console
        .eventually("Azure refused it", async || {
            let page = dana.get(&run).await.expect(200);
            page.words().contains("Failed").then_some(page)
        })
        .await;
    let again = page.attribute("main a[href*='new-deployment?run=']", "href").expect("the YAML");
    let form = dana.get(&again).await.expect(200);
    let kept = form.text_of("#yaml").expect("the form");
    for line in [
        "name: anet-green",
        "endpoint_name: anet-ep-prod",
        "model: azureml:nbq:2",
        "instance_count: 2",
    ] {
        assert!(kept.contains(line), "{line}: {kept}");
    }
    dana.get(&format!("{NEW}?run=00000000-0000-4000-8000-000000000000")).await.expect(404);
}
