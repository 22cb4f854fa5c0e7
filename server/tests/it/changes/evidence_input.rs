//! Invalid input on the forms that capture and search evidence.

use super::evidence::{EVIDENCE, capture, mirrored, on_a_comparison, propose, protected};
use super::{decide, seen, standing};
use crate::support::{DANA, LEO, PROD, VERA};
use serde_json::json;

/// The fields of a form.
type Fields<'a> = &'a [(&'a str, &'a str)];

#[tokio::test]
async fn evidence_that_cannot_be_captured_is_rejected_with_the_reason() {
    let console = protected(on_a_comparison()).await;
    let (mut dana, mut vera) = (console.signed_in_as(DANA).await, console.signed_in_as(VERA).await);
    let shadow = ("kind", "shadow_comparison");
    let replay = ("kind", "replay_diff");
    let body = ("body", "{}");
    let cases: [(Fields<'_>, u16, &str); 11] = [
        (&[], 422, "kind of evidence does not exist"),
        (
            &[("kind", "load_test"), ("deployment", "anet-green")],
            422,
            "kind of evidence does not exist",
        ),
        (&[shadow], 422, "Nothing was captured"),
        (&[shadow, ("deployment", "../../etc")], 422, "Nothing was captured"),
        (&[shadow, ("deployment", "anet-none")], 404, "no deployment anet-none"),
        // Nothing is mirrored to this deployment, so there are no measurements.
        (&[shadow, ("deployment", "anet-green")], 422, "no minute in which both"),
        (&[shadow, ("deployment", "anet-eedi")], 422, "No other deployment than anet-eedi"),
        (&[replay, ("target", "anet-eedi"), body], 422, "Choose two deployments: a live one"),
        (
            &[replay, ("target", "split"), ("target", "anet-green"), body],
            422,
            "instead of the live traffic split",
        ),
        (
            &[replay, ("target", "anet-eedi"), ("target", "anet-eedi"), body],
            422,
            "the same deployment",
        ),
        (
            &[replay, ("target", "anet-eedi"), ("target", "anet-green"), ("body", "not JSON")],
            422,
            "The body is not JSON",
        ),
    ];
    for (fields, status, words) in cases {
        dana.post(EVIDENCE, fields).await.expect(status).says(words);
    }
    let page = vera.post(EVIDENCE, &[shadow, ("deployment", "anet-green")]).await.expect(403);
    page.says("Only these roles may send test requests");
    vera.get(EVIDENCE).await.expect(200).says("No evidence has been captured yet.");
    for forged in [
        "6f2c1b6a-0c1d-4e7f-9a3b-0123456789ab",
        "none",
        "..%2F..%2Fledger.key",
        "%27%20OR%201=1",
        "6F2C1B6A-0C1D-4E7F-9A3B-0123456789AB",
    ] {
        vera.get(&format!("/evidence/{forged}")).await.expect(404).says("no such evidence");
    }
    console.browser().get(EVIDENCE).await.expect(303);
    let there = "/stages/anet-prod/endpoints/anet-ep-none/evidence";
    dana.post(there, &[shadow, ("deployment", "anet-green")]).await.expect(404);
}

#[tokio::test]
async fn the_evidence_form_redirects_only_to_changes() {
    let console = protected(on_a_comparison()).await;
    let mut dana = console.signed_in_as(DANA).await;
    mirrored(&console, "anet-green").await;
    for to in ["//evil.example", "https://evil.example/aaaaaaaaaaaaaaaaa", "../../sign-out"] {
        let fields = [("kind", "shadow_comparison"), ("deployment", "anet-green"), ("change", to)];
        let page = dana.post(EVIDENCE, &fields).await.expect(303);
        let to = page.header("location").expect("an address");
        assert!(to.starts_with("/evidence/"), "{to}");
    }
}

#[tokio::test]
async fn evidence_needs_metrics_of_the_same_endpoint() {
    let console = protected(on_a_comparison()).await;
    let (mut dana, mut leo) = (console.signed_in_as(DANA).await, console.signed_in_as(LEO).await);
    mirrored(&console, "anet-green").await;
    let change = propose(&mut dana, "anet-green").await;
    // The dev stage's endpoint has a deployment with the same name.
    let dev = "/stages/anet-dev/endpoints/anet-ep-dev/evidence";
    let page = dana.get(dev).await.expect(200);
    page.says("policy requires no evidence");
    let matches = json!({ "method": "GET", "path_contains": "/metrics" });
    let fault = json!({ "match": matches, "times": 1_000, "respond": { "status": 503 } });
    console.fault(fault).await;
    console.clock.advance(3_000);
    capture(&mut dana, "anet-green").await.expect(503).says("nothing was captured");
    let seen = seen(&mut leo, &change).await;
    let path = format!("{change}/approve");
    leo.post(&path, &[("seen", &seen)]).await.expect(422).says("is missing");
    assert_eq!(standing(&mut leo, &change).await, "waits for approval");
    decide(&mut leo, &change, "refuse", "Without numbers, no").await.expect(303);
    dana.get(&format!("{PROD}/evidence"))
        .await
        .expect(200)
        .says("No evidence has been captured yet.");
}
