//! POST actions of an endpoint: keys and tokens.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use super::endpoints::{check_at_rest, new_key};
use super::operations;
use crate::inner::Inner;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::protocol::field::Field;
use crate::state::{AuthMode, Endpoint, Work};
use crate::{find, work};

fn check_mode(endpoint: &Endpoint, mode: AuthMode, what: &str) -> Result<(), ArmError> {
    if endpoint.spec.auth_mode == mode {
        return Ok(());
    }
    Err(ArmError::user(format!(
        "Online endpoint [{}] has authMode {:?}: {what} are not available.",
        endpoint.name, endpoint.spec.auth_mode
    )))
}

/// `POST …/listKeys`
pub fn list_keys(inner: &Arc<Inner>, call: &Call, ws: &str, e: &str) -> Answered {
    call.only(&Method::POST, "POST")?;
    inner.store.read(|state| {
        let (_, endpoint) = find::endpoint(state, ws, e)?;
        check_mode(endpoint, AuthMode::Key, "keys")?;
        Ok(Answer::ok(json!({
            "primaryKey": endpoint.primary_key,
            "secondaryKey": endpoint.secondary_key,
        })))
    })
}

/// `POST …/regenerateKeys`: sets the given value. Without one, or with the current one, which is what the
/// SDK sends, generates a new key.
pub fn regenerate(inner: &Arc<Inner>, call: &Call, ws: &str, e: &str) -> Answered {
    call.only(&Method::POST, "POST")?;
    let body = call.object()?;
    let kind = body["keyType"].as_str().unwrap_or_default().to_lowercase();
    let is_primary = match kind.as_str() {
        "primary" => true,
        "secondary" => false,
        _ => return Err(ArmError::user("The property 'keyType' must be Primary or Secondary.")),
    };
    let key = Field::of("keyValue", body.get("keyValue")).text()?;
    let (id, location) = inner.store.try_write(|state| {
        let (workspace, endpoint) = find::endpoint(state, ws, e)?;
        check_mode(endpoint, AuthMode::Key, "keys")?;
        check_at_rest(endpoint)?;
        let location = workspace.location.clone();
        let present = if is_primary { &endpoint.primary_key } else { &endpoint.secondary_key };
        let given = key.filter(|key| !key.is_empty() && key != present);
        let value = given.map_or_else(new_key, str::to_owned);
        let work = Work::RegenerateKey { is_primary, value };
        Ok::<_, ArmError>((work::begin(inner, state, (ws, e, None), work), location))
    })?;
    work::spawn(inner, &id);
    Ok(operations::accepted(inner, call, &location, &id))
}

/// Lifetime of an endpoint token, and when to request the next one.
const TOKEN_S: i64 = 24 * 3600;
const TOKEN_REFRESH_S: i64 = 12 * 3600;

/// `POST …/token`
pub fn token(inner: &Arc<Inner>, call: &Call, ws: &str, e: &str) -> Answered {
    call.only(&Method::POST, "POST")?;
    let (name, group) = inner.store.read(|state| {
        let (_, endpoint) = find::endpoint(state, ws, e)?;
        check_mode(endpoint, AuthMode::AMLToken, "tokens")?;
        Ok::<_, ArmError>((endpoint.name.clone(), inner.group_id()))
    })?;
    let now = inner.clock.now().unix_timestamp();
    let claims: Value = json!({
        "iss": "azureml",
        "aud": "azureml",
        "iat": now,
        "nbf": now,
        "exp": now + TOKEN_S,
        "endpointName": name,
        "serviceId": name,
        "resourceGroup": group,
        "actions": ["Microsoft.MachineLearningServices/workspaces/onlineEndpoints/score/action"],
    });
    Ok(Answer::ok(json!({
        "accessToken": inner.entra.signed(&claims)?,
        "tokenType": "Bearer",
        "expiryTimeUtc": now + TOKEN_S,
        "refreshAfterTimeUtc": now + TOKEN_REFRESH_S,
    })))
}
