//! The uses of breaking glass: each rule of a policy, and each kind of change. The page shows the plan
//! first.

use super::{
    ADA, AMIR, GLASS, HALF, NAME, WHY_NOW, banner, breaks, form, frozen, of_page, sends, settled,
};
use crate::changes::decide;
use crate::changes::evidence::on_a_comparison;
use crate::changes::one;
use crate::changes::propose;
use crate::changes::protected;
use crate::changes::with;
use crate::go_live::{GREEN, carried_out, says, split};
use crate::promotion::rolled_back;
use crate::support::{DANA, LEO, PROD, TestConsole};
use domain::policy::{Policy, TimeOfDay, Weekday, Window};
use domain::timestamp::Timestamp;
use serde_json::json;
use server::clock::Clock;

#[tokio::test]
async fn a_lead_breaks_glass_on_a_frozen_stage_and_somebody_else_acknowledges_it() {
    let console = protected().await;
    let mut leo = frozen(&console).await;
    let (mut dana, mut ada) = (console.signed_in_as(DANA).await, console.signed_in_as(ADA).await);
    let before = console.writes().await.len();
    // The page offers it next to “Propose”, to people with the right.
    let plan = format!("{PROD}/route?live.anet-eedi=50&live.anet-green=50");
    let offer = "a[href*=break-glass]";
    let href = leo.get(&plan).await.expect(200).attribute(offer, "href").expect("an offer");
    assert_eq!(dana.get(&plan).await.expect(200).attribute(offer, "href"), None);
    assert!(leo.get(PROD).await.attribute("button[formaction$=break-glass]", "name").is_some());
    let page = leo.get(&href).await.expect(200);
    for words in [
        "Proposed: anet-eedi 50 %, anet-green 50 %",
        "Approval by another personOne other person must approve the change.",
        "Freeze of the stageLeo Lead froze the stage: Exams",
        "immediately before anything is sent",
        "No webhooks are configured, so nobody is notified",
        "(overridden)",
    ] {
        page.says(words);
    }
    assert!(!page.words().contains("Hours in which"), "{}", page.words());
    assert_eq!(
        page.text_of("#plan [data-level=blocks]"),
        None,
        "only overridden rules are in the way"
    );
    console.has_sent(before).await;

    let page = sends(&mut leo, &of_page(&page), WHY_NOW, NAME).await.expect(303);
    let run = page.header("location").expect("a run").to_owned();
    says(&console, &mut leo, &run, "Verified in Azure.Leo Lead").await;
    assert_eq!(split(&console).await, json!({ "anet-eedi": 50, "anet-green": 50 }));
    console.has_sent(before + 1).await;

    // The run's page and the ledger entry link to each other.
    let page = dana.get(&run).await.expect(200);
    for words in [
        "Leo Lead broke glass on anet-ep-prod",
        WHY_NOW,
        "Overridden: Approval by another person, Freeze of the stage.",
    ] {
        page.says(words);
    }
    let entry = page.attribute(".notice a[href^=\"/history/\"]", "href").expect("an entry");
    let page = dana.get(&entry).await.expect(200);
    for words in
        ["Glass broken", WHY_NOW, "Roles at that timeLead", "set_aside.freeze", "anet-prod"]
    {
        page.says(words);
    }
    assert!(page.attribute(&format!("main a[href='{run}']"), "href").is_some());

    // The banner stays for everybody until somebody else acknowledges it.
    let glass = banner(&mut dana, "/").await.expect("a banner on the overview");
    assert_eq!(banner(&mut ada, PROD).await.as_ref(), Some(&glass));
    assert_eq!(banner(&mut dana, "/stages/anet-dev/endpoints/anet-ep-dev").await, None);
    let page = leo.get(&glass).await.expect(200);
    assert!(page.attribute("#acknowledge button[disabled]", "type").is_some());
    let page = leo.post(&glass, &[("comment", "I am sure")]).await.expect(422);
    page.says("You broke this glass yourself. Another person must acknowledge it.");
    assert!(banner(&mut leo, "/").await.is_some());
    let mut vera = console.signed_in_as(crate::support::VERA).await;
    vera.post(&glass, &[]).await.expect(403).says("Only these roles may acknowledge broken glass");
    ada.post(&glass, &[("comment", "Talked to Leo about it")]).await.expect(303);
    for path in ["/", PROD] {
        assert_eq!(banner(&mut dana, path).await, None, "{path}");
    }
    let page = dana.get(&glass).await.expect(200);
    page.says("Ada Auditor acknowledged it");
    page.says("Talked to Leo about it");
    let mut amir = console.signed_in_as(AMIR).await;
    amir.post(&glass, &[]).await.expect(409).says("Ada Auditor acknowledged it");
    let page = dana.get("/history?kind=glass_acknowledged").await.expect(200);
    page.says("Acknowledged broken glass: Set the route");
    dana.get("/history?kind=broke_glass&person=Leo&text=awake")
        .await
        .expect(200)
        .says("Broke glass");
    dana.get("/history?kind=denied").await.expect(200).says("acknowledge broken glass");
    ada.post("/history", &[]).await.expect(200).says("Intact");
}

