//! A commit as a tarball.

use std::io::Read;

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::Stage;
use crate::hub::Hub;

/// Path, kind, size and link of each entry.
fn entries(bytes: &[u8]) -> Vec<(String, tar::EntryType, u64, Option<String>)> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes));
    let entry = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut entry: tar::Entry<'_, _> = entry.expect("an entry");
        let link = entry.link_name().expect("a link").map(|link| link.display().to_string());
        let path = entry.path().expect("a path").display().to_string();
        let read = std::io::copy(&mut entry, &mut std::io::sink()).expect("its content");
        (path, entry.header().entry_type(), read, link)
    };
    archive.entries().expect("an archive").map(entry).collect()
}

async fn fetch(stage: &Stage, reference: &str) -> Vec<u8> {
    let found = Hub::new(stage).get(&format!("tarball/{reference}")).await;
    assert_eq!(found.status, StatusCode::FOUND, "{found:?}");
    assert!(found.header("location").contains("/_codeload/anet/ml-azua/legacy.tar.gz/"));
    let response = stage.http.get(found.header("location")).send().await.expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/x-gzip");
    response.bytes().await.expect("a body").to_vec()
}

#[tokio::test]
async fn it_has_githubs_folder_and_every_file_and_link() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    let deep = format!("{}/file", vec!["a-folder-with-a-name"; 20].join("/"));
    let files = json!({ deep.as_str(): "x", "out": { "link": "../../etc/passwd" }, "bin": { "base64": "AAEC" } });
    let sha = hub.commit(files).await;
    let bytes = fetch(&stage, "main").await;
    let all = entries(&bytes);
    let root = format!("anet-ml-azua-{}", &sha[..7]);
    let find = |path: &str| all.iter().find(|(known, ..)| *known == format!("{root}/{path}"));
    assert!(find("").is_some() && find(".github/workflows/").is_some(), "{all:?}");
    let link = |path: &str| find(path).and_then(|(.., link)| link.clone());
    assert_eq!(link("mlops/nbq/Dockerfile").as_deref(), Some("../../Dockerfile"));
    assert_eq!(link("out").as_deref(), Some("../../etc/passwd"));
    assert_eq!(
        find(&deep).map(|(_, kind, size, _)| (*kind, *size)),
        Some((tar::EntryType::Regular, 1))
    );
    assert_eq!(find("bin").map(|(_, _, size, _)| *size), Some(3));
    assert!(all.iter().all(|(path, ..)| path.starts_with(&root) || path == "pax_global_header"));
    assert_eq!(bytes, fetch(&stage, &sha).await, "the same commit gives the same bytes");
    let global = {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&*bytes).read_to_end(&mut plain).expect("a tar");
        plain
    };
    let comment = format!("52 comment={sha}\n");
    assert!(global.windows(comment.len()).any(|part| part == comment.as_bytes()));
}

#[tokio::test]
async fn a_branch_a_tag_and_the_default_branch_are_found() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    let head = async |name: &str| {
        let sha = hub.get(&format!("commits/{name}")).await.body["sha"].clone();
        sha.as_str().expect("a commit")[..7].to_owned()
    };
    for (reference, commit) in [
        ("v1.0.0", "v1.0.0"),
        ("shadow-nbq-2", "shadow-nbq-2"),
        ("refs/heads/main", "main"),
        ("", "main"),
    ] {
        let all = entries(&fetch(&stage, reference).await);
        assert_eq!(all[1].0, format!("anet-ml-azua-{}/", head(commit).await), "{reference}");
    }
    assert_eq!(hub.get("tarball/nowhere").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn its_url_is_secret_and_short_lived() {
    let stage = Stage::start().await;
    let found = Hub::new(&stage).get("tarball/main").await;
    let url = found.header("location").to_owned();
    let made_up = url.split('?').next().expect("a path").to_owned() + "?token=made-up";
    assert_eq!(stage.bare(Method::GET, &made_up).await.status, StatusCode::NOT_FOUND);
    let status = async || stage.http.get(&url).send().await.expect("an answer").status();
    assert_eq!(status().await, StatusCode::OK);
    stage.advance(300).await;
    assert_eq!(status().await, StatusCode::NOT_FOUND);
    let reader = Hub::with(&stage, "dana-scott", json!({ "actions": "read" })).await;
    assert_eq!(reader.get("tarball/main").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_reader_that_leaves_early_does_no_harm() {
    let stage = Stage::start().await;
    let hub = Hub::new(&stage);
    // Random enough not to shrink.
    let noise: String = (0..4_000_000_u32)
        .map(|n| char::from(b'!' + (n.wrapping_mul(2_654_435_761) >> 26) as u8))
        .collect();
    hub.commit(json!({ "noise": noise })).await;
    let found = hub.get("tarball/main").await;
    let mut response = stage.http.get(found.header("location")).send().await.expect("an answer");
    assert!(response.chunk().await.expect("a chunk").is_some());
    drop(response);
    let all = entries(&fetch(&stage, "main").await);
    assert!(all.iter().any(|(path, _, size, _)| path.ends_with("/noise") && *size == 4_000_000));
}
