//! Releases: what the team's repositories declare, compared with what is running.

pub mod api;
mod apply;
mod drift;
mod files;
mod findings;
mod inputs;
mod list;
mod plan;
mod release;
mod repository;

pub use findings::Findings;
pub use list::ReleasesPage;
pub use plan::PlanReleasePage;
pub use release::ReleasePage;
