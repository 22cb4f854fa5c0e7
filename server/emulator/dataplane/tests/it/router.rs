//! Every status code, and which deployment answers.

use std::time::Duration;

use dataplane::model::EXAMPLE_REQUEST;
use dataplane::{DeploymentSpec, REQUEST_BYTES_MAX};
use futures::poll;
use http::{Request, StatusCode};
use http_body_util::Full;

use crate::stage::{ENDPOINT, KEY, Stage, read, request, spec};

#[tokio::test]
async fn an_answer_has_azures_headers() {
    let stage = Stage::with(&["blue"]).await;
    let asked = request(EXAMPLE_REQUEST).header("x-ms-client-request-id", "mine").body();
    let answer = stage.ask(asked).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("azureml-model-deployment"), "blue");
    assert_eq!(answer.header("server"), "azureml-frontdoor");
    assert_eq!(answer.header("x-ms-client-request-id"), "mine");
    assert_eq!(answer.header("x-request-id").len(), 36);
    assert_eq!(answer.header("x-request-id"), answer.header("x-ms-request-id"));
    assert!(answer.header("x-ms-run-fn-exec-ms").parse::<f64>().unwrap() > 0.0);
    assert_eq!(answer.header("x-ms-run-function-failed"), "False");
    assert_eq!(answer.json()["model"], "nbq");
    assert_eq!(answer.json()["ranking"].as_array().unwrap().len(), 3);
    let minutes = stage.traffic(Some("blue"), false);
    assert_eq!(minutes.len(), 1);
    assert_eq!(minutes[0].bytes_in, EXAMPLE_REQUEST.len() as u64);
    assert_eq!(minutes[0].bytes_out, answer.body.len() as u64);
    assert!(minutes[0].latency.p99_ms > 0.0);
}

