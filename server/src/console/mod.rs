//! What the console can do, for one signed-in person: checks their rights, then asks whoever knows.

mod changes;
mod deployment_yaml;
mod documents;
pub mod error;
mod evidence;
mod export;
mod glass;
mod history;
mod knowing;
mod methods;
mod overview;
mod proposals;
mod release_found;
mod release_plan;
mod release_proposal;
mod release_shown;
mod releases;
pub mod rights;
mod run_book;
mod runs;
mod services;
mod sessions;
mod signed_in;
mod standing;
mod testing;
mod views;
mod way_back;

pub use overview::LiveOverviews;
pub use services::Services;
pub use signed_in::SignedIn;
