//! Every operation of the GitHub client, by name.

use super::server::World;
use domain::timestamp::Timestamp;
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use server::azure::http;
use server::clock::Clock;
use server::github::app::{App, Installation};
use server::github::contents::Repository;
use server::github::credential::{Credential, Token};
use server::github::download::Download;
use server::github::{Client, Error};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::OnceLock;

pub const OPERATIONS: [&str; 18] = [
    "actions::cancel",
    "actions::dispatch",
    "actions::job_log",
    "actions::jobs",
    "actions::pending",
    "actions::rerun_failed",
    "actions::run",
    "actions::runs",
    "actions::workflows",
    "app::token",
    "client::get",
    "contents::commit",
    "contents::default_branch",
    "contents::file",
    "contents::folder",
    "contents::moved_to",
    "download::next",
    "tarball::tarball",
];

/// What a caller reads of a stream in this test, in bytes.
const READ_MAX: usize = 1024 * 1024;

fn as_text<T, E: Display>(outcome: Result<T, E>) -> Result<(), String> {
    outcome.map(|_| ()).map_err(|error| error.to_string())
}

fn client(world: &World, credential: impl Into<Credential>) -> Client {
    let http = http::client().expect("a client");
    let client = Client::new(http, world.own().clone(), credential, Clock::system());
    client.answering(world.within())
}

/// Making a key takes seconds, so there is one for all tests.
fn app() -> App {
    static APP: OnceLock<App> = OnceLock::new();
    let app = APP.get_or_init(|| {
        let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).expect("a key");
        let pem = key.to_pkcs1_pem(rsa::pkcs1::LineEnding::LF).expect("a text");
        App::new(7, &pem).expect("an App")
    });
    app.clone()
}

async fn read(opened: Result<Download, Error>) -> Result<(), Error> {
    let (mut download, mut bytes) = (opened?, 0);
    while let Some(piece) = download.next().await? {
        bytes += piece.len();
        if bytes > READ_MAX {
            break;
        }
    }
    Ok(())
}

async fn actions(operation: &str, repository: &Repository) -> Result<(), String> {
    let inputs = BTreeMap::new();
    match operation {
        "actions::cancel" => as_text(repository.cancel(7).await),
        "actions::dispatch" => as_text(repository.dispatch("w.yml", "main", &inputs).await),
        "actions::job_log" | "download::next" => {
            let log = repository.job_log(7).await.transpose();
            as_text(read(log.expect("this server never answers 404")).await)
        }
        "actions::jobs" => as_text(repository.jobs(7).await),
        "actions::pending" => as_text(repository.pending(7).await),
        "actions::rerun_failed" => as_text(repository.rerun_failed(7).await),
        "actions::run" => as_text(repository.run(7).await),
        "actions::runs" => as_text(repository.runs("w.yml", Timestamp(0), None, None).await),
        "actions::workflows" => as_text(repository.workflows().await),
        other => panic!("unknown operation {other}"),
    }
}

pub async fn run(operation: &str, world: &World) -> Result<(), String> {
    let client = client(world, Token::new("the-githubs-token").expect("a token"));
    let repository = Repository::new(client.clone(), "anet".to_owned(), "ml".to_owned());
    match operation {
        "app::token" => {
            let installation = Installation::new(app(), None, "anet".into(), "ml".into());
            as_text(installation.token(&client).await)
        }
        "client::get" => {
            let url = client.url(&["repos", "anet", "ml"]).expect("a URL");
            as_text(client.get(&url, "application/json", 1024 * 1024).await)
        }
        "contents::commit" => as_text(repository.commit("main").await),
        "contents::default_branch" => as_text(repository.default_branch().await),
        "contents::file" => as_text(repository.file("a/file.yml", "main", 1024 * 1024).await),
        "contents::folder" => as_text(repository.folder("a/folder", "main").await),
        "contents::moved_to" => as_text(repository.moved_to().await),
        "tarball::tarball" => as_text(read(repository.tarball("0123abc").await).await),
        other => actions(other, &repository).await,
    }
}
