//! Changes of live traffic.

use crate::support::{DANA, PROD, Page, TestConsole, VERA};
use reqwest::Method;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

const ROUTE: &str = "/stages/anet-prod/endpoints/anet-ep-prod/route";
const HALVES: [(&str, &str); 3] =
    [("live.anet-eedi", "50"), ("live.anet-green", "50"), ("base", "anet-eedi=100")];

#[tokio::test]
async fn one_write_moves_the_split_and_clears_the_mirror() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    console.with_route(json!({ "anet-eedi": 100 }), json!({ "anet-green": 20 })).await;
    let mut dana = console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    let fields = [
        ("live.anet-eedi", "90"),
        ("live.anet-green", "10"),
        ("mirror", ""),
        ("mirror_percent", "20"),
        ("base", "anet-eedi=100;mirror=anet-green:20"),
    ];
    let page = dana.post(ROUTE, &fields).await.expect(303);
    assert_eq!(page.header("location"), Some(PROD));
    console
        .eventually("the operation has succeeded", async || {
            let page = dana.get(PROD).await;
            page.words().contains("Verified in Azure.").then_some(())
        })
        .await;
    let writes = console.writes().await;
    let [write] = &writes[before..] else { panic!("one write, not {:#?}", &writes[before..]) };
    assert_eq!(write["method"], "PUT");
    let sent = &write["body"]["properties"];
    assert_eq!(sent["traffic"], json!({ "anet-eedi": 90, "anet-green": 10 }));
    assert_eq!(sent["mirrorTraffic"], json!({}));
    let now = console.endpoint().await;
    assert_eq!(now["properties"]["traffic"], json!({ "anet-eedi": 90, "anet-green": 10 }));
    assert_eq!(now["properties"]["mirrorTraffic"], json!({}));
    assert_eq!(now["tags"], json!({ "team": "data-science", "repo": "anet" }));
}

#[tokio::test]
async fn a_route_based_on_an_outdated_page_is_refused() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    let fields = [
        ("live.anet-eedi", "50"),
        ("live.anet-green", "50"),
        ("base", "anet-eedi=80,anet-green=20"),
    ];
    let page = dana.post(ROUTE, &fields).await.expect(409);
    page.says("The route changed while you were deciding");
    page.says("Nothing was sent.");
    assert_eq!(console.writes().await.len(), before);
    // The run is over, so the next change can begin.
    dana.post(ROUTE, &HALVES).await.expect(303);
}

#[tokio::test]
async fn every_invalid_form_is_rejected_with_a_reason() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    let base = ("base", "anet-eedi=100");
    let live = ("live.anet-eedi", "100");
    let mirror = ("mirror", "anet-green");
    let cases: [(&[(&str, &str)], &str); 15] = [
        (&[("live.anet-eedi", "99"), base], "adds up to 99 %"),
        (&[("live.anet-eedi", "101"), base], "is not a percentage"),
        (&[("live.anet-eedi", "-1"), base], "is not a percentage"),
        (&[("live.anet-eedi", "12.5"), base], "is not a percentage"),
        (&[("live.anet-eedi", "4294967396"), base], "is not a percentage"),
        (&[("live.anet-eedi", ""), base], "is not a percentage"),
        (&[live, mirror, ("mirror_percent", "51"), base], "51 % cannot be mirrored"),
        (&[live, mirror, ("mirror", "anet-x"), base], "Azure mirrors to only one deployment"),
        (&[live, ("mirror", "anet-eedi"), ("mirror_percent", "9"), base], "takes live traffic"),
        (&[live, base], "The route is already like this"),
        (&[("live.anet-gone", "100"), base], "There is no deployment anet-gone"),
        (&[("live.a b", "100"), base], "a b"),
        (
            &[("live.anet-eedi", "50"), ("live.anet-green", "50")],
            "the current traffic split is missing",
        ),
        (&[live, ("base", "garbage")], "the current traffic split is invalid: “garbage” is not"),
        (&[live, ("base", "blue=50,blue=50")], "blue is named twice"),
    ];
    for (fields, sentence) in cases {
        let page = dana.post(ROUTE, fields).await.expect(422);
        page.says(sentence);
    }
    assert_eq!(console.writes().await.len(), before);
}

#[tokio::test]
async fn a_viewer_cannot_change_the_route() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut vera = console.signed_in_as(VERA).await;
    let before = console.writes().await.len();
    let page = vera.post(ROUTE, &HALVES).await.expect(403);
    page.says("Data scientist");
    assert_eq!(console.writes().await.len(), before);
}

#[tokio::test]
async fn a_second_change_is_refused_while_the_first_runs() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    let mut leo = console.signed_in_as("Leo Lead").await;
    let before = console.writes().await.len();
    dana.post(ROUTE, &HALVES).await.expect(303);
    let page = leo.post(ROUTE, &HALVES).await.expect(409);
    page.says("Another change of anet-ep-prod is in progress: “Set the route to anet-eedi 50 %");
    page.says("started by Dana Scott. Nothing was sent.");
    // Every page that offers a change says so, and links to the run.
    let plan = format!("{ROUTE}?live.anet-eedi=0&live.anet-green=100");
    for path in [PROD, &format!("{PROD}/new-deployment"), &plan] {
        let page = leo.get(path).await.expect(200);
        page.says("A run is in progress");
        let run = page.attribute(".notice a[href^='/runs/']", "href").expect("the run");
        leo.get(&run).await.expect(200).says("Set the route to anet-eedi 50 %");
    }
    let verdict = leo.get(&plan).await.text_of("[data-guard=no-run-in-flight]");
    assert!(verdict.is_some_and(|says| says.contains("started by Dana Scott, is under way")));
    console.has_sent(before + 1).await;
}

