//! Looking at a waiting change causes no reads of Azure, however many people look.

use super::{decide, eventually_stands, propose, protected};
use crate::support::{DANA, LEO, TestConsole, VERA};
use reqwest::Method;

/// How often the console read the endpoint itself. The observer lists all endpoints instead.
async fn reads(console: &TestConsole) -> u64 {
    let all = console.ask(Method::GET, "/emulator/reads", None).await;
    let path = console.arm_path("");
    let (path, _) = path.split_once('?').expect("a query");
    all["value"][path].as_u64().unwrap_or_default()
}

#[tokio::test]
async fn viewing_a_change_causes_no_reads_of_azure() {
    let console = protected().await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let vera = console.signed_in_as(VERA).await;
    let change = propose(&mut dana).await;
    // The console compares the change once by itself, when it first sees the endpoint.
    console.observes("anet-eedi=100").await;
    let before = reads(&console).await;
    let views = (0..30).map(|_| {
        let (mut who, path) = (vera.clone(), change.clone());
        async move { who.get(&path).await.expect(200).says("anet-green 50 %") }
    });
    futures::future::join_all(views).await;
    let after = reads(&console).await;
    assert!(after <= before + 1, "{} reads for 30 views", after - before);
    // A decision does read.
    decide(&mut leo, &change, "approve", "").await.expect(303);
    let approved = reads(&console).await;
    assert!(approved > after, "approving reads the endpoint again");
    decide(&mut dana, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "succeeded").await;
}
