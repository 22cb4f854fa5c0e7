//! Creating a deployment from YAML.

pub mod api;
mod editor;
mod example;
mod page;
mod text;

pub use page::NewDeploymentPage;
