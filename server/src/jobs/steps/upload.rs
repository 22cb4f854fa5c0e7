//! Packs the repository at the commit and uploads it to the registry. Repeating it uploads another copy, which harms
//! nothing: the registry deletes uploads after a while.

use super::{Ctx, Outcome};
use crate::azure::registry::{self, Registry};
use crate::jobs::Error;
use domain::job::{Fact, Output};
use domain::text::bytes;
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
    let packed = ctx.reader.pack(&build.commit, &build.context, &build.dockerfile, &scratch.0).await?;
    let packed = match packed {
        Ok(packed) => packed,
        Err(refused) => return Ok(Outcome::Fail(refused.to_string())),
    };
    let upload = registry::upload_url(&ctx.place.arm, &registry).await?;
    registry::upload(&ctx.place.arm, &upload.url, &scratch.0).await?;
    let note = format!("Uploaded {} files, {}.", packed.files, bytes(packed.bytes));
    let fact = Fact::Source { path: upload.relative_path, bytes: packed.bytes };
    Ok(Outcome::Done(Output { note, facts: vec![fact], warnings: packed.warnings }))
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