#[tokio::test]
async fn invalid_requests_are_rejected_before_a_deployment_is_chosen() {
    let stage = Stage::with(&["blue"]).await;
    for (authorization, code) in [
        (None, "AuthorizationMissing"),
        (Some(KEY), "AuthorizationMissing"),
        (Some("Bearer bad"), "AuthorizationFailed"),
        (Some("Bearer old"), "TokenExpired"),
    ] {
        let mut asked = request(EXAMPLE_REQUEST).body();
        asked.headers_mut().remove("authorization");
        if let Some(value) = authorization {
            asked.headers_mut().insert("authorization", value.parse().unwrap());
        }
        let answer = stage.ask(asked).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.json()["error"]["code"], code);
    }
    let too_long = stage.ask(request(vec![b' '; REQUEST_BYTES_MAX + 1]).body()).await;
    assert_eq!(too_long.status, StatusCode::PAYLOAD_TOO_LARGE);
    let mut get = request("").body();
    *get.method_mut() = http::Method::GET;
    let got = stage.ask(get).await;
    assert_eq!((got.status, got.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
    let unknown = stage.plane.score("nobody", request("").body()).await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    let turned_away = stage.traffic(None, false);
    let counts: Vec<_> = turned_away[0].counts.iter().map(|c| (c.status, c.count)).collect();
    assert_eq!(counts, [(401, 4), (405, 1), (413, 1)]);
}

#[tokio::test]
async fn a_request_without_a_running_deployment_fails() {
    let stage = Stage::with(&["blue"]).await;
    let absent = stage.ask(request(EXAMPLE_REQUEST).to("green").body()).await;
    assert_eq!(absent.status, StatusCode::NOT_FOUND);
    assert_eq!(absent.json()["error"]["code"], "DeploymentNotFound");
    stage.route(&[("blue", 0)], None);
    let weightless = stage.score().await;
    assert_eq!(weightless.status, StatusCode::NOT_FOUND);
    assert_eq!(weightless.json()["error"]["code"], "NoDeployment");
    // An idle deployment still answers by name.
    let named = stage.ask(request(EXAMPLE_REQUEST).to("blue").body()).await;
    assert_eq!((named.status, named.header("azureml-model-deployment")), (StatusCode::OK, "blue"));
    stage.route(&[("green", 100)], None);
    assert_eq!(stage.score().await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(stage.count("green", false, 503), 1);
}

#[tokio::test]
async fn errors_of_the_model_become_424() {
    let stage = Stage::with(&["blue", "fail-scoring", "fail-some"]).await;
    let refused = stage.ask(request("{}").body()).await;
    assert_eq!(refused.status, StatusCode::FAILED_DEPENDENCY);
    assert_eq!(refused.header("ms-azureml-model-error-statuscode"), "400");
    assert_eq!(refused.header("ms-azureml-model-error-reason"), "model_error");
    assert!(refused.json()["error"]["message"].as_str().unwrap().contains("student"));
    let failed = stage.ask(request(EXAMPLE_REQUEST).to("fail-scoring").body()).await;
    assert_eq!(failed.status, StatusCode::FAILED_DEPENDENCY);
    assert_eq!(failed.header("ms-azureml-model-error-statuscode"), "500");
    for _ in 0..20 {
        stage.ask(request(EXAMPLE_REQUEST).to("fail-some").body()).await;
    }
    assert_eq!(stage.count("fail-some", false, 200), 18);
    assert_eq!(stage.count("fail-some", false, 424), 2);
    assert_eq!(stage.traffic(Some("blue"), false)[0].counts[0].model_status, Some(400));
}

#[tokio::test]
async fn timeouts_are_408_and_excess_requests_are_429() {
    let stage = Stage::new();
    let slow = DeploymentSpec::named("slow-scoring");
    stage.plane.start_deployment(ENDPOINT, slow.clone()).await.unwrap();
    stage.route(&[("slow-scoring", 100)], None);
    let asking = || Box::pin(stage.plane.score(ENDPOINT, request(EXAMPLE_REQUEST).body()));
    let (mut first, mut second) = (asking(), asking());
    // The first poll takes a place in the deployment.
    assert!(poll!(&mut first).is_pending() && poll!(&mut second).is_pending());
    assert_eq!(asking().await.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(first.await.status(), StatusCode::OK);
    assert_eq!(second.await.status(), StatusCode::OK);
    let hasty = DeploymentSpec { request_timeout: Duration::from_millis(50), ..slow };
    stage.plane.start_deployment(ENDPOINT, hasty).await.unwrap();
    assert_eq!(stage.score().await.status, StatusCode::REQUEST_TIMEOUT);
    assert_eq!(stage.count("slow-scoring", false, 408), 1);
    assert_eq!(stage.count("slow-scoring", false, 429), 1);
}

#[tokio::test]
async fn the_traffic_split_is_respected() {
    let stage = Stage::with(&["blue", "green"]).await;
    stage.route(&[("blue", 70), ("green", 30)], None);
    for _ in 0..400 {
        assert_eq!(stage.score().await.status, StatusCode::OK);
    }
    let blue = stage.count("blue", false, 200);
    assert_eq!(blue + stage.count("green", false, 200), 400);
    // 280 is expected; the bounds are six standard deviations away.
    assert!((225..=335).contains(&blue), "{blue}");
}

#[tokio::test]
async fn swagger_json_describes_the_model() {
    let stage = Stage::with(&["blue"]).await;
    let asked = Request::get("/endpoints/nbq/swagger.json")
        .header("authorization", format!("Bearer {KEY}"))
        .body(Full::default())
        .unwrap();
    let answer = read(stage.plane.score(ENDPOINT, asked).await).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["info"]["title"], "nbq");
}

#[tokio::test]
async fn two_versions_answer_differently() {
    let stage = Stage::with(&["blue"]).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("model.json"), dataplane::model::NBQ_2).unwrap();
    let green = DeploymentSpec { model: Some(folder.path().to_owned()), ..spec("green") };
    stage.plane.start_deployment(ENDPOINT, green).await.unwrap();
    let answer = stage.ask(request(EXAMPLE_REQUEST).to("green").body()).await.json();
    assert_eq!(answer["version"], 2);
    assert_ne!(answer["ability"], stage.score().await.json()["ability"]);
}
