//! Checks that the Dockerfile has the layer that a build targets.

use super::problem::of_file;
use crate::source::dockerfile::{missing_target, stages};
use domain::release::input::Given;
use domain::release::{Release, Template};
use domain::repository::FileProblem;

/// The problem to report when a build release's Dockerfile cannot be read, or has no layer named `target_layer`.
#[must_use]
pub fn problem(release: &Release, path: &str, dockerfile: &[u8]) -> Option<FileProblem> {
    let input =
        release.inputs.get("target_layer").filter(|_| release.template == Template::Build)?;
    let stages = match stages(&String::from_utf8_lossy(dockerfile)) {
        Ok(stages) => stages,
        Err(error) => return Some(of_file(path, error.to_string())),
    };
    let Given::Text(wanted) = &input.given else { return None };
    if wanted.trim().is_empty() {
        return None;
    }
    let message = missing_target(&stages, wanted, path)?;
    let field = Some("target_layer".to_owned());
    Some(FileProblem { line: input.line, field, ..of_file(&release.origin.workflow, message) })
}
