//! Webhooks receive every event, in order and once, even if the console or a receiver fails.

mod bad_days;
mod checkpoints;
mod promotion;
mod replicas;
mod time;

use crate::changes::HALVES;

use crate::changes::ROUTE;

use crate::changes::decide;

use crate::changes::eventually_stands;

use crate::changes::one;

use crate::changes::propose;

use crate::changes::propose_because;
use crate::support::receiver::{PATH, Received, Receiver, SECRET};
use crate::support::{Browser, DANA, LEO, TestConsole, Wanted};
use domain::change::ChangeId;
use domain::notification::{Kind, Occasion};
use serde_json::json;
use server::check;
use server::clock::Clock;
use server::messages::address::{Address, Key};
use server::messages::setup::{Setup, Target};
use server::outside::address::Reach;
use std::collections::BTreeSet;
use std::time::Duration;

/// A webhook that receives every event.
fn target(name: &str, kind: Kind, receiver: &Receiver) -> Target {
    let key = (kind == Kind::Plain).then(|| Key::parse(SECRET).expect("a secret"));
    Target {
        name: name.to_owned(),
        kind,
        address: Address::parse(&receiver.url(), Reach::OWN).expect("a URL"),
        key,
        occasions: Occasion::ALL.into(),
        stages: BTreeSet::new(),
    }
}

/// Sends all events to one receiver, which may take half a second to answer.
pub fn notifying(receiver: &Receiver) -> Setup {
    Setup {
        targets: vec![target("team", Kind::Plain, receiver)],
        answer_max: Duration::from_millis(500),
        ..Setup::default()
    }
}

/// A console whose production stage requires one approval, with a second deployment.
async fn console(setup: Setup, clock: Clock) -> TestConsole {
    let wanted = Wanted { clock, notify: Some(setup), ..Wanted::protected(one()) };
    let console = TestConsole::with(wanted).await;
    console.with_deployment("anet-green").await;
    console
}

pub fn kinds(received: &[Received]) -> Vec<String> {
    received.iter().map(Received::kind).collect()
}

