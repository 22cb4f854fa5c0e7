//! Broken glass: one person does at once what the stage's policy forbids, and everybody is notified.

mod forward;
mod record;
mod refused;
mod store;

use crate::support::{Browser, LEO, Page, TestConsole};
use reqwest::Method;
use scraper::{Html, Selector};
use serde_json::json;

pub const GLASS: &str = "/stages/anet-prod/endpoints/anet-ep-prod/break-glass";
pub const NAME: &str = "anet-ep-prod";
pub const WHY_NOW: &str = "Clients of eedi get errors, and nobody else is awake";
/// Half of the live traffic to green.
pub const HALF: &str = "what=route&live.anet-eedi=50&live.anet-green=50";
pub const ADA: &str = "Ada Auditor";
pub const AMIR: &str = "Amir Admin";

/// The fields of the form that breaks glass, without the reason and the typed name.
pub type Form = Vec<(String, String)>;

/// Reads the form on the page of a plan.
pub async fn form(who: &mut Browser, deed: &str) -> Form {
    let page = who.get(&format!("{GLASS}?{deed}")).await.expect(200);
    of_page(&page)
}

pub fn of_page(page: &Page) -> Form {
    let html = Html::parse_document(&page.text);
    let hidden = Selector::parse("#break-glass input[type=hidden]").expect("a selector");
    let pair = |element: scraper::ElementRef<'_>| {
        let attr = |name: &str| element.attr(name).unwrap_or_default().to_owned();
        (attr("name"), attr("value"))
    };
    let fields: Form = html.select(&hidden).map(pair).collect();
    assert!(!fields.is_empty(), "there is a form: {}", page.words());
    fields
}

/// Sends the form.
pub async fn sends(who: &mut Browser, form: &Form, reason: &str, typed: &str) -> Page {
    let mut fields: Vec<_> =
        form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend([("reason", reason), ("endpoint", typed)]);
    who.post(GLASS, &fields).await
}

/// Breaks glass; the run's path.
pub async fn breaks(who: &mut Browser, deed: &str) -> String {
    let form = form(who, deed).await;
    let page = sends(who, &form, WHY_NOW, NAME).await.expect(303);
    page.header("location").expect("a run").to_owned()
}

/// The link to the broken glass in a page's banner.
pub async fn banner(who: &mut Browser, path: &str) -> Option<String> {
    who.get(path).await.expect(200).attribute(".notice a[href^=\"/glass/\"]", "href")
}

/// Waits until no run is in flight.
pub async fn settled(console: &TestConsole) {
    console
        .eventually("no run is in flight", async || {
            console.clock.advance(1_000);
            let open = console.services.operations.table.open().await.expect("a store");
            open.is_empty().then_some(())
        })
        .await;
}

/// Leo freezes the production stage.
pub async fn frozen(console: &TestConsole) -> Browser {
    let mut leo = console.signed_in_as(LEO).await;
    leo.post("/stages/anet-prod/freeze", &[("reason", "Exams")]).await.expect(303);
    leo
}

/// Azure throttles the endpoint's next PUT.
pub async fn throttled(console: &TestConsole) {
    let later = json!({ "match": { "method": "PUT", "path_contains": "anet-ep-prod" }, "times": 1,
        "respond": { "status": 429, "retry_after": 3 } });
    console.fault(later).await;
}

/// An administrator of Entra replaces the account's role.
pub async fn assign(console: &TestConsole, account: &str, role: &str) {
    let roles = json!({ "roles": [format!("Understudy.{role}")] });
    console.ask(Method::PUT, &format!("/emulator/accounts/{account}"), Some(roles)).await;
}
