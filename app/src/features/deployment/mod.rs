//! One deployment: its properties, its log, and deleting it.

pub mod api;
mod delete;
mod facts;
mod page;

pub use delete::DeleteDeploymentPage;
pub use page::DeploymentPage;
