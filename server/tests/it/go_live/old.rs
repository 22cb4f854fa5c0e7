//! Runs of an earlier version: they load, and the console assumes nothing about them.

use super::{GREEN, asks_back, carried_out, says, split};
use crate::changes::protected;
use crate::support::store::tried;
use crate::support::{DANA, LEO};
use serde_json::json;
use server::store::Database;

#[tokio::test]
async fn a_run_of_an_earlier_version_loads_but_its_roll_back_needs_approval() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let (_, run) = carried_out(&console, &mut dana, &mut leo, &GREEN).await;
    console.observes("anet-green=100").await;
    let stopped = console.stop().await;
    let database =
        Database::in_directory(&stopped.files.path().join("data")).await.expect("it opens");
    // The old format: no warrant, and a journal without the values that were read.
    for statement in [
        "UPDATE runs SET warrant = NULL",
        "DROP TRIGGER journal_no_update",
        "UPDATE journal SET event = json_remove(event, '$.output.made_of')",
    ] {
        tried(&database, statement).await.expect(statement);
    }
    database.close().await;
    let console = stopped.restart().await;
    console.observes("anet-green=100").await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let page = dana.get(&run).await.expect(200);
    page.says("An earlier version of the console set that route");
    let before = console.writes().await.len();
    asks_back(&mut dana, &run, "anet-green=100").await.expect(422);
    console.has_sent(before).await;
    // The next change starts from what is read now, and can be rolled back.
    let base = ("base", "anet-green=100");
    let halves = [("live.anet-eedi", "50"), ("live.anet-green", "50"), base];
    let (_, run) = carried_out(&console, &mut dana, &mut leo, &halves).await;
    console.observes("anet-eedi=50,anet-green=50").await;
    let back = asks_back(&mut dana, &run, "anet-eedi=50,anet-green=50").await.expect(303);
    let back = back.header("location").expect("a run").to_owned();
    says(&console, &mut dana, &back, "Verified in Azure.Dana Scott").await;
    assert_eq!(split(&console).await, json!({ "anet-green": 100 }));
}
