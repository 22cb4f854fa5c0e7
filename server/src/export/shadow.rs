//! Makes a shadow's YAML from the primary's, with another name, model and environment.

use super::{deployment, loss, resource};
use crate::planner::file::Rendered;
use crate::planner::observed::Live;
use crate::stages::StageContext;
use domain::document::{Document, Form};
use domain::name::DeploymentName;
use domain::release::path::RepoPath;
use domain::run_book::{AssetVersion, ShadowDraft};
use serde_json::{Value, json};
use spec::files::Nothing;
use spec::problem::Problem;
use spec::render;

/// A shadow's YAML with its rendered body.
#[derive(Debug)]
pub struct Made {
    pub path: RepoPath,
    /// Its REST body, or why Azure's tools would reject it.
    pub rendered: Result<Rendered, Vec<Problem>>,
    pub document: Document,
}

/// Makes a shadow's YAML; `None` when the draft is incomplete, or there is no primary to copy.
#[must_use]
pub fn made(
    draft: &ShadowDraft,
    live: &Live,
    primary: Option<&DeploymentName>,
    place: &StageContext,
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

/// A file name that is safe in a header.
fn file_name(text: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    text.chars().map(safe).take(100).collect()
}
