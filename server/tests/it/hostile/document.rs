//! A document that contains what every operation reads. The hostile modes spoil it.

use super::mode::Mode;
use axum::http::Uri;
use serde_json::{Value, json};
use url::Url;

/// Must not appear unescaped in a log or a message.
const CONTROLS: &str = "a\r\n2026-01-01 ERROR forged\u{1b}[31m\u{7}\u{9b}2J";
/// The resource group of all resources.
pub const GROUP: &str = "/subscriptions/s/resourceGroups/rg";

/// The document for a path.
pub fn of(mode: Mode, uri: &Uri, own: &Url, foreign: &Url) -> Value {
    let path = uri.path();
    if path.contains("/contents/") {
        return json!([{ "name": spoiled(mode, "file.yml", "../../../../user"), "type": "file" }]);
    }
    if path.ends_with("/pending_deployments") {
        return json!([{ "environment": { "id": 1, "name": spoiled(mode, "prod", "x") } }]);
    }
    let host = if mode == Mode::Elsewhere { foreign } else { own };
    let at = |path: &str| host.join(path).expect("a URL").to_string();
    // Names in metrics and usages are objects.
    let is_localized = path.ends_with("/metrics") || path.ends_with("/usages");
    let version = spoiled(mode, "7", "../../../x");
    let name = match is_localized {
        true => json!({ "value": spoiled(mode, "RequestsPerMinute", "x") }),
        false => json!(spoiled(mode, "blue", "../../x")),
    };
    let name = if path.ends_with("/versions") { json!(version) } else { name };
    let mut body = json!({
        "id": format!("{GROUP}/providers/Microsoft.Insights/actionGroups/ag"),
        "name": name, "kind": "Managed", "type": "Microsoft.MachineLearningServices/vmFamily/usages",
        "location": spoiled(mode, "westeurope", "../../providers/Microsoft.Authorization/elevateAccess?x="),
        "family": "standardDSv2Family", "vCPUs": 4, "supportedComputeTypes": ["MIR"],
        "currentValue": 0, "limit": 7,
        "systemData": { "createdAt": "2026-10-28T19:14:54.2541612+00:00" },
        "sku": { "capacity": 1 },
        "status": "Succeeded", "content": spoiled(mode, "a line\n", "x"),
        "primaryKey": "the-endpoints-key", "accessToken": "the-endpoints-token",
        "timeseries": [],
        "properties": {
            "provisioningState": spoiled(mode, "Succeeded", "x"), "authMode": "Key",
            "scoringUri": at("endpoints/e/score"),
            "applicationInsights": id(mode, "Microsoft.Insights/components/appi"),
            "WorkspaceResourceId": id(mode, "Microsoft.OperationalInsights/workspaces/log"),
            "properties": { "AzureAsyncOperationUri": at("subscriptions/s/operation") },
            "containerRegistry": id(mode, "Microsoft.ContainerRegistry/registries/acr"),
            "loginServer": spoiled(mode, login(host).as_str(), "../x"),
            "runId": spoiled(mode, "ca1", "../x"), "status": spoiled(mode, "Succeeded", "x"),
            "nextVersion": version,
        },
    });
    let registry = json!({
        "uploadUrl": at("blob/context?sig=the-sas-signature"),
        "relativePath": spoiled(mode, "source/x.tar.gz", "../x"),
        "logLink": at("blob/log?sig=the-sas-signature"), "refresh_token": "the-registrys-token",
        "config": { "size": 1 }, "layers": [{ "size": 2 }], "tags": [spoiled(mode, "1", "../x")],
    });
    let github = json!({
        "default_branch": spoiled(mode, "main", "../../../user"), "full_name": spoiled(mode, "anet/ml", "x"),
        "sha": "0123456789abcdef0123456789abcdef01234567",
        "commit": { "message": spoiled(mode, "a message", "x"),
            "author": { "name": spoiled(mode, "Ada", "x"), "date": "2026-10-28T19:14:54Z" } },
    });
    let issuer = own.join(path.trim_start_matches('/')).expect("a URL").to_string();
    let issuer = issuer.trim_end_matches("/.well-known/openid-configuration");
    let entra = json!({
        "issuer": issuer, "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"), "jwks_uri": at(&format!("{}keys", lead(path))),
        "response_types_supported": ["code"], "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"], "keys": [],
        "access_token": "a-token", "expires_in": 3600, "token_type": "Bearer",
    });
    let item = body.clone();
    for more in [github, entra, registry, json!({ "value": [item] })] {
        let more = more.as_object().expect("an object").clone();
        body.as_object_mut().expect("an object").extend(more);
    }
    if ["/repos/", "/app/"].iter().any(|start| path.starts_with(start)) {
        let more = actions(mode);
        body.as_object_mut().expect("an object").extend(more.as_object().expect("one").clone());
    }
    let next = match mode {
        Mode::Loop | Mode::Elsewhere => Some(at(path.trim_start_matches('/'))),
        Mode::Pages => Some(page_after(uri, own)),
        _ => None,
    };
    if let Some(next) = next {
        let next = if mode == Mode::Loop { format!("{next}?page=1") } else { next };
        body["nextLink"] = json!(next);
    }
    body
}

/// The host and port of image names.
fn login(url: &Url) -> String {
    format!("{}:{}", url.host_str().expect("a host"), url.port().expect("a port"))
}

/// What GitHub Actions and GitHub Apps answer.
fn actions(mode: Mode) -> Value {
    let one = json!({
        "id": 7, "name": spoiled(mode, "build", "../x"), "path": spoiled(mode, "w.yml", "../x"),
        "event": spoiled(mode, "push", "x"), "head_sha": spoiled(mode, "abc", "../x"),
        "status": spoiled(mode, "completed", "x"), "html_url": spoiled(mode, "https://github.com/x", "x"),
        "steps": [{ "number": 1, "name": spoiled(mode, "a step", "x") }],
    });
    let mut all = json!({
        "workflow_run_id": 7, "token": "the-apps-token", "expires_at": "2099-01-01T00:00:00Z",
        "workflows": [one], "workflow_runs": [one], "jobs": [one],
    });
    all.as_object_mut().expect("an object").extend(one.as_object().expect("an object").clone());
    all
}

/// The path to which an honest provider's document points.
fn lead(path: &str) -> &'static str {
    if path.starts_with("/honest") { "honest/" } else { "" }
}

fn spoiled(mode: Mode, good: &str, odd: &str) -> String {
    match mode {
        Mode::Controls | Mode::Refusals => CONTROLS.to_owned(),
        Mode::OddIds => odd.to_owned(),
        _ => good.to_owned(),
    }
}

fn id(mode: Mode, of: &str) -> String {
    match mode {
        Mode::OddIds => format!(
            "{GROUP}/providers/{of}/../../../../providers/Microsoft.Authorization/elevateAccess"
        ),
        _ => format!("{GROUP}/providers/{of}"),
    }
}

fn page_after(uri: &Uri, own: &Url) -> String {
    let page = uri.query().and_then(|query| query.rsplit("page=").next()?.parse().ok());
    let mut next = own.join(uri.path()).expect("a URL");
    next.set_query(Some(&format!("page={}", page.unwrap_or(0_u64) + 1)));
    next.to_string()
}
