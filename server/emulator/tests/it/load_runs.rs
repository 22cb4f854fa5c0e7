//! Runs of load tests against a small server, with URL tests.

use emulator::Clock;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Stage, config, in_time};
use crate::load::{archive, ended, patch, plane, quick, server, start, until, upload, validated};
use crate::vault::VAULT;

/// Criteria of a test, each with a limit.
fn criteria(all: &[(&str, &str, &str, f64)]) -> Value {
    let one = |(metric, aggregate, condition, value): &(&str, &str, &str, f64)| {
        let criterion = json!({ "clientMetric": metric, "aggregate": aggregate, "condition": condition, "value": value });
        ((*metric).to_owned(), criterion)
    };
    let all: serde_json::Map<String, Value> = all.iter().map(one).collect();
    json!({ "passFailCriteria": { "passFailMetrics": all } })
}

/// A URL test whose requests name variables and a secret.
fn with_key(seconds: u32) -> String {
    json!({
        "version": "1.0",
        "scenarios": { "group": { "requests": [{ "requestName": "score", "requestType": "URL",
            "endpoint": "${ENDPOINT_URL}/key", "method": "POST", "body": "{}",
            "headers": { "Authorization": "Bearer ${API_KEY}" } }] } },
        "testSetup": [{ "virtualUsersPerEngine": 1, "durationInSeconds": seconds, "scenario": "group" }],
    })
    .to_string()
}

