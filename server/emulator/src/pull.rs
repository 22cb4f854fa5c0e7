//! What a deployment's instances run: an image of the emulator's registry, or the built-in model server.
//!
//! An image runs if its repository was ever pushed to the emulator's registry; the host in front of it is not checked.
//! A tag or digest that the repository does not have fails the deployment, as a failed pull does on Azure. Images of
//! all other repositories are not pulled, and the built-in model server stands in for them.

use dataplane::{Program, Routes};
use http::StatusCode;
use http::uri::PathAndQuery;
use images::{Digest, Launch};
use serde_json::Value;

use crate::inner::Inner;
use crate::protocol::error::ArmError;
use crate::references::parse_reference;
use crate::state::Object;

/// An image that was found.
pub struct Pulled {
    pub digest: Digest,
    pub program: Program,
}

/// An image's repository and reference.
#[derive(Debug, PartialEq, Eq)]
struct Name<'a> {
    repository: &'a str,
    /// A tag or a digest; empty for `latest`.
    reference: &'a str,
}

/// Finds the image of a deployment's environment. `pinned` is the digest that already runs, which counts instead of a
/// tag. `None` if the built-in model server runs.
///
/// # Errors
/// The registry has the repository, but not this image.
pub fn pull(
    inner: &Inner,
    ws: &str,
    deployment: &Object,
    pinned: Option<&str>,
) -> Result<Option<Pulled>, ArmError> {
    let Some(environment) = environment(inner, ws, deployment) else { return Ok(None) };
    let Some(image) = environment.get("image").and_then(Value::as_str) else { return Ok(None) };
    let Some(name) = name(image) else { return Ok(None) };
    if !inner.images.knows(name.repository) {
        return Ok(None);
    }
    let reference = pinned.unwrap_or(name.reference);
    let digest = inner.images.resolve(name.repository, reference);
    let found = digest.and_then(|digest| Some((inner.images.launch(&digest)?, digest)));
    let Some((launch, digest)) = found else {
        tracing::info!(image, "the registry has no such image");
        return Err(failure());
    };
    let program = program(launch, environment.get("inferenceConfig"));
    Ok(Some(Pulled { digest, program }))
}

/// The error of a deployment whose image cannot be pulled.
pub fn failure() -> ArmError {
    let message = "Unable to download user container image. During deployment creation the image named \
         by the environment could not be pulled from its registry. Check that the image exists \
         and that the endpoint's identity has the AcrPull permission.";
    ArmError::arm(StatusCode::BAD_REQUEST, "BadArgument", message)
}

/// The properties of the environment version that a deployment names.
fn environment(inner: &Inner, ws: &str, deployment: &Object) -> Option<Object> {
    let id = deployment.get("environmentId")?.as_str()?;
    let (name, version) = parse_reference("environments", id)?;
    inner.store.read(|state| {
        let all = state.workspaces.get(ws)?.assets.get("environments")?;
        let versions = &all.get(&name.to_lowercase())?.versions;
        let found = versions.iter().find(|asset| asset.version == version)?;
        Some(found.properties.clone())
    })
}

/// Splits `host/repository[:tag][@digest]`; `None` without a host, because such an image is one of Docker Hub.
fn name(image: &str) -> Option<Name<'_>> {
    let (host, rest) = image.split_once('/')?;
    if !host.contains(['.', ':']) && host != "localhost" {
        return None;
    }
    let (rest, digest) = rest.split_once('@').map_or((rest, None), |(r, d)| (r, Some(d)));
    let (repository, tag) = rest.split_once(':').unwrap_or((rest, ""));
    Some(Name { repository, reference: digest.unwrap_or(tag) })
}

fn program(launch: Launch, inference: Option<&Value>) -> Program {
    let defaults = Routes::default();
    let route = |name: &str, default: String| {
        let path = inference.and_then(|routes| routes[name]["path"].as_str());
        // The data plane needs a valid path. Azure's answer to another one is not documented.
        let is_path = |path: &&str| path.starts_with('/') && path.parse::<PathAndQuery>().is_ok();
        path.filter(is_path).map_or(default, str::to_owned)
    };
    Program {
        command: launch.command,
        work_dir: launch.work_dir,
        environment: launch.environment,
        flags_at: launch.flags_at,
        routes: Routes {
            liveness: route("livenessRoute", defaults.liveness),
            readiness: route("readinessRoute", defaults.readiness),
            scoring: route("scoringRoute", defaults.scoring),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_has_a_host_a_repository_and_a_reference() {
        let digest = format!("sha256:{}", "a".repeat(64));
        for (image, repository, reference) in [
            ("cr.azurecr.io/team/app:1", "team/app", "1"),
            ("localhost:5000/app", "app", ""),
            (&format!("cr.azurecr.io/app@{digest}"), "app", digest.as_str()),
            (&format!("cr.azurecr.io/app:1@{digest}"), "app", digest.as_str()),
        ] {
            assert_eq!(name(image), Some(Name { repository, reference }), "{image}");
        }
        for image in ["python:3.12", "library/python", "", "/"] {
            assert_eq!(name(image), None, "{image}");
        }
    }
}
