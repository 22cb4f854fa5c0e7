//! The emulator's own endpoints, which Azure does not have: faults, stale reads, the clock, the write log,
//! read counts, app roles, and whether workspaces have a registry.

use std::time::Duration;

use axum::extract::{Json, Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post, put};
use axum::{Router, middleware};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::entra::accounts::Account;
use crate::faults::Fault;
use crate::inner::Shared;
use crate::protocol::error::ArmError;
use crate::stale::StaleReads;
use crate::{
    arm, blob_wire, builds_control, github_control, key_vault, load_testing, log_queries, registry,
    sign_in, when,
};

/// The largest number of app roles of one account.
const ROLES_MAX: usize = 20;
/// The longest value of an app role, in bytes (Entra allows 120 characters).
const ROLE_BYTES_MAX: usize = 120;

/// Routes of everything except scoring URIs.
pub fn router(inner: Shared) -> Router {
    Router::new()
        .route("/", get(about))
        .route("/metadata/endpoints", get(clouds))
        .route("/blob/{account}/{*rest}", any(blob_wire::handle))
        .route("/api/v3/{*rest}", any(github))
        .route("/_codeload/{*rest}", get(github_download))
        .route("/_services/pipelines/logs/{secret}", get(github_download))
        .merge(sign_in::routes())
        .merge(registry::routes())
        .merge(key_vault::routes())
        .merge(load_testing::routes())
        .merge(log_queries::routes())
        .merge(own(inner.clone()))
        .fallback(arm::handle)
        .method_not_allowed_fallback(not_allowed)
        .with_state(inner)
}

fn own(inner: Shared) -> Router<Shared> {
    Router::new()
        .route("/emulator/faults", post(add_fault).delete(clear_faults))
        .route("/emulator/stale-reads", get(stale).put(set_stale).delete(clear_stale))
        .route("/emulator/clock", get(time))
        .route("/emulator/clock/advance", post(advance))
        .route("/emulator/writes", get(writes))
        .route("/emulator/reads", get(reads))
        .route("/emulator/accounts/{account}", put(assign))
        .route("/emulator/entra", put(misbehave))
        .route("/emulator/permissions", put(take_away))
        .route("/emulator/scoring/{endpoint}", get(endpoint))
        .merge(github_control::routes())
        .merge(builds_control::routes())
        .merge(key_vault::switch::routes())
        .merge(load_testing::misfortune::routes())
        .merge(log_queries::switch::routes())
        .route("/emulator/registry/detach", post(detach))
        .route("/emulator/registry/attach", post(attach))
        .layer(middleware::from_fn_with_state(inner, loopback_only))
}

/// Other machines must not control faults and clocks.
async fn loopback_only(
    State(inner): State<Shared>,
    request: Request,
    next: middleware::Next,
) -> Response {
    if inner.bound.ip().is_loopback() {
        return next.run(request).await;
    }
    let text = "The emulator's control endpoints answer only when it listens on loopback.";
    (StatusCode::FORBIDDEN, text).into_response()
}

async fn not_allowed() -> Response {
    let error = ArmError::arm(
        StatusCode::METHOD_NOT_ALLOWED,
        "MethodNotAllowed",
        "The resource does not support this HTTP method.",
    );
    error.answer("", "", "")
}

async fn about(State(inner): State<Shared>, headers: HeaderMap) -> Json<Value> {
    let workspaces = inner.store.read(|state| {
        state.workspaces.values().map(|ws| inner.workspace_id(&ws.name)).collect::<Vec<_>>()
    });
    Json(json!({
        "what": "Understudy's emulator of Azure ML, Azure Monitor, Azure Container Registry, Entra ID and GitHub",
        "subscription": inner.subscription,
        "tenant": inner.tenant,
        "workspaces": workspaces,
        "openidConfiguration": format!(
            "{}/{}/v2.0/.well-known/openid-configuration", inner.base(&headers), inner.tenant),
    }))
}

