//! Roll-backs without an approval: which are allowed, which are not, and what the pages show.

use super::{
    GREEN, asks_back, carried_out, created_again_elsewhere, newest, says, split, updated_elsewhere,
};
use crate::changes::decide;
use crate::changes::eventually_stands;
use crate::changes::protected;
use crate::promotion::rolled_back;
use crate::support::{DANA, LEO, TestConsole, VERA};
use serde_json::json;

const EEDI: [(&str, &str); 3] =
    [("live.anet-eedi", "100"), ("live.anet-green", "0"), ("base", "anet-green=100")];

#[tokio::test]
async fn the_newest_route_change_can_be_rolled_back_once() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let (change, run) = carried_out(&console, &mut dana, &mut leo, &GREEN).await;
    console.observes("anet-green=100").await;
    let page = dana.get(&run).await.expect(200);
    for words in
        ["Current: anet-green 100 %", "Proposed: anet-eedi 100 %", "/properties/traffic/anet-eedi"]
    {
        page.says(words);
    }
    assert_eq!(page.attribute("#roll-back button", "disabled"), None, "{}", page.words());
    assert_eq!(page.attribute(".head a[href^=\"/changes/\"]", "href"), Some(change.clone()));
    let mut vera = console.signed_in_as(VERA).await;
    let page = vera.get(&run).await.expect(200);
    assert!(page.attribute("#roll-back button[disabled]", "type").is_some());

    let before = console.writes().await.len();
    asks_back(&mut vera, &run, "anet-green=100").await.expect(403);
    let page = dana.post(&run, &[("decision", "roll-back")]).await.expect(422);
    page.says("the current traffic split is missing");
    let page = asks_back(&mut dana, &run, "anet-eedi=50,anet-green=50").await.expect(409);
    page.says("The route changed while you were deciding");
    console.has_sent(before).await;

    // The roll-back stays open until its form was sent again.
    console
        .fault(json!({ "match": { "method": "PUT" }, "times": 1,
        "respond": { "status": 429, "retry_after": 1 } }))
        .await;
    let back = rolled_back(&mut dana, &run).await.expect(303);
    let back = back.header("location").expect("a run").to_owned();
    let again = asks_back(&mut dana, &run, "anet-green=100").await.expect(303);
    assert_eq!(again.header("location"), Some(back.as_str()), "sent twice, begun once");
    says(&console, &mut dana, &back, "Verified in Azure.Dana Scott").await;
    assert_eq!(split(&console).await, json!({ "anet-eedi": 100 }));
    console.has_sent(before + 1).await;
    console.observes("anet-eedi=100").await;

    // Both pages show the outcome, and link to each other.
    let page = dana.get(&run).await.expect(200);
    assert_eq!(page.text_of(".head .badge").as_deref(), Some("Rolled back"));
    assert_eq!(page.attribute(".head a[href^=\"/runs/\"]", "href"), Some(back.clone()));
    assert!(page.attribute("#roll-back button[disabled]", "type").is_some());
    let page = dana.get(&back).await.expect(200);
    assert_eq!(page.attribute(".head a[href^=\"/runs/\"]", "href"), Some(run.clone()));
    let page = dana.get(&change).await.expect(200);
    assert!(page.text.contains(&back), "the change leads to the run that rolled its run back");

    // Neither run can be rolled back (again); that needs a change.
    let page = dana.get(&back).await.expect(200);
    page.says("This run is a roll-back. To undo it, make a new change");
    let propose = page.attribute("#roll-back a.button", "href").expect("a way to propose it");
    dana.get(&propose).await.expect(200).says("anet-green 100 %");
    asks_back(&mut dana, &back, "anet-eedi=100").await.expect(422).says("is a roll-back");
    asks_back(&mut dana, &run, "anet-eedi=100")
        .await
        .expect(422)
        .says("the same as before this run");
    console.has_sent(before + 1).await;
}