/// A test with an uploaded file, and the key in the vault.
async fn keyed(stage: &Stage, plane: &str, id: &str) {
    stage.put(&format!("{VAULT}/secrets/api-key-anet"), json!({ "value": "hunter2-key" })).await;
    let url = format!("http://{}", server().await);
    let secret = stage.url(&format!("{VAULT}/secrets/api-key-anet"));
    let body = json!({ "kind": "URL", "environmentVariables": { "ENDPOINT_URL": url },
        "secrets": { "API_KEY": { "type": "AKV_SECRET_URI", "value": secret } } });
    assert_eq!(
        patch(stage, &format!("{plane}/tests/{id}"), body).await.status,
        StatusCode::CREATED
    );
    let file = format!("{plane}/tests/{id}/files/requests.json");
    assert_eq!(
        upload(stage, &file, "URL_TEST_CONFIG", with_key(1)).await.status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn a_run_ends_with_statistics_results_and_a_verdict() {
    let stage = Stage::start().await;
    let plane = plane(&stage).await;
    quick(&stage, &plane, "smoke", format!("http://{}/ok", server().await), 2).await;
    let limits = criteria(&[("requests", "count", "<", 5.0), ("error", "percentage", ">", 1.0)]);
    patch(&stage, &format!("{plane}/tests/smoke"), limits).await;
    let path = start(&stage, &plane, "commit-1-smoke", "smoke").await;
    for status in ["NOTSTARTED", "PROVISIONING", "CONFIGURING", "EXECUTING"] {
        until(&stage, &path, &[status]).await;
    }
    let run = ended(&stage, &path).await;
    assert_eq!((&run["status"], &run["testResult"]), (&json!("DONE"), &json!("PASSED")), "{run}");
    let total = &run["testRunStatistics"]["Total"];
    let count = total["sampleCount"].as_f64().expect("a number");
    assert!(
        count > 10.0 && total["errorCount"] == 0.0 && total["throughput"].as_f64() > Some(5.0),
        "{total}"
    );
    let judged = &run["passFailCriteria"]["passFailMetrics"]["requests"];
    assert_eq!((&judged["result"], &judged["actualValue"]), (&json!("passed"), &json!(count)));
    assert_eq!((&run["virtualUsers"], &run["kind"]), (&json!(2), &json!("URL")));

    let output = &run["testArtifacts"]["outputArtifacts"];
    let results = archive(&stage, &output["resultFileInfo"]).await;
    assert_eq!((results.len(), results[0].0.as_str()), (1, "engine1_results.csv"));
    assert_eq!(
        results[0].1.lines().count() as f64,
        count + 1.0,
        "a row for each request, and a header"
    );
    let span = format!(
        "{}/{}",
        run["startDateTime"].as_str().expect("a time"),
        run["endDateTime"].as_str().expect("a time")
    );
    let query = format!(
        "metricname=TotalRequests&metricNamespace=LoadTestRunMetrics&timespan={span}&interval=PT5S"
    );
    let filter = json!({ "filters": [{ "name": "RequestName", "values": ["HTTP Request"] }] });
    let answer = stage.post(&format!("{path}/metrics?{query}"), filter).await.body;
    let series = &answer["value"][0];
    assert_eq!(
        series["dimensionValues"],
        json!([{ "name": "RequestName", "value": "HTTP Request" }])
    );
    let values = series["data"].as_array().expect("points");
    let sum: f64 = values.iter().filter_map(|point| point["value"].as_f64()).sum();
    assert_eq!(sum, count, "{answer}");
    let names = stage
        .get(&format!("{path}/metric-dimensions/RequestName/values?metricname=ResponseTime"))
        .await;
    assert_eq!(names.body["value"], json!(["HTTP Request"]));
    let known = stage.get(&format!("{path}/metric-definitions")).await.body;
    assert_eq!(known["value"].as_array().map(Vec::len), Some(4));
    assert_eq!(stage.get(&format!("{path}/files/csv.zip")).await.body["fileName"], "csv.zip");
}

#[tokio::test]
async fn metrics_are_there_while_a_test_runs_and_stopping_keeps_what_was_measured() {
    let stage = Stage::start().await;
    let plane = plane(&stage).await;
    quick(&stage, &plane, "long", format!("http://{}/ok", server().await), 600).await;
    let path = start(&stage, &plane, "long-1", "long").await;
    until(&stage, &path, &["EXECUTING"]).await;
    let measured = async {
        loop {
            let answer = stage
                .post(&format!("{path}/metrics?metricname=VirtualUsers"), json!({}))
                .await
                .body;
            if let Some(users) = answer["value"][0]["data"][0]["value"].as_f64() {
                return users;
            }
        }
    };
    assert_eq!(in_time(measured).await, 2.0);
    let conflict = stage.delete(&path).await;
    assert_eq!((conflict.status, conflict.code()), (StatusCode::CONFLICT, "TestRunInProgress"));
    assert_eq!(stage.delete(&format!("{plane}/tests/long")).await.code(), "TestRunInProgress");
    let stopping = stage.post(&format!("{path}:stop"), json!({})).await;
    assert_eq!((stopping.status, &stopping.body["status"]), (StatusCode::OK, &json!("CANCELLING")));
    let run = ended(&stage, &path).await;
    assert_eq!(
        (&run["status"], &run["testResult"]),
        (&json!("CANCELLED"), &json!("NOT_APPLICABLE"))
    );
    assert!(run["testRunStatistics"]["Total"]["sampleCount"].as_f64() > Some(0.0));
    assert!(run["testArtifacts"]["outputArtifacts"]["resultFileInfo"].is_object());
    assert_eq!(stage.post(&format!("{path}:stop"), json!({})).await.code(), "InvalidTestRunStatus");
    assert_eq!(stage.delete(&format!("{plane}/tests/long")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(stage.get(&path).await.code(), "TestRunNotFound", "its runs are gone too");
}

#[tokio::test]
async fn a_criterion_that_is_met_fails_the_test_and_not_the_run() {
    let stage = Stage::start().await;
    let plane = plane(&stage).await;
    quick(&stage, &plane, "failing", format!("http://{}/fail", server().await), 1).await;
    patch(
        &stage,
        &format!("{plane}/tests/failing"),
        criteria(&[("error", "percentage", ">", 10.0)]),
    )
    .await;
    let path = start(&stage, &plane, "failing-1", "failing").await;
    let run = ended(&stage, &path).await;
    assert_eq!((&run["status"], &run["testResult"]), (&json!("DONE"), &json!("FAILED")), "{run}");
    assert_eq!(run["passFailCriteria"]["passFailMetrics"]["error"]["actualValue"], 100.0);
    let kinds =
        stage.get(&format!("{path}/metric-dimensions/Errors/values?metricname=Errors")).await.body;
    assert_eq!(kinds["value"], json!(["HTTP 500 Internal Server Error"]));
}

#[tokio::test]
async fn too_many_errors_stop_a_test() {
    let stage = Stage::start().await;
    let plane = plane(&stage).await;
    quick(&stage, &plane, "dying", format!("http://{}/fail", server().await), 600).await;
    let mut rule = criteria(&[("error", "percentage", ">", 10.0)]);
    rule["autoStopCriteria"] = json!({ "errorRate": 50, "errorRateTimeWindowInSeconds": 1 });
    patch(&stage, &format!("{plane}/tests/dying"), rule).await;
    let path = start(&stage, &plane, "dying-1", "dying").await;
    let run = ended(&stage, &path).await;
    assert_eq!(
        (&run["status"], &run["errorDetails"][0]["code"]),
        (&json!("FAILED"), &json!("AutoStopErrorRate"))
    );
    assert!(run["testRunStatistics"]["Total"]["errorPct"] == 100.0, "{run}");
    assert_eq!(run["testResult"], "FAILED", "what was measured is judged");
}

#[tokio::test]
async fn a_secret_of_the_vault_reaches_the_test_and_no_log() {
    let stage = Stage::start().await;
    let plane = plane(&stage).await;
    keyed(&stage, &plane, "keyed").await;
    // A run waits for the validation of its files.
    let path = start(&stage, &plane, "keyed-1", "keyed").await;
    let run = ended(&stage, &path).await;
    let score = &run["testRunStatistics"]["score"];
    assert!(score["sampleCount"].as_f64() > Some(0.0) && score["errorCount"] == 0.0, "{run}");
    assert!(!run.to_string().contains("hunter2"));
    let output = &run["testArtifacts"]["outputArtifacts"];
    for file in ["resultFileInfo", "logsFileInfo"] {
        let text: String =
            archive(&stage, &output[file]).await.into_iter().map(|(_, text)| text).collect();
        assert!(!text.contains("hunter2"), "{file}");
    }
}

#[tokio::test]
async fn a_run_fails_with_the_reason_why_a_secret_cannot_be_read() {
    let stage = Stage::start().await;
    let plane = plane(&stage).await;
    keyed(&stage, &plane, "keyed").await;
    let failed = async |id: &str| {
        let run = ended(&stage, &start(&stage, &plane, id, "keyed").await).await;
        assert_eq!(
            (&run["status"], &run["errorDetails"][0]["code"]),
            (&json!("FAILED"), &json!("InvalidSecret"))
        );
        run["errorDetails"][0]["message"].as_str().expect("a reason").to_owned()
    };
    stage.switch(Method::PUT, "/emulator/vaults/kv-it-dev", json!({ "refuse": "rbac" })).await;
    assert!(failed("refused-1").await.contains("not authorized"));
    stage.switch(Method::PUT, "/emulator/vaults/kv-it-dev", json!({ "refuse": null })).await;
    stage.delete(&format!("{VAULT}/secrets/api-key-anet")).await;
    let text = failed("deleted-1").await;
    assert!(text.contains("API_KEY") && text.contains("deleted and recoverable"), "{text}");
}

#[tokio::test]
async fn a_run_keeps_the_files_with_which_it_started() {
    let stage = Stage::start().await;
    let plane = plane(&stage).await;
    keyed(&stage, &plane, "changing").await;
    let first = start(&stage, &plane, "first", "changing").await;
    let file = format!("{plane}/tests/changing/files/requests.json");
    validated(&stage, &file).await;
    until(&stage, &first, &["PROVISIONING"]).await;
    upload(&stage, &file, "URL_TEST_CONFIG", "not JSON").await;
    assert_eq!(ended(&stage, &first).await["status"], "DONE");
    // The changed file is not valid, so a new run is not carried out.
    let second = start(&stage, &plane, "second", "changing").await;
    until(&stage, &second, &["VALIDATION_FAILURE"]).await;
    let run = ended(&stage, &second).await;
    assert_eq!(
        (&run["status"], &run["errorDetails"][0]["code"]),
        (&json!("FAILED"), &json!("ValidationFailed"))
    );
    let again = format!("{plane}/test-runs/again?oldTestRunId=first");
    assert_eq!(
        patch(&stage, &again, json!({ "testId": "changing" })).await.status,
        StatusCode::CREATED
    );
    let run = ended(&stage, &format!("{plane}/test-runs/again")).await;
    assert_eq!(run["status"], "DONE", "it has the files of the first run");
}

#[tokio::test]
async fn a_run_that_hangs_in_provisioning_can_be_stopped() {
    let stage = Stage::start().await;
    let plane = plane(&stage).await;
    quick(&stage, &plane, "lt-ep-stuck-provisioning", "http://127.0.0.1:1/".to_owned(), 1).await;
    let path = start(&stage, &plane, "stuck-1", "lt-ep-stuck-provisioning").await;
    until(&stage, &path, &["PROVISIONING"]).await;
    stage.advance(24 * 3600).await;
    assert_eq!(stage.get(&path).await.body["status"], "PROVISIONING");
    stage.post(&format!("{path}:stop"), json!({})).await;
    let run = ended(&stage, &path).await;
    assert_eq!(run["status"], "CANCELLED");
    assert!(
        run["testRunStatistics"].is_null() && run["testArtifacts"]["outputArtifacts"].is_null()
    );
}

#[tokio::test]
async fn switches_lose_results_and_fail_validations() {
    let stage = Stage::start().await;
    let plane = plane(&stage).await;
    quick(&stage, &plane, "fine", format!("http://{}/ok", server().await), 1).await;
    patch(&stage, &format!("{plane}/tests/fine"), criteria(&[("requests", "count", "<", 1.0)]))
        .await;
    let switch = json!({ "lose_results": true, "fail_validation": true });
    let set = stage.switch(Method::PUT, "/emulator/load-testing", switch).await;
    assert_eq!(set.status, StatusCode::NO_CONTENT);
    let run = ended(&stage, &start(&stage, &plane, "fine-1", "fine").await).await;
    assert_eq!((&run["status"], &run["testResult"]), (&json!("DONE"), &json!("NOT_APPLICABLE")));
    assert!(
        run["testRunStatistics"].is_null() && run["testArtifacts"]["outputArtifacts"].is_null()
    );
    assert_eq!(run["passFailCriteria"]["passFailMetrics"]["requests"]["result"], "undetermined");
    patch(&stage, &format!("{plane}/tests/urls"), json!({ "kind": "URL" })).await;
    let file = format!("{plane}/tests/urls/files/requests.json");
    upload(&stage, &file, "URL_TEST_CONFIG", with_key(1)).await;
    assert_eq!(validated(&stage, &file).await["validationStatus"], "VALIDATION_FAILURE");
    stage.switch(Method::DELETE, "/emulator/load-testing", json!({})).await;
    let run = ended(&stage, &start(&stage, &plane, "fine-2", "fine").await).await;
    assert_eq!(run["testResult"], "PASSED");
    let run = ended(&stage, &start(&stage, &plane, "fail-provisioning", "fine").await).await;
    assert_eq!(run["errorDetails"][0]["code"], "ProvisioningFailed");
}

#[tokio::test]
async fn a_run_needs_a_plan_an_id_of_its_own_and_free_engines() {
    let stage = Stage::start().await;
    let plane = plane(&stage).await;
    patch(&stage, &format!("{plane}/tests/empty"), json!({ "kind": "Locust" })).await;
    let run = |id: &str| format!("{plane}/test-runs/{id}");
    let of = |test: &str| json!({ "testId": test });
    assert_eq!(patch(&stage, &run("run-1"), of("empty")).await.code(), "TestScriptMissing");
    assert_eq!(patch(&stage, &run("run-1"), of("absent")).await.code(), "TestNotFound");
    assert_eq!(patch(&stage, &run("Run"), of("empty")).await.code(), "InvalidTestRunId");
    quick(&stage, &plane, "stuck-provisioning", "http://127.0.0.1:1/".to_owned(), 1).await;
    let engines = json!({ "loadTestConfiguration": { "engineInstances": 45 } });
    patch(&stage, &format!("{plane}/tests/stuck-provisioning"), engines).await;
    start(&stage, &plane, "run-1", "stuck-provisioning").await;
    start(&stage, &plane, "run-2", "stuck-provisioning").await;
    let refused = patch(&stage, &run("run-3"), of("stuck-provisioning")).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "QuotaExceeded"));
    let renamed = json!({ "testId": "stuck-provisioning", "displayName": "Other" });
    let renamed = patch(&stage, &run("run-1"), renamed).await;
    assert_eq!((renamed.status, &renamed.body["displayName"]), (StatusCode::OK, &json!("Other")));
    assert_eq!(patch(&stage, &run("run-1"), of("empty")).await.code(), "TestRunAlreadyExists");
    let listed = stage
        .get(&format!("{plane}/test-runs?testId=stuck-provisioning&status=DONE,PROVISIONING"))
        .await;
    assert!(listed.body["value"].as_array().is_some_and(|runs| runs.len() <= 2));
    assert_eq!(
        stage.get(&format!("{plane}/test-runs?testId=empty")).await.body["value"],
        json!([])
    );
}

#[tokio::test]
async fn a_run_that_lost_its_engines_says_so_after_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let state = Some(dir.path().to_owned());
    let stage = Stage::start_with(config(state.clone())).await;
    let path = plane(&stage).await;
    quick(&stage, &path, "long", format!("http://{}/ok", server().await), 600).await;
    let run = start(&stage, &path, "long-1", "long").await;
    until(&stage, &run, &["EXECUTING"]).await;
    let measured = async {
        loop {
            let answer =
                stage.post(&format!("{run}/metrics?metricname=TotalRequests"), json!({})).await;
            if answer.body["value"][0]["data"][0]["value"].as_f64() > Some(0.0) {
                return;
            }
        }
    };
    in_time(measured).await;
    let now = stage.emulator.clock().now();
    stage.emulator.stop().await;

    let mut config = config(state);
    config.clock = Clock::explicit(now);
    let stage = Stage::start_with(config).await;
    assert_eq!(plane(&stage).await, path);
    let lost = stage.get(&run).await.body;
    let shown = (&lost["status"], &lost["errorDetails"][0]["code"]);
    assert_eq!(shown, (&json!("FAILED"), &json!("TestEngineLost")));
    let recovered = async {
        loop {
            let body = stage.get(&run).await.body;
            if body["testRunStatistics"].is_object() {
                return body;
            }
        }
    };
    let run = in_time(recovered).await;
    assert!(run["testRunStatistics"]["Total"]["sampleCount"].as_f64() > Some(0.0), "{run}");
    assert!(run["testArtifacts"]["outputArtifacts"]["resultFileInfo"].is_object());
}

#[tokio::test]
async fn a_secret_that_was_sent_as_a_value_reaches_runs_and_their_repetitions() {
    let stage = Stage::start().await;
    let plane = plane(&stage).await;
    keyed(&stage, &plane, "valued").await;
    let secret =
        json!({ "secrets": { "API_KEY": { "type": "SECRET_VALUE", "value": "hunter2-key" } } });
    patch(&stage, &format!("{plane}/tests/valued"), secret).await;
    let first = ended(&stage, &start(&stage, &plane, "first", "valued").await).await;
    assert_eq!(first["testRunStatistics"]["score"]["errorCount"], 0.0, "{first}");
    patch(&stage, &format!("{plane}/tests/valued"), json!({ "secrets": null })).await;
    let again = format!("{plane}/test-runs/again?oldTestRunId=first");
    patch(&stage, &again, json!({ "testId": "valued" })).await;
    let again = ended(&stage, &format!("{plane}/test-runs/again")).await;
    assert_eq!(again["testRunStatistics"]["score"]["errorCount"], 0.0, "{again}");
    let second = ended(&stage, &start(&stage, &plane, "second", "valued").await).await;
    assert_eq!(second["errorDetails"][0]["code"], "InvalidTestPlan");
    assert!(
        second["errorDetails"][0]["message"].as_str().is_some_and(|text| text.contains("API_KEY"))
    );
}

#[tokio::test]
async fn files_of_a_run_can_be_read_whatever_they_are_called() {
    let stage = Stage::start().await;
    let plane = plane(&stage).await;
    keyed(&stage, &plane, "named").await;
    let file = format!("{plane}/tests/named/files/my%20data%20%231%25.csv");
    assert_eq!(
        upload(&stage, &file, "ADDITIONAL_ARTIFACTS", "a,b").await.status,
        StatusCode::CREATED
    );
    let run = ended(&stage, &start(&stage, &plane, "named-1", "named").await).await;
    let info = &run["testArtifacts"]["inputArtifacts"]["additionalFileInfo"][0];
    assert_eq!(info["fileName"], "my data #1%.csv");
    assert_eq!(stage.bare(Method::GET, info["url"].as_str().expect("a URL")).await.body, "a,b");
}

#[tokio::test]
async fn a_jmx_test_that_cannot_be_carried_out_says_why() {
    let stage = Stage::start().await;
    let plane = plane(&stage).await;
    patch(&stage, &format!("{plane}/tests/jmeter"), json!({ "kind": "JMX" })).await;
    let file = format!("{plane}/tests/jmeter/files/plan.jmx");
    upload(&stage, &file, "JMX_FILE", "<jmeterTestPlan></jmeterTestPlan>").await;
    let run = ended(&stage, &start(&stage, &plane, "jmeter-1", "jmeter").await).await;
    assert_eq!(run["status"], "FAILED");
    // The plan is empty, so an installed JMeter fails, too.
    let text = run["errorDetails"][0]["message"].as_str().expect("a reason").to_lowercase();
    assert!(text.contains("jmeter"), "{text}");
}
