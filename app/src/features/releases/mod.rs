//! Releases: what the team's repositories define, and how that stands beside what runs.

pub mod api;
mod apply;
mod files;
mod findings;
mod inputs;
mod list;
mod plan;
mod release;
mod repository;
mod standing;

pub use findings::Findings;
pub use list::ReleasesPage;
pub use plan::PlanReleasePage;
pub use release::ReleasePage;