/// Checks that all are signed and current, and that there are no duplicates.
#[track_caller]
fn are_genuine(received: &[Received], now_s: i64) {
    let mut ids = BTreeSet::new();
    for one in received {
        assert!(one.is_signed_with(SECRET), "{one:#?}");
        assert!(!one.is_signed_with("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
        let time: i64 = one.header("webhook-timestamp").parse().expect("seconds");
        assert!((now_s - 120..=now_s + 120).contains(&time), "{one:#?}");
        assert!(ids.insert(one.header("webhook-id")), "twice: {one:#?}");
        assert_eq!((one.path.as_str(), one.header("content-type")), (PATH, "application/json"));
    }
}

async fn people(console: &TestConsole) -> (Browser, Browser) {
    (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await)
}

#[tokio::test]
async fn every_event_of_a_change_is_sent_once_and_in_order() {
    let receiver = Receiver::start().await;
    let console = console(notifying(&receiver), Clock::system()).await;
    let (mut dana, mut leo) = people(&console).await;
    let refused = propose(&mut dana).await;
    decide(&mut dana, &refused, "comment", "No webhook receives this").await.expect(303);
    decide(&mut leo, &refused, "refuse", "Not before the exams").await.expect(303);
    let withdrawn = propose(&mut dana).await;
    decide(&mut dana, &withdrawn, "withdraw", "").await.expect(303);
    let done = propose(&mut dana).await;
    decide(&mut leo, &done, "approve", "Go ahead").await.expect(303);
    decide(&mut dana, &done, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &done, "succeeded").await;

    let received = receiver.took(7).await;
    let expected = [
        "change.waiting",
        "change.refused",
        "change.waiting",
        "change.withdrawn",
        "change.waiting",
        "change.approved",
        "change.succeeded",
    ];
    assert_eq!(kinds(&received), expected);
    are_genuine(&received, console.clock.now().0 / 1_000);
    assert_eq!(receiver.requests().len(), 7, "each was sent once");
    let (waiting, no) = (received[0].json(), received[1].json());
    assert_eq!(waiting["data"]["proposed_by"], DANA);
    assert_eq!(waiting["data"]["endpoint"], "anet-ep-prod");
    assert!(waiting["data"]["expires"].is_string());
    assert_eq!(
        (&no["data"]["by"], &no["data"]["words"]),
        (&json!(LEO), &json!("Not before the exams"))
    );
    // The link requires sign-in.
    let link = waiting["data"]["url"].as_str().expect("a link");
    assert_eq!(link, console.url.join(&refused).expect("a URL").as_str());
    let asked = console.browser().get(link).await.expect(303);
    assert!(asked.location().expect("a redirect").path().starts_with("/sign-in"));
    // The receiver has the message before the console has its answer.
    let stage = console
        .eventually("the webhook is healthy", async || {
            let page = dana.get("/stages/anet-prod").await.expect(200);
            page.words().contains("team healthy The last one arrived").then_some(page)
        })
        .await;
    assert!(!stage.text.contains("very-secret"), "the URL is a secret");
    dana.get("/history?kind=configured").await.expect(200);
}

/// Azure accepts the next write, but does nothing.
async fn lies_once(console: &TestConsole) {
    let yes = json!({ "match": { "method": "PUT", "path_contains": "anet-ep-prod" }, "times": 1,
        "respond": { "status": 200, "body": {} } });
    console.fault(yes).await;
}

#[tokio::test]
async fn failures_are_notified_with_the_reason() {
    let receiver = Receiver::start().await;
    let console = console(notifying(&receiver), Clock::system()).await;
    let (mut dana, mut leo) = people(&console).await;
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "approve", "").await.expect(303);
    lies_once(&console).await;
    decide(&mut dana, &change, "start", "").await.expect(303);
    eventually_stands(&console, &dana, &change, "needs attention").await;
    let id = ChangeId(change.trim_start_matches("/changes/").to_owned());
    let kept = console.services.changes.get(&id).await.expect("a change");
    let run = kept.change.run.expect("a run");
    dana.post(&format!("/runs/{run}"), &[("decision", "leave")]).await.expect(303);
    eventually_stands(&console, &dana, &change, "cancelled").await;
    let received = receiver.took(4).await;
    let expected = ["change.waiting", "change.approved", "change.failed", "change.cancelled"];
    assert_eq!(kinds(&received), expected);
    let words = received[2].json()["data"]["words"].to_string();
    assert!(words.contains("Azure reports a different route than the requested one"), "{words}");
}

#[tokio::test]
async fn a_run_without_a_change_is_notified_only_on_failure() {
    let receiver = Receiver::start().await;
    let wanted = Wanted { notify: Some(notifying(&receiver)), ..Wanted::default() };
    let console = TestConsole::with(wanted).await;
    console.with_deployment("anet-green").await;
    let mut dana = console.signed_in_as(DANA).await;
    lies_once(&console).await;
    dana.post(ROUTE, &HALVES).await.expect(303);
    console
        .eventually("a failure was notified", async || {
            (receiver.requests().len() == 1).then_some(())
        })
        .await;
    let received = receiver.took(1).await;
    assert_eq!(kinds(&received), ["run.failed"]);
    are_genuine(&received, console.clock.now().0 / 1_000);
    let data = &received[0].json()["data"];
    assert_eq!(data["proposed_by"], DANA);
    // The next run succeeds, closes the failed one, and sends no event.
    dana.post(ROUTE, &HALVES).await.expect(303);
    console
        .eventually("it is done", async || {
            let open = console.services.operations.table.open().await.expect("a store");
            open.is_empty().then_some(())
        })
        .await;
    assert_eq!(receiver.requests().len(), 1);
}

#[tokio::test]
async fn each_kind_of_webhook_gets_its_format_with_escaped_text() {
    let (slack, teams, plain) =
        (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    let setup = Setup {
        targets: vec![
            target("slack", Kind::Slack, &slack),
            target("teams", Kind::Teams, &teams),
            target("plain", Kind::Plain, &plain),
        ],
        ..Setup::default()
    };
    let console = console(setup, Clock::system()).await;
    let mut dana = console.signed_in_as(DANA).await;
    let why = "<!channel> @here & <https://evil.example|Approve> [x](https://evil.example) *b*";
    propose_because(&mut dana, why, "").await;
    let slack = slack.took(1).await.remove(0);
    let blocks = &slack.json()["blocks"];
    let said = blocks[1]["text"]["text"].as_str().expect("a text");
    assert_eq!(
        said,
        "&lt;!channel&gt; @here &amp; &lt;https://evil.example|Approve&gt; [x](https://evil.example) *b*"
    );
    assert_eq!(blocks[1]["text"]["type"], "plain_text");
    assert!(slack.json()["text"].as_str().expect("a text").starts_with("Waits for approval: Set"));
    let teams = teams.took(1).await.remove(0).json();
    let card = &teams["attachments"][0]["content"];
    assert_eq!((&teams["type"], &card["type"]), (&json!("message"), &json!("AdaptiveCard")));
    let block = &card["body"][1];
    assert_eq!(block["type"], "RichTextBlock");
    assert_eq!(block["inlines"], json!([{ "type": "TextRun", "text": why }]));
    assert_eq!(plain.took(1).await[0].json()["data"]["words"], why);
    assert!(slack.header("webhook-signature").is_empty(), "Slack messages are not signed");
}

#[tokio::test]
async fn each_webhook_receives_only_its_events_and_stages() {
    let (wide, narrow, elsewhere) =
        (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    let here =
        Target { occasions: [Occasion::Refused].into(), ..target("narrow", Kind::Plain, &narrow) };
    let dev = "anet-dev".parse().expect("a stage");
    let other = Target { stages: [dev].into(), ..target("elsewhere", Kind::Plain, &elsewhere) };
    let setup = Setup {
        targets: vec![target("wide", Kind::Plain, &wide), here, other],
        ..notifying(&wide)
    };
    let console = console(setup, Clock::system()).await;
    let (mut dana, mut leo) = people(&console).await;
    let change = propose(&mut dana).await;
    decide(&mut leo, &change, "refuse", "No").await.expect(303);
    wide.took(2).await;
    assert_eq!(kinds(&narrow.took(1).await), ["change.refused"]);
    assert_eq!(narrow.requests().len(), 1);
    assert!(elsewhere.requests().is_empty());
    let stage = dana.get("/stages/anet-prod").await.expect(200);
    stage.says("plain JSON; receives refused.");
    assert!(!stage.words().contains("elsewhere"));
}

#[tokio::test]
async fn checking_the_configuration_sends_nothing() {
    let receiver = Receiver::start().await;
    let findings = check::webhooks(&notifying(&receiver));
    let [finding] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!(finding.what, "webhook team");
    let found = finding.outcome.as_ref().expect("nothing is wrong");
    assert_eq!(found, "plain JSON at 127.0.0.1; not tested, because a test would post a message");
    assert!(receiver.requests().is_empty());
}