/// The document behind `ARM_CLOUD_METADATA_URL`.
async fn clouds(State(inner): State<Shared>, headers: HeaderMap) -> Json<Value> {
    let base = format!("{}/", inner.base(&headers));
    Json(json!([{
        "name": "EmulatorCloud",
        "portal": base,
        "resourceManager": base,
        "authentication": {
            "loginEndpoint": base,
            "audiences": [base],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "suffixes": {
            "storage": "core.windows.net",
            "keyVaultDns": "vault.azure.net",
            "acrLoginServer": "azurecr.io",
        },
    }]))
}

async fn add_fault(State(inner): State<Shared>, Json(fault): Json<Fault>) -> StatusCode {
    inner.faults.add(fault);
    StatusCode::NO_CONTENT
}

async fn clear_faults(State(inner): State<Shared>) -> StatusCode {
    inner.faults.clear();
    StatusCode::NO_CONTENT
}

/// The settings of stale reads, and the number of stale answers.
async fn stale(State(inner): State<Shared>) -> Json<Value> {
    let (settings, answered) = inner.stale.told();
    Json(json!({ "settings": settings, "answered": answered }))
}

async fn set_stale(State(inner): State<Shared>, Json(settings): Json<StaleReads>) -> Response {
    if let Some(problem) = settings.problem() {
        return (StatusCode::BAD_REQUEST, problem).into_response();
    }
    inner.stale.set(settings);
    StatusCode::NO_CONTENT.into_response()
}

async fn clear_stale(State(inner): State<Shared>) -> StatusCode {
    inner.stale.set(StaleReads::default());
    StatusCode::NO_CONTENT
}

async fn time(State(inner): State<Shared>) -> Json<Value> {
    Json(json!({
        "now": when::arm(inner.clock.now()),
        "isExplicit": inner.clock.is_explicit(),
    }))
}

#[derive(Deserialize)]
struct Advance {
    seconds: f64,
}

/// Advances an explicit clock, and answers when everything that was due has happened.
async fn advance(State(inner): State<Shared>, Json(by): Json<Advance>) -> Response {
    if !inner.clock.is_explicit() {
        let text = "The emulator runs on the machine's clock, which cannot be advanced.";
        return (StatusCode::CONFLICT, text).into_response();
    }
    let Ok(by) = Duration::try_from_secs_f64(by.seconds) else {
        return (StatusCode::BAD_REQUEST, "seconds must be a positive number.").into_response();
    };
    inner.agenda.settled(&inner.clock).await;
    inner.clock.advance(by);
    inner.agenda.settled(&inner.clock).await;
    time(State(inner)).await.into_response()
}

async fn writes(State(inner): State<Shared>) -> Json<Value> {
    Json(json!({ "value": inner.writes.all() }))
}

/// The number of reads of each ARM path.
async fn reads(State(inner): State<Shared>) -> Json<Value> {
    Json(json!({ "value": inner.writes.reads() }))
}

#[derive(Deserialize)]
struct Assign {
    roles: Vec<String>,
}

/// Gives an account other app roles, as an administrator of Entra would. They apply from the next sign-in
/// until the emulator restarts.
async fn assign(
    State(inner): State<Shared>,
    Path(account): Path<String>,
    Json(Assign { roles }): Json<Assign>,
) -> Response {
    let Some(account) = Account::find(&account) else {
        return (StatusCode::NOT_FOUND, "There is no such account.").into_response();
    };
    if roles.len() > ROLES_MAX || roles.iter().any(|role| role.len() > ROLE_BYTES_MAX) {
        return (StatusCode::BAD_REQUEST, "There are too many roles, or one of them is too long.")
            .into_response();
    }
    inner.entra.assign(&account, roles);
    StatusCode::NO_CONTENT.into_response()
}

#[derive(Deserialize)]
struct Misbehave {
    #[serde(default)]
    claims: serde_json::Map<String, Value>,
    #[serde(default)]
    rotate: bool,
}

/// Makes Entra sign with another key, and put other claims into ID tokens (null removes a claim; an empty
/// object restores the normal claims). Applies until the emulator restarts.
async fn misbehave(State(inner): State<Shared>, Json(how): Json<Misbehave>) -> StatusCode {
    if how.rotate {
        inner.entra.keys.rotate();
    }
    inner.entra.misstate(how.claims);
    StatusCode::NO_CONTENT
}

/// Actions that nobody may carry out.
#[derive(Deserialize)]
struct Without {
    without: Vec<String>,
}

/// Takes actions away, as an administrator of the subscription would; an empty list gives all of them back.
async fn take_away(
    State(inner): State<Shared>,
    Json(Without { without }): Json<Without>,
) -> Response {
    match inner.taken.set(without) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(problem) => (StatusCode::BAD_REQUEST, problem).into_response(),
    }
}

async fn github(State(inner): State<Shared>, request: Request) -> Response {
    let (base, now) = (inner.base(request.headers()), inner.clock.now());
    inner.github.answer(request, &base, now).await
}

/// GitHub's short-lived URLs, which need no token.
async fn github_download(State(inner): State<Shared>, request: Request) -> Response {
    let now = inner.clock.now().unix_timestamp();
    inner.github.download(request, now).await
}

/// The workspaces name no registry, until an image was built or `attach` is called.
async fn detach(State(inner): State<Shared>) -> Response {
    set_detached(&inner, true)
}

async fn attach(State(inner): State<Shared>) -> Response {
    set_detached(&inner, false)
}

fn set_detached(inner: &Shared, is_detached: bool) -> Response {
    match inner.store.write(|state| state.registry.is_detached = is_detached) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(unkept) => (StatusCode::INTERNAL_SERVER_ERROR, unkept.to_string()).into_response(),
    }
}

/// The instances behind a scoring URI, for display.
async fn endpoint(State(inner): State<Shared>, Path(name): Path<String>) -> Json<Value> {
    let names: Vec<String> = inner.store.read(|state| {
        let endpoints = state.workspaces.values().flat_map(|ws| ws.endpoints.values());
        let found = endpoints.filter(|endpoint| endpoint.name.eq_ignore_ascii_case(&name));
        found.flat_map(|e| e.deployments.values().map(|d| d.name.clone())).collect()
    });
    let deployments = names.into_iter().map(|deployment| {
        let instances = inner.plane.instances(&name, &deployment).into_iter().map(|i| {
            json!({ "id": i.id, "state": format!("{:?}", i.state), "restarts": i.restarts,
                "pid": i.pid })
        });
        (deployment, Value::Array(instances.collect()))
    });
    Json(Value::Object(deployments.collect()))
}
