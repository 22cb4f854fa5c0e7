//! What the console knows, in the forms that teams keep: workflow inputs, Azure ML CLI v2 YAML, `az ml`
//! commands, JSON. Pure functions; secrets never leave.

mod asset;
mod collector;
mod colours;
pub mod commands;
pub mod deployment;
mod duration;
pub mod endpoint;
mod fields;
pub mod json;
pub mod loss;
pub mod shadow;
mod shell;
pub mod state;
pub mod workflow;
mod yaml;

#[cfg(test)]
mod round_trip_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trial;

use crate::redact::HIDDEN;
use serde_yaml::Value as Yaml;

/// YAML text of a resource. Where a secret is hidden, it says so first.
pub(crate) fn resource(document: &Yaml) -> String {
    let text = text(document);
    if text.contains(HIDDEN) {
        format!(
            "# Where {HIDDEN} stands is a secret: write it in before this file is used.\n{text}"
        )
    } else {
        text
    }
}

/// YAML text of a document.
pub(crate) fn text(document: &Yaml) -> String {
    yaml::write(document)
}
