//! The traits of `app::port`, one file per noun.

mod changes;
mod deployments;
mod endpoints;
mod evidence;
mod history;
mod intents;
mod jobs;
mod releases;
mod runs;
mod sessions;
mod stages;
