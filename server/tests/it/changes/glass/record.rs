//! That glass was broken is told to everybody, once, and stays known.

use super::{ADA, AMIR, HALF, NAME, WHY_NOW, breaks, form, sends, settled, throttled, told};
use crate::changes::{one, protected};
use crate::go_live::split;
use crate::notify::told_to;
use crate::support::receiver::Receiver;
use crate::support::{DANA, LEO, PROD, TestConsole, Wanted};
use app::domain::notification::{Kind, Occasion};
use serde_json::json;
use server::notify::address::Address;
use server::notify::setup::{Setup, Target};
use server::outside::address::Reach;
use std::time::Duration;

#[tokio::test]
async fn every_webhook_gets_it_whatever_it_is_configured_to_get() {
    let (wide, narrow, elsewhere) =
        (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    let told = told_to(&wide);
    let to = |name: &str, receiver: &Receiver| Target {
        name: name.to_owned(),
        kind: Kind::Plain,
        address: Address::parse(&receiver.url(), Reach::OWN).expect("a URL"),
        ..told.targets[0].clone()
    };
    let narrow_one = Target { occasions: [Occasion::Expired].into(), ..to("narrow", &narrow) };
    let dev = "anet-dev".parse().expect("a stage");
    let other = Target {
        stages: [dev].into(),
        occasions: [Occasion::Refused].into(),
        ..to("elsewhere", &elsewhere)
    };
    let targets = vec![told.targets[0].clone(), narrow_one, other];
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
        assert_eq!(words, format!("Set aside: Approval by another person. Reason: {WHY_NOW}"));
        let summary = data["summary"].as_str().expect("a summary");
        assert!(summary.starts_with("Glass was broken: Set the route"), "{summary}");
        assert_eq!(data["url"], console.url.join(&run).expect("a URL").as_str());
    }
    // Nothing else goes to those who asked for something else.
    assert_eq!((narrow.requests().len(), elsewhere.requests().len()), (1, 1));
}

#[tokio::test]
async fn a_form_that_is_sent_many_times_breaks_glass_once() {
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
    // And again, when it is over.
    let page = sends(&mut leo, &form, WHY_NOW, NAME).await.expect(303);
    assert_eq!(page.header("location"), Some(runs[0].as_str()));
    console.has_sent(before + 1).await;
    let open = console.services.changes.glass.open().await.expect("a store");
    assert_eq!(open.len(), 1);
    // Nobody else's click is taken for it.
    let mut amir = console.signed_in_as(AMIR).await;
    let page = sends(&mut amir, &form, WHY_NOW, NAME).await.expect(409);
    page.says("Leo Lead has sent this form.");
}

#[tokio::test]
async fn of_two_people_at_once_one_breaks_glass() {
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
async fn it_outlives_a_restart_and_an_export_proves_it() {
    let console = protected().await;
    let mut leo = console.signed_in_as(LEO).await;
    throttled(&console).await;
    let run = breaks(&mut leo, HALF).await;
    let console = console.stop().await.restart().await;
    let (mut dana, mut ada) = (console.signed_in_as(DANA).await, console.signed_in_as(ADA).await);
    settled(&console).await;
    dana.get(&run).await.expect(200).says("Leo Lead broke glass");
    assert!(told(&mut dana, "/").await.is_some());
    let glass = told(&mut ada, PROD).await.expect("a banner");
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
    assert_eq!(told(&mut console.signed_in_as(DANA).await, "/").await, None);
}
