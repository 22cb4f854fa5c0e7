//! Every operation of the GitHub client, by name.

use super::server::World;
use server::azure::http;
use server::clock::Clock;
use server::github::Client;
use server::github::contents::Repository;
use server::github::credential::Token;
use std::fmt::Display;

pub const OPERATIONS: [&str; 6] = [
    "client::get",
    "contents::commit",
    "contents::default_branch",
    "contents::file",
    "contents::folder",
    "contents::moved_to",
];

fn as_text<T, E: Display>(outcome: Result<T, E>) -> Result<(), String> {
    outcome.map(|_| ()).map_err(|error| error.to_string())
}

pub async fn run(operation: &str, world: &World) -> Result<(), String> {
    let http = http::client().expect("a client");
    let token = Token::new("the-githubs-token").expect("a token");
    let client = Client::new(http, world.own().clone(), Some(token), Clock::system());
    let client = client.answering(world.within());
    let repository = Repository::new(client.clone(), "anet".to_owned(), "ml".to_owned());
    match operation {
        "client::get" => {
            let url = client.url(&["repos", "anet", "ml"]).expect("a URL");
            as_text(client.get(&url, "application/json", 1024 * 1024).await)
        }
        "contents::commit" => as_text(repository.commit("main").await),
        "contents::default_branch" => as_text(repository.default_branch().await),
        "contents::file" => as_text(repository.file("a/file.yml", "main", 1024 * 1024).await),
        "contents::folder" => as_text(repository.folder("a/folder", "main").await),
        "contents::moved_to" => as_text(repository.moved_to().await),
        other => panic!("unknown operation {other}"),
    }
}