#[tokio::test]
async fn breaking_glass_carries_out_a_change_that_waits_for_approval() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = propose(&mut leo).await;
    let offer = "#decide a[href*='what=change']";
    assert_eq!(dana.get(&change).await.expect(200).attribute(offer, "href"), None);
    let page = leo.get(&change).await.expect(200);
    page.says("You proposed it. A second person has to approve it.");
    let href = page.attribute(offer, "href").expect("an offer");
    let page = leo.get(&href).await.expect(200);
    page.says("Approval by another person");
    let page = sends(&mut leo, &of_page(&page), WHY_NOW, NAME).await.expect(303);
    let run = page.header("location").expect("a run").to_owned();
    says(&console, &mut leo, &run, "Verified in Azure.Leo Lead").await;
    assert_eq!(split(&console).await, json!({ "anet-eedi": 50, "anet-green": 50 }));
    // The change was never approved; it is closed, and linked with the broken glass and the run.
    console
        .eventually("the change is superseded", async || {
            let page = leo.clone().get(&change).await.expect(200);
            page.words().contains("superseded by broken glass").then_some(())
        })
        .await;
    let page = dana.get(&change).await.expect(200);
    page.says("Leo Lead broke glass for it, and that run succeeded");
    let glass = page.attribute(".notice a[href^='/glass/']", "href").expect("a link to the glass");
    assert!(page.attribute(&format!(".notice a[href='{run}']"), "href").is_some());
    for path in [&run, &glass] {
        let page = dana.get(path).await.expect(200);
        assert!(page.attribute(&format!("a[href='{change}']"), "href").is_some(), "{path}");
    }
    decide(&mut leo, &change, "approve", "").await.expect(409).says("superseded");
    dana.get("/history?kind=superseded").await.expect(200).says("Superseded by broken glass");
    leo.get(&href).await.expect(422).says("This change is not pending on this endpoint");
    let elsewhere =
        href.replace("anet-prod/endpoints/anet-ep-prod", "anet-dev/endpoints/anet-ep-dev");
    leo.get(&elsewhere).await.expect(422).says("anet-dev has no rules to set aside");
}

#[tokio::test]
async fn breaking_glass_works_outside_the_change_windows() {
    let time = |text: &str| TimeOfDay::try_from(text.to_owned()).expect("a time");
    let window = Window {
        time_zone: "Europe/Berlin".to_owned(),
        days: [Weekday::Monday].into(),
        from: time("09:00"),
        to: time("16:00"),
    };
    // A Wednesday.
    let noon = Timestamp::parse_utc("2026-06-10T12:00").expect("a time");
    let policy = Policy { windows: vec![window], ..one() };
    let console = with(policy, Clock::manual(noon)).await;
    let mut amir = console.signed_in_as(AMIR).await;
    let page = amir.get(&format!("{GLASS}?{HALF}")).await.expect(200);
    page.says(
        "Hours in which changes startNo change can start now. The next window opens on Monday",
    );
    let run = breaks(&mut amir, HALF).await;
    says(&console, &mut amir, &run, "Verified in Azure.Amir Admin").await;
    let entry = amir.get("/history?kind=broke_glass").await.expect(200);
    entry.says("Overridden: Approval by another person, Hours in which changes start.");
}

