//! The endpoint's and the deployments' YAML of a release, all rendered.

use super::files::{Files, Named};
use super::render::Definition;
use super::source::Error;
use crate::operations::plan::file;
use app::domain::release::Release;
use app::domain::repository::{FileProblem, FileRole};
use app::domain::stage::Stage;

/// What the endpoint's and the deployments' YAML amount to.
#[derive(Debug, Default)]
pub struct Made {
    /// All of them rendered, by path.
    pub files: file::Files,
    /// What is wrong with them.
    pub problems: Vec<FileProblem>,
}

/// Renders all YAML of a release.
///
/// # Errors
/// When the repository cannot be read.
pub async fn all(
    files: &mut Files<'_>,
    release: &Release,
    named: &[Named],
    stage: Option<&Stage>,
    location: Option<&str>,
) -> Result<Made, Error> {
    let mut made = Made::default();
    // Without a stage there is no workspace that ids could name.
    let Some(stage) = stage else { return Ok(made) };
    let endpoint = name(release, "endpoint_name");
    let endpoint = endpoint.as_ref();
    for file in named {
        let Some(bytes) = file.bytes.as_deref() else { continue };
        let definition = Definition { path: &file.path, bytes, stage, location, endpoint };
        match file.role {
            FileRole::Endpoint => match definition.endpoint(files).await? {
                Ok(rendered) => {
                    made.files.insert(file.path.clone(), rendered);
                }
                Err(problems) => made.problems.extend(problems),
            },
            FileRole::Deployment => {
                let key = file.key.unwrap_or_default().replace("_config", "_name");
                let name = name(release, &key);
                match definition.deployment(files, name.as_ref()).await? {
                    Ok(rendered) => {
                        made.files.insert(file.path.clone(), rendered);
                    }
                    Err(problems) => made.problems.extend(problems),
                }
            }
            _ => {}
        }
    }
    Ok(made)
}

/// A name that an input gives.
fn name<T: std::str::FromStr>(release: &Release, key: &str) -> Option<T> {
    release.inputs.get(key)?.given.as_text()?.parse().ok()
}
