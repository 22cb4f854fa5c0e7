//! Every operation of the Azure client, by name.

use super::document::GROUP;
use super::server::World;
use domain::asset::{Asset, AssetKind};
use domain::endpoint::{AuthMode, Endpoint};
use domain::log::Container;
use domain::provisioning::ProvisioningState;
use domain::route::Route;
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use serde_json::{Value, json};
use server::azure::arm::{Arm, ML_API_VERSION, Workspace};
use server::azure::cloud::Cloud;
use server::azure::credential::ClientCredentials;
use server::azure::inference::Inference;
use server::azure::region::Region;
use server::azure::resource_id::{COMPONENT, ResourceId};
use server::azure::{
    assets, deployments, endpoints, environments, http, metrics, monitoring, newest, operation,
    permissions, quota, scoring, workspaces,
};
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

pub const OPERATIONS: [&str; 51] = [
    "arm::get",
    "arm::list",
    "arm::send",
    "arm::token",
    "assets::look_up",
    "deployments::delete",
    "deployments::get",
    "deployments::list",
    "deployments::log",
    "deployments::put",
    "endpoints::bearer",
    "endpoints::get",
    "endpoints::list",
    "endpoints::put",
    "endpoints::put_route",
    "environments/containers::archive",
    "environments/containers::containers",
    "environments::newest",
    "environments::next_version",
    "environments::register_version",
    "environments::version",
    "environments::versions",
    "metrics::busiest_bytes_per_s",
    "metrics::series",
    "monitoring::action_group",
    "monitoring::diagnostics",
    "monitoring::log_analytics",
    "monitoring::put_diagnostics",
    "monitoring::put_rule",
    "monitoring::rule",
    "newest::of",
    "newest::version",
    "operation::read",
    "operation::status",
    "permissions::at",
    "quota::read",
    "quota::sizes",
    "registry/build::cancel",
    "registry/build::schedule",
    "registry/image::image",
    "registry/image::tags",
    "registry/log::log_piece",
    "registry/log::log_url",
    "registry/runs::run",
    "registry/runs::runs",
    "registry/upload::upload",
    "registry/upload::upload_url",
    "registry::of_workspace",
    "scoring::post",
    "scoring::probe",
    "workspaces::get",
];

/// A client for the hostile Azure. Its tokens come from an honest server, because without a token it would
/// send nothing.
pub fn arm(world: &World) -> Arm {
    let http = http::client().expect("a client");
    let own = world.own().clone();
    let tokens = own.join("honest/token").expect("a URL");
    let credential = ClientCredentials::new(
        http.clone(),
        tokens,
        "a-client".to_owned(),
        "the-clients-secret".into(),
    );
    let cloud = Cloud {
        arm_scope: format!("{own}.default"),
        scoring_scope: "https://ml.azure.com/.default".to_owned(),
        credential: Arc::new(credential),
        inference: Inference::on_loopback(own.clone(), http.clone()),
        arm: own,
    };
    Arm::new(http, cloud).answering(world.within())
}

pub fn workspace() -> Workspace {
    Workspace { subscription: "s".into(), resource_group: "rg".into(), name: "w".into() }
}

fn as_text<T, E: Display>(outcome: Result<T, E>) -> Result<(), String> {
    outcome.map(|_| ()).map_err(|error| error.to_string())
}

