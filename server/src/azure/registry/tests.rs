//! The client of registries against a server that plays Azure.
#![cfg(test)]

use super::*;
use crate::azure::cloud::tests::cloud;
use crate::hash::sha256;
use crate::outside::fake::{Fake, Seen, json as answer, with};
use axum::response::Response;
use domain::timestamp::Timestamp;
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};
use url::Url;

const ID: &str =
    "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/acr";

/// A client for a server, whose tokens it grants itself.
async fn arm(server: &Fake) -> Arm {
    let http = crate::azure::http::client().expect("a client");
    Arm::new(http, cloud(server.url.as_str()))
}

fn login(url: &Url) -> String {
    format!("{}:{}", url.host_str().expect("a host"), url.port().expect("a port"))
}

fn registry(arm: &Arm, server: &Fake) -> Registry {
    Registry::new(arm, ID, &login(&server.url)).expect("a registry")
}

/// Grants tokens at the root, and leaves the rest to the test.
fn granting(
    rest: impl Fn(&Seen, &Url) -> Response + Clone + Send + Sync + 'static,
) -> impl Fn(&Seen, &Url) -> Response + Clone + Send + Sync + 'static {
    move |seen, url| match seen.line().as_str() {
        "POST /" => answer(200, &json!({ "access_token": "entra", "expires_in": 3600 })),
        _ => rest(seen, url),
    }
}

#[tokio::test]
async fn a_workspaces_registry_is_read_unless_it_has_no_registry_or_a_foreign_one() {
    for (linked, login_server, expected) in [
        (json!(null), "", Ok(None)),
        (json!(ID), "", Ok(Some("acr"))),
        (json!(ID), "evil.example", Err("login server")),
        (json!("/subscriptions/s/../x"), "", Err("an id of Microsoft.ContainerRegistry")),
    ] {
        let given = linked.clone();
        let server =
            Fake::start(granting(move |seen, url| match seen.target.contains("/registries/") {
                true if login_server.is_empty() => {
                    answer(200, &json!({ "properties": { "loginServer": login(url) } }))
                }
                true => answer(200, &json!({ "properties": { "loginServer": login_server } })),
                false => answer(200, &json!({ "properties": { "containerRegistry": given } })),
            }))
            .await;
        let arm = arm(&server).await;
        let workspace =
            Workspace { subscription: "s".into(), resource_group: "rg".into(), name: "w".into() };
        match (of_workspace(&arm, &workspace).await, expected) {
            (Ok(found), Ok(expected)) => {
                assert_eq!(found.as_ref().map(|found| found.name.as_str()), expected);
            }
            (Err(error), Err("login server")) => {
                assert!(error.to_string().contains("evil.example"), "{error}");
            }
            (Err(error), Err(said)) => assert!(error.to_string().contains(said), "{error}"),
            (found, expected) => panic!("{linked}: {found:?}, not {expected:?}"),
        }
    }
}

#[tokio::test]
async fn a_context_is_sent_whole_or_in_blocks_and_a_block_is_repeated() {
    for bytes in [0, 5, crate::outside::caps::BLOCK_BYTES + 3] {
        let failed = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let server = Fake::start(granting(move |seen, url| {
            if seen.target.contains("listBuildSourceUploadUrl") {
                let url = url.join("blobs/source/a.tar.gz?sig=the-sas").expect("a URL");
                return answer(
                    200,
                    &json!({ "uploadUrl": url, "relativePath": "source/a.tar.gz" }),
                );
            }
            let is_first = !failed.swap(true, std::sync::atomic::Ordering::Relaxed);
            with(if is_first { 503 } else { 201 }, &[], "")
        }))
        .await;
        let arm = arm(&server).await;
        let place = upload_url(&arm, &registry(&arm, &server)).await.expect("a URL");
        assert_eq!(place.relative_path, "source/a.tar.gz");
        assert!(!format!("{place:?}").contains("the-sas"));
        let file = tempfile::NamedTempFile::new().expect("a file");
        let content: Vec<u8> = (0..bytes).map(|at| (at % 251) as u8).collect();
        std::fs::write(file.path(), &content).expect("it is written");
        upload(&arm, &place.url, file.path()).await.expect("it is sent");
        let puts = server.to(&Method::PUT, "sig=the-sas");
        // The first one was refused and sent again.
        assert_eq!(puts[0].body, puts[1].body);
        if bytes <= crate::outside::caps::BLOCK_BYTES {
            assert_eq!((puts.len(), puts[1].body.as_ref()), (2, content.as_slice()));
            assert_eq!(puts[1].header("x-ms-blob-type"), "BlockBlob");
            continue;
        }
        let blocks = server.to(&Method::PUT, "comp=block&");
        let joined: Vec<u8> = blocks[1..].iter().flat_map(|one| one.body.to_vec()).collect();
        assert!(joined == content, "{} of {bytes} bytes", joined.len());
        let list = server.to(&Method::PUT, "comp=blocklist");
        let list = String::from_utf8_lossy(&list[0].body).into_owned();
        assert_eq!(list.matches("<Latest>").count(), 2, "{list}");
        for block in blocks {
            assert_eq!(block.header("authorization"), "", "no token goes to the storage account");
        }
    }
}

