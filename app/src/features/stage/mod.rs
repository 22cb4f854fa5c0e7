//! One stage: what it asks before something is done to it, and freezing it.

pub mod api;
mod freeze;
mod page;
mod webhooks;

pub use page::StagePage;
