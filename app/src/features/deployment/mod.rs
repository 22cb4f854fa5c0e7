//! One deployment: what it is, its log, and its end.

pub mod api;
mod delete;
mod facts;
mod page;

pub use delete::DeleteDeploymentPage;
pub use page::DeploymentPage;
