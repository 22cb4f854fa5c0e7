//! The OCI distribution API, its tokens, and ACR's own API.

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::Stage;
use crate::registry::REGISTRY;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

async fn sent(request: RequestBuilder) -> Response {
    request.send().await.expect("an answer")
}

/// An access token, in the way of Entra: exchange, then token.
pub async fn token(stage: &Stage, scope: &str) -> String {
    let service = stage.emulator.url().as_str().replace("http://", "").replace('/', "");
    let form = [("grant_type", "access_token"), ("service", &service), ("access_token", "made-up")];
    let exchanged = sent(stage.http.post(stage.url("/oauth2/exchange")).form(&form)).await;
    assert_eq!(exchanged.status(), StatusCode::OK);
    let body: Value = exchanged.json().await.expect("JSON");
    let refresh = body["refresh_token"].as_str().expect("a token");
    let form = [
        ("grant_type", "refresh_token"),
        ("service", &service),
        ("scope", scope),
        ("refresh_token", refresh),
    ];
    let granted = sent(stage.http.post(stage.url("/oauth2/token")).form(&form)).await;
    assert_eq!(granted.status(), StatusCode::OK);
    let body: Value = granted.json().await.expect("JSON");
    body["access_token"].as_str().expect("a token").to_owned()
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

/// A client of one repository with all rights.
struct Client<'a> {
    stage: &'a Stage,
    name: &'static str,
    bearer: String,
}

impl<'a> Client<'a> {
    async fn of(stage: &'a Stage, name: &'static str) -> Self {
        let scope = format!("repository:{name}:pull,push,delete,metadata_read");
        Self { stage, name, bearer: token(stage, &scope).await }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let path = match path.starts_with("/v2/") || path.starts_with("/acr/") {
            true => path.to_owned(),
            false => format!("/v2/{}/{path}", self.name),
        };
        self.stage.http.request(method, self.stage.url(&path)).bearer_auth(&self.bearer)
    }

    async fn get(&self, path: &str) -> Response {
        sent(self.request(Method::GET, path)).await
    }

    async fn json(&self, path: &str) -> Value {
        self.get(path).await.json().await.expect("JSON")
    }

    /// Pushes a blob in one request.
    async fn blob(&self, bytes: &'static [u8]) -> String {
        let digest = digest(bytes);
        let begun = sent(self.request(Method::POST, "blobs/uploads/")).await;
        assert_eq!(begun.status(), StatusCode::ACCEPTED);
        let place = begun.headers()["location"].to_str().expect("text").to_owned();
        let put = self.request(Method::PUT, &format!("{place}?digest={digest}")).body(bytes);
        let put = sent(put).await;
        assert_eq!(put.status(), StatusCode::CREATED);
        assert_eq!(put.headers()["docker-content-digest"], digest);
        digest
    }

    /// Pushes an image; returns its digest.
    async fn image(&self, layer: &'static [u8], reference: &str) -> String {
        let config = br#"{"architecture":"amd64","os":"linux"}"#;
        let (config_digest, layer_digest) = (self.blob(config).await, self.blob(layer).await);
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": { "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": config_digest, "size": config.len() },
            "layers": [{ "mediaType": "application/vnd.oci.image.layer.v1.tar",
                "digest": layer_digest, "size": layer.len() }],
        });
        let bytes = manifest.to_string();
        let put = self.request(Method::PUT, &format!("manifests/{reference}"));
        let put = sent(put.header("content-type", MANIFEST).body(bytes.clone())).await;
        assert_eq!(put.status(), StatusCode::CREATED, "{}", put.text().await.expect("text"));
        digest(bytes.as_bytes())
    }
}

async fn code(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let body: Value = response.json().await.expect("JSON");
    (status, body["errors"][0]["code"].as_str().expect("a code").to_owned())
}

