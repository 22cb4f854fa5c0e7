//! Uploads of code, as the SDK does them.

use reqwest::StatusCode;
use serde_json::json;

use crate::harness::Stage;

#[tokio::test]
async fn code_is_uploaded_blob_by_blob() {
    let stage = Stage::start().await;
    let empty = stage.get("codes/abc/versions?hash=h&hashVersion=202208").await;
    assert_eq!(empty.body, json!({ "value": [] }));
    let body = json!({ "pendingUploadType": "TemporaryBlobReference" });
    let upload = stage.post("codes/abc/versions/1/startPendingUpload", body).await.body;
    let reference = &upload["blobReferenceForConsumption"];
    let sas = reference["credential"]["sasUri"].as_str().expect("a SAS");
    let blob = sas.replace('?', "/folder/score.py?");
    let head = async || stage.http.head(&blob).send().await.expect("an answer");
    assert_eq!(head().await.status(), StatusCode::NOT_FOUND);
    let put = stage.http.put(&blob).header("x-ms-blob-type", "BlockBlob").body("x = 1");
    assert_eq!(put.send().await.expect("an answer").status(), StatusCode::CREATED);
    let meta = stage.http.put(format!("{blob}&comp=metadata"));
    let meta = meta.header("x-ms-meta-upload_status", "completed");
    assert_eq!(meta.send().await.expect("an answer").status(), StatusCode::OK);
    assert_eq!(head().await.headers()["x-ms-meta-upload_status"], "completed");
    let part = stage.http.get(&blob).header("range", "bytes=0-0").send().await.expect("an answer");
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.text().await.expect("text"), "x");
    // Azure's clients read the length of a blob from the answer to a range that is longer than the blob.
    let whole = stage.http.get(&blob).header("x-ms-range", "bytes=0-33554431");
    let whole = whole.send().await.expect("an answer");
    assert_eq!(whole.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(whole.headers()["content-range"], "bytes 0-4/5");
    let uri = reference["blobUri"].as_str().expect("a URI");
    let code = json!({ "properties": { "codeUri": format!("{uri}/folder"), "isAnonymous": true,
        "properties": { "hash_sha256": "h", "hash_version": 202_208 } } });
    assert_eq!(stage.put("codes/abc/versions/1", code).await.status, StatusCode::CREATED);
    let found = stage.get("codes/abc/versions?hash=h&hashVersion=202208").await;
    assert_eq!(found.body["value"][0]["properties"]["properties"]["hash_version"], "202208");
    // The next upload has another random name. The SDK searches by hash, and takes the name of the existing
    // asset from the id.
    let again = stage.get("codes/other/versions?hash=h&hashVersion=202208").await;
    let id = again.body["value"][0]["id"].as_str().expect("an id");
    assert!(id.ends_with("/codes/abc/versions/1"), "{id}");
    let other = stage.get("codes/other/versions?hash=else&hashVersion=202208").await;
    assert_eq!(other.body, json!({ "value": [] }));
}

#[tokio::test]
async fn every_upload_gets_its_own_place() {
    let stage = Stage::start().await;
    let place = async || {
        let upload = stage.post("codes/abc/versions/1/startPendingUpload", json!({})).await.body;
        let uri = upload["blobReferenceForConsumption"]["blobUri"].as_str().map(str::to_owned);
        uri.expect("a URI")
    };
    let (one, two) = (place().await, place().await);
    assert_ne!(one, two);
    // Azure Storage's limit for a container's name.
    assert!(one.rsplit('/').next().is_some_and(|container| container.len() <= 63), "{one}");
}

#[tokio::test]
async fn deleting_an_asset_deletes_all_its_versions() {
    let stage = Stage::start().await;
    for version in ["1", "2"] {
        let body = json!({ "properties": { "image": "a/b:1" } });
        stage.put(&format!("environments/env/versions/{version}"), body).await;
    }
    assert_eq!(stage.delete("environments/env").await.status, StatusCode::OK);
    assert_eq!(stage.get("environments/env").await.status, StatusCode::NOT_FOUND);
    assert_eq!(stage.get("environments/env/versions/1").await.status, StatusCode::NOT_FOUND);
    assert_eq!(stage.delete("environments/env").await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn blobs_are_joined_from_blocks_and_stay_in_their_container() {
    let stage = Stage::start().await;
    let blob = stage.url("/blob/st/container/big");
    for (id, text) in [("YQ==", "one "), ("Yg==", "two")] {
        let url = format!("{blob}?comp=block&blockid={}", id.replace('=', "%3D"));
        let put = stage.http.put(url).body(text).send().await.expect("an answer");
        assert_eq!(put.status(), StatusCode::CREATED);
    }
    let list = "<BlockList><Latest>YQ==</Latest><Latest>Yg==</Latest></BlockList>";
    let put = stage.http.put(format!("{blob}?comp=blocklist")).body(list);
    assert_eq!(put.send().await.expect("an answer").status(), StatusCode::CREATED);
    let got = stage.http.get(&blob).send().await.expect("an answer");
    assert_eq!(got.text().await.expect("text"), "one two");
    let escape = stage.url("/blob/st/container/%2e%2e/%2e%2e/state.json");
    let escape = stage.http.get(escape).send().await.expect("an answer");
    assert!(!escape.status().is_success());
}
