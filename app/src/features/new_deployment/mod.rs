//! Creating a deployment from its YAML.

pub mod api;
mod page;

pub use page::NewDeploymentPage;
