//! A shadow's YAML, made from the primary's: another name, model and environment, all else as it runs.

use super::{deployment, loss, resource};
use crate::operations::plan::file::Rendered;
use crate::operations::plan::observed::Live;
use crate::stages::Place;
use app::domain::document::{Document, Form};
use app::domain::name::DeploymentName;
use app::domain::release::path::RepoPath;
use app::domain::run_book::{AssetVersion, Draft};
use serde_json::{Value, json};
use spec::files::Nothing;
use spec::problem::Problem;
use spec::render;

/// A shadow's YAML, and what it amounts to.
#[derive(Debug)]
pub struct Made {
    /// Where it will be in the repository.
    pub path: RepoPath,
    /// Its REST body, or what Azure's tools would say against it.
    pub rendered: Result<Rendered, Vec<Problem>>,
    /// Its text.
    pub document: Document,
}

/// Makes it; `None` when the draft names no model, or there is nobody to make it from.
#[must_use]
pub fn made(
    draft: &Draft,
    live: &Live,
    primary: Option<&DeploymentName>,
    place: &Place,
) -> Option<Made> {
    let (model, name, path) = (draft.model.as_ref()?, draft.name.as_ref()?, draft.config.clone()?);
    let mut body = Value::clone(live.deployments.get(primary?)?);
    let workspace = place.workspace.id();
    put(&mut body, "model", "models", &workspace, model);
    if let Some(environment) = &draft.environment {
        put(&mut body, "environmentId", "environments", &workspace, environment);
    }
    let at = &live.endpoint.key;
    let yaml = deployment::yaml(&at.endpoint, name, &body, Some(&workspace));
    let file = path.as_str().rsplit('/').next().unwrap_or(path.as_str());
    let document =
        Document { form: Form::Deployment, name: file_name(file), text: resource(&yaml) };
    let rendered = loss::rendered(&document, &place.workspace, |source, options| {
        render::deployment(source, options, &Nothing)
    });
    let rendered = rendered.map(|made| Rendered::of(made, &loss::scope(&place.workspace)));
    Some(Made { path, rendered, document })
}

fn put(body: &mut Value, key: &str, collection: &str, workspace: &str, asset: &AssetVersion) {
    let asset = asset.to_string();
    let Some((name, version)) = asset.split_once(':') else { return };
    if let Some(properties) = body.pointer_mut("/properties").and_then(Value::as_object_mut) {
        let id = format!("{workspace}/{collection}/{name}/versions/{version}");
        properties.insert(key.to_owned(), json!(id));
    }
}

/// Safe in a header whatever the path holds.
fn file_name(text: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    text.chars().map(safe).take(100).collect()
}
