//! Every page, as a viewer.

use crate::support::{TestConsole, VERA};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn every_page_has_its_title_for_a_viewer() {
    let console = TestConsole::start().await;
    let mut vera = console.signed_in_as(VERA).await;
    let at = "/stages/anet-prod/endpoints/anet-ep-prod";
    let pages = [
        ("/".to_owned(), "Overview"),
        ("/sign-in".to_owned(), "Sign in"),
        ("/account".to_owned(), "Account"),
        ("/releases".to_owned(), "Releases"),
        ("/releases/ml-azua/deploy.yml/deploy-nbq-prod".to_owned(), "deploy-nbq-prod"),
        ("/releases/ml-azua/deploy.yml/deploy-nbq-prod/plan".to_owned(), "Plan deploy-nbq-prod"),
        ("/releases/ml-azua/deploy.yml/build-prod/build".to_owned(), "Build"),
        ("/images".to_owned(), "Images"),
        ("/activity".to_owned(), "Activity"),
        (at.to_owned(), "anet-ep-prod"),
        (format!("{at}/route"), "Edit traffic of anet-ep-prod"),
        (format!("{at}/test"), "anet-ep-prod"),
        (format!("{at}/new-deployment"), "New deployment on anet-ep-prod"),
        (format!("{at}/deployments/anet-eedi"), "anet-eedi"),
        (format!("{at}/deployments/anet-eedi?log=inference-server&tail=50"), "anet-eedi"),
        (format!("{at}/deployments/anet-eedi/delete"), "Delete anet-eedi"),
    ];
    for (path, title) in pages {
        let page = vera.get(&path).await.expect(200);
        assert!(page.title().contains(title), "{path}: {}", page.title());
        assert!(page.text_of("h1").is_some(), "{path} has a heading");
        assert_eq!(page.attribute("html", "lang").as_deref(), Some("en"), "{path}");
        assert_eq!(page.text.matches("<h1").count(), 1, "{path} has one main heading");
    }
}

#[tokio::test]
async fn the_overview_lists_both_stages() {
    let console = TestConsole::start().await;
    let mut vera = console.signed_in_as(VERA).await;
    let page = console
        .eventually("both stages were read", async || {
            let page = vera.get("/").await;
            let words = page.words();
            (words.contains("anet-ep-dev") && words.contains("anet-ep-prod")).then_some(page)
        })
        .await;
    page.says("anet-dev");
    page.says("anet-prod");
}

#[tokio::test]
async fn pages_say_why_a_viewer_may_not_act() {
    let console = TestConsole::start().await;
    let mut vera = console.signed_in_as(VERA).await;
    for rest in ["/new-deployment", "/test", "/deployments/anet-eedi/delete"] {
        let page = vera.get(&format!("{}{rest}", crate::support::PROD)).await.expect(200);
        page.says("Data scientist");
    }
}

#[tokio::test]
async fn the_overview_limits_its_list_and_search_finds_the_rest() {
    let console = TestConsole::start().await;
    let mut vera = console.signed_in_as(VERA).await;
    assert!(!vera.get("/").await.text.contains("role=\"search\""), "few need no search");
    for number in 0..70 {
        console.with_endpoint(&format!("many-{number:02}")).await;
    }
    let all = "Showing 1 to 60 of 71 endpoints, 11 not shown. Endpoints with problems come first.";
    let page = console
        .eventually("all were read", async || {
            let page = vera.get("/").await;
            page.words().contains(all).then_some(page)
        })
        .await;
    assert!(!page.text.contains("/many-69\""), "it comes after the first 60");

    let next = page.attribute(".pages a", "href").expect("a way to the others");
    let page = console
        .eventually("the second page", async || {
            let page = vera.get(&next).await.expect(200);
            let all = "Showing 61 to 71 of 71 endpoints, 60 not shown.";
            page.words().contains(all).then_some(page)
        })
        .await;
    assert!(page.text.contains("/many-69\"") && !page.text.contains("/many-01\""));
    assert!(!page.words().contains("anet-ep-dev"), "the page is of one stage");
    // Failed endpoints come first and are counted, regardless of their name.
    let path = console.arm_path("/deployments/anet-broken").replace("anet-ep-prod", "many-69");
    let good = console.ask(Method::GET, &console.arm_path("/deployments/anet-eedi"), None).await;
    let mut properties = good["properties"].clone();
    properties.as_object_mut().expect("a map").remove("provisioningState");
    let body =
        json!({ "location": good["location"], "sku": good["sku"], "properties": properties });
    let path = path.replace("anet-broken", "fail-image-pull-1");
    let endpoint = console.arm_path("").replace("anet-ep-prod", "many-69");
    console
        .eventually("Azure has made the endpoint", async || {
            let made = console.try_ask(Method::GET, &endpoint).await?;
            (made["properties"]["provisioningState"] == "Succeeded").then_some(())
        })
        .await;
    console.ask(Method::PUT, &path, Some(body)).await;
    // An open page makes the observer read the deployments in each round.
    let _watching = vera.events("/events/stages/anet-prod/endpoints/many-69").await;
    let page = console
        .eventually("the failure was read", async || {
            console.advance(60.0).await;
            let page = vera.get("/").await;
            page.words().contains("1 with problems").then_some(page)
        })
        .await;
    let cards = page.text.find("/many-69\"").zip(page.text.find("/many-00\""));
    assert!(cards.is_some_and(|(worst, first)| worst < first), "what failed comes first");

    let page = vera.get("/?find=MANY-69").await.expect(200);
    assert!(page.text.contains("/many-69\"") && !page.text.contains("/many-68\""));
    assert_eq!(page.attribute("#find", "value").as_deref(), Some("many-69"));
    page.says("Show all");
    let mut events = vera.events("/events/overview?find=many-69").await;
    let data = events.until("overview", |_| true).await;
    assert!(data.contains("many-69") && !data.contains("many-68"), "{data}");

    let page = vera.get("/?find=%3Cscript%3Enobody").await.expect(200);
    page.says("No endpoint name matches.");
    vera.get(&format!("/?find={}", "x".repeat(5_000))).await.expect(200);
}
