//! A frozen stage allows a roll-back to what was live before, and nothing that gives another deployment
//! more traffic.

use super::{GREEN, asks_back, carried_out, newest, protected_by_hand, says, split, started};
use crate::changes::protected;
use crate::promotion::rolled_back;
use crate::support::{DANA, LEO};
use serde_json::json;

const FREEZE: &str = "/stages/anet-prod/freeze";
const THAW: &str = "/stages/anet-prod/thaw";

#[tokio::test]
async fn a_run_from_before_a_freeze_waits_before_adding_live_traffic() {
    let console = protected_by_hand().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let later = json!({ "match": { "method": "PUT", "path_contains": "anet-ep-prod" }, "times": 1,
        "respond": { "status": 429, "retry_after": 2 } });
    console.fault(later).await;
    let (_, run) = started(&console, &mut dana, &mut leo, &GREEN).await;
    console
        .eventually("the write was retried", async || {
            dana.get(&run).await.words().contains("then retries").then_some(())
        })
        .await;
    leo.post(FREEZE, &[("reason", "Exams")]).await.expect(303);
    says(&console, &mut dana, &run, "Leo Lead froze anet-prod: Exams.").await;
    assert_eq!(split(&console).await, json!({ "anet-eedi": 100 }));
    leo.post(THAW, &[("reason", "Exams are over")]).await.expect(303);
    says(&console, &mut dana, &run, "Verified in Azure.Dana Scott").await;
    assert_eq!(split(&console).await, json!({ "anet-green": 100 }));
}

#[tokio::test]
async fn a_frozen_stage_carries_out_and_retries_only_roll_backs() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let (_, run) = carried_out(&console, &mut dana, &mut leo, &GREEN).await;
    console.observes("anet-green=100").await;
    leo.post(FREEZE, &[("reason", "Exams")]).await.expect(303);
    // Azure accepts the write without effect, so the roll-back needs a retry.
    let yes = json!({ "match": { "method": "PUT", "path_contains": "anet-ep-prod" }, "times": 1,
        "respond": { "status": 200, "body": {} } });
    console.fault(yes).await;
    let back = rolled_back(&mut dana, &run).await.expect(303);
    let back = back.header("location").expect("a run").to_owned();
    says(&console, &mut dana, &back, "Retry").await;
    dana.post(&back, &[("decision", "retry")]).await.expect(303);
    says(&console, &mut dana, &back, "Verified in Azure.Dana Scott").await;
    console.observes("anet-eedi=100").await;
    assert_eq!(newest(&mut dana).await, back);
    asks_back(&mut dana, &back, "anet-eedi=100").await.expect(422).says("is a roll-back");
    assert_eq!(split(&console).await, json!({ "anet-eedi": 100 }));
}