fn build() -> Schedule {
    Schedule {
        image_names: vec!["app:1".into(), format!("app:{}", marker("9"))],
        dockerfile: "Dockerfile".into(),
        target: None,
        source: "source/a.tar.gz".into(),
        timeout_s: 3_600,
        platform: Platform::default(),
        no_cache: false,
        arguments: Vec::new(),
    }
}

#[tokio::test]
async fn a_build_is_scheduled_once_whatever_the_answer() {
    let run = json!({ "name": "cf1", "properties": { "runId": "cf1", "status": "Queued" } });
    for (status, body, expected) in [
        (200, run.clone(), Ok(Some("cf1"))),
        (202, run, Ok(Some("cf1"))),
        (202, json!(null), Ok(None)),
        (200, json!({ "properties": { "runId": "../x" } }), Err("a scheduled run without an ID")),
        (503, json!({}), Err("unavailable")),
        (429, json!({}), Err("throttling")),
        (
            403,
            json!({ "error": { "code": "AuthorizationFailed", "message": "No." } }),
            Err("does not allow"),
        ),
    ] {
        let server = Fake::start(granting(move |_, _| answer(status, &body))).await;
        let arm = arm(&server).await;
        let outcome = schedule(&arm, &registry(&arm, &server), &build()).await;
        match (outcome, expected) {
            (Ok(scheduled), Ok(id)) => assert_eq!(scheduled.id.as_deref(), id),
            (Err(error), Err(said)) => assert!(error.to_string().contains(said), "{error}"),
            (outcome, expected) => panic!("{status}: {outcome:?}, not {expected:?}"),
        }
        let posts = server.to(&Method::POST, "/scheduleRun");
        assert_eq!(posts.len(), 1, "{status}");
        assert!(posts[0].target.contains("/registries/acr/scheduleRun?api-version="));
    }
}

#[tokio::test]
async fn a_build_is_not_scheduled_after_its_deadline() {
    let server = Fake::start(granting(|_, _| answer(200, &json!({})))).await;
    let arm = arm(&server).await;
    let late = arm.until(Instant::now() - Duration::from_secs(1));
    let error = schedule(&late, &registry(&arm, &server), &build()).await.expect_err("too late");
    assert!(error.to_string().contains("nothing was sent"), "{error}");
    assert!(server.to(&Method::POST, "/scheduleRun").is_empty());
}

#[tokio::test]
async fn runs_are_read_and_broken_ones_are_left_out() {
    let server = Fake::start(granting(|_, _| {
        answer(
            200,
            &json!({ "value": [
            { "properties": { "runId": "cf2", "status": "Failed", "runErrorMessage": "no space",
                "createTime": "2026-10-28T19:14:54.2541612+00:00", "outputImages": null } },
            { "properties": { "runId": "../x" } }, 7,
            { "properties": { "runId": "cf1", "status": "Paused",
                "createTime": "2020-10-28T19:14:54Z" } } ] }),
        )
    }))
    .await;
    let arm = arm(&server).await;
    let after = Timestamp(1_700_000_000_000);
    let all = runs(&arm, &registry(&arm, &server), after).await.expect("a list");
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!((all[0].id.as_str(), &all[0].status), ("cf2", &BuildStatus::Failed));
    assert_eq!(all[0].error.as_deref(), Some("no space"));
    let asked = server.to(&Method::GET, "/runs?");
    assert!(asked[0].target.contains("createTime+ge+2023-11-14T22%3A13%3A20Z"), "{asked:?}");
}

#[tokio::test]
async fn a_log_is_read_by_pieces_to_its_end() {
    let log = b"one\ntwo\nthree\n";
    let server = Fake::start(granting(move |seen, url| {
        if seen.target.contains("listLogSasUrl") {
            let link = url.join("blobs/log?sig=the-sas").expect("a URL");
            return answer(200, &json!({ "logLink": link }));
        }
        let total = log.len();
        let done = ("x-ms-meta-Complete", "successful");
        let range =
            seen.header("range").strip_prefix("bytes=").and_then(|range| range.split_once('-'));
        let Some((from, last)) = range else { return with(200, &[done], log.to_vec()) };
        let from: usize = from.parse().expect("a number");
        if from >= total {
            return with(416, &[], "");
        }
        let last = last.parse::<usize>().expect("a number").min(total - 1);
        let range = format!("bytes {from}-{last}/{total}");
        with(206, &[done, ("content-range", &range)], log[from..=last].to_vec())
    }))
    .await;
    let arm = arm(&server).await;
    let url = log_url(&arm, &registry(&arm, &server), "cf1").await.expect("a URL");
    let (mut read, mut from, mut ends) = (Vec::new(), 0, Vec::new());
    for _ in 0..3 {
        let piece = log_piece(&arm, &url, from, 7).await.expect("a piece");
        read.extend_from_slice(&piece.bytes);
        from = piece.next;
        ends.push(piece.end.map(|end| end.outcome));
    }
    assert_eq!((read.as_slice(), from), (log.as_slice(), 14));
    let end = Some("successful".to_owned());
    assert_eq!(ends, [None, end.clone(), end], "the last read is a 416");
}

