//! Finds what exported YAML loses, by rendering it again and comparing the bodies.
//!
//! The CLI's YAML cannot express everything in a REST body, such as a probe without an initial delay. The losses are
//! listed beside the export.

use crate::azure::arm::Workspace;
use crate::planner::{deployment::without_place, diff};
use crate::redact::HIDDEN;
use domain::document::Document;
use domain::plan::{Difference, Subject};
use serde_json::Value;
use spec::files::Nothing;
use spec::problem::Problem;
use spec::render::{self, Options, Rendered, Source};
use spec::scope::Scope;
use std::path::PathBuf;

/// The losses of a deployment's YAML, one sentence each.
#[must_use]
pub fn deployment(document: &Document, body: &Value, workspace: &Workspace) -> Vec<String> {
    let rendered = rendered(document, workspace, |source, options| {
        render::deployment(source, options, &Nothing)
    });
    found(rendered, body, workspace)
}

/// The losses of an endpoint's YAML, one sentence each.
#[must_use]
pub fn endpoint(document: &Document, body: &Value, workspace: &Workspace) -> Vec<String> {
    let rendered = rendered(document, workspace, |source, options| {
        render::endpoint(source, options, &Nothing)
    });
    found(rendered, body, workspace)
}

/// Renders the exported text to a body, as Azure's tools would.
pub(crate) fn rendered(
    document: &Document,
    workspace: &Workspace,
    render: impl FnOnce(&Source<'_>, &Options) -> Result<Rendered, Vec<Problem>>,
) -> Result<Rendered, Vec<Problem>> {
    let source =
        Source { name: &document.name, bytes: document.text.as_bytes(), folder: PathBuf::new() };
    let scope = scope(workspace);
    render(&source, &Options { name: None, endpoint: None, set: Vec::new(), scope })
}

pub(crate) fn scope(workspace: &Workspace) -> Scope {
    let Workspace { subscription, resource_group, name } = workspace.clone();
    Scope { subscription, resource_group, workspace: name, location: String::new() }
}

fn found(
    rendered: Result<Rendered, Vec<Problem>>,
    body: &Value,
    workspace: &Workspace,
) -> Vec<String> {
    match rendered {
        Ok(rendered) => {
            let mut again = rendered.with_known_ids(&scope(workspace));
            if let Some(fields) = again.as_object_mut() {
                fields.remove("location");
            }
            let desired = without_place(body, &again);
            let differences = diff::compare(&Subject::Endpoint, body, &desired);
            differences.iter().map(said).collect()
        }
        Err(problems) => problems.into_iter().map(refused).collect(),
    }
}

fn said(found: &Difference) -> String {
    if found.before.as_deref() == Some(HIDDEN) {
        return format!(
            "{} is a secret and hidden. Fill it in before you use the file.",
            found.field
        );
    }
    let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    let (now, again) = (side(&found.before), side(&found.after));
    format!("{} is {now} in Azure, but this YAML would set it to {again}.", found.field)
}

fn refused(problem: Problem) -> String {
    let Problem { field, message, .. } = problem;
    format!("Azure's tools would reject this YAML: {}: {message}.", field.unwrap_or_default())
}
