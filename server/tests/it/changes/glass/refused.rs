//! The limits of breaking glass: who may not, what is required, and what happens when the situation has
//! changed.

use super::{
    ADA, AMIR, GLASS, HALF, NAME, WHY_NOW, assign, banner, breaks, form, frozen, sends, settled,
    throttled,
};
use crate::changes::one;
use crate::changes::protected;
use crate::changes::with;
use crate::go_live::{says, split, updated_elsewhere};
use crate::support::{DANA, LEO, PROD, VERA};
use serde_json::json;
use server::clock::Clock;

#[tokio::test]
async fn only_leads_and_administrators_break_glass() {
    let console = protected().await;
    let mut leo = console.signed_in_as(LEO).await;
    let form = form(&mut leo, HALF).await;
    let before = console.writes().await.len();
    for name in [DANA, VERA, ADA] {
        let mut who = console.signed_in_as(name).await;
        let page = who.get(&format!("{GLASS}?{HALF}")).await.expect(403);
        page.says("Only these roles may break glass: Lead, Admin.");
        sends(&mut who, &form, WHY_NOW, NAME)
            .await
            .expect(403)
            .says("Only these roles may break glass");
        // A form without a purpose has no page, and gets the same title.
        let bare = who.post(GLASS, &[]).await.expect(403);
        assert_eq!(bare.text_of("h1"), page.text_of("h1"));
        let denied = who.get(&format!("/history?kind=denied&person={}", &name[..3])).await;
        denied.expect(200).says("Not allowed: break glass");
    }
    console.has_sent(before).await;
    assert_eq!(banner(&mut leo, "/").await, None);
    let mut amir = console.signed_in_as(AMIR).await;
    amir.get(&format!("{GLASS}?{HALF}")).await.expect(200).says("Approval by another person");
    console.browser().get(&format!("{GLASS}?{HALF}")).await.expect(303);
}

#[tokio::test]
async fn breaking_glass_requires_a_reason_and_the_endpoints_name() {
    let console = protected().await;
    let mut leo = console.signed_in_as(LEO).await;
    let form = form(&mut leo, HALF).await;
    let before = console.writes().await.len();
    let long = "x".repeat(1_001);
    for (reason, typed, words) in [
        ("", NAME, "Enter a reason"),
        (" \u{7} ", NAME, "Say why, in a sentence"),
        (long.as_str(), NAME, "The limit is 1000"),
        (WHY_NOW, "", "The name that you typed is not the endpoint's."),
        (WHY_NOW, "anet-ep", "Type anet-ep-prod to confirm that you mean this endpoint."),
        (WHY_NOW, "Anet-ep-prod", "is not the endpoint's"),
    ] {
        let page = sends(&mut leo, &form, reason, typed).await.expect(422);
        page.says(words);
        // The page keeps what the person wrote.
        assert_eq!(page.attribute("input[name=endpoint]", "value").as_deref(), Some(typed));
    }
    for (field, value) in [("seen", ""), ("seen", "0"), ("form", "7"), ("what", "everything")] {
        let mut form = form.clone();
        for given in form.iter_mut().filter(|(name, _)| name == field) {
            value.clone_into(&mut given.1);
        }
        let page = sends(&mut leo, &form, WHY_NOW, NAME).await;
        assert!([409, 422].contains(&page.status.as_u16()), "{field}: {}", page.words());
    }
    for path in ["/glass/none", "/glass/00000000-0000-4000-8000-000000000009"] {
        leo.get(path).await.expect(404);
        leo.post(path, &[]).await.expect(404);
    }
    console.has_sent(before).await;
    assert_eq!(banner(&mut leo, "/").await, None);
    leo.get("/history?kind=broke_glass").await.expect(200).says("No matching entries.");
}