#[tokio::test]
async fn a_double_click_starts_one_run() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    let mut again = dana.clone();
    let (one, two) = tokio::join!(dana.post(ROUTE, &HALVES), again.post(ROUTE, &HALVES));
    one.expect(303);
    two.expect(303);
    // A different change does not return the same run.
    let other = [("live.anet-eedi", "40"), ("live.anet-green", "60"), ("base", "anet-eedi=100")];
    dana.post(ROUTE, &other)
        .await
        .expect(409)
        .says("Another change of anet-ep-prod is in progress");
    console.has_sent(before + 1).await;
}

#[tokio::test]
async fn only_one_of_two_concurrent_changes_writes() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    let mut leo = console.signed_in_as("Leo Lead").await;
    let before = console.writes().await.len();
    let (one, two) = tokio::join!(dana.post(ROUTE, &HALVES), leo.post(ROUTE, &HALVES));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    console.has_sent(before + 1).await;
}

#[tokio::test]
async fn a_change_fails_no_client_request() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    let keys = console.ask(Method::POST, &console.arm_path("/listKeys"), None).await;
    let key = keys["primaryKey"].as_str().expect("a key").to_owned();
    let endpoint = console.endpoint().await;
    let scoring = endpoint["properties"]["scoringUri"].as_str().expect("a URI").to_owned();
    let ask = {
        let (http, key) = (console.http.clone(), key);
        move || {
            http.post(&scoring).bearer_auth(&key).json(&json!({"student": {"answers": []}})).send()
        }
    };
    let first = console
        .eventually("the model answers", async || ask().await.ok().filter(|a| a.status() != 503))
        .await;
    let (status, text) = (first.status(), first.text().await.expect("a body"));
    assert_eq!(status, 200, "{text}");
    let (stop, sent, failed) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU32::new(0)),
        Arc::new(AtomicU32::new(0)),
    );
    let client = tokio::spawn({
        let (stop, sent, failed) = (Arc::clone(&stop), Arc::clone(&sent), Arc::clone(&failed));
        async move {
            let mut beat = tokio::time::interval(Duration::from_millis(5));
            let mut under_way = tokio::task::JoinSet::new();
            while !stop.load(Ordering::Relaxed) {
                beat.tick().await;
                let (ask, failed) = (ask(), Arc::clone(&failed));
                sent.fetch_add(1, Ordering::Relaxed);
                under_way.spawn(async move {
                    if !ask.await.is_ok_and(|answer| answer.status() == 200) {
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            under_way.join_all().await;
        }
    });
    let routes = ["anet-eedi=100", "anet-eedi=50,anet-green=50", "anet-green=100", "anet-eedi=100"];
    for pair in routes.windows(2) {
        let wanted = pair[1].split(',').filter_map(|share| share.split_once('='));
        let names: Vec<_> = wanted.map(|(name, share)| (format!("live.{name}"), share)).collect();
        let mut fields: Vec<_> =
            names.iter().map(|(name, share)| (name.as_str(), *share)).collect();
        fields.push(("base", pair[0]));
        dana.post(ROUTE, &fields).await.expect(303);
        let began = sent.load(Ordering::Relaxed);
        console
            .eventually("the change is over, and clients went on", async || {
                let open = console.services.operations.table.open().await.expect("a store");
                (open.is_empty() && sent.load(Ordering::Relaxed) > began + 100).then_some(())
            })
            .await;
    }
    stop.store(true, Ordering::Relaxed);
    client.await.expect("no panic");
    assert!(sent.load(Ordering::Relaxed) > 300);
    assert_eq!(failed.load(Ordering::Relaxed), 0, "of {}", sent.load(Ordering::Relaxed));
}

#[tokio::test]
async fn the_plan_page_sends_nothing() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    let before = console.writes().await.len();
    let query = "live.anet-eedi=90&live.anet-green=10&base=anet-eedi%3D100";
    let page = dana.get(&format!("{ROUTE}?{query}")).await.expect(200);
    page.says("Plan");
    let base = page.attribute("form[method=post] input[name=base]", "value");
    assert_eq!(base.as_deref(), Some("anet-eedi=100"));
    assert_eq!(console.writes().await.len(), before);
}

#[tokio::test]
async fn the_plan_page_reports_an_unreadable_base() {
    let console = TestConsole::start().await;
    console.observed().await;
    let mut dana = console.signed_in_as(DANA).await;
    let applies = |page: &Page| page.attribute("form[method=post] input[name=base]", "value");
    for (base, reason) in [
        ("garbage", "“garbage” is not a route"),
        ("anet-eedi%3D99", "adds up to 99 %"),
        ("anet-eedi%3D60,anet-eedi%3D40", "anet-eedi is named twice"),
    ] {
        let page = dana.get(&format!("{ROUTE}?live.anet-eedi=100&base={base}")).await.expect(200);
        page.says("In the address, “base” must be the traffic split that you started from");
        page.says(reason);
        assert_eq!(applies(&page), None, "{base}: no plan to apply");
    }
    let page = dana.get(&format!("{ROUTE}?live.anet-eedi=100")).await.expect(200);
    assert!(applies(&page).is_some(), "an address may lack the base");
}

#[tokio::test]
async fn a_form_that_lost_its_shares_changes_nothing() {
    let console = TestConsole::start().await;
    console.observed().await;
    let mut dana = console.signed_in_as(DANA).await;
    let page = dana.post(&format!("{PROD}/route"), &[("base", "anet-eedi=100")]).await;
    page.expect(422).says("The form has no shares of live traffic");
    dana.get(&format!("{PROD}/route.json")).await.expect(422);
    console.has_sent(0).await;
}
