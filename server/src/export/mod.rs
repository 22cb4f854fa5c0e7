//! What the console knows, in the forms that teams keep: workflow inputs, Azure ML CLI v2 YAML, `az ml`
//! commands, JSON. Pure functions; secrets never leave.

mod asset;
mod collector;
pub mod commands;
pub mod deployment;
mod duration;
pub mod endpoint;
mod fields;
pub mod json;
mod shell;
pub mod workflow;

#[cfg(test)]
mod tests;

use serde_yaml::Value as Yaml;

/// YAML text of a document. A map with text keys and finite numbers, so it can be written.
pub(crate) fn text(document: &Yaml) -> String {
    serde_yaml::to_string(document).expect("maps of texts and finite numbers are YAML")
}
