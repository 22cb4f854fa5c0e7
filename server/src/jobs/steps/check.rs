//! Reads the Dockerfile at the commit, so that a layer that does not exist is said before anything is sent.

use super::{Ctx, Outcome};
use crate::jobs::Error;
use crate::releases::source::Found;
use crate::source::dockerfile::{self, DockerfileError};
use domain::job::Output;
use domain::repository::FILE_BYTES_MAX;

pub(super) async fn look(ctx: &Ctx<'_>) -> Result<Outcome, Error> {
    let build = &ctx.job.build;
    let path = match build.context.as_str() {
        "" => build.dockerfile.clone(),
        folder => format!("{folder}/{}", build.dockerfile),
    };
    let Ok(repo_path) = path.parse() else {
        return Ok(Outcome::Fail(format!("“{path}” is not a path in the repository.")));
    };
    let found = ctx.reader.file_at(&build.commit, &repo_path, FILE_BYTES_MAX).await?;
    let file = match found {
        Found::File(file) => file,
        Found::Nothing => {
            return Ok(Outcome::Fail(format!(
                "The commit {} has no file {path}. Add a Dockerfile there, or set build: dockerfile for this \
                 repository in the configuration.",
                build.short()
            )));
        }
        Found::Other => {
            return Ok(Outcome::Fail(format!(
                "{path} is a folder, or a link that leads out of the repository. Put the Dockerfile there."
            )));
        }
        Found::TooLarge => {
            return Ok(Outcome::Fail(format!(
                "{path} is larger than {} kB, so it cannot be a Dockerfile.",
                FILE_BYTES_MAX / 1024
            )));
        }
    };
    let layers = match layers(&file) {
        Ok(layers) => layers,
        Err(error) => return Ok(Outcome::Fail(format!("{path} cannot be read: {error}."))),
    };
    if let Some(message) = missing(&build.layer, &layers, &path) {
        return Ok(Outcome::Fail(message));
    }
    let note = format!("{path} at {} has the layer {}.", build.short(), build.layer);
    Ok(Outcome::Done(Output { note, ..Output::default() }))
}

/// The names of a Dockerfile's layers.
///
/// # Errors
/// If the file is not a Dockerfile.
pub fn layers(file: &[u8]) -> Result<Vec<String>, DockerfileError> {
    let stages = dockerfile::stages(&String::from_utf8_lossy(file))?;
    Ok(stages.into_iter().filter_map(|stage| stage.name).collect())
}

/// What to say if a Dockerfile lacks a layer. Docker ignores case in the names of layers.
#[must_use]
pub fn missing(layer: &str, layers: &[String], path: &str) -> Option<String> {
    if layers.iter().any(|one| one.eq_ignore_ascii_case(layer)) {
        return None;
    }
    Some(match layers {
        [] => format!(
            "{path} names no layers, so there is no layer {layer}. Name one with “FROM … AS {layer}”."
        ),
        layers => format!(
            "{path} has no layer {layer}. Its layers are {}. Change target_layer, or the Dockerfile.",
            layers.join(", ")
        ),
    })
}