#[tokio::test]
async fn a_changed_route_or_rule_shows_a_new_plan() {
    let console = protected().await;
    let mut leo = console.signed_in_as(LEO).await;
    let old = form(&mut leo, HALF).await;
    console.with_route(json!({ "anet-eedi": 90, "anet-green": 10 }), json!({})).await;
    console.observes("anet-eedi=90,anet-green=10").await;
    let before = console.writes().await.len();
    let page = sends(&mut leo, &old, WHY_NOW, NAME).await.expect(409);
    page.says("have changed since you opened the page. Nothing was sent.");
    page.says("Current: anet-eedi 90 %, anet-green 10 %");
    // The page shows the new plan, which can be decided on.
    let again = super::of_page(&page);
    assert_ne!(again, old);
    // A freeze that the page did not show is not overridden.
    frozen(&console).await;
    let page = sends(&mut leo, &again, WHY_NOW, NAME).await.expect(409);
    page.says("Freeze of the stageLeo Lead froze the stage: Exams");
    console.has_sent(before).await;
    let denied = leo.get("/history?kind=denied").await.expect(200);
    denied.says("Rejected: break glass");
    sends(&mut leo, &super::of_page(&page), WHY_NOW, NAME).await.expect(303);
    console.has_sent(before + 1).await;
}

#[tokio::test]
async fn breaking_glass_still_compares_deployments_before_each_write() {
    let console = with(one(), Clock::manual(Clock::system().now())).await;
    let mut leo = console.signed_in_as(LEO).await;
    let all = "what=route&live.anet-eedi=0&live.anet-green=100";
    let old = form(&mut leo, all).await;
    updated_elsewhere(&console, "anet-green", "one").await;
    let before = console.writes().await.len();
    let page = sends(&mut leo, &old, WHY_NOW, NAME).await.expect(409);
    page.says("have changed since you opened the page");
    console.has_sent(before).await;
    // The comparison also happens between the start and the PUT.
    throttled(&console).await;
    let run = breaks(&mut leo, all).await;
    console
        .eventually("the write was retried", async || {
            leo.get(&run).await.words().contains("then retries").then_some(())
        })
        .await;
    updated_elsewhere(&console, "anet-green", "two").await;
    let page = says(&console, &mut leo, &run, "anet-green has changed since").await;
    page.says("Nothing was sent by this step.");
    assert_eq!(split(&console).await, json!({ "anet-eedi": 100 }));
    // The glass is broken all the same, and everybody sees it.
    assert!(banner(&mut leo, "/").await.is_some());
}

#[tokio::test]
async fn hard_rules_are_never_overridden() {
    let console = protected().await;
    let mut leo = frozen(&console).await;
    let before = console.writes().await.len();
    let live = "what=delete&deployment=anet-eedi";
    let page = leo.get(&format!("{GLASS}?{live}")).await.expect(200);
    page.says("Breaking glass does not allow this");
    page.says("Breaking glass does not override this.");
    assert_eq!(page.attribute("#break-glass form", "action"), None);
    for wrong in [
        "what=route&live.anet-eedi=60&live.anet-green=60",
        "what=route&live.anet-eedi=100&mirror=anet-eedi&mirror_percent=10",
        "what=delete&deployment=..",
    ] {
        leo.get(&format!("{GLASS}?{wrong}")).await.expect(422);
    }
    // A forged form cannot set them aside either.
    let mut form = form(&mut leo, HALF).await;
    form.retain(|(name, _)| name == "form" || name == "seen");
    form.extend(
        [("what", "delete"), ("deployment", "anet-eedi")]
            .map(|(a, b)| (a.to_owned(), b.to_owned())),
    );
    sends(&mut leo, &form, WHY_NOW, NAME).await.expect(422).says("Nothing was sent.");
    console.has_sent(before).await;
    // There is no plan while another run is in flight.
    throttled(&console).await;
    breaks(&mut leo, HALF).await;
    leo.get(&format!("{GLASS}?{live}")).await.expect(409).says("is in progress");
    settled(&console).await;
}

#[tokio::test]
async fn a_person_who_lost_the_role_cannot_break_glass() {
    let console = protected().await;
    let mut leo = console.signed_in_as(LEO).await;
    let form = form(&mut leo, HALF).await;
    let before = console.writes().await.len();
    assign(&console, "leo", "Viewer").await;
    // The new role arrives when he signs in elsewhere, and then applies to all of his sessions.
    console.signed_in_as(LEO).await;
    sends(&mut leo, &form, WHY_NOW, NAME).await.expect(403).says("Your roles: Viewer.");
    console.has_sent(before).await;
    let mut amir = console.signed_in_as(AMIR).await;
    assert_eq!(banner(&mut amir, PROD).await, None);
    amir.get("/history?kind=denied").await.expect(200).says("Not allowed: break glass");
}
