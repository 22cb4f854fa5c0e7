//! Tokens for a registry's own API. The registry exchanges the console's Entra token for a refresh token, and that one
//! for an access token to one repository.
//!
//! Source: Azure/acr, docs/AAD-OAuth.md.

use super::Registry;
use crate::azure::arm::{self, Arm};
use crate::azure::error::Error;
use crate::azure::hosts;
use crate::outside::answer;
use crate::outside::caps::ENTRA_BYTES_MAX;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

/// An access token to one repository, and the registry's URL.
#[derive(Debug)]
pub(super) struct Access {
    pub(super) base: Url,
    pub(super) token: SecretString,
}

/// Gets an access token for actions on a repository: `pull`, or `metadata_read,pull`.
pub(super) async fn access(
    arm: &Arm,
    registry: &Registry,
    repository: &str,
    actions: &str,
) -> Result<Access, Error> {
    let base = hosts::registry(arm.cloud(), &registry.login_server)?;
    let service = registry.login_server.as_str();
    let entra = arm.token(&hosts::registry_scope(arm.cloud())).await?;
    let form = [("grant_type", "access_token"), ("service", service), ("access_token", &entra)];
    let refresh = granted(arm, &base, "oauth2/exchange", &form, "refresh_token").await?;
    let scope = format!("repository:{repository}:{actions}");
    let form = [
        ("grant_type", "refresh_token"),
        ("service", service),
        ("scope", &scope),
        ("refresh_token", refresh.expose_secret()),
    ];
    let token = granted(arm, &base, "oauth2/token", &form, "access_token").await?;
    Ok(Access { base, token })
}

async fn granted(
    arm: &Arm,
    base: &Url,
    path: &str,
    form: &[(&str, &str)],
    field: &str,
) -> Result<SecretString, Error> {
    let url = base.join(path).map_err(Error::garbled)?;
    let request = arm.http().post(url).timeout(arm.within().answer).form(form);
    let answer = request.send().await.map_err(|error| arm::broken(&error))?;
    let status = answer.status();
    if !status.is_success() {
        return Err(super::data::refused(answer).await);
    }
    let bytes = answer::whole(answer, ENTRA_BYTES_MAX).await.map_err(arm::unread)?;
    answer::weigh(&bytes).map_err(Error::garbled)?;
    let body: Value =
        serde_json::from_slice(&bytes).map_err(|_| Error::garbled("a token that is not JSON"))?;
    let token = body.get(field).and_then(Value::as_str);
    let is_plain = |token: &&str| !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic());
    let token = token.filter(is_plain);
    token.map(Into::into).ok_or_else(|| Error::garbled("a registry's token without a value"))
}