#[tokio::test]
async fn only_the_newest_route_change_can_be_rolled_back() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let (_, first) = carried_out(&console, &mut dana, &mut leo, &GREEN).await;
    let (_, second) = carried_out(&console, &mut dana, &mut leo, &EEDI).await;
    console.observes("anet-eedi=100").await;
    asks_back(&mut dana, &first, "anet-eedi=100").await.expect(422);
    // An outside change is newer.
    console.with_route(json!({ "anet-eedi": 50, "anet-green": 50 }), json!({})).await;
    console.observes("anet-eedi=50,anet-green=50").await;
    let halves = "anet-eedi=50,anet-green=50";
    for (run, why) in [(&first, "A later run set the route"), (&second, "outside the console")] {
        let page = dana.get(run).await.expect(200);
        page.says(why);
        assert!(page.attribute("#roll-back button[disabled]", "type").is_some());
        assert!(page.attribute("#roll-back a.button", "href").is_some(), "it can be proposed");
        asks_back(&mut dana, run, halves).await.expect(422).says(why);
    }
    // A run that sets no route does not count.
    let fields = [("do", "propose"), ("reason", "It is not needed")];
    let path = format!("{}/deployments/anet-red/delete", crate::support::PROD);
    console.with_deployment("anet-red").await;
    console.observed().await;
    let change = dana.delete(&path, &fields).await.expect(303);
    let change = change.header("location").expect("a change").to_owned();
    decide(&mut leo, &change, "approve", "").await.expect(303);
    decide(&mut dana, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;
    let run = newest(&mut dana).await;
    let page = dana.get(&run).await.expect(200);
    assert_eq!(page.attribute("#roll-back button", "type"), None, "{}", page.words());
    asks_back(&mut dana, &run, halves).await.expect(422).says("did not change the route");
    assert_eq!(split(&console).await, json!({ "anet-eedi": 50, "anet-green": 50 }));
}

#[tokio::test]
async fn a_recreated_or_updated_deployment_prevents_a_roll_back() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let (_, run) = carried_out(&console, &mut dana, &mut leo, &GREEN).await;
    updated_elsewhere(&console, "anet-eedi", "another").await;
    let before = console.writes().await.len();
    let page = asks_back(&mut dana, &run, "anet-green=100").await.expect(422);
    page.says("Changed fields: settings (variables, code, limits).");
    created_again_elsewhere(&console, "anet-eedi").await;
    let writes = console.writes().await.len();
    let why = [("reason", "Exams until Friday")];
    leo.post("/stages/anet-prod/freeze", &why).await.expect(303);
    let page = asks_back(&mut dana, &run, "anet-green=100").await.expect(422);
    page.says("anet-eedi has changed since the last route that was approved and held");
    page.says("time of creation");
    console.has_sent(writes).await;
    assert!(writes > before);
    assert_eq!(split(&console).await, json!({ "anet-green": 100 }));
}

#[tokio::test]
async fn an_unapproved_route_is_not_a_roll_back_target() {
    let console = protected().await;
    console.with_deployment("anet-red").await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    carried_out(&console, &mut dana, &mut leo, &GREEN).await;
    console.with_route(json!({ "anet-red": 100 }), json!({})).await;
    console.observes("anet-red=100").await;
    let eedi = [("live.anet-eedi", "100"), ("live.anet-red", "0"), ("base", "anet-red=100")];
    let (_, run) = carried_out(&console, &mut dana, &mut leo, &eedi).await;
    let page = asks_back(&mut dana, &run, "anet-eedi=100").await.expect(422);
    page.says("anet-red would get 100 % of the live traffic. In the last route that was approved and held");
    assert_eq!(split(&console).await, json!({ "anet-eedi": 100 }));
}

#[tokio::test]
async fn without_approvals_the_editor_offers_the_former_route() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    dana.post(crate::changes::ROUTE, &GREEN).await.expect(303);
    console.observes("anet-green=100").await;
    let run = newest(&mut dana).await;
    says(&console, &mut dana, &run, "Verified in Azure.Dana Scott").await;
    let back = rolled_back(&mut dana, &run).await.expect(303);
    let back = back.header("location").expect("a run").to_owned();
    says(&console, &mut dana, &back, "Verified in Azure.Dana Scott").await;
    console.observes("anet-eedi=100").await;
    let page = dana.get(&back).await.expect(200);
    page.says("Set this traffic instead");
    let editor = page.attribute("#roll-back a.button", "href").expect("the editor");
    let page = dana.get(&editor).await.expect(200);
    page.says("Proposed: anet-green 100 %");
    assert!(page.attribute("form.apply button[type=submit]", "type").is_some());
}

#[tokio::test]
async fn a_live_page_shows_a_roll_back_at_once() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let (change, run) = carried_out(&console, &mut dana, &mut leo, &GREEN).await;
    console.observes("anet-green=100").await;
    let mut of_run = dana.events(&format!("/events{run}")).await;
    let mut of_change = dana.events(&format!("/events{change}")).await;
    let (first, second) =
        (of_run.until("stamp", |_| true).await, of_change.until("stamp", |_| true).await);
    rolled_back(&mut dana, &run).await.expect(303);
    of_run.until("stamp", |stamp| *stamp != first).await;
    of_change.until("stamp", |stamp| *stamp != second).await;
}
