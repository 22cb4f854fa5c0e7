//! Pages that update by themselves.

use crate::support::{DANA, TestConsole, VERA};
use serde_json::json;

const EVENTS: &str = "/events/stages/anet-prod/endpoints/anet-ep-prod";

#[tokio::test]
async fn a_change_in_azure_appears_on_an_open_page() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let vera = console.signed_in_as(VERA).await;
    let mut endpoint = vera.events(EVENTS).await;
    let mut overview = vera.events("/events/overview").await;
    endpoint.until("endpoint", |data| data.contains("anet-eedi=100")).await;
    overview.until("overview", |data| data.contains("anet-eedi=100")).await;
    let halves = json!({ "anet-eedi": 50, "anet-green": 50 });
    console.with_route(halves, json!({})).await;
    endpoint.until("endpoint", |data| data.contains("anet-eedi=50,anet-green=50")).await;
    overview.until("overview", |data| data.contains("anet-eedi=50,anet-green=50")).await;
}

#[tokio::test]
async fn charts_update_by_themselves() {
    let console = TestConsole::start().await;
    let vera = console.signed_in_as(VERA).await;
    let mut events = vera.events(EVENTS).await;
    let data = events.until("traffic", |_| true).await;
    assert!(serde_json::from_str::<serde_json::Value>(&data).is_ok(), "{data}");
}

#[tokio::test]
async fn an_open_page_shows_that_its_session_has_ended() {
    let console = TestConsole::start().await;
    let mut dana = console.signed_in_as(DANA).await;
    let mut events = dana.events("/events/overview").await;
    events.until("overview", |_| true).await;
    dana.post("/sign-out", &[]).await.expect(303);
    let to = events.until("ended", |_| true).await;
    assert_eq!(to, "/sign-in");
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn event_streams_of_unknown_resources_are_404() {
    let console = TestConsole::start().await;
    let mut vera = console.signed_in_as(VERA).await;
    vera.get("/events/stages/nowhere/endpoints/anet-ep-prod").await.expect(404);
}
