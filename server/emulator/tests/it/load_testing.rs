//! Azure Load Testing: resources, tests and files.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Reply, Stage};
use crate::load::{ARM, patch, plane, upload, validated};

fn url_config() -> Value {
    json!({
        "version": "1.0",
        "scenarios": { "group": { "requests": [{ "requestName": "ok", "requestType": "URL",
            "endpoint": "${URL}/ok", "method": "GET" }], "csvDataSetConfigList": [] } },
        "testSetup": [{ "virtualUsersPerEngine": 1, "durationInSeconds": 1, "loadType": "Linear",
            "scenario": "group", "rampUpTimeInSeconds": 0 }],
    })
}

#[tokio::test]
async fn a_resource_has_a_data_plane_whose_address_has_no_scheme() {
    let stage = Stage::start().await;
    let seeded = stage.get(&format!("{ARM}/ltitdev")).await.body;
    let uri = seeded["properties"]["dataPlaneURI"].as_str().expect("an address");
    assert!(uri.starts_with("127.0.0.1:") && uri.contains("/load-testing/"), "{uri}");
    let body = json!({ "location": "westeurope", "identity": { "type": "SystemAssigned" },
        "properties": { "description": "Ours" } });
    let made = stage.put(&format!("{ARM}/lt-new"), body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    assert!(made.body["identity"]["principalId"].is_string());
    assert_ne!(made.body["properties"]["dataPlaneURI"], uri);
    let changed =
        patch(&stage, &format!("{ARM}/lt-new"), json!({ "tags": { "a": "b" } })).await.body;
    assert_eq!(
        (&changed["tags"]["a"], &changed["properties"]["description"]),
        (&json!("b"), &json!("Ours"))
    );
    assert_eq!(stage.get(ARM).await.body["value"].as_array().map(Vec::len), Some(2));
    assert_eq!(stage.delete(&format!("{ARM}/lt-new")).await.status, StatusCode::OK);
    assert_eq!(stage.delete(&format!("{ARM}/lt-new")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(
        stage.put(&format!("{ARM}/a b"), json!({ "location": "x" })).await.code(),
        "InvalidResourceName"
    );
}

#[tokio::test]
async fn a_test_is_created_and_changed_by_merge_patches() {
    let stage = Stage::start().await;
    let path = format!("{}/tests/lt-anet-smoke", plane(&stage).await);
    let missing = stage.get(&path).await;
    assert_eq!((missing.status, missing.code()), (StatusCode::NOT_FOUND, "TestNotFound"));
    assert_eq!(missing.header("x-ms-error-code"), "TestNotFound");
    assert_eq!(missing.message(), "Test couldn't find with given identifier lt-anet-smoke");
    let body = json!({ "displayName": "Smoke", "kind": "Locust", "environmentVariables": { "A": 1, "B": "2" },
        "passFailCriteria": { "passFailMetrics": { "one": { "clientMetric": "error", "aggregate": "percentage",
            "condition": ">", "value": 5 } } } });
    let made = patch(&stage, &path, body).await;
    assert_eq!(made.status, StatusCode::CREATED);
    assert!(made.header("location").contains("/tests/lt-anet-smoke?api-version="));
    assert_eq!(made.body["autoStopCriteria"]["errorRate"], 90.0);
    let second = json!({ "environmentVariables": { "A": null },
        "passFailCriteria": { "passFailMetrics": { "one": null } } });
    let changed = patch(&stage, &path, second).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert_eq!(changed.body["environmentVariables"], json!({ "B": "2" }));
    assert_eq!(changed.body["passFailCriteria"]["passFailMetrics"], json!({}));
    assert_eq!(
        (&changed.body["kind"], &changed.body["displayName"]),
        (&json!("Locust"), &json!("Smoke"))
    );
    let plane = plane(&stage).await;
    assert_eq!(
        patch(&stage, &format!("{plane}/tests/Upper"), json!({})).await.code(),
        "InvalidTestId"
    );
    let many = json!({ "loadTestConfiguration": { "engineInstances": 46 } });
    assert_eq!(patch(&stage, &path, many).await.code(), "InvalidRequestBody");
}

#[tokio::test]
async fn a_token_and_a_version_are_required() {
    let stage = Stage::start().await;
    let plane = plane(&stage).await;
    let reply = stage.bare(Method::GET, &format!("{plane}/tests?api-version=2022-11-01")).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    let request = stage.http.get(stage.url(&format!("{plane}/tests"))).bearer_auth("x");
    let reply = Reply::read(request.send().await.expect("an answer")).await;
    assert_eq!(reply.code(), "ApiVersionUnspecified");
    assert_eq!(stage.get("/load-testing/other/tests").await.code(), "ResourceNotFound");
    assert_eq!(stage.get(&format!("{plane}/triggers")).await.code(), "NotFound");
}

#[tokio::test]
async fn secrets_are_written_and_never_shown() {
    let stage = Stage::start().await;
    let path = format!("{}/tests/with-secrets", plane(&stage).await);
    let secrets = json!({ "secrets": {
        "API_KEY": { "type": "AKV_SECRET_URI", "value": "https://kv-it-dev.vault.azure.net/secrets/key" },
        "OWN": { "type": "SECRET_VALUE", "value": "hunter2" } } });
    let made = patch(&stage, &path, secrets).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    assert_eq!(made.body["secrets"]["OWN"], json!({ "type": "SECRET_VALUE", "value": null }));
    let shown =
        [stage.get(&path).await.body, stage.bare(Method::GET, "/emulator/writes").await.body];
    assert!(shown.iter().all(|body| body.to_string().contains("AKV_SECRET_URI")));
    assert!(!shown.iter().any(|body| body.to_string().contains("hunter2")));
    let wrong = json!({ "secrets": { "A": { "type": "AKV_SECRET_URI", "value": "hunter2" } } });
    let refused = patch(&stage, &path, wrong).await;
    assert_eq!(refused.code(), "InvalidRequestBody");
    assert!(!refused.message().contains("hunter2"));
    let gone = patch(&stage, &path, json!({ "secrets": { "OWN": null } })).await.body;
    assert_eq!(gone["secrets"].as_object().map(serde_json::Map::len), Some(1));
}

#[tokio::test]
async fn files_are_validated_by_their_type() {
    let stage = Stage::start().await;
    let plane = plane(&stage).await;
    patch(&stage, &format!("{plane}/tests/urls"), json!({ "kind": "URL" })).await;
    let files = format!("{plane}/tests/urls/files");
    let config = format!("{files}/requests.json");
    let made = upload(&stage, &config, "URL_TEST_CONFIG", url_config().to_string()).await;
    assert_eq!(
        (made.status, &made.body["validationStatus"]),
        (StatusCode::CREATED, &json!("VALIDATION_INITIATED"))
    );
    assert_eq!(validated(&stage, &config).await["validationStatus"], "VALIDATION_SUCCESS");
    let broken = upload(&stage, &config, "URL_TEST_CONFIG", "{\"version\": \"1.0\"}").await;
    assert_eq!(broken.status, StatusCode::CREATED, "an upload replaces the file");
    let failed = validated(&stage, &config).await;
    assert_eq!(failed["validationStatus"], "VALIDATION_FAILURE");
    assert!(
        failed["validationFailureDetails"].as_str().is_some_and(|text| text.contains("testSetup"))
    );
    let data =
        upload(&stage, &format!("{files}/data.csv"), "ADDITIONAL_ARTIFACTS", "a,b").await.body;
    assert_eq!(data["validationStatus"], "VALIDATION_NOT_REQUIRED");
    let zip = format!("{files}/more.zip");
    upload(&stage, &zip, "ZIPPED_ARTIFACTS", "no archive").await;
    assert_eq!(validated(&stage, &zip).await["validationStatus"], "VALIDATION_FAILURE");
    let test = stage.get(&format!("{plane}/tests/urls")).await.body;
    assert_eq!(test["inputArtifacts"]["urlTestConfigFileInfo"]["fileName"], "requests.json");
    assert_eq!(test["inputArtifacts"]["additionalFileInfo"].as_array().map(Vec::len), Some(2));
    assert_eq!(stage.get(&files).await.body["value"].as_array().map(Vec::len), Some(3));
    assert_eq!(stage.delete(&zip).await.status, StatusCode::NO_CONTENT);
    assert_eq!(stage.get(&zip).await.code(), "FileNotFound");
}

#[tokio::test]
async fn a_test_has_one_script_of_its_kind() {
    let stage = Stage::start().await;
    let plane = plane(&stage).await;
    let files = format!("{plane}/tests/jmeter/files");
    patch(&stage, &format!("{plane}/tests/jmeter"), json!({ "kind": "JMX" })).await;
    let refused = upload(&stage, &format!("{files}/own.py"), "TEST_SCRIPT", "import locust").await;
    assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "InvalidFile"));
    assert_eq!(refused.message(), "The file own.py is not a valid test script file.");
    let plan = "<jmeterTestPlan version=\"1.2\"></jmeterTestPlan>";
    assert_eq!(
        upload(&stage, &format!("{files}/a.jmx"), "", plan).await.status,
        StatusCode::CREATED
    );
    assert_eq!(
        validated(&stage, &format!("{files}/a.jmx")).await["validationStatus"],
        "VALIDATION_SUCCESS"
    );
    assert_eq!(
        upload(&stage, &format!("{files}/b.jmx"), "JMX_FILE", plan).await.code(),
        "InvalidFile"
    );
    let kind = patch(&stage, &format!("{plane}/tests/jmeter"), json!({ "kind": "Locust" })).await;
    assert_eq!(kind.code(), "InvalidTestKind");
    for name in ["..%2Fa.jmx", "a%2Fb.jmx", ".hidden", "a%5Cb.jmx"] {
        let refused = upload(&stage, &format!("{files}/{name}"), "ADDITIONAL_ARTIFACTS", "x").await;
        assert_eq!(refused.code(), "InvalidFileName", "{name}");
    }
    assert_eq!(
        upload(&stage, &format!("{files}/a.txt"), "BROWSER_RECORDING", "x").await.code(),
        "InvalidFileType"
    );
    // The first script says what kind a test is that names none.
    patch(&stage, &format!("{plane}/tests/unnamed"), json!({ "kind": null })).await;
    upload(&stage, &format!("{plane}/tests/unnamed/files/a.jmx"), "JMX_FILE", plan).await;
    assert_eq!(stage.get(&format!("{plane}/tests/unnamed")).await.body["kind"], "JMX");
}

#[tokio::test]
async fn a_files_url_needs_no_token_and_ends() {
    let stage = Stage::start().await;
    let plane = plane(&stage).await;
    patch(&stage, &format!("{plane}/tests/files"), json!({})).await;
    let path = format!("{plane}/tests/files/files/data.csv");
    let url = upload(&stage, &path, "ADDITIONAL_ARTIFACTS", "a,b").await.body["url"].clone();
    let url = url.as_str().expect("a URL").to_owned();
    let read = stage.bare(Method::GET, &url).await;
    assert_eq!((read.status, read.body), (StatusCode::OK, json!("a,b")));
    for wrong in [
        url.replace("sig=", "sig=A"),
        url.replace("/tests/", "/other/"),
        url.replace("se=", "se=9"),
    ] {
        assert_eq!(stage.bare(Method::GET, &wrong).await.status, StatusCode::FORBIDDEN, "{wrong}");
    }
    stage.advance(600).await;
    let ended = stage.bare(Method::GET, &url).await;
    assert_eq!(ended.header("x-ms-error-code"), "AuthenticationFailed");
    let again = stage.get(&path).await.body["url"].clone();
    assert_eq!(stage.bare(Method::GET, again.as_str().expect("a URL")).await.body, "a,b");
}

#[tokio::test]
async fn lists_are_searched_ordered_and_paged() {
    let stage = Stage::start().await;
    let plane = plane(&stage).await;
    for (id, name) in [("test-a", "Zebra"), ("test-b", "Yak"), ("other", "Test of others")] {
        patch(&stage, &format!("{plane}/tests/{id}"), json!({ "displayName": name })).await;
        stage.advance(1).await;
    }
    let ids = async |query: &str| {
        let body = stage.get(&format!("{plane}/tests?{query}")).await.body;
        let ids: Vec<String> = body["value"]
            .as_array()
            .expect("tests")
            .iter()
            .map(|test| test["testId"].as_str().expect("an id").to_owned())
            .collect();
        (ids, body["nextLink"].clone())
    };
    assert_eq!(ids("").await.0, ["other", "test-b", "test-a"]);
    assert_eq!(ids("search=TEST-").await.0, ["test-b", "test-a"]);
    assert_eq!(ids("orderby=displayName%20asc").await.0, ["other", "test-b", "test-a"]);
    let (first, next) = ids("maxpagesize=2&orderby=displayName%20desc").await;
    assert_eq!(first, ["test-a", "test-b"]);
    let next = next.as_str().expect("more");
    let reply = stage.http.get(next).bearer_auth("x").send().await.expect("an answer");
    assert_eq!(Reply::read(reply).await.body["value"][0]["testId"], "other");
    assert_eq!(ids("lastModifiedEndTime=2026-01-01T00:00:00Z").await.0, ["test-a"]);
    let wrong = stage.get(&format!("{plane}/tests?lastModifiedStartTime=yesterday")).await;
    assert_eq!(wrong.code(), "InvalidQueryParameter");
}

#[tokio::test]
async fn app_components_and_server_metrics_are_stored() {
    let stage = Stage::start().await;
    let plane = plane(&stage).await;
    patch(&stage, &format!("{plane}/tests/attached"), json!({})).await;
    let path = format!("{plane}/tests/attached/app-components");
    let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/x";
    let component = json!({ "components": { id: { "resourceName": "x", "resourceType": "Microsoft.Web/sites" } } });
    let made = patch(&stage, &path, component).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let kept = stage.get(&path).await.body;
    assert_eq!(
        (&kept["components"][id]["resourceGroup"], &kept["testId"]),
        (&json!("g"), &json!("attached"))
    );
    let gone = patch(&stage, &path, json!({ "components": { id: null } })).await;
    assert_eq!((gone.status, &gone.body["components"]), (StatusCode::OK, &json!({})));
    let metrics = format!("{plane}/tests/attached/server-metrics-config");
    let one = json!({ "metrics": { "m": { "resourceId": id, "metricNamespace": "n", "name": "CPU",
        "aggregation": "Average", "resourceType": "t" } } });
    assert_eq!(patch(&stage, &metrics, one).await.body["metrics"]["m"]["id"], "m");
    let missing = stage.get(&format!("{plane}/tests/none/app-components")).await;
    assert_eq!(missing.code(), "TestNotFound");
}
