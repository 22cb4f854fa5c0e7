//! Everybody is notified of broken glass, once, and the record stays.

use super::{ADA, AMIR, HALF, NAME, WHY_NOW, banner, breaks, form, sends, settled, throttled};
use crate::changes::{one, protected};
use crate::go_live::split;
use crate::notify::notifying;
use crate::support::receiver::Receiver;
use crate::support::{DANA, LEO, PROD, TestConsole, Wanted};
use domain::notification::{Kind, Occasion};
use serde_json::json;
use server::messages::address::Address;
use server::messages::setup::{Setup, Target};
use server::outside::address::Reach;
use std::time::Duration;

#[tokio::test]
async fn every_webhook_is_notified_regardless_of_its_filters() {
    let (wide, narrow, elsewhere) =
        (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    let wide_only = notifying(&wide);
    let to = |name: &str, receiver: &Receiver| Target {
        name: name.to_owned(),
        kind: Kind::Plain,
        address: Address::parse(&receiver.url(), Reach::OWN).expect("a URL"),
        ..wide_only.targets[0].clone()
    };
    let narrow_one = Target { occasions: [Occasion::Expired].into(), ..to("narrow", &narrow) };
    let dev = "anet-dev".parse().expect("a stage");
    let other = Target {
        stages: [dev].into(),
        occasions: [Occasion::Refused].into(),
        ..to("elsewhere", &elsewhere)
    };
    let targets = vec![wide_only.targets[0].clone(), narrow_one, other];
    let setup = Setup { targets, answer_max: Duration::from_millis(500), ..Setup::default() };
    let wanted = Wanted { notify: Some(setup), ..Wanted::protected(one()) };
    let console = TestConsole::with(wanted).await;
    console.with_deployment("anet-green").await;
    let mut leo = console.signed_in_as(LEO).await;
    let run = breaks(&mut leo, HALF).await;
    settled(&console).await;
    for receiver in [&wide, &narrow, &elsewhere] {
        let received = receiver.took(1).await.remove(0).json();
        assert_eq!(received["type"], "run.broke_glass");
        let data = &received["data"];
        assert_eq!(data["by"], LEO);
        let words = data["words"].as_str().expect("words");
        assert_eq!(words, format!("Overridden: Approval by another person. Reason: {WHY_NOW}"));
        let summary = data["summary"].as_str().expect("a summary");
        assert!(summary.starts_with("Glass was broken: Set the route"), "{summary}");
        assert_eq!(data["url"], console.url.join(&run).expect("a URL").as_str());
    }
    // Webhooks that selected other events receive nothing else.
    assert_eq!((narrow.requests().len(), elsewhere.requests().len()), (1, 1));
}

#[tokio::test]
async fn resending_the_form_breaks_glass_once() {
    let console = protected().await;
    let mut leo = console.signed_in_as(LEO).await;
    let form = form(&mut leo, HALF).await;
    let before = console.writes().await.len();
    let clicks = (0..10).map(|_| {
        let (mut leo, form) = (leo.clone(), form.clone());
        async move {
            let page = sends(&mut leo, &form, WHY_NOW, NAME).await.expect(303);
            page.header("location").expect("a run").to_owned()
        }
    });
    let runs = futures::future::join_all(clicks).await;
    assert!(runs.iter().all(|run| *run == runs[0]), "{runs:?}");
    console.has_sent(before + 1).await;
    // Sending the form again after the end has no effect either.
    let page = sends(&mut leo, &form, WHY_NOW, NAME).await.expect(303);
    assert_eq!(page.header("location"), Some(runs[0].as_str()));
    console.has_sent(before + 1).await;
    let open = console.services.changes.glass.open().await.expect("a store");
    assert_eq!(open.len(), 1);
    // Another person's form does not return this run.
    let mut amir = console.signed_in_as(AMIR).await;
    let page = sends(&mut amir, &form, WHY_NOW, NAME).await.expect(409);
    page.says("Leo Lead has already sent this form.");
}

#[tokio::test]
async fn only_one_of_two_concurrent_people_breaks_glass() {
    let console = protected().await;
    let (mut leo, mut amir) = (console.signed_in_as(LEO).await, console.signed_in_as(AMIR).await);
    let (one, other) = (form(&mut leo, HALF).await, form(&mut amir, HALF).await);
    throttled(&console).await;
    let (first, second) =
        tokio::join!(sends(&mut leo, &one, WHY_NOW, NAME), sends(&mut amir, &other, WHY_NOW, NAME));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409], "{} {}", first.words(), second.words());
    settled(&console).await;
    assert_eq!(split(&console).await, json!({ "anet-eedi": 50, "anet-green": 50 }));
    assert_eq!(console.services.changes.glass.open().await.expect("a store").len(), 1);
}

#[tokio::test]
async fn broken_glass_survives_a_restart_and_is_in_exports() {
    let console = protected().await;
    let mut leo = console.signed_in_as(LEO).await;
    throttled(&console).await;
    let run = breaks(&mut leo, HALF).await;
    let console = console.stop().await.restart().await;
    let (mut dana, mut ada) = (console.signed_in_as(DANA).await, console.signed_in_as(ADA).await);
    settled(&console).await;
    dana.get(&run).await.expect(200).says("Leo Lead broke glass");
    assert!(banner(&mut dana, "/").await.is_some());
    let glass = banner(&mut ada, PROD).await.expect("a banner");
    ada.post(&glass, &[]).await.expect(303);
    ada.post("/history", &[]).await.expect(200).says("Intact");
    let history = ada.get("/history").await.expect(200);
    let export = |form: &str| {
        let link = format!("a[href*='export.{form}']");
        history.attribute(&link, "href").expect("a link")
    };
    let lines = ada.get(&export("jsonl")).await.expect(200);
    for kind in ["broke_glass", "glass_acknowledged"] {
        assert!(lines.text.contains(&format!("\"kind\":\"{kind}\"")), "{kind}");
    }
    let table = ada.get(&export("csv")).await.expect(200);
    assert!(table.text.contains("broke_glass"), "{}", table.text);
    let console = console.stop().await.restart().await;
    assert_eq!(banner(&mut console.signed_in_as(DANA).await, "/").await, None);
}