#[tokio::test]
async fn a_log_that_is_not_there_yet_has_nothing_new_and_an_expired_link_is_recognised() {
    for (status, expected) in [(404, None), (403, Some(true)), (500, Some(false))] {
        let server = Fake::start(granting(move |seen, url| {
            let link = url.join("blobs/log?sig=the-sas").expect("a URL");
            match seen.target.contains("listLogSasUrl") {
                true => answer(200, &json!({ "logLink": link })),
                false => with(status, &[("x-ms-error-code", "AuthenticationFailed")], "<Error/>"),
            }
        }))
        .await;
        let arm = arm(&server).await;
        let url = log_url(&arm, &registry(&arm, &server), "cf1").await.expect("a URL");
        let read = log_piece(&arm, &url, 7, 100).await;
        let expired = read.as_ref().err().map(is_link_expired);
        assert_eq!(expired, expected, "{status}: {read:?}");
        assert!(!format!("{read:?}").contains("the-sas"));
        if let Ok(piece) = read {
            assert_eq!((piece.next, piece.bytes.len(), piece.end), (7, 0, None));
        }
    }
}

#[tokio::test]
async fn an_image_is_read_through_its_index_and_its_configuration() {
    let config = json!({ "created": "2026-10-28T19:14:54Z",
        "config": { "Labels": { "org.opencontainers.image.revision": "0123456789abcdef" } } });
    let digest = |body: &Value| format!("sha256:{}", sha256(body.to_string()));
    let manifest = json!({ "config": { "digest": digest(&config), "size": 10 },
        "layers": [{ "size": 100 }, { "size": 200 }] });
    let index = json!({ "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
        { "digest": "sha256:0", "platform": { "os": "linux", "architecture": "arm64" } },
        { "digest": digest(&manifest), "platform": { "os": "linux", "architecture": "amd64" } } ] });
    let top = digest(&index);
    let server = Fake::start(granting(move |seen, url| {
        let path = seen.line();
        let is_ours = seen.header("authorization") == "Bearer registry";
        match path.as_str() {
            "POST /oauth2/exchange" => answer(200, &json!({ "refresh_token": "refresh" })),
            "POST /oauth2/token" => answer(200, &json!({ "access_token": "registry" })),
            _ if path.contains("/storage/") => with(200, &[], config.to_string()),
            _ if !is_ours => with(401, &[], ""),
            _ if path.contains("/manifests/1") => answer(200, &index),
            _ if path.contains(&digest(&manifest)) => answer(200, &manifest),
            _ if path.contains("/blobs/") => with(
                307,
                &[("location", url.join("storage/x?sig=the-sas").expect("a URL").as_str())],
                "",
            ),
            _ if path.contains("/manifests/forged") => {
                with(200, &[("docker-content-digest", "sha256:1")], index.to_string())
            }
            _ if path.contains("/tags/list") => {
                with(200, &[("link", "</v2/x>; rel=\"next\"")], "{\"tags\":[\"1\",\"../2\"]}")
            }
            _ => answer(
                404,
                &json!({ "errors": [{ "code": "MANIFEST_UNKNOWN", "message": "unknown" }] }),
            ),
        }
    }))
    .await;
    let arm = arm(&server).await;
    let registry = registry(&arm, &server);
    let info = image(&arm, &registry, "team/app", "1").await.expect("read").expect("there");
    assert_eq!((info.digest, info.size_bytes), (top, Some(310)));
    assert_eq!(info.commit.as_deref(), Some("0123456789abcdef"));
    assert!(info.created.is_some() && info.media_type.contains("index"));
    assert_eq!(image(&arm, &registry, "team/app", "2").await.expect("read"), None);
    let forged = image(&arm, &registry, "team/app", "forged").await.expect_err("forged");
    assert!(forged.to_string().contains("does not match its digest"), "{forged}");
    let page = tags(&arm, &registry, "team/app", None).await.expect("a page");
    assert_eq!((page.tags, page.next), (vec!["1".to_owned()], Some("1".to_owned())));
    let storage = server.to(&Method::GET, "/storage/");
    assert!(storage.iter().all(|seen| seen.header("authorization").is_empty()), "{storage:?}");
    for name in ["../x", "a//b", "A", ""] {
        assert!(image(&arm, &registry, name, "1").await.is_err(), "{name}");
    }
}
