//! Environments: their versions, and the registration of a new one.

mod containers;

use super::arm::{Arm, ML_API_VERSION, Workspace};
use super::error::Error;
use super::list;
use super::newest;
use super::wire::{moment, said};
use domain::job::form::is_commit;
use domain::text::shortened;
use domain::timestamp::Timestamp;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use url::Url;

pub use containers::{Container, archive, containers};

/// Longest version, in characters. Source: Azure ML's rules for names of assets.
const VERSION_CHARS_MAX: usize = 255;
/// Longest shown text, in characters.
const TEXT_CHARS_MAX: usize = 2_000;

/// A version of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentVersion {
    pub version: String,
    /// `acranet.azurecr.io/app:1`; `None` if Azure ML builds the image itself.
    pub image: Option<String>,
    pub description: Option<String>,
    pub tags: BTreeMap<String, String>,
    pub created: Option<Timestamp>,
    pub created_by: Option<String>,
    pub is_archived: bool,
    /// The ports and paths that endpoints call, as in Azure's API.
    pub inference_config: Option<Value>,
}

/// A version to register.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Registration {
    /// The image, with a tag or a digest.
    pub image: String,
    pub description: Option<String>,
    pub tags: BTreeMap<String, String>,
    /// The ports and paths that endpoints call, as in Azure's API.
    pub inference_config: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    name: String,
    system_data: Option<WireSystemData>,
    properties: WireProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSystemData {
    created_at: Option<String>,
    created_by: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireProperties {
    image: Option<String>,
    description: Option<String>,
    tags: Option<BTreeMap<String, Value>>,
    is_archived: Option<bool>,
    inference_config: Option<Value>,
}

fn read(body: Value) -> Result<EnvironmentVersion, Error> {
    let Wire { name, system_data, properties } = serde_json::from_value(body)
        .map_err(|error| Error::garbled(format!("an environment's version: {error}")))?;
    if !is_version(&name) {
        return Err(Error::garbled("an environment's version without a valid name"));
    }
    let text = |text: String| said(text).map(|text| shortened(&text, TEXT_CHARS_MAX));
    // Not redacted, because it is compared with other names of images.
    let is_name = |image: &String| {
        (1..=TEXT_CHARS_MAX).contains(&image.len())
            && image.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let tag = |(key, value): (String, Value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some((text(key)?, text(value).unwrap_or_default()))
    };
    let (at, by) = system_data.map_or((None, None), |data| (data.created_at, data.created_by));
    Ok(EnvironmentVersion {
        version: name,
        image: properties.image.filter(is_name),
        description: properties.description.and_then(text),
        tags: properties.tags.into_iter().flatten().filter_map(tag).collect(),
        created: at.as_deref().and_then(moment),
        created_by: by.and_then(text),
        is_archived: properties.is_archived.unwrap_or(false),
        inference_config: properties.inference_config.filter(Value::is_object),
    })
}

fn is_version(version: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (1..=VERSION_CHARS_MAX).contains(&version.len())
        && version.chars().all(is_plain)
        && version.chars().any(|c| c.is_ascii_alphanumeric())
}

/// The URL of an environment, with encoded segments.
fn url(
    arm: &Arm,
    workspace: &Workspace,
    below: &[&str],
    query: &[(&str, &str)],
) -> Result<Url, Error> {
    // URL parsing would resolve a dot segment.
    if below.iter().any(|part| part.chars().all(|c| c == '.')) {
        let message = "the name consists of dots".to_owned();
        return Err(Error::Rejected { code: "EnvironmentName".to_owned(), message });
    }
    let root = format!("{}/environments", workspace.id());
    let mut url = arm.url(&root, ML_API_VERSION, query)?;
    url.path_segments_mut().map_err(|()| Error::garbled("a URL without a path"))?.extend(below);
    Ok(url)
}

/// The newest version of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewestImage {
    /// When it was registered.
    pub at: Timestamp,
    /// The commit that it was built from, if a tag says so.
    pub commit: Option<String>,
}

/// The newest version of an environment; `None` if it has no version.
///
/// # Errors
/// [`Error`]; [`Error::Garbled`] if the response has no time.
pub async fn newest(
    arm: &Arm,
    workspace: &Workspace,
    name: &str,
) -> Result<Option<NewestImage>, Error> {
    let newest = newest::of(arm, workspace, "environments", name).await?;
    let Some(newest) = newest else { return Ok(None) };
    let at = newest.pointer("/systemData/createdAt").and_then(Value::as_str).and_then(moment);
    let at = at.ok_or_else(|| Error::garbled("an environment without createdAt"))?;
    let commit = newest.pointer("/properties/tags/commit").and_then(Value::as_str);
    let commit = commit.filter(|commit| is_commit(commit)).map(str::to_owned);
    Ok(Some(NewestImage { at, commit }))
}

/// All versions of an environment with archived ones, newest first; empty if there is no such environment. Versions that
/// cannot be read are skipped and logged.
///
/// # Errors
/// [`Error`].
pub async fn versions(
    arm: &Arm,
    workspace: &Workspace,
    name: &str,
) -> Result<Vec<EnvironmentVersion>, Error> {
    let url = url(arm, workspace, &[name, "versions"], &[("listViewType", "All")])?;
    let items = match arm.list(url).await {
        Ok(items) => items,
        Err(Error::NotFound(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let (mut all, mut left_out) = (Vec::with_capacity(items.len()), Vec::new());
    for item in items {
        match read(item) {
            Ok(version) => all.push(version),
            Err(error) => left_out.push(error),
        }
    }
    list::tell_left_out("environment versions", &left_out);
    all.sort_by_key(|version| std::cmp::Reverse(version.created));
    Ok(all)
}

/// One version of an environment; `None` if it is not registered.
///
/// # Errors
/// [`Error`].
pub async fn version(
    arm: &Arm,
    workspace: &Workspace,
    name: &str,
    version: &str,
) -> Result<Option<EnvironmentVersion>, Error> {
    match arm.get(url(arm, workspace, &[name, "versions", version], &[])?).await {
        Ok(reply) => read(reply.body).map(Some),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The version that Azure would give to the next registration, as the official SDK determines it: `1` for a new
/// environment.
///
/// # Errors
/// [`Error`]; [`Error::Garbled`] if the version cannot be part of an ID.
pub async fn next_version(arm: &Arm, workspace: &Workspace, name: &str) -> Result<String, Error> {
    let body = match arm.get(url(arm, workspace, &[name], &[])?).await {
        Ok(reply) => reply.body,
        Err(Error::NotFound(_)) => return Ok("1".to_owned()),
        Err(error) => return Err(error),
    };
    let next = body.pointer("/properties/nextVersion").and_then(Value::as_str).unwrap_or_default();
    if is_version(next) {
        Ok(next.to_owned())
    } else {
        Err(Error::garbled("an environment without a valid nextVersion"))
    }
}

/// Registers a version with one request, which is never repeated. [`Arm::until`] sets the moment after which it is not
/// sent. Registering the same content again has no effect, but Azure rejects another image for an existing version.
///
/// # Errors
/// [`Error`]. After a temporary error Azure may have registered the version: read it with [`version`] first.
pub async fn register_version(
    arm: &Arm,
    workspace: &Workspace,
    name: &str,
    version: &str,
    registration: &Registration,
) -> Result<EnvironmentVersion, Error> {
    let url = url(arm, workspace, &[name, "versions", version], &[])?;
    read(arm.send(Method::PUT, url, Some(&body(registration))).await?.body)
}

fn body(registration: &Registration) -> Value {
    let Registration { image, description, tags, inference_config } = registration;
    let mut properties: Map<String, Value> = Map::new();
    properties.insert("image".to_owned(), json!(image));
    properties.insert("osType".to_owned(), json!("Linux"));
    properties.insert("isAnonymous".to_owned(), json!(false));
    properties.insert("isArchived".to_owned(), json!(false));
    properties.insert("tags".to_owned(), json!(tags));
    if let Some(description) = description {
        properties.insert("description".to_owned(), json!(description));
    }
    if let Some(inference) = inference_config {
        properties.insert("inferenceConfig".to_owned(), inference.clone());
    }
    json!({ "properties": properties })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_with_what_people_wrote_made_visible() {
        let version = read(json!({
            "name": "3", "type": "Microsoft.MachineLearningServices/workspaces/environments/versions",
            "systemData": { "createdAt": "2026-10-28T19:14:54.2541612+00:00", "createdBy": "Ada" },
            "properties": { "image": "acranet.azurecr.io/app:1", "isArchived": true,
                "description": "a\u{202e}b", "tags": { "commit": "abc", "count": 2 } },
        }));
        let version = version.expect("it is read");
        assert_eq!((version.version.as_str(), version.is_archived), ("3", true));
        assert_eq!(version.description.as_deref(), Some("a⟨U+202E⟩b"));
        assert_eq!(version.tags["count"], "2");
        assert_eq!(version.created_by.as_deref(), Some("Ada"));
        assert!(version.created.is_some());
    }

    #[test]
    fn a_version_that_cannot_be_part_of_an_id_is_refused() {
        for name in ["", "..", "../x", "a/b", "a b"] {
            let refused = read(json!({ "name": name, "properties": {} }));
            assert!(refused.is_err(), "{name}");
        }
    }

    #[test]
    fn a_registration_names_only_what_is_given() {
        let mut registration = Registration { image: "r/app:1".into(), ..Registration::default() };
        assert_eq!(body(&registration)["properties"].get("inferenceConfig"), None);
        registration.tags.insert("a=b \"c\"".into(), "d".into());
        registration.inference_config = Some(json!({ "scoringRoute": { "port": 5001 } }));
        let body = body(&registration);
        assert_eq!(body["properties"]["tags"]["a=b \"c\""], "d");
        assert_eq!(body["properties"]["inferenceConfig"]["scoringRoute"]["port"], 5001);
    }
}
