//! Packs the repository at the commit and uploads it to the registry. Repeating it uploads another copy, which harms
//! nothing: the registry deletes uploads after a while.

use super::{Ctx, Outcome};
use crate::azure::registry::{self, Registry};
use crate::jobs::Error;
use crate::source::{Context, PackError};
use domain::job::{Fact, Output};
use domain::release::path::PathError;
use std::path::Path;

/// What to do about a workspace without a registry.
pub const NO_REGISTRY: &str = "The workspace has no container registry yet. Azure ML creates one when it builds \
    its first image. Attach a registry with “az ml workspace update --container-registry ID --update-dependent-resources”, or set \
    build: { method: workflow } for this repository in the configuration.";

pub(super) async fn look(ctx: &Ctx<'_>) -> Result<Outcome, Error> {
    let Some(registry) = registry_of(ctx).await? else {
        return Ok(Outcome::Fail(NO_REGISTRY.to_owned()));
    };
    let scratch = Scratch::new(ctx)?;
    let build = &ctx.job.build;
    let context = match context(&build.context, &build.dockerfile) {
        Ok(context) => context,
        Err(message) => return Ok(Outcome::Fail(message)),
    };
    let packed = match ctx.reader.source().pack(&build.commit, &context, &scratch.0).await? {
        Ok(packed) => packed,
        Err(error @ (PackError::Download(_) | PackError::Disk(_))) => {
            return Err(Error::Here(error.to_string()));
        }
        Err(error) => return Ok(Outcome::Fail(format!("The build was not sent: {error}."))),
    };
    let upload = registry::upload_url(&ctx.place.arm, &registry).await?;
    registry::upload(&ctx.place.arm, &upload.url, &scratch.0).await?;
    let note = format!("Uploaded {} files, {}.", packed.files, size(packed.bytes));
    let fact = Fact::Source { path: upload.relative_path, bytes: packed.bytes };
    let warnings = packed.warnings.iter().map(ToString::to_string).collect();
    Ok(Outcome::Done(Output { note, facts: vec![fact], warnings }))
}

fn context(folder: &str, dockerfile: &str) -> Result<Context, String> {
    let path = |path: &str| {
        path.parse().map_err(|error: PathError| {
            format!("“{path}” is not a path in the repository: {error}.")
        })
    };
    Ok(Context {
        folder: if folder.is_empty() { None } else { Some(path(folder)?) },
        dockerfile: path(dockerfile)?,
    })
}

/// A size in the unit that people use.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

/// The workspace's registry.
pub(super) async fn registry_of(ctx: &Ctx<'_>) -> Result<Option<Registry>, Error> {
    Ok(registry::of_workspace(&ctx.place.arm, &ctx.place.workspace).await?)
}

/// A file that is removed when dropped. After a crash the next try overwrites it.
#[derive(Debug)]
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(ctx: &Ctx<'_>) -> Result<Self, Error> {
        let folder: &Path = &ctx.jobs.scratch;
        std::fs::create_dir_all(folder).map_err(|error| {
            Error::Here(format!("the console cannot create its folder for uploads: {error}"))
        })?;
        Ok(Self(folder.join(format!("{}.tar.gz", ctx.job.id))))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A file that could not be removed is overwritten or left; both are harmless.
        let _ = std::fs::remove_file(&self.0);
    }
}
