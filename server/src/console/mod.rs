//! The console's operations for one signed-in person, with checks of their rights.

pub mod after_build;
mod api;
mod build_plan;
mod changes;
mod deployment_yaml;
mod documents;
mod evidence;
mod export;
mod find_release;
mod glass;
mod history;
mod image_uses;
mod images;
mod intents;
mod jobs;
mod knowing;
mod overview;
mod release_drift;
mod release_found;
mod release_pinned;
mod release_plan;
mod release_shown;
mod releases;
pub mod rights;
mod run_book;
mod runs;
mod services;
mod sessions;
mod signed_in;
mod testing;
mod views;
mod way_back;
mod workflow_build;

pub use overview::LiveOverviews;
pub use services::Services;
pub use signed_in::SignedIn;