#[tokio::test]
async fn a_challenge_leads_to_the_token() {
    let stage = Stage::start().await;
    let host = stage.emulator.url().as_str().replace("http://", "").replace('/', "");
    let root = sent(stage.http.get(stage.url("/v2/"))).await;
    assert_eq!(root.headers()["docker-distribution-api-version"], "registry/2.0");
    let challenge = root.headers()["www-authenticate"].to_str().expect("text").to_owned();
    assert_eq!(
        challenge,
        format!("Bearer realm=\"http://{host}/oauth2/token\",service=\"{host}\"")
    );
    assert_eq!(code(root).await, (StatusCode::UNAUTHORIZED, "UNAUTHORIZED".to_owned()));
    let tags = sent(stage.http.get(stage.url("/v2/a/b/tags/list"))).await;
    let challenge = tags.headers()["www-authenticate"].to_str().expect("text").to_owned();
    assert!(challenge.ends_with(",scope=\"repository:a/b:pull\""), "{challenge}");
    let begun = sent(stage.http.post(stage.url("/v2/a/b/blobs/uploads/"))).await;
    let challenge = begun.headers()["www-authenticate"].to_str().expect("text").to_owned();
    assert!(challenge.ends_with(",scope=\"repository:a/b:pull,push\""), "{challenge}");

    let bearer = token(&stage, "repository:a/b:pull").await;
    let ask = async |method: Method, path: &str| {
        sent(stage.http.request(method, stage.url(path)).bearer_auth(&bearer)).await.status()
    };
    assert_eq!(ask(Method::GET, "/v2/").await, StatusCode::OK);
    assert_eq!(ask(Method::GET, "/v2/a/b/tags/list").await, StatusCode::NOT_FOUND);
    assert_eq!(ask(Method::GET, "/v2/other/tags/list").await, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(Method::POST, "/v2/a/b/blobs/uploads/").await, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(Method::GET, "/v2/_catalog").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn tokens_that_the_registry_did_not_sign_are_refused() {
    let stage = Stage::start().await;
    for bearer in ["made-up", "a.b.c"] {
        let root = sent(stage.http.get(stage.url("/v2/")).bearer_auth(bearer)).await;
        assert_eq!(root.status(), StatusCode::UNAUTHORIZED);
    }
    let form = [("grant_type", "refresh_token"), ("refresh_token", "made-up"), ("scope", "")];
    let refused = sent(stage.http.post(stage.url("/oauth2/token")).form(&form)).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let form = [("grant_type", "access_token"), ("access_token", "")];
    let refused = sent(stage.http.post(stage.url("/oauth2/exchange")).form(&form)).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    // An access token of the registry is no refresh token, and no token of ARM.
    let access = token(&stage, "repository:a:pull").await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", access.as_str())];
    let refused = sent(stage.http.post(stage.url("/oauth2/token")).form(&form)).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let url = stage.url(&format!("{REGISTRY}?api-version=2023-07-01"));
    assert_eq!(
        sent(stage.http.get(url).bearer_auth(&access)).await.status(),
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn the_admin_user_signs_in_with_either_password() {
    let stage = Stage::start().await;
    let credentials = stage.post(&format!("{REGISTRY}/listCredentials"), json!({})).await.body;
    let user = credentials["username"].as_str().expect("a name");
    for at in 0..2 {
        let password = credentials["passwords"][at]["value"].as_str();
        let url = stage.url("/oauth2/token?scope=repository:a:pull");
        let granted = sent(stage.http.get(url).basic_auth(user, password)).await;
        assert_eq!(granted.status(), StatusCode::OK);
        let root = sent(stage.http.get(stage.url("/v2/")).basic_auth(user, password)).await;
        assert_eq!(root.status(), StatusCode::OK);
    }
    for (user, password) in [(user, "wrong"), ("other", "wrong"), (user, "")] {
        let url = stage.url("/oauth2/token");
        let refused = sent(stage.http.get(url).basic_auth(user, Some(password))).await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn an_image_is_pushed_and_read_by_tag_and_digest() {
    let stage = Stage::start().await;
    let client = Client::of(&stage, "team/app").await;
    let pushed = client.image(b"a layer", "v1").await;
    for reference in ["v1", pushed.as_str()] {
        let got = client.get(&format!("manifests/{reference}")).await;
        assert_eq!(got.status(), StatusCode::OK);
        assert_eq!(got.headers()["content-type"], MANIFEST);
        assert_eq!(got.headers()["docker-content-digest"], pushed.as_str());
        assert_eq!(digest(&got.bytes().await.expect("bytes")), pushed);
        let head = sent(client.request(Method::HEAD, &format!("manifests/{reference}"))).await;
        assert_eq!(head.status(), StatusCode::OK);
        assert!(head.headers()["content-length"].to_str().is_ok_and(|length| length != "0"));
    }
    let layer = format!("blobs/{}", digest(b"a layer"));
    assert_eq!(client.get(&layer).await.text().await.expect("text"), "a layer");
    let part = sent(client.request(Method::GET, &layer).header("range", "bytes=2-3")).await;
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.headers()["content-range"], "bytes 2-3/7");
    assert_eq!(part.text().await.expect("text"), "la");
    let beyond = sent(client.request(Method::GET, &layer).header("range", "bytes=7-")).await;
    assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);
}

#[tokio::test]
async fn a_blob_is_uploaded_in_chunks_in_their_order() {
    let stage = Stage::start().await;
    let client = Client::of(&stage, "app").await;
    let begun = sent(client.request(Method::POST, "blobs/uploads/")).await;
    let place = begun.headers()["location"].to_str().expect("text").to_owned();
    let chunk = async |range: &str, text: &'static str| {
        sent(client.request(Method::PATCH, &place).header("content-range", range).body(text)).await
    };
    assert_eq!(chunk("0-3", "one ").await.status(), StatusCode::ACCEPTED);
    let early = code(chunk("9-11", "two").await).await;
    assert_eq!(early, (StatusCode::RANGE_NOT_SATISFIABLE, "BLOB_UPLOAD_INVALID".to_owned()));
    let asked = client.get(&place).await;
    assert_eq!(
        (asked.status(), &asked.headers()["range"]),
        (StatusCode::NO_CONTENT, &"0-3".parse().expect("a value"))
    );
    assert_eq!(chunk("4-6", "two").await.headers()["range"], "0-6");
    let end = format!("{place}?digest={}", digest(b"one two"));
    assert_eq!(sent(client.request(Method::PUT, &end)).await.status(), StatusCode::CREATED);
    let blob = format!("blobs/{}", digest(b"one two"));
    assert_eq!(client.get(&blob).await.text().await.expect("text"), "one two");
    let gone = code(client.get(&place).await).await;
    assert_eq!(gone, (StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN".to_owned()));
    // Another repository gets it without an upload.
    let other = Client::of(&stage, "other").await;
    let mount = format!("blobs/uploads/?mount={}&from=app", digest(b"one two"));
    assert_eq!(sent(other.request(Method::POST, &mount)).await.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn a_push_that_does_not_fit_is_refused() {
    let stage = Stage::start().await;
    let client = Client::of(&stage, "app").await;
    let begin = async || {
        let begun = sent(client.request(Method::POST, "blobs/uploads/")).await;
        begun.headers()["location"].to_str().expect("text").to_owned()
    };
    let end = format!("{}?digest={}", begin().await, digest(b"else"));
    let wrong = code(sent(client.request(Method::PUT, &end).body("text")).await).await;
    assert_eq!(wrong, (StatusCode::BAD_REQUEST, "DIGEST_INVALID".to_owned()));
    let end = format!("{}?digest=sha256:..%2F..", begin().await);
    let wrong = code(sent(client.request(Method::PUT, &end).body("text")).await).await;
    assert_eq!(wrong.1, "DIGEST_INVALID");
    for (reference, body, expect) in [
        (
            "v1",
            json!({ "schemaVersion": 2, "config": { "digest": digest(b"nowhere") } }),
            "MANIFEST_BLOB_UNKNOWN",
        ),
        ("v1", json!({ "schemaVersion": 1 }), "MANIFEST_INVALID"),
        ("-v1", json!({ "schemaVersion": 2 }), "TAG_INVALID"),
        (&digest(b"else"), json!({ "schemaVersion": 2 }), "DIGEST_INVALID"),
    ] {
        let put = client.request(Method::PUT, &format!("manifests/{reference}"));
        let put = sent(put.header("content-type", MANIFEST).body(body.to_string())).await;
        assert_eq!(code(put).await, (StatusCode::BAD_REQUEST, expect.to_owned()), "{reference}");
    }
    let put = client.request(Method::PUT, "manifests/v1").header("content-type", MANIFEST);
    assert_eq!(code(sent(put.body("{")).await).await.1, "MANIFEST_INVALID");
}

#[tokio::test]
async fn unknown_names_have_the_errors_of_the_specification() {
    let stage = Stage::start().await;
    let client = Client::of(&stage, "app").await;
    client.image(b"a layer", "v1").await;
    let nowhere = digest(b"nowhere");
    for (path, status, expect) in [
        ("manifests/v2".to_owned(), StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN"),
        (format!("manifests/{nowhere}"), StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN"),
        ("manifests/sha256:1".to_owned(), StatusCode::BAD_REQUEST, "DIGEST_INVALID"),
        (format!("blobs/{nowhere}"), StatusCode::NOT_FOUND, "BLOB_UNKNOWN"),
        ("blobs/sha256:%2e%2e%2fstate".to_owned(), StatusCode::NOT_FOUND, "NOT_FOUND"),
        ("blobs/uploads/7".to_owned(), StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN"),
    ] {
        let got = if path.starts_with("blobs/uploads") {
            sent(client.request(Method::GET, &path)).await
        } else {
            client.get(&path).await
        };
        assert_eq!(code(got).await, (status, expect.to_owned()), "{path}");
    }
    let other = Client::of(&stage, "nobody").await;
    assert_eq!(code(other.get("tags/list").await).await.1, "NAME_UNKNOWN");
    let wrong = Client::of(&stage, "Wrong").await;
    assert_eq!(code(wrong.get("tags/list").await).await.1, "NAME_INVALID");
}

#[tokio::test]
async fn repositories_and_tags_come_in_pages() {
    let stage = Stage::start().await;
    for name in ["app", "team/app"] {
        let client = Client::of(&stage, name).await;
        for tag in ["v1", "v2", "v3"] {
            client.image(b"a layer", tag).await;
        }
    }
    let client = Client::of(&stage, "app").await;
    let first = client.get("tags/list?n=2").await;
    let link = first.headers()["link"].to_str().expect("text").to_owned();
    assert_eq!(link, "</v2/app/tags/list?n=2&last=v2>; rel=\"next\"");
    let body: Value = first.json().await.expect("JSON");
    assert_eq!(body, json!({ "name": "app", "tags": ["v1", "v2"] }));
    assert_eq!(client.json("tags/list?n=2&last=v2").await["tags"], json!(["v3"]));
    let catalog = Client { bearer: token(&stage, "registry:catalog:*").await, ..client };
    let all = catalog.json("/v2/_catalog").await;
    assert_eq!(all, json!({ "repositories": ["app", "team/app"] }));
    assert_eq!(
        catalog.json("/acr/v1/_catalog?last=app").await,
        json!({ "repositories": ["team/app"] })
    );
    assert_eq!(
        catalog.json("/v2/_catalog?n=many").await["errors"][0]["code"],
        "PAGINATION_NUMBER_INVALID"
    );
}

#[tokio::test]
async fn times_and_sizes_of_images_are_known() {
    let stage = Stage::start().await;
    let client = Client::of(&stage, "app").await;
    let old = client.image(b"a layer", "latest").await;
    stage.advance(60).await;
    let new = client.image(b"another layer", "latest").await;
    let manifests = client.json("/acr/v1/app/_manifests?orderby=timedesc").await;
    let all = manifests["manifests"].as_array().expect("a list");
    assert_eq!(all.len(), 2, "{manifests}");
    assert_eq!((&all[0]["digest"], &all[1]["digest"]), (&json!(new), &json!(old)));
    assert_eq!((&all[0]["tags"], &all[1]["tags"]), (&json!(["latest"]), &json!([])));
    assert_eq!(all[1]["createdTime"], "2026-01-01T00:00:00.0000000+00:00");
    assert_eq!(all[0]["imageSize"], 37 + 13);
    assert_eq!((&all[0]["architecture"], &all[0]["os"]), (&json!("amd64"), &json!("linux")));
    let tags = client.json("/acr/v1/app/_tags").await;
    let tag = &tags["tags"][0];
    assert_eq!((&tag["name"], &tag["digest"]), (&json!("latest"), &json!(new)));
    assert_eq!(tag["createdTime"], "2026-01-01T00:00:00.0000000+00:00");
    assert_eq!(tag["lastUpdateTime"], "2026-01-01T00:01:00.0000000+00:00");
    let whole = client.json("/acr/v1/app").await;
    assert_eq!((&whole["manifestCount"], &whole["tagCount"]), (&json!(2), &json!(1)));
    assert_eq!(client.json("/acr/v1/app/_tags/latest").await["tag"]["digest"], new);
    assert_eq!(
        client.json(&format!("/acr/v1/app/_manifests/{old}")).await["manifest"]["digest"],
        old
    );
}

#[tokio::test]
async fn a_deleted_manifest_takes_its_tags_with_it() {
    let stage = Stage::start().await;
    let client = Client::of(&stage, "app").await;
    let digest = client.image(b"a layer", "v1").await;
    client.image(b"a layer", "v2").await;
    let kept = client.image(b"another layer", "kept").await;
    let deleted = sent(client.request(Method::DELETE, "/acr/v1/app/_tags/v2")).await;
    assert_eq!(deleted.status(), StatusCode::ACCEPTED);
    assert_eq!(client.json("tags/list").await["tags"], json!(["kept", "v1"]));
    let path = format!("manifests/{digest}");
    let deleted = sent(client.request(Method::DELETE, &path)).await;
    assert_eq!(deleted.status(), StatusCode::ACCEPTED);
    assert_eq!(client.get("manifests/v1").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(client.json("tags/list").await["tags"], json!(["kept"]));
    let again = code(sent(client.request(Method::DELETE, &path)).await).await;
    assert_eq!(again, (StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN".to_owned()));
    let left = client.json("/acr/v1/app/_manifests").await;
    assert_eq!(left["manifests"].as_array().map(Vec::len), Some(1), "{left}");
    assert_eq!(left["manifests"][0]["digest"], kept);
}
