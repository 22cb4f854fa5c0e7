//! Webhooks of action groups: attempts, time limits, redirects, and tests by hand.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Reply, Stage, in_time};
use crate::webhook::{GROUP, Webhook, alerts, group, in_group, put_rule, reject, stage};

#[tokio::test]
async fn a_webhook_is_called_again_after_the_documented_pauses_and_then_left_alone() {
    let stage = stage().await;
    let mut webhook = Webhook::start(&[Some(503); 6]).await;
    group(&stage, &webhook.url).await;
    put_rule(&stage, "rejected", json!({ "/autoMitigate": false })).await;
    reject(&stage, "watched", 2).await;
    stage.advance(300).await;
    let first = webhook.next().await;
    for pause in [5, 20, 5, 40, 5] {
        // The emulator's task sleeps a moment after its answer was sent.
        let again = async {
            loop {
                stage.advance(pause).await;
                if !webhook.is_quiet() {
                    break;
                }
            }
        };
        in_time(again).await;
    }
    assert_eq!(first["data"]["essentials"]["monitorCondition"], "Fired");
    assert!(webhook.answers.lock().expect("not poisoned").is_empty(), "six attempts");
}

#[tokio::test]
async fn a_refusal_is_final_and_a_redirect_is_one() {
    for status in [400, 302] {
        let stage = stage().await;
        let mut webhook = Webhook::start(&[Some(status)]).await;
        group(&stage, &webhook.url).await;
        put_rule(&stage, "rejected", json!({})).await;
        reject(&stage, "watched", 2).await;
        stage.advance(300).await;
        webhook.next().await;
        stage.advance(200).await;
        assert!(webhook.is_quiet(), "{status}");
    }
}

#[tokio::test]
async fn a_webhook_that_hangs_stops_no_evaluation() {
    let stage = stage().await;
    let mut webhook = Webhook::start(&[None; 20]).await;
    group(&stage, &webhook.url).await;
    put_rule(&stage, "rejected", json!({ "/autoMitigate": false })).await;
    reject(&stage, "watched", 2).await;
    for count in 1..=3 {
        stage.advance(300).await;
        assert_eq!(alerts(&stage, "").await.len(), count);
        webhook.next().await;
    }
}

async fn test(stage: &Stage, body: Value) -> Reply {
    let path = in_group(GROUP);
    let accepted = stage.post(&format!("{path}/createNotifications"), body).await;
    assert_eq!(accepted.status, StatusCode::ACCEPTED, "{accepted:?}");
    let location = accepted.header("location").to_owned();
    let done = async {
        loop {
            let request = stage.http.get(&location).bearer_auth("x");
            let reply = Reply::read(request.send().await.expect("an answer")).await;
            if reply.status != StatusCode::ACCEPTED {
                return reply;
            }
        }
    };
    in_time(done).await
}

#[tokio::test]
async fn a_test_notification_calls_the_given_webhooks_and_reports() {
    let stage = stage().await;
    let mut webhook = Webhook::start(&[Some(200), Some(404)]).await;
    group(&stage, &webhook.url).await;
    let receivers = json!([
        { "name": "good", "serviceUri": webhook.url, "useCommonAlertSchema": true },
        { "name": "bad", "serviceUri": webhook.url, "useCommonAlertSchema": true },
        { "name": "file", "serviceUri": "file:///etc/passwd", "useCommonAlertSchema": true },
        { "name": "secure", "serviceUri": webhook.url, "useAadAuth": true },
    ]);
    let email = json!([{ "name": "team", "emailAddress": "team@anet.example" }]);
    let body = json!({ "alertType": "logalertv2", "webhookReceivers": receivers, "emailReceivers": email });
    let done = test(&stage, body).await;
    assert_eq!((done.status, &done.body["state"]), (StatusCode::OK, &json!("Completed")));
    let details: Vec<(String, String)> = done.body["actionDetails"]
        .as_array()
        .expect("details")
        .iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().expect("text").to_owned();
            assert!(!text("Detail").contains("127.0.0.1"), "an address may have a password in it");
            (text("Name"), text("Status"))
        })
        .collect();
    let expected = [
        ("good", "Completed"),
        ("bad", "Failed"),
        ("file", "Failed"),
        ("secure", "Failed"),
        ("team", "Completed"),
    ];
    assert_eq!(details, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    assert_eq!(webhook.next().await["schemaId"], "azureMonitorCommonAlertSchema");
    let refused = stage
        .post(&format!("{}/createNotifications", in_group(GROUP)), json!({ "alertType": "moon" }))
        .await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let none = in_group("Microsoft.Insights/actionGroups/none/createNotifications");
    assert_eq!(
        stage.post(&none, json!({ "alertType": "logalertv2" })).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn the_password_in_an_address_is_sent_as_basic_authentication() {
    let stage = stage().await;
    let mut webhook = Webhook::start(&[]).await;
    group(&stage, &webhook.url).await;
    let uri = webhook.url.replace("http://", "http://me:se%20cret@");
    let receivers = json!([{ "name": "basic", "serviceUri": uri, "useCommonAlertSchema": true }]);
    test(&stage, json!({ "alertType": "logalertv2", "webhookReceivers": receivers })).await;
    let (headers, _) = webhook.call().await;
    assert_eq!(headers["authorization"], "Basic bWU6c2UgY3JldA==");
}
