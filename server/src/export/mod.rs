//! Exports to the formats that teams use: workflow inputs, Azure ML CLI v2 YAML, `az ml` commands, JSON. Pure
//! functions. Exports never contain secrets.

mod asset;
mod bake;
pub mod build;
mod collector;
mod colours;
pub mod commands;
mod deletion;
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
mod fixtures;
#[cfg(test)]
mod round_trip_tests;
#[cfg(test)]
mod tests;

use crate::redact::HIDDEN;
use serde_yaml::Value as Yaml;

/// The YAML of a resource, with a comment at the top if a secret is hidden.
pub(crate) fn resource(document: &Yaml) -> String {
    let text = text(document);
    if text.contains(HIDDEN) {
        format!("# Each {HIDDEN} is a secret. Fill it in before you use this file.\n{text}")
    } else {
        text
    }
}

/// The YAML of a document.
pub(crate) fn text(document: &Yaml) -> String {
    yaml::write(document)
}
