//! A clock that is set, by NTP or by hand, in the middle of something: no run fails because of it, nothing bakes
//! for less than its time, and nothing expires or starts.

use super::{ended, live};
use crate::changes::{HALVES, ROUTE, decide, one, propose, propose_at, standing};
use crate::promotion::{in_step, in_steps, pass, promoted, says, score};
use crate::support::{DANA, LEO, TestConsole};
use app::domain::operation::Progress;
use serde_json::json;
use server::clock::Clock;

const YEAR_MS: i64 = 365 * 24 * 3_600_000;

#[tokio::test]
async fn a_clock_that_jumps_a_year_fails_no_run_whose_write_succeeded() {
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
async fn a_share_bakes_for_its_time_whatever_the_clock_does() {
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
        // A session is told by the clock, too.
        let mut dana = console.signed_in_as(DANA).await;
        pass(&console, 1).await;
        dana.get(&run).await.expect(200).says("bakes until");
        let whole = "Read back from Azure: it is as asked.Dana";
        says(&console, &mut dana, (&run, whole), &green).await;
        assert_eq!(ended(&console).await, Progress::Succeeded, "{jump}");
    }
}

#[tokio::test]
async fn nothing_expires_or_starts_because_the_clock_was_set() {
    let console = TestConsole::protected(one(), Clock::manual(Clock::system().now())).await;
    console.with_deployment("anet-green").await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    let waiting = propose(&mut dana).await;
    let tomorrow =
        app::domain::timestamp::Timestamp(console.clock.now().0 + 24 * 3_600_000).field();
    let due = propose_at(&mut dana, &tomorrow).await;
    decide(&mut leo, &due, "approve", "").await.expect(303);
    let before = console.writes().await.len();
    console.clock.jump(YEAR_MS);
    super::looks(&console, 30).await;
    // NTP sets it right.
    console.clock.jump(-YEAR_MS);
    super::looks(&console, 5).await;
    assert_eq!(standing(&mut dana, &waiting).await, "waits for approval");
    assert_eq!(standing(&mut dana, &due).await, "approved");
    console.has_sent(before).await;
}
