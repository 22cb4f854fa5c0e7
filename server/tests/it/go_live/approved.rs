//! Only what was approved goes live: the console compares in the first check, and again before each PUT.

use super::{
    GREEN, carried_out, created_again_elsewhere, newest, proposed, protected_by_hand, says, split,
    started, updated_elsewhere,
};
use crate::changes::ROUTE;
use crate::changes::decide;
use crate::changes::eventually_stands;
use crate::changes::protected;
use crate::changes::standing;
use crate::promotion::{in_step, in_steps, pass, promoted, score};
use crate::support::{DANA, LEO, TestConsole};
use domain::policy::Policy;
use serde_json::json;
use server::clock::Clock;

#[tokio::test]
async fn a_deployment_that_changed_after_approval_does_not_start() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let change = proposed(&console, &mut dana, &GREEN).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    updated_elsewhere(&console, "anet-green", "another").await;
    let before = console.writes().await.len();
    dana.post(&format!("{change}/start"), &[("seen", "0")]).await;
    eventually_stands(&console, &dana, &change, "waits for approval").await;
    console.has_sent(before).await;
}

/// Azure throttles a PUT, and the deployment has changed when the console retries it.
#[tokio::test]
async fn a_deployment_that_changed_during_throttling_does_not_go_live() {
    for is_created_again in [false, true] {
        let console = protected_by_hand().await;
        let (mut dana, mut leo) =
            (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
        let later = json!({ "match": { "method": "PUT", "path_contains": "anet-ep-prod" }, "times": 1,
            "respond": { "status": 429, "retry_after": 3 } });
        console.fault(later).await;
        let (_, run) = started(&console, &mut dana, &mut leo, &GREEN).await;
        console
            .eventually("the write was retried", async || {
                dana.get(&run).await.words().contains("then retries").then_some(())
            })
            .await;
        match is_created_again {
            true => created_again_elsewhere(&console, "anet-green").await,
            false => updated_elsewhere(&console, "anet-green", "xyzzy").await,
        }
        let page = says(&console, &mut dana, &run, "anet-green has changed since").await;
        page.says("Nothing was sent by this step.");
        let what = if is_created_again { "time of creation" } else { "settings" };
        page.says(what);
        assert!(!page.words().contains("xyzzy"), "no values: {}", page.words());
        assert_eq!(split(&console).await, json!({ "anet-eedi": 100 }));
        // A retry would send something that was not approved.
        let before = console.writes().await.len();
        let page = dana.post(&run, &[("decision", "retry")]).await.expect(422);
        page.says("A retry would not do what was planned.");
        console.has_sent(before).await;
    }
}

#[tokio::test]
async fn a_direct_change_applies_only_what_the_page_showed() {
    let console = TestConsole::start().await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    let plan = format!("{ROUTE}?live.anet-eedi=0&live.anet-green=100");
    let saw = dana.get(&plan).await.attribute("input[name=made_of]", "value").expect("a mark");
    let fields = [&GREEN[..], &[("made_of", saw.as_str())]].concat();
    updated_elsewhere(&console, "anet-green", "xyzzy").await;
    let before = console.writes().await.len();
    let page = dana.post(ROUTE, &fields).await.expect(409);
    page.says("changed while you were deciding");
    console.has_sent(before).await;
    console
        .eventually("the page shows the plan of what is there now", async || {
            let now = dana.get(&plan).await.attribute("input[name=made_of]", "value")?;
            (now != saw).then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_deployment_that_changed_between_shares_gets_no_more_traffic() {
    let policy = in_steps(&[50, 100], json!({ "requests_min": 1 }));
    let policy = Policy { approvals: 1, ..policy };
    let console = TestConsole::protected(policy, Clock::manual(Clock::system().now())).await;
    console.with_deployment("anet-green").await;
    in_step(&console).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let (_, run) = started(&console, &mut dana, &mut leo, &GREEN).await;
    says(&console, &mut dana, &run, "anet-green 50 %: bakes until").await;
    updated_elsewhere(&console, "anet-green", "another").await;
    let before = console.writes().await.len();
    console
        .eventually("it does not go on", async || {
            score(&console, "anet-green").await;
            pass(&console, 5).await;
            dana.get(&run).await.words().contains("anet-green has changed since").then_some(())
        })
        .await;
    // The bake measured a changed deployment, so the route is restored.
    console.observes("anet-eedi=100").await;
    let page = says(&console, &mut dana, &run, "Rolled back").await;
    page.says("Not run");
    assert!(!page.words().contains("Pending"), "{}", page.words());
    let back = newest(&mut dana).await;
    assert_eq!(page.attribute(".head a[href^=\"/runs/\"]", "href"), Some(back));
    assert_eq!(console.writes().await.len(), before + 1);
}

#[tokio::test]
async fn the_automatic_roll_back_follows_the_same_rules() {
    let policy = in_steps(&[50, 100], json!({ "errors_percent_max": 1 }));
    let console = TestConsole::protected(policy, Clock::manual(Clock::system().now())).await;
    console.with_deployment("anet-green").await;
    in_step(&console).await;
    let mut dana = console.signed_in_as(DANA).await;
    let run = promoted(&mut dana, "anet-green").await;
    says(&console, &mut dana, &run, "anet-green 50 %: bakes until").await;
    // The deployment that would get more traffic by the roll-back has changed.
    updated_elsewhere(&console, "anet-eedi", "another").await;
    let before = console.writes().await.len();
    let page = console
        .eventually("it does not go back by itself", async || {
            pass(&console, 5).await;
            let page = dana.get(&run).await;
            page.words().contains("The console did not roll back the route").then_some(page)
        })
        .await;
    page.says("anet-eedi has changed since the last route that was approved and held");
    console.has_sent(before).await;
    assert_eq!(split(&console).await, json!({ "anet-eedi": 50, "anet-green": 50 }));
}

#[tokio::test]
async fn a_live_deployment_that_gets_more_traffic_must_be_unchanged() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    carried_out(&console, &mut dana, &mut leo, &crate::changes::HALVES).await;
    let base = ("base", "anet-eedi=50,anet-green=50");
    let more = [("live.anet-eedi", "10"), ("live.anet-green", "90"), base];
    let change = proposed(&console, &mut dana, &more).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    assert_eq!(standing(&mut dana, &change).await, "approved");
    // Deployments that get less traffic may change; those that get more may not.
    updated_elsewhere(&console, "anet-eedi", "another").await;
    decide(&mut dana, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;
}
