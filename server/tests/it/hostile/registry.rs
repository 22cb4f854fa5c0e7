//! Every operation of the client of container registries, by name.

use super::document::GROUP;
use super::server::World;
use domain::timestamp::Timestamp;
use server::azure::arm::{Arm, Workspace};
use server::azure::registry::{self, Platform, Registry, Schedule};
use server::azure::secret_url::SecretUrl;
use std::fmt::Display;

fn as_text<T, E: Display>(outcome: Result<T, E>) -> Result<(), String> {
    outcome.map(|_| ()).map_err(|error| error.to_string())
}

fn build() -> Schedule {
    Schedule {
        image_names: vec!["team/app:1".to_owned()],
        dockerfile: "Dockerfile".to_owned(),
        target: None,
        source: "source/x.tar.gz".to_owned(),
        timeout_s: 3_600,
        platform: Platform::default(),
        no_cache: false,
        arguments: Vec::new(),
    }
}

/// An operation on a URL that an earlier answer named.
async fn with_url(operation: &str, arm: &Arm) -> Result<(), String> {
    let url = arm.cloud().arm.join("blob/x?sig=the-sas-signature").expect("a URL");
    let url = SecretUrl::parse(arm.cloud(), url.as_str()).expect("it is allowed");
    if operation == "registry/log::log_piece" {
        return as_text(registry::log_piece(arm, &url, 0, 1_000).await);
    }
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "a context").expect("it is written");
    as_text(registry::upload(arm, &url, file.path()).await)
}

pub async fn run(
    operation: &str,
    world: &World,
    arm: &Arm,
    workspace: &Workspace,
) -> Result<(), String> {
    let own = world.own();
    let login = format!("{}:{}", own.host_str().expect("a host"), own.port().expect("a port"));
    let id = format!("{GROUP}/providers/Microsoft.ContainerRegistry/registries/acr");
    let acr = &Registry::new(arm, &id, &login).expect("a registry");
    match operation {
        "registry::of_workspace" => as_text(registry::of_workspace(arm, workspace).await),
        "registry/build::cancel" => as_text(registry::cancel(arm, acr, "ca1").await),
        "registry/build::schedule" => as_text(registry::schedule(arm, acr, &build()).await),
        "registry/image::image" => as_text(registry::image(arm, acr, "team/app", "1").await),
        "registry/image::tags" => as_text(registry::tags(arm, acr, "team/app", None).await),
        "registry/log::log_url" => as_text(registry::log_url(arm, acr, "ca1").await),
        "registry/runs::run" => as_text(registry::run(arm, acr, "ca1").await),
        "registry/runs::runs" => as_text(registry::runs(arm, acr, Timestamp(0)).await),
        "registry/upload::upload_url" => as_text(registry::upload_url(arm, acr).await),
        "registry/log::log_piece" | "registry/upload::upload" => with_url(operation, arm).await,
        other => panic!("unknown operation {other}"),
    }
}
