//! Reads the Dockerfile at the commit, so that a layer that does not exist is said before anything is sent.

use super::{Ctx, Outcome};
use crate::jobs::Error;
use crate::releases::source::Found;
use crate::source::dockerfile::{self, Stage};
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
    if let Some(message) = missing(&build.layer, &Layers::of(&file), &path) {
        return Ok(Outcome::Fail(message));
    }
    let note = format!("{path} at {} has the layer {}.", build.short(), build.layer);
    Ok(Outcome::Done(Output { note, ..Output::default() }))
}

/// The layers of the Dockerfile at a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layers {
    Of(Vec<Stage>),
    /// The commit has no such file.
    NoFile,
    /// The file is not a Dockerfile; a sentence.
    Unreadable(String),
}

impl Layers {
    /// Reads a Dockerfile.
    #[must_use]
    pub fn of(file: &[u8]) -> Self {
        match dockerfile::stages(&String::from_utf8_lossy(file)) {
            Ok(stages) => Self::Of(stages),
            Err(error) => Self::Unreadable(error.to_string()),
        }
    }

    /// The layers that have a name, in the file's order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        match self {
            Self::Of(stages) => stages.iter().filter_map(|stage| stage.name.clone()).collect(),
            Self::NoFile | Self::Unreadable(_) => Vec::new(),
        }
    }
}

/// What to say if a layer cannot be built.
#[must_use]
pub fn missing(layer: &str, layers: &Layers, path: &str) -> Option<String> {
    match layers {
        Layers::Of(stages) => dockerfile::missing_target(stages, layer, path),
        Layers::NoFile => Some(format!(
            "The repository has no file {path} at this commit. Add a Dockerfile there, or set build: dockerfile in the \
             configuration."
        )),
        Layers::Unreadable(problem) => Some(format!("{path}: {problem}.")),
    }
}