pub async fn run(operation: &str, world: &World) -> Result<(), String> {
    let (arm, workspace) = (&arm(world), &workspace());
    let stage = &"anet-prod".parse().expect("a stage");
    let endpoint = &"anet-ep".parse().expect("a name");
    let name = &"blue".parse().expect("a name");
    let key = &EndpointKey {
        stage: "anet-prod".parse().expect("a stage"),
        endpoint: "anet-ep".parse().expect("a name"),
    };
    let (start, body) = (Timestamp(0), &json!({}));
    let url = arm.url(&workspace.id(), ML_API_VERSION, &[]).expect("a URL");
    let region = &Region::parse("westeurope").expect("a region");
    let at = world.named().join("subscriptions/s/operation").expect("a URL").to_string();
    let uri = world.named().join("endpoints/e/score").expect("a URL").to_string();
    let within = arm.within().answer;
    match operation {
        "arm::get" => as_text(arm.get(url).await),
        "arm::list" => as_text(arm.list(url).await),
        "arm::send" => as_text(arm.send(reqwest::Method::PUT, url, Some(body)).await),
        "arm::token" => as_text(arm.token("x").await),
        "assets::look_up" => {
            let reference = "azureml:nbq:1".to_owned();
            as_text(
                assets::look_up(arm, workspace, &Asset { kind: AssetKind::Model, reference }).await,
            )
        }
        "deployments::delete" => as_text(deployments::delete(arm, workspace, endpoint, name).await),
        "deployments::get" => as_text(deployments::get(arm, workspace, endpoint, name).await),
        "deployments::list" => as_text(deployments::list(arm, workspace, endpoint).await),
        "deployments::log" => {
            let container = Container::InferenceServer;
            as_text(deployments::log(arm, workspace, endpoint, name, container, 10).await)
        }
        "deployments::put" => as_text(deployments::put(arm, workspace, endpoint, name, body).await),
        "endpoints::bearer" => as_text(endpoints::bearer(arm, workspace, &known(key)).await),
        "endpoints::get" => as_text(endpoints::get(arm, workspace, key).await),
        "endpoints::list" => as_text(endpoints::list(arm, workspace, stage).await),
        "endpoints::put" => as_text(endpoints::put(arm, workspace, endpoint, body).await),
        "endpoints::put_route" => {
            let read = endpoints::Read { endpoint: known(key), body: Value::Null };
            as_text(endpoints::put_route(arm, workspace, &read, &Route::default()).await)
        }
        operation if operation.starts_with("registry") => {
            super::registry::run(operation, world, arm, workspace).await
        }
        "environments/containers::archive" => {
            as_text(environments::archive(arm, workspace, "env", "7").await)
        }
        "environments/containers::containers" => {
            as_text(environments::containers(arm, workspace).await)
        }
        "environments::next_version" => {
            as_text(environments::next_version(arm, workspace, "env").await)
        }
        "environments::register_version" => {
            let registration = environments::Registration::default();
            let put = environments::register_version(arm, workspace, "env", "7", &registration);
            as_text(put.await)
        }
        "environments::version" => as_text(environments::version(arm, workspace, "env", "7").await),
        "environments::versions" => as_text(environments::versions(arm, workspace, "env").await),
        "environments::newest" => as_text(environments::newest(arm, workspace, "env").await),
        "metrics::busiest_bytes_per_s" => {
            as_text(metrics::busiest_bytes_per_s(arm, workspace, endpoint, start, 60).await)
        }
        "metrics::series" => {
            as_text(metrics::series(arm, workspace, endpoint, name, start, 60).await)
        }
        "monitoring::action_group" => as_text(monitoring::action_group(arm, workspace, "ag").await),
        "monitoring::diagnostics" => {
            as_text(monitoring::diagnostics(arm, workspace, endpoint, "d").await)
        }
        "monitoring::log_analytics" => {
            let id = format!("{GROUP}/providers/Microsoft.Insights/components/appi");
            let id = ResourceId::parse(&id, COMPONENT).expect("an id");
            as_text(monitoring::log_analytics(arm, &id).await)
        }
        "monitoring::put_diagnostics" => {
            as_text(monitoring::put_diagnostics(arm, workspace, endpoint, "d", body).await)
        }
        "monitoring::put_rule" => as_text(monitoring::put_rule(arm, workspace, "r", body).await),
        "monitoring::rule" => as_text(monitoring::rule(arm, workspace, "r").await),
        "newest::of" => as_text(newest::of(arm, workspace, "models", "nbq").await),
        "newest::version" => as_text(newest::version(arm, workspace, "models", "nbq").await),
        "operation::read" => as_text(operation::read(arm, &at).await.0),
        "operation::status" => as_text(operation::status(arm, &at).await),
        "permissions::at" => as_text(permissions::at(arm, &workspace.id()).await),
        "quota::read" => as_text(quota::read(arm, workspace, region).await),
        "quota::sizes" => as_text(quota::sizes(arm, workspace, region).await),
        "scoring::post" => {
            let sent = scoring::post(arm, &uri, "the-endpoints-key", None, "{}".to_owned());
            let sent = tokio::time::timeout(within, sent).await;
            as_text(sent.unwrap_or_else(|_| Err(late())))
        }
        "scoring::probe" => {
            let wait = within.min(Duration::from_secs(5));
            scoring::probe(arm, &uri, "the-endpoints-key", "{}".into(), wait).await;
            Ok(())
        }
        "workspaces::get" => as_text(workspaces::get(arm, workspace).await),
        other => panic!("unknown operation {other}"),
    }
}

/// A model may take three minutes, but this test does not wait that long.
fn late() -> server::azure::Error {
    server::azure::Error::Unavailable("this test waits no longer".to_owned())
}

fn known(key: &EndpointKey) -> Endpoint {
    Endpoint {
        key: key.clone(),
        state: ProvisioningState::Succeeded,
        route: Route::default(),
        route_problem: None,
        auth: AuthMode::Key,
        scoring_uri: None,
        description: None,
        kubernetes: false,
        deployments: Vec::new(),
    }
}
