//! The clock is set, by NTP or by hand, while something is in progress: no run fails, no bake is shortened,
//! and nothing expires or starts because of it.

use super::{ended, live};
use crate::changes::HALVES;
use crate::changes::ROUTE;
use crate::changes::decide;
use crate::changes::one;
use crate::changes::propose;
use crate::changes::propose_at;
use crate::changes::standing;
use crate::promotion::{in_step, in_steps, pass, promoted, says, score};
use crate::support::{DANA, LEO, TestConsole};
use domain::run::operation::Progress;
use serde_json::json;
use server::clock::Clock;

const YEAR_MS: i64 = 365 * 24 * 3_600_000;

#[tokio::test]
async fn a_clock_jump_of_a_year_fails_no_run() {
    for jump in [YEAR_MS, -YEAR_MS, 4 * 60_000, -4 * 60_000] {
        let console = TestConsole::start_at(Clock::manual(Clock::system().now())).await;
        console.with_deployment("anet-green").await;
        let mut dana = console.signed_in_as(DANA).await;
        let before = console.writes().await.len();
        dana.post(ROUTE, &HALVES).await.expect(303);
        console
            .eventually("it is sent", async || {
                (console.writes().await.len() > before).then_some(())
            })
            .await;
        console.clock.jump(jump);
        console
            .eventually("the run is over", async || {
                console.clock.advance(1_000);
                let newest = super::newest(&console).await;
                (!newest.is_open()).then_some(())
            })
            .await;
        assert_eq!(ended(&console).await, Progress::Succeeded, "{jump}");
        assert_eq!(live(&console).await, json!({ "anet-eedi": 50, "anet-green": 50 }));
        console.has_sent(before + 1).await;
    }
}

#[tokio::test]
async fn a_clock_jump_does_not_shorten_a_bake() {
    for jump in [YEAR_MS, -YEAR_MS] {
        let policy = in_steps(&[100], json!({ "requests_min": 1 }));
        let console = TestConsole::protected(policy, Clock::manual(Clock::system().now())).await;
        console.with_deployment("anet-green").await;
        console
            .eventually("it answers", async || {
                score(&console, "anet-green").await.filter(|status| *status == 200)
            })
            .await;
        in_step(&console).await;
        let mut dana = console.signed_in_as(DANA).await;
        let run = promoted(&mut dana, "anet-green").await;
        let green = ["anet-green"];
        says(&console, &mut dana, (&run, "anet-green 100 %: bakes until"), &green).await;
        console.clock.jump(jump);
        // The session follows the clock, too.
        let mut dana = console.signed_in_as(DANA).await;
        pass(&console, 1).await;
        dana.get(&run).await.expect(200).says("bakes until");
        let whole = "Verified in Azure.Dana";
        says(&console, &mut dana, (&run, whole), &green).await;
        assert_eq!(ended(&console).await, Progress::Succeeded, "{jump}");
    }
}

#[tokio::test]
async fn setting_the_clock_expires_and_starts_nothing() {
    let console = TestConsole::protected(one(), Clock::manual(Clock::system().now())).await;
    console.with_deployment("anet-green").await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let waiting = propose(&mut dana).await;
    let tomorrow = domain::timestamp::Timestamp(console.clock.now().0 + 24 * 3_600_000).field();
    let due = propose_at(&mut dana, &tomorrow).await;
    decide(&mut leo, &due, "approve", "").await.expect(303);
    let before = console.writes().await.len();
    console.clock.jump(YEAR_MS);
    super::looks(&console, 30).await;
    // NTP corrects the clock.
    console.clock.jump(-YEAR_MS);
    super::looks(&console, 5).await;
    assert_eq!(standing(&mut dana, &waiting).await, "waits for approval");
    assert_eq!(standing(&mut dana, &due).await, "approved");
    console.has_sent(before).await;
}
