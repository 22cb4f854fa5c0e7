//! Renders the endpoint's and the deployments' YAML of a release.

use super::files::{Files, Named};
use super::render::Definition;
use super::source::Error;
use crate::planner::file;
use domain::release::Release;
use domain::repository::{FileProblem, FileRole};
use domain::stage::Stage;

/// The rendered YAML of a release.
#[derive(Debug, Default)]
pub struct Rendered {
    /// By path.
    pub files: file::Files,
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
) -> Result<Rendered, Error> {
    let mut made = Rendered::default();
    // Rendered ids name the stage's workspace.
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

/// A name from an input; `None` when the input is missing or not a valid name.
fn name<T: std::str::FromStr>(release: &Release, key: &str) -> Option<T> {
    release.inputs.get(key)?.given.as_text()?.parse().ok()
}