#[tokio::test]
async fn missing_evidence_is_a_rule_that_can_be_overridden() {
    let console = with(on_a_comparison(), Clock::system()).await;
    let mut leo = console.signed_in_as(LEO).await;
    let page = leo.get(&format!("{GLASS}?{HALF}")).await.expect(200);
    page.says("Required evidenceThe shadow comparison of anet-green is missing");
    let run = breaks(&mut leo, HALF).await;
    says(&console, &mut leo, &run, "Required evidence").await;
    says(&console, &mut leo, &run, "Verified in Azure.Leo Lead").await;
    // A mirror adds no live traffic, so it needs no evidence.
    let mirror = "what=route&live.anet-eedi=50&live.anet-green=50&mirror=&mirror_percent=";
    let page = leo.get(&format!("{GLASS}?{mirror}")).await.expect(200);
    page.says("The route is already like this.");
    page.says("Breaking glass does not override this.");
    assert_eq!(page.attribute("#break-glass form", "action"), None);
}

#[tokio::test]
async fn breaking_glass_can_roll_back_a_roll_back() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let (_, run) = carried_out(&console, &mut dana, &mut leo, &GREEN).await;
    console.observes("anet-green=100").await;
    let way = leo.get(&run).await.expect(200);
    assert_eq!(way.attribute("#roll-back a[href*=break-glass]", "href"), None, "it is not needed");
    let deed = format!("what=roll-back&run={}", run.trim_start_matches("/runs/"));
    let page = leo.get(&format!("{GLASS}?{deed}")).await.expect(422);
    page.says("This run can be rolled back without breaking glass.");
    let back = rolled_back(&mut dana, &run).await.expect(303);
    let back = back.header("location").expect("a run").to_owned();
    says(&console, &mut dana, &back, "Verified in Azure.Dana Scott").await;
    console.observes("anet-eedi=100").await;

    let page = dana.get(&back).await.expect(200);
    assert_eq!(page.attribute("#roll-back a[href*=break-glass]", "href"), None);
    let page = leo.get(&back).await.expect(200);
    let href = page.attribute("#roll-back a[href*=break-glass]", "href").expect("an offer");
    let page = leo.get(&href).await.expect(200);
    page.says("Roll-back without an approvalThis run is a roll-back.");
    let page = sends(&mut leo, &of_page(&page), WHY_NOW, NAME).await.expect(303);
    let forward = page.header("location").expect("a run").to_owned();
    says(&console, &mut leo, &forward, "Verified in Azure.Leo Lead").await;
    assert_eq!(split(&console).await, json!({ "anet-green": 100 }));
    let page = leo.get(&back).await.expect(200);
    assert_eq!(page.text_of(".head .badge").as_deref(), Some("Rolled back"));
    // Breaking glass is not an approval, so its result is not a state to roll back to without one.
    let page = dana.get(&forward).await.expect(200);
    page.says("This run is a roll-back. To undo it, make a new change");
}

#[tokio::test]
async fn a_route_set_by_breaking_glass_is_never_the_good_state() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let all = "what=route&live.anet-eedi=0&live.anet-green=100";
    let first = breaks(&mut leo, all).await;
    says(&console, &mut leo, &first, "Verified in Azure.Leo Lead").await;
    console.observes("anet-green=100").await;
    let second = breaks(&mut leo, "what=route&live.anet-eedi=100&live.anet-green=0").await;
    says(&console, &mut leo, &second, "Verified in Azure.Leo Lead").await;
    console.observes("anet-eedi=100").await;
    // Green had all live traffic, but nobody approved this.
    let page = dana.post(&second, &[("decision", "roll-back"), ("base", "anet-eedi=100")]).await;
    page.expect(422).says("In the last route that was approved and held it had 0 %");
    let third = breaks(&mut leo, all).await;
    says(&console, &mut leo, &third, "Verified in Azure.Leo Lead").await;
    console.observes("anet-green=100").await;
    let back = dana.post(&third, &[("decision", "roll-back"), ("base", "anet-green=100")]).await;
    let back = back.expect(303).header("location").expect("a run").to_owned();
    says(&console, &mut dana, &back, "Verified in Azure.Dana Scott").await;
}

