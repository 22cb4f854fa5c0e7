//! The GitHub App with its only installation. An app authenticates with a token that it signs itself, and exchanges it
//! for tokens of its installation, which are valid for an hour.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::app_key::Ready;
use super::call::Call;
use super::kept::Kept;
use super::repository::Repository;
use super::tokens::{Grant, Kind, Level, Permissions};
use super::{shapes, users};

pub const APP_ID: u64 = 1_001;
pub const INSTALLATION_ID: u64 = 2_001;
/// Also valid as the issuer of the app's tokens.
pub const CLIENT_ID: &str = "Iv23liUnderstudyApp0";
const SLUG: &str = "understudy-console";
/// The longest validity of a token that the app signs (docs.github.com, generating a JSON Web Token).
const JWT_S_MAX: i64 = 600;
/// Tolerance for clocks that differ (the same page).
const SKEW_S: i64 = 60;
/// The validity of an installation's token.
const TOKEN_S: i64 = 3_600;

/// What the app may do: what a console needs.
fn permissions() -> Permissions {
    let all = [("actions", Level::Write), ("contents", Level::Read), ("metadata", Level::Read)];
    all.map(|(name, level)| (name.to_owned(), level)).into()
}

/// Whether a request needs the app's own token.
pub fn is_app_route(segments: &[&str]) -> bool {
    matches!(segments, ["app", ..] | ["repos", _, _, "installation"])
}

/// Checks the token that an app signed; `now` is the machine's time.
pub fn check(key: &Ready, token: &str, now: i64) -> Result<(), Refusal> {
    let refused = |message: &str| Refusal::new(StatusCode::UNAUTHORIZED, message);
    let undecoded = || refused("A JSON web token could not be decoded");
    let claims = key.verify(token).ok_or_else(undecoded)?;
    let issuer = &claims["iss"];
    let is_ours = issuer == APP_ID
        || issuer.as_str().is_some_and(|text| text == CLIENT_ID || text == APP_ID.to_string());
    if !is_ours {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "Integration not found"));
    }
    let expiry = claims["exp"].as_i64().filter(|end| *end > now - SKEW_S).ok_or_else(|| {
        refused(
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the \
             assertion expires",
        )
    })?;
    let issued = claims["iat"].as_i64().filter(|start| *start <= now + SKEW_S);
    let issued = issued.ok_or_else(|| {
        refused(
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
        )
    })?;
    if expiry > now + JWT_S_MAX + SKEW_S || expiry - issued > JWT_S_MAX + SKEW_S {
        return Err(refused("'Expiration time' claim ('exp') is too far in the future"));
    }
    Ok(())
}

fn installation(repo: &Repository, root: &str) -> Value {
    let site = root.trim_end_matches("/api/v3");
    let url = format!("{root}/app/installations/{INSTALLATION_ID}");
    json!({
        "id": INSTALLATION_ID, "app_id": APP_ID, "client_id": CLIENT_ID, "app_slug": SLUG,
        "account": shapes::owner(repo, root), "target_id": 1, "target_type": "Organization",
        "repository_selection": "selected", "permissions": permissions(), "events": [],
        "access_tokens_url": format!("{url}/access_tokens"),
        "repositories_url": format!("{root}/installation/repositories"),
        "html_url": format!("{site}/organizations/{}/settings/installations/{INSTALLATION_ID}", repo.owner),
        "created_at": "2026-11-02T09:00:00Z", "updated_at": "2026-11-02T09:00:00Z",
        "single_file_name": null, "has_multiple_single_files": false, "single_file_paths": [],
        "suspended_at": null, "suspended_by": null,
    })
}

fn app(repo: &Repository, root: &str) -> Value {
    let site = root.trim_end_matches("/api/v3");
    json!({
        "id": APP_ID, "slug": SLUG, "client_id": CLIENT_ID, "node_id": shapes::node("App", SLUG),
        "owner": shapes::owner(repo, root), "name": "Understudy console",
        "description": "Builds and reads repositories", "external_url": "https://understudy.example",
        "html_url": format!("{site}/apps/{SLUG}"), "permissions": permissions(), "events": [],
        "created_at": "2026-11-02T09:00:00Z", "updated_at": "2026-11-02T09:00:00Z",
        "installations_count": 1,
    })
}

/// Answers a request that the app authenticated.
pub fn route(kept: &mut Kept, call: &Call, segments: &[&str], now: i64) -> Result<Answer, Refusal> {
    let id = INSTALLATION_ID.to_string();
    let (repo, root) = (&kept.repo, &call.root);
    match (&call.method, segments) {
        (&Method::GET, ["app"]) => Ok(Answer::ok(&app(repo, root))),
        (&Method::GET, ["app", "installations"]) => Ok(call.page(vec![installation(repo, root)])),
        (&Method::GET, ["app", "installations", one]) if *one == id => {
            Ok(Answer::ok(&installation(repo, root)))
        }
        (&Method::GET, ["repos", owner, name, "installation"]) if repo.is_called(owner, name) => {
            Ok(Answer::ok(&installation(repo, root)))
        }
        (&Method::POST, ["app", "installations", one, "access_tokens"]) if *one == id => {
            access_token(kept, call, now)
        }
        _ => Err(Refusal::not_found()),
    }
}

fn access_token(kept: &mut Kept, call: &Call, now: i64) -> Result<Answer, Refusal> {
    let body = if call.body.is_empty() { json!({}) } else { call.json()? };
    let wanted: Option<Permissions> = serde_json::from_value(body["permissions"].clone())
        .map_err(|_| Refusal::unprocessable("The permissions requested are not valid."))?;
    let granted = permissions();
    // PyGithub sends an empty object for all permissions.
    let wanted = wanted.filter(|wanted| !wanted.is_empty());
    let permissions = wanted.unwrap_or_else(|| granted.clone());
    if permissions.iter().any(|(name, level)| granted.get(name) < Some(level)) {
        return Err(Refusal::unprocessable(
            "The permissions requested are not granted to this installation.",
        ));
    }
    let named = |field: &str| body[field].as_array().cloned().unwrap_or_default();
    let is_known = named("repositories").iter().all(|name| *name == kept.repo.name.as_str())
        && named("repository_ids").iter().all(|id| *id == 1);
    if !is_known {
        return Err(Refusal::unprocessable(
            "There is at least one repository that does not exist or is not accessible to the parent installation.",
        ));
    }
    let grant = Grant {
        kind: Kind::Installation,
        login: users::APP_BOT.login.to_owned(),
        permissions: permissions.clone(),
        expires_at: Some(now + TOKEN_S),
    };
    let token = kept.extra.tokens.add(grant, now).ok_or_else(|| {
        Refusal::new(StatusCode::FORBIDDEN, "The emulator has too many valid tokens.")
    })?;
    Ok(Answer::json(
        StatusCode::CREATED,
        &json!({
            "token": token, "expires_at": shapes::moment(now + TOKEN_S), "permissions": permissions,
            "repository_selection": "selected",
            "repositories": [shapes::repository(&kept.repo, &call.root)],
        }),
    ))
}