#[tokio::test]
async fn breaking_glass_creates_and_deletes_deployments() {
    let console = protected().await;
    let mut leo = frozen(&console).await;
    let delete = "what=delete&deployment=anet-green";
    let page = leo.get(&format!("{PROD}/deployments/anet-green/delete")).await.expect(200);
    assert!(page.attribute("a[href*='what=delete']", "href").is_some());
    let run = breaks(&mut leo, delete).await;
    settled(&console).await;
    leo.get(&run).await.expect(200).says("Leo Lead broke glass");

    let new = leo.get(&format!("{PROD}/new-deployment?example=1")).await.expect(200);
    assert!(new.attribute("button[formaction$=break-glass]", "value").is_some());
    let html = scraper::Html::parse_document(&new.text);
    let area = scraper::Selector::parse("textarea[name=yaml]").expect("a selector");
    let yaml: String = html.select(&area).next().expect("a text").text().collect();
    let parts: [(&str, Option<&str>, &[u8]); 2] =
        [("what", None, b"create"), ("yaml", None, yaml.as_bytes())];
    // While reads of the deletion contradict each other, the page asks people to try again.
    let page = console
        .eventually("the deletion was read", async || {
            let page = leo.upload(GLASS, &parts).await;
            (page.status != 503).then_some(page)
        })
        .await;
    let page = page.expect(200);
    page.says("Create deployment");
    page.says("Freeze of the stage");
    let page = sends(&mut leo, &of_page(&page), WHY_NOW, NAME).await.expect(303);
    let run = page.header("location").expect("a run").to_owned();
    leo.get(&run).await.expect(200).says("Leo Lead broke glass");
    settled(&console).await;
    let wrong = [("what", "create"), ("yaml", "name: [")];
    let page = leo.post(GLASS, &wrong).await.expect(200);
    page.says("The YAML is invalid");
    assert_eq!(page.attribute("#break-glass form", "action"), None);
}

#[tokio::test]
async fn breaking_glass_carries_out_a_release() {
    let console = with(one(), Clock::manual(Clock::system().now())).await;
    console.observed().await;
    let mut leo = console.signed_in_as(LEO).await;
    let plan = "/releases/ml-azua/deploy.yml/deploy-nbq-prod/plan?ref=shadow-nbq-2&in.shadow_deploy_mirror_percentage=10";
    let page = leo.get(plan).await.expect(200);
    let href = page.attribute("a[href*='what=release']", "href").expect("an offer");
    let page = leo.get(&href).await.expect(200);
    page.says("Carry out the release deploy.yml/deploy-nbq-prod");
    page.says("Approval by another person");
    let page = sends(&mut leo, &of_page(&page), WHY_NOW, NAME).await.expect(303);
    let run = page.header("location").expect("a run").to_owned();
    says(&console, &mut leo, &run, "Leo Lead broke glass on anet-ep-prod").await;
    settled(&console).await;
    assert_eq!(
        console.endpoint().await["properties"]["mirrorTraffic"]
            .as_object()
            .map(serde_json::Map::len),
        Some(1)
    );
}

#[tokio::test]
async fn glass_cannot_be_broken_if_no_rule_forbids_the_change() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut leo = console.signed_in_as(LEO).await;
    let page = leo.get(PROD).await.expect(200);
    assert_eq!(page.attribute("button[formaction$=break-glass]", "name"), None);
    for deed in [HALF, "what=create", "what=delete&deployment=anet-green"] {
        let page = leo.get(&format!("{GLASS}?{deed}")).await.expect(422);
        page.says("anet-prod has no rules to set aside");
        assert_eq!(page.attribute("main form", "action"), None, "{deed}: no form");
        assert_eq!(page.attribute("main a.button", "href").as_deref(), Some(PROD));
    }
    // A freeze is one rule to override.
    let mut leo = frozen(&console).await;
    let form = form(&mut leo, HALF).await;
    sends(&mut leo, &form, WHY_NOW, NAME).await.expect(303);
    settled(&console).await;
    leo.get("/history?kind=broke_glass").await.expect(200).says("Overridden: Freeze of the stage.");
}
